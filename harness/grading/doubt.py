"""What a run left undecided for the machine's sake: late, or a changed test that was neither passed nor failed. Then it is tried once more, alone."""

from __future__ import annotations

from harness.core.events import Event, GradeRan
from harness.core.machine import Ended
from harness.core.ports import Record

DECIDED = frozenset({"passed", "xpassed", "failed", "error"})


class Doubts:
    """A record that remembers of each mode how its latest run went. A doubt is one for a second run, never for a pass."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._late: dict[str, bool] = {}
        self._undecided = False

    def __call__(self, event: Event) -> None:
        if isinstance(event, GradeRan) and event.phase in ("test", "calls"):
            self._late[event.phase if event.phase == "calls" else event.mode] = event.ended is Ended.DEADLINE
        if isinstance(event, GradeRan) and event.phase == "read" and event.mode == "twin":
            self._undecided = bool(undecided(event))
        self._record(event)

    def late(self, run: str) -> bool:
        """`run`: a mode, or "calls"."""
        return self._late.get(run, False)

    @property
    def twin(self) -> bool:
        return self.late("twin") or self._undecided


def undecided(read: GradeRan) -> frozenset[str]:
    """Ids that must be seen failing and were seen neither so nor passing: a flaky test is as likely to be the reason as a cheat. Pure."""
    return frozenset(read.demanded) - {result.id for result in read.results if result.status in DECIDED}
