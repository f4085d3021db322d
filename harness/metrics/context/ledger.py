"""The visibility ledger: of every item and turn, whether the model could see it, how far back, and how often it had been shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from harness.core.chat import PartId
from harness.core.memory import Item


class Sight(msgspec.Struct, frozen=True):
    """An item at a turn. `part`: the last visible exposure; `distance`: tokens from its end to the end of the prompt; `apart`: turns since
    that part was first shown; `exposures`: parts shown so far that expose it, visible or not; `inferred`: the view is the one sent.
    """

    item: str
    turn: int
    visible: bool
    part: PartId = ""
    distance: int | None = None
    apart: int | None = None
    exposures: int = 0
    fill: float | None = None
    inferred: bool = False


class Cut(msgspec.Struct, frozen=True):
    """The server showed the model less than was sent at this turn. `kind`: A1 tokens cut, A2 messages dropped, A3 shifted while it wrote,
    A4 refused. `parts`: those that were lost, as far as can be told; `tokens` lost; `declared`: the arm runs with such cuts on purpose.
    """

    turn: int
    kind: str
    tokens: int | None
    parts: tuple[PartId, ...]
    declared: bool
    detail: str
    evidence: tuple[int, ...] = ()


class Ledger(Protocol):
    """Made once per try, linear in its trace."""

    @property
    def items(self) -> Mapping[str, Item]:
        """The manifest's items, and those that were found by machine: `file:PATH`, `result:CALL`, `edit:PATH@TURN`, `name:WORD`, `sentence:N`."""
        ...

    @property
    def cuts(self) -> tuple[Cut, ...]: ...

    def sight(self, item: str, turn: int) -> Sight:
        """Raises KeyError for an item that is none."""
        ...

    def lost(self, turn: int) -> tuple[str, ...]:
        """Items that could be seen at the turn before and cannot at this one."""
        ...

    def valid(self, item: str, turn: int) -> bool:
        """Whether it holds at this turn (stated by then, neither superseded nor waived)."""
        ...
