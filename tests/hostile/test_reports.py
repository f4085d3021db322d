"""Reports written by whom we judge: whatever stands in them is a reading or a ValueError, never a fault of ours."""

from __future__ import annotations

import pytest

from harness.core.events import Digests, Entry, Event, GradeRan, TrialStarted
from harness.core.task import TestIds
from harness.core.trial import TrialKey
from harness.grading import reward
from harness.grading.logs import junit
from harness.metrics.verdict import judge

DECLARED = b'<?xml version="1.0" encoding="%s"?><a/>'
LIES = {
    "no such encoding": DECLARED % b"foo",
    "a codec that is no text": DECLARED % b"hex",
    "idna": DECLARED % b"idna",
    "utf-16 that hides a document type": '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "x">]><a>&b;</a>'.encode("utf-16"),
    "a document type": b'<!DOCTYPE a [<!ENTITY b "x">]><a>&b;</a>',
    "NUL": b"\0",
    "not UTF-8": b"<a>\xff</a>",
    "deep and never closed": b"<a>" * 300_000,
}
APPLIED = GradeRan("apply", "fresh", ok=True, exit_code=None, ended=None, seconds=0)
RAN = GradeRan("test", "fresh", ok=True, exit_code=0, ended=None, seconds=1)
FAULT = GradeRan("prepare", "fresh", ok=False, exit_code=None, ended=None, seconds=0, detail="the sandbox failed: gone")


@pytest.mark.parametrize("data", LIES.values(), ids=LIES)
def test_a_lying_report_is_a_value_error_or_empty(data: bytes) -> None:
    """Encodings that do not exist, hidden entities and depth end as a reading without a pass."""
    try:
        found = junit.parse(data, ("t::a",))
    except ValueError:
        return
    assert not any(each.status == "passed" and each.id == "t::a" for each in found)


@pytest.mark.parametrize("data", [b"[" * 200_000, b'{"reward": 1' + b"0" * 400 + b"}", b'{"reward": 1' + b"0" * 5000 + b"}", b"\xff\xfe{"])
def test_a_hostile_reward_is_a_value_error(data: bytes) -> None:
    """Depth, integers beyond every float and other encodings are told as what they are."""
    with pytest.raises(ValueError, match=r".+"):
        reward.from_json(data)


@pytest.mark.parametrize("events", [(APPLIED,), (APPLIED, RAN), (FAULT,), (APPLIED, RAN, FAULT), (APPLIED, FAULT, APPLIED)])
def test_a_grading_cut_off_decides_nothing(events: tuple[Event, ...]) -> None:
    """A harness killed between the phases leaves a pending trial, not one that failed untested or unapplied."""
    started = TrialStarted(TrialKey("r", "t", "a", "m", "", 1), 1, None, 7, Digests("", "", "", ""), "{}", "host")
    trace = tuple(Entry(seq, float(seq), event) for seq, event in enumerate((started, *events), 1))
    assert judge(TestIds("run", "junit", ("t::a",), ()), trace).outcome == "pending"
