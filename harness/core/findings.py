"""What a detector says of a trial: a finding is a candidate until a replay has decided it."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Status(StrEnum):
    CANDIDATE = "candidate"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UNDECIDED = "undecided"


class Mechanism(StrEnum):
    """Why: not in the view (E), in the view and not kept (R), spoilt by its own slips (S), not the context (X), undecided (U)."""

    EVICTION = "E"
    RETENTION = "R"
    SELF_CONDITIONING = "S"
    NOT_CONTEXT = "X"
    UNDECIDED = "U"


class Finding(msgspec.Struct, frozen=True):
    """One thing lost, forgotten or repeated. `kind`: its class, such as "C1".

    `item`: id of an item or milestone, a path, or "". `turn`: where it shows; `onset`: where it began; `known`: the turn at whose end it
    can be told (grace over), so that a live reading and a later one agree. `evidence`: entries of the trace by `seq`. `visible`,
    `distance` (tokens), `apart` (turns), `fill` (share of the window): the item's sight at `onset`, None where there is none; `inferred`:
    the view is the one sent, what the server made of it is not known. `root`: `name` of the finding that this one follows from, or "".
    `tokens`, `lost`: what a cut took (tokens; ids of items).
    """

    kind: str
    item: str
    turn: int
    onset: int
    known: int
    detail: str
    evidence: tuple[int, ...] = ()
    visible: bool | None = None
    distance: int | None = None
    apart: int | None = None
    fill: float | None = None
    inferred: bool = False
    root: str = ""
    status: Status = Status.CANDIDATE
    mechanism: Mechanism | None = None
    tokens: int | None = None
    lost: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Names it within its trial."""
        return f"{self.kind}@{self.turn}:{self.item}" if self.item else f"{self.kind}@{self.turn}"


class Opportunity(msgspec.Struct, frozen=True):
    """An item could be honoured at this turn, and was or was not. `subject`: what it was about (a path, a name, a command).

    `settled`: the turn at whose end the outcome stands (grace over). `repaired`: the turn that undid a violation, None for none.
    `begun`: where the outcome shows only at a later turn, the one at which the work on it began; None elsewhere. `mended`: the turn after the
    grace that undid a violation which stands, None for none so far; it alone may become known after `settled`. `standing`: violated, and the
    turn brought no breach of its own: it edited what was in breach before.
    """

    item: str
    turn: int
    subject: str
    honoured: bool
    settled: int
    repaired: int | None = None
    evidence: tuple[int, ...] = ()
    begun: int | None = None
    mended: int | None = None
    standing: bool = False

    @property
    def at(self) -> int:
        """The turn at which it was in the worker's hands: what could be seen then is what counts, and a replay begins before it."""
        return self.turn if self.begun is None else self.begun


class Reached(msgspec.Struct, frozen=True):
    """Whether a milestone held at the end of a turn; None where it takes tests that were not run there."""

    milestone: str
    turn: int
    held: bool | None
