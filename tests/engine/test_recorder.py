"""What graded work says goes on record whatever characters it is made of."""

from __future__ import annotations

import msgspec

from harness.core.events import Entry, GradeRan
from harness.core.trial import TestResult
from harness.engine.recorder import Recorder
from tests.engine.doubles import KEY, Silent

LONE = "\udcff"


def test_no_name_of_graded_work_can_break_its_trial() -> None:
    """A test, a path or a key of a reward that is no text at all is written out as an escape; a trial that the store refuses would be broken."""
    kept: list[bytes] = []
    record = Recorder(KEY, lambda entry: kept.append(msgspec.json.encode(entry)), lambda: 0.0, Silent())
    record(
        GradeRan(
            "read", "twin", ok=True, exit_code=None, ended=None, seconds=0.0, results=(TestResult(f"t.py::{LONE}", "failed"),), detail=LONE,
            restored=(f"{LONE}/conftest.py",), demanded=(f"t.py::{LONE}",), evidence=(LONE,), rewards=((LONE, 1.0),), canary=(LONE, "b"),
        )
    )
    event = msgspec.json.decode(kept[0], type=Entry).event
    assert isinstance(event, GradeRan)
    assert event.restored == ("\\udcff/conftest.py",)
    assert event.results[0].id == event.demanded[0] == "t.py::\\udcff"
