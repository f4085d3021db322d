"""The few turns of a replay: they end where the opportunity has its outcome, and what that was goes on record in place of a grading."""

from __future__ import annotations

import msgspec

from harness.core.events import GradeRan
from harness.core.task import Limits
from harness.engine.course import Course
from harness.engine.gaze import Look
from harness.engine.recorder import Recorder


class Window(Course):
    """No further request is given."""

    def __init__(self, limits: Limits, gaze: Look, record: Recorder) -> None:
        super().__init__((), limits)
        self._gaze, self._record = gaze, record
        self._looked = (gaze.turn, record.spent.tool_calls)
        self._known = False

    @property
    def graded(self) -> bool:
        """No test is ever run."""
        return True

    def limits(self) -> Limits:
        """Those of the window; once the outcome stands no further question is allowed. Looked at whenever a question or a call came between."""
        turn, now = self._record.spent.turns, (self._record.spent.turns, self._record.spent.tool_calls)
        if now != self._looked and not self._known:
            self._looked, self._known = now, self._gaze.look().word != "none"
        return msgspec.structs.replace(self._limits, turns=min(turn, self._limits.turns or turn)) if self._known else self._limits

    def note(self) -> None:
        """Put on record what the window came to. Raises StoreError."""
        found = self._gaze.look(over=True)
        told = GradeRan("observe", "replay", found.word == "honoured", None, None, 0.0, detail=found.word, evidence=(found.sentence,))
        self._record(told)
