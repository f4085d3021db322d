"""What an agent should keep in mind over a task, and what its work must show: the manifest that context loss is measured against."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from harness.core.predicates import Occasion, Predicate

Kind: TypeAlias = Literal["rule", "fact", "decision", "own_decision", "observation"]
"""Of an item: a standing rule, a fact told or found, a decision of the user's, one of the agent's own, something it has seen."""
Manner: TypeAlias = Literal["rehearsed", "prohibition", "procedure", "sleeper", "fact"]
"""How keeping it shows: in the agent's own code over and over, not at all, in what is run, late and once, or as a value that is used."""


class Item(msgspec.Struct, frozen=True):
    """Anything that the agent may need later; `[[memory]]` of tests/longhaul.toml, or found by machine.

    `fingerprints`: literal words, or after "re:" a regular expression (harness.core.patterns); any of them in a part's words is an exposure of it. `since`: the
    request (from 1) that states it first, 0 for the system text or the repository. `until`: the request from which it holds no more
    (superseded or waived), None for never. `value`: the answer to a recall question; `former`: values that it had before.
    """

    id: str
    kind: Kind
    text: str
    fingerprints: tuple[str, ...]
    since: int = 1
    until: int | None = None
    recoverable: Literal["no", "on_disk", "derivable"] = "no"
    manner: Manner = "fact"
    habit: Literal["aligned", "arbitrary", "counter"] = "arbitrary"
    exposure: Literal["system", "first_request", "request", "file", "tool"] = "request"
    supersedes: str = ""
    value: str = ""
    former: tuple[str, ...] = ()
    validated: bool = True
    """False for standing sentences that a machine picked out of an instruction: shown apart, in no rate."""
    guess: float | None = None
    """Share of workers that honour it without ever having been told; None where nobody has measured it."""


class Constraint(msgspec.Struct, frozen=True):
    """How honouring an item shows in a recorded tree, and when there is an opportunity to. `item`: its id."""

    item: str
    predicate: Predicate
    occasion: Occasion


class Milestone(msgspec.Struct, frozen=True):
    """A point of a request, and what shows that it is met. `point`: the public number that the request gives it ("3.2").

    `stage`: the request (from 1). `until`: the request from which it need not hold any more. `items`: ids that it cannot be met without.
    `scope`: globs of the files that its work may touch. `depends`: ids of milestones that come before it.
    """

    id: str
    point: str
    stage: int
    predicate: Predicate
    scope: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    until: int | None = None


class Stage(msgspec.Struct, frozen=True):
    """One request of a staged task. `request`: its id; `template`: which of a family's alike stages it is; `interlude`: nothing is asked
    that a milestone could show, it is there for its tokens.
    """

    request: str
    template: str = ""
    interlude: bool = False
    distance: int | None = None
    """Tokens that the plan assigns between an item's statement and its use here; what came of it is measured."""


class Manifest(msgspec.Struct, frozen=True):
    """`family`, `tier`, `seed`: of a generated task, "" and None for one made by hand. `derived`: made by machine, for a task without one."""

    stages: tuple[Stage, ...] = ()
    items: tuple[Item, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    family: str = ""
    tier: str = ""
    seed: int | None = None
    derived: bool = False


class Use(msgspec.Struct, frozen=True):
    """A tool call of a scripted worker; `arguments` is JSON text."""

    tool: str
    arguments: str


class Slip(msgspec.Struct, frozen=True):
    """What a worker who has lost this item would do in place of a move's calls. `how`: "violates" it, or acts on its "former" version."""

    item: str
    how: Literal["violates", "former"]
    calls: tuple[Use, ...]


class Move(msgspec.Struct, frozen=True):
    """One turn of a worker who forgets nothing, through the public tools; the last move of a stage calls `finish`.

    `stage`: the request it works on (from 1). `items`: ids that its calls rest upon; each with constraints has a slip.
    """

    stage: int
    text: str
    calls: tuple[Use, ...]
    items: tuple[str, ...] = ()
    slips: tuple[Slip, ...] = ()
