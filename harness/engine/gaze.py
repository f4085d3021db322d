"""What a replay shows of its item: whether the next opportunity after the fork was honoured, told from the opportunities of its record; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Literal, Protocol, TypeAlias

import msgspec

from harness.core.events import Trace
from harness.core.findings import Opportunity

Word: TypeAlias = Literal["honoured", "violated", "none"]
Seen: TypeAlias = Callable[[Trace, int], Iterable[Opportunity]]
"""The opportunities of a trial whose outcome is known once a slip has had so many turns to be repaired. Raises StoreError."""
GRACES = (2, 1, 0)
"""Turns to repair a slip: while more may come as many as in any trial; of a window that is over, as many as it had."""


class Observation(msgspec.Struct, frozen=True):
    """`word`: "none" where no opportunity came, or none whose outcome is known yet; `turn`, `subject`: of the opportunity."""

    word: Word
    turn: int | None = None
    subject: str = ""

    @property
    def sentence(self) -> str:
        if self.turn is None:
            return "no opportunity within the window"
        return f"{self.word} at turn {self.turn}{f': {self.subject}' if self.subject else ''}"


def observed(opportunities: Iterable[Opportunity], item: str, after: int) -> Observation:
    """The first turn later than `after` with an opportunity of the item; one violation there violates it."""
    mine = sorted((each for each in opportunities if each.item == item and each.turn > after), key=lambda each: each.turn)
    first = [each for each in mine if each.turn == mine[0].turn]
    if not first:
        return Observation("none")
    worst = next((each for each in first if not kept(each)), first[0])
    return Observation("honoured" if kept(worst) else "violated", worst.turn, worst.subject)


def kept(opportunity: Opportunity) -> bool:
    """Whether the item was honoured, at once or by a repair within the grace."""
    return opportunity.honoured or opportunity.repaired is not None


class Look(Protocol):
    """How the record of a replay is looked at."""

    @property
    def turn(self) -> int:
        """That of the fork."""
        ...

    def look(self, *, over: bool = False) -> Observation:
        """`over`: nothing more can change. Raises StoreError."""
        ...


class Gaze(msgspec.Struct, frozen=True):
    """How a replay's own record is looked at while it runs. `turn`: that of the fork."""

    item: str
    turn: int
    trace: Callable[[], Trace]
    seen: Seen

    def look(self, *, over: bool = False) -> Observation:
        """`over`: nothing more can change. Raises StoreError."""
        trace = self.trace()
        # Without a grace every outcome is told at once: that shows which turn came first, and all that it was about. What is honoured needs no
        # grace, so that a later or lesser opportunity would else be told before a slip that may still be repaired.
        every = tuple(each for each in self.seen(trace, 0) if each.item == self.item and each.turn > self.turn)
        first = min((each.turn for each in every), default=None)
        # How often, too: two constraints of an item may ask about one subject, of which one is honoured and the other not.
        about = Counter(each.subject for each in every if each.turn == first)
        for grace in GRACES if over and first is not None else GRACES[:1]:
            mine = tuple(each for each in self.seen(trace, grace) if each.item == self.item and each.turn == first)
            if mine and Counter(each.subject for each in mine) >= about:
                return observed(mine, self.item, self.turn)
        return Observation("none")
