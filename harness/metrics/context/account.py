"""The account of one trial's context: all that figures of a population are made of, small enough to be kept, so that no trace is read twice."""

from __future__ import annotations

import msgspec

from harness.core.findings import Finding
from harness.core.memory import Kind, Manner

FORMAT = 4
"""Goes up with every change of what stands here."""


class Held(msgspec.Struct, frozen=True, omit_defaults=True):
    """An item of the manifest with what became of it. `born`: the turn at which the request that states it was first worked on, None where it
    never was; `ended`: the turn from which it held no more. `shows`: turns at which a part that shows it came into the view for the first
    time, once for each part; `spans`: first and last turns of each stretch in which it was in the view.
    """

    id: str
    kind: Kind
    manner: Manner
    habit: str
    born: int | None
    ended: int | None = None
    guess: float | None = None
    validated: bool = True
    shows: tuple[int, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    text: str = ""


# gc=False: thousands of trials have millions of these, which hold no other object that could refer to them.
class Pulse(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A turn. `tokens`: all that the conversation had held by its end, cleared or not, each word once; `fill`: prompt / window. `cut`: kinds
    of what the server took, with a blank between them; `edits`: of the agent's own to its view; `changing`: calls that changed the tree.
    """

    turn: int
    stage: int
    prompt: int | None
    window: int | None
    fill: float | None
    output: int | None
    tokens: int
    cut: str = ""
    edits: int = 0
    calls: int = 0
    bad: int = 0
    changing: int = 0


class Chance(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An opportunity and the item's sight at it. `tokens`: as of the pulse before; `repaired`: the turn that undid a slip within its grace;
    `mended`: the one after it that undid a violation, which stays one; None for none. `begun`: the turn whose sight it is, where the outcome
    showed at a later one.

    `exposures`: parts that showed it so far. `aside`: a request that only takes up room lies between the item's last showing and here.
    `compacted`: clearings of the view since the item was stated; `cut`: the server had taken something from this conversation by then.
    `inherited`: about what an earlier violation had left in breach, so that its outcome is told by that one and not by what is kept in mind now.
    """

    item: str
    turn: int
    stage: int
    template: str
    tokens: int
    subject: str
    honoured: bool
    repaired: int | None
    settled: int
    visible: bool
    distance: int | None
    apart: int | None
    fill: float | None
    exposures: int
    inferred: bool = False
    aside: bool = False
    compacted: int = 0
    cut: bool = False
    planned: int | None = None
    inherited: bool = False
    mended: int | None = None
    begun: int | None = None


class Taken(msgspec.Struct, frozen=True, array_like=True):
    """What a server cut: tokens, ids of the manifest's items that went with it, and how many items of any kind."""

    turn: int
    kind: str
    tokens: int | None
    items: tuple[str, ...]
    all: int
    declared: bool


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """A milestone. `ends`: (stage, whether it held at that stage's end); `final`: at the last turn at which it had to hold, None: not known."""

    id: str
    point: str
    stage: int
    items: tuple[str, ...]
    ends: tuple[tuple[int, bool | None], ...]
    final: bool | None


class Call(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A call that the model made or meant. `depth`: tokens of its prompt; `seen`: a bad call of its own stood in the view."""

    turn: int
    depth: int
    bad: bool
    seen: bool
    kind: str = ""


class Compaction(msgspec.Struct, frozen=True, array_like=True):
    """A clearing of the view by a policy, the `number`th of the trial. `kinds`: (kind of item, seen before, of these seen after)."""

    turn: int
    number: int
    policy: str
    kinds: tuple[tuple[str, int, int], ...]


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """A recall question that was asked beside the conversation (D2), and what came of it. `kept`: the item's next opportunity, None for none."""

    item: str
    turn: int
    kind: str
    outcome: str
    share: float | None = None
    kept: bool | None = None


class Account(msgspec.Struct, frozen=True, omit_defaults=True):
    """One trial. `stop`: how the conversation ended, "" where it did not. `inferred`: nobody but the server knows what it made of the views.

    `derived`: the items were found by machine, the task states none. `measure`: digest of the detectors that said this. `untested`:
    (tree, tests) at ends of stages of which nobody knows how they would go, so that milestones on them stay open.
    `past`: turns 1 to this one are another trial's, from which this one went on.
    """

    trial: str
    task: str
    agent: str
    model: str
    variant: str
    attempt: int
    measure: str
    family: str = ""
    tier: str = ""
    seed: int | None = None
    stop: str = ""
    inferred: bool = False
    derived: bool = False
    untested: int = 0
    limit: int | None = None
    items: tuple[Held, ...] = ()
    pulses: tuple[Pulse, ...] = ()
    chances: tuple[Chance, ...] = ()
    findings: tuple[Finding, ...] = ()
    cuts: tuple[Taken, ...] = ()
    marks: tuple[Mark, ...] = ()
    calls: tuple[Call, ...] = ()
    compactions: tuple[Compaction, ...] = ()
    answers: tuple[Answer, ...] = ()
    past: int = 0

    @property
    def turns(self) -> int:
        """How many are its own."""
        return sum(each.turn > self.past for each in self.pulses)

    @property
    def cut(self) -> bool:
        """Whether the server took anything from the model's sight."""
        return any(each.kind in LOSSES for each in self.cuts)

    @property
    def broken(self) -> bool:
        """Whether it took something that nobody had said it would: the world's fault, in no rate."""
        return any(each.kind in LOSSES and not each.declared for each in self.cuts)


LOSSES = ("A1", "A2", "A3")
"""Cuts that took something; A4 was refused aloud."""
