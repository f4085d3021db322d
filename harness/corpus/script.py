"""What a corpus is made of: a script of a worker's turns over a small repository, the server it talks to, and the truth planted in it."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from harness.core.memory import Manifest, Slip, Use
from harness.core.task import Limits, Request

Sort: TypeAlias = Literal["fault", "mix", "alike", "clean"]
"""One fault, several, none but something that looks like one, nothing at all."""
Over: TypeAlias = Literal["refuse", "cut_024", "halve_034"]
"""What a server does with more than its window: refuses, or drops the oldest messages, then cuts tokens as Ollama 0.24, or 0.30.11 and later, do."""


class Say(msgspec.Struct, frozen=True):
    """One turn of the worker. `name`: its own in the script, so that truths find it again; `stage`: the request it works on; `items`, `slips`: as in core.memory.Move; `mark`: what the turn is for, in
    the words of its base ("read", "define", "register", "test", "check", "finish" ...), so that a family finds legal places.

    `stop`: "" for the natural one. `malformed`: sentences about calls that could not be read. `output`: tokens told of the answer, None for
    as many as its words have.
    """

    name: str
    stage: int
    text: str
    calls: tuple[Use, ...] = ()
    mark: str = ""
    items: tuple[str, ...] = ()
    slips: tuple[Slip, ...] = ()
    thinking: str = ""
    stop: Literal["", "refusal", "max_output", "window_full"] = ""
    malformed: tuple[str, ...] = ()
    output: int | None = None


class Server(msgspec.Struct, frozen=True):
    """`window` in tokens, None where unknown. `over`: what happens with more than that. `counts`: False where it tells none at all;
    `silent`: names of turns whose count it leaves out. `cached`: it tells what came from its cache. `forgets`: its template leaves out
    earlier reasoning. `version`: of the Ollama whose manners these are.
    """

    window: int | None = 262_144
    over: Over = "refuse"
    counts: bool = True
    silent: tuple[str, ...] = ()
    cached: bool = False
    forgets: bool = False
    version: str = "0.24.0"


class Shown(msgspec.Struct, frozen=True, tag="shown"):
    """Proof: at the end of this turn the file has these words, and lacks those ("" for neither)."""

    say: str
    path: str
    has: str = ""
    lacks: str = ""


class Called(msgspec.Struct, frozen=True, tag="called"):
    """Proof: this turn called that tool, and so it went."""

    say: str
    tool: str
    ok: bool


class Viewed(msgspec.Struct, frozen=True, tag="viewed"):
    """Proof: the words were (not) in what was sent at the turn that a truth begins."""

    words: str
    there: bool


Proof: TypeAlias = Shown | Called | Viewed


class Truth(msgspec.Struct, frozen=True):
    """A planted fault. `onset`: name of the turn where it begins; `turn`: of the one where it can be told at the earliest.

    `when`: for what only the run itself decides ("cut": the first prompt that the server cut so; "refused"; "summed": the first question
    after a summary); names are "" then. `item`: id of an item or milestone, or a path; "" where the kind has none. `visible`: whether the
    model could see the item then, None where there is none. `proofs`: what the record must show of it, checked without any detector.
    """

    kind: str
    item: str
    onset: str = ""
    turn: str = ""
    when: Literal["", "cut", "refused", "summed"] = ""
    visible: bool | None = True
    proofs: tuple[Proof, ...] = ()


class Base(msgspec.Struct, frozen=True):
    """A worker who forgets nothing. `files`: of the repository it begins with. `agent`: who asks; `recent`: of coder, how many results are never cleared.

    `summary`: what it writes when it is asked for a summary.
    """

    name: str
    seed: int
    requests: tuple[Request, ...]
    files: tuple[tuple[str, str], ...]
    manifest: Manifest
    says: tuple[Say, ...]
    test_command: str = "sh check.sh"
    agent: Literal["tool_loop", "coder"] = "tool_loop"
    recent: int = 4
    server: Server = Server()
    summary: tuple[str, ...] = ()
    limits: Limits = Limits(turns=400, tokens=4_000_000)


class Case(msgspec.Struct, frozen=True):
    """One run of the corpus. `family`: the module that made it; `allowed`: kinds that are no false alarm here, for the reason that its family tells;
    `facts`: kinds that are none as long as their findings are undecided, for what they tell is so, and only a claim of loss would be wrong.
    """

    name: str
    sort: Sort
    family: str
    seed: int
    base: Base
    truths: tuple[Truth, ...] = ()
    allowed: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
