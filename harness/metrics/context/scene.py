"""A try as detectors read it: its turns, the words of its parts, its trees and what should have been kept in mind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from harness.core.agent import Claim, Stop
from harness.core.chat import Origin, PartId, ReplyStop, Role
from harness.core.errors import Blame
from harness.core.events import ModelFailed, ModelReplied, ViewEdited
from harness.core.facts import ModelFacts
from harness.core.findings import Opportunity, Reached
from harness.core.memory import Manifest
from harness.metrics.context.ledger import Ledger


class Trees(Protocol):
    """Recorded trees by the ids of TreeSeen. Raises StoreError."""

    def files(self, tree: str) -> Mapping[str, str]:
        """Path -> blob id of every file and link; the same object for the same tree."""
        ...

    def content(self, oid: str) -> bytes:
        """The bytes of a blob."""
        ...


class Words(msgspec.Struct, frozen=True):
    """A part's words whole. `kind`: "text", "thinking", "call" or "output"; `tokens`: its share of the provider's counts, estimated where
    there are none; `turn`: the turn that first showed it, of a reply's own parts the turn that made them; `name`, `call`: of a call or output.
    """

    id: PartId
    message: str
    role: Role
    origin: Origin
    kind: str
    text: str
    tokens: int
    turn: int
    name: str = ""
    call: str = ""


class Did(msgspec.Struct, frozen=True):
    """A tool call with what came of it. `arguments`: parsed, None where they could not be. `output`: what the model was shown.

    `digest`: sha256 of the whole output; `before`, `after`: tree ids (equal where nothing changed); `seq`: of ToolCalled, `returned` of
    ToolReturned (None: never came back).
    """

    id: str
    name: str
    raw: str
    arguments: Mapping[str, object] | None
    ok: bool
    exit_code: int | None
    problem: str
    blame: Blame | None
    output: str
    digest: str
    part: PartId
    before: str
    after: str
    seq: int
    returned: int | None


class Turn(msgspec.Struct, frozen=True):
    """One request to the model with all that came of it. `stage`: the request of the task that is worked on, from 1.

    `view`: ids of the parts sent. `prompt`, `cached`, `output`, `thinking`: tokens as told; `counted`: an independent count of this
    prompt; `fill`: prompt / window. `edits`: what the agent confessed to before it asked. `parts`: of the reply. `said`: the reply's
    plain words. `tree`: at the end of the turn, "" where none was seen. `yielded`: the turn was handed back at its end.
    """

    number: int
    seq: int
    stage: int
    view: tuple[PartId, ...]
    window: int | None
    max_output: int
    tools: tuple[str, ...]
    prompt: int | None
    cached: int | None
    output: int | None
    thinking: int | None
    counted: int | None
    fill: float | None
    stop: ReplyStop | None
    replied: ModelReplied | None
    failed: tuple[ModelFailed, ...]
    edits: tuple[ViewEdited, ...]
    parts: tuple[PartId, ...]
    said: str
    calls: tuple[Did, ...]
    tree: str
    claim: Claim | None
    yielded: bool
    seqs: tuple[int, int]
    """First and last entry of the turn."""


class Scene(msgspec.Struct, frozen=True):
    """`turns` number from 1 without gaps. `base`: the tree that the agent began with. `requests`: (index, message id, first turn that showed it).

    `stop`: how the conversation ended, None where it did not. `opportunities` and `reached` are what the trees showed of the manifest.
    `blobs`: a part's or output's bytes are whole here; nothing else needs the store.
    """

    trial: str
    task: str
    model: str
    manifest: Manifest
    facts: ModelFacts
    words: Mapping[PartId, Words]
    turns: tuple[Turn, ...]
    requests: tuple[tuple[int, str, int], ...]
    ledger: Ledger
    trees: Trees
    base: str
    stop: Stop | None
    opportunities: tuple[Opportunity, ...] = ()
    reached: tuple[Reached, ...] = ()
    turn_limit: int | None = None
    token_limit: int | None = None
    past: int = 0
    """Turns 1 to `past` stand in the record of the trial that this one was forked from; entries there have their `seq` with a minus."""

    def turn(self, number: int) -> Turn:
        """The turn of that number. Raises IndexError."""
        return self.turns[number - 1]
