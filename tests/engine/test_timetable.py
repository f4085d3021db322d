"""The night played beforehand: nobody works twice at once, nothing waits without a reason, and places at a model bound it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.trial import TrialKey
from harness.engine.lineup import HANDFUL, lined_up
from harness.engine.timetable import Duration, timetable

LANES = {"ollama/a": "one", "ollama/b": "one"}
durations = st.tuples(st.floats(0, 100), st.floats(0, 100)).map(lambda pair: Duration(*pair))


def night(models: list[str], tasks: int, each: Duration, *, parallel: int, limits: dict[str, int]) -> float:
    """Seconds of a night of equal trials."""
    keys = {f"t{task}{model}": TrialKey("r", f"task{task}", "coder", model, "", 1) for task in range(tasks) for model in models}
    return max(timetable(lined_up(keys, LANES, max(HANDFUL, parallel)), dict.fromkeys(keys, each), parallel, limits).values())


def test_nights_that_can_be_reckoned_by_hand() -> None:
    """One after the other; two at a time; one place at the model, beside which tools go on; a server that serves one model at a time."""
    each = Duration(10, 5)
    assert night(["m"], 4, each, parallel=1, limits={"m": 1}) == pytest.approx(60)
    assert night(["m"], 4, each, parallel=4, limits={"m": 4}) == pytest.approx(15)
    assert night(["m"], 4, each, parallel=2, limits={}) == pytest.approx(30)
    assert 40 <= night(["m"], 4, each, parallel=2, limits={"m": 1}) < 42
    one, both = (night(models, 4, each, parallel=4, limits=dict.fromkeys(models, 1)) for models in (["ollama/a"], ["ollama/a", "ollama/b"]))
    assert both == pytest.approx(2 * one), "the lane's models one after the other"
    assert night(["ollama/a", "claude/c"], 4, each, parallel=8, limits={"ollama/a": 1, "claude/c": 1}) == pytest.approx(one), "beside each other"


@given(st.lists(durations, min_size=1, max_size=12), st.integers(1, 5), st.integers(1, 3))
def test_a_night_is_between_its_bounds(each: list[Duration], parallel: int, places: int) -> None:
    """Every trial ends once; never sooner than work over hands, than the model's work over its places, or than the longest; never later than all in turn."""
    keys = {f"t{number}": TrialKey("r", f"task{number}", "coder", "m", "", 1) for number in range(len(each))}
    lasting = dict(zip(keys, each, strict=True))
    ends = timetable(lined_up(keys, {}), lasting, parallel, {"m": places})
    assert ends.keys() == keys.keys()
    assert list(ends.values()) == sorted(ends.values())
    work, asking = sum(one.model + one.other for one in each), sum(one.model for one in each)
    least = max(work / parallel, asking / places, *(one.model + one.other for one in each))
    assert least - 1e-6 <= max(ends.values()) <= work + 1e-6
