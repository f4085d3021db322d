"""The attributable fraction, the test of replays against themselves, and the mechanism of a point."""

from __future__ import annotations

import numpy as np
import pytest

from harness.core.findings import Mechanism
from harness.metrics.statistics.attribution import Point, attributed, split
from harness.metrics.statistics.mechanisms import decided


def point(task: str, full: int, fresh: int, rolls: int = 4, **more: object) -> Point:
    arms = {"full": (True,) * full + (False,) * (rolls - full), "fresh": (True,) * fresh + (False,) * (rolls - fresh)}
    return Point(task, arms, **more)  # type: ignore[arg-type]


def test_the_fraction_is_a_ratio_of_sums() -> None:
    """Two failures in four against one: half; the points that were chosen for having failed, and weights, count as told."""
    told = [point(f"t{i}", 2, 1) for i in range(10)]
    found = attributed([*told, point("t0", 4, 0, selected_on_failure=True)])
    assert found.fraction is not None
    assert found.fraction.value == pytest.approx(0.5)
    assert (found.points, found.tasks, found.full, found.other) == (10, 10, 0.5, 0.25)
    assert found.per_hundred.value == pytest.approx(25)
    weighed = attributed([point("a", 4, 0, weight=3), point("b", 4, 4)])
    assert weighed.raw is not None
    assert weighed.raw.value == pytest.approx(0.75)


def test_it_is_cut_at_nothing_only_after_averaging() -> None:
    """Points where history helps count against points where it harms; a mean below 0 is shown as 0 and kept raw."""
    found = attributed([point("a", 2, 3), point("b", 3, 4), point("c", 2, 2)])
    assert found.fraction is not None
    assert found.raw is not None
    assert found.raw.value == pytest.approx(1 - 9 / 7)
    assert (found.fraction.value, found.fraction.low) == (0.0, 0.0)
    even = attributed([point("a", 3, 1), point("b", 1, 3)])
    assert even.raw is not None
    assert even.raw.value == pytest.approx(0.0)


def test_nothing_failed_nothing_is_attributed() -> None:
    """Without a failure there is no fraction; without a point, or an arm, there is a sentence."""
    assert attributed([point("a", 0, 0), point("b", 0, 1)]).fraction is None
    with pytest.raises(ValueError, match="no point"):
        attributed([point("a", 1, 0, selected_on_failure=True)])
    with pytest.raises(ValueError, match="no re-roll under fresh"):
        attributed([Point("a", {"full": (True,)}, "p1")])


def test_replays_that_drift_are_void() -> None:
    """Re-rolls that fail in the second half only void the study; shuffled ones do not."""
    assert split([Point(f"t{i}", {"full": (False, False, True, True)}) for i in range(10)]).void
    chance = np.random.default_rng(4)
    assert not split([Point(f"t{i}", {"full": tuple((chance.random(4) < 0.5).tolist())}) for i in range(20)]).void
    with pytest.raises(ValueError, match="two re-rolls"):
        split([Point("a", {"full": (True,)})])


@pytest.mark.parametrize(
    ("full", "fresh", "clean", "visible", "expected"),
    [
        (8, 0, None, True, Mechanism.RETENTION),
        (8, 0, 8, True, Mechanism.RETENTION),
        (8, 0, 0, True, Mechanism.SELF_CONDITIONING),
        (8, 0, 8, False, Mechanism.EVICTION),
        (8, 8, 8, True, Mechanism.NOT_CONTEXT),
        (8, 8, None, False, Mechanism.NOT_CONTEXT),
        (5, 3, 4, True, Mechanism.UNDECIDED),
        (8, 0, 4, True, Mechanism.UNDECIDED),
        (8, 0, 0, None, Mechanism.UNDECIDED),
        (0, 0, 0, True, None),
    ],
)  # fmt: skip
def test_a_point_gets_its_mechanism(full: int, fresh: int, clean: int | None, visible: bool | None, expected: Mechanism | None) -> None:
    """Of eight re-rolls of each arm."""
    arms = {"full": full, "fresh": fresh} | ({} if clean is None else {"clean": clean})
    found = decided(Point("t", {arm: (True,) * count + (False,) * (8 - count) for arm, count in arms.items()}, visible=visible))
    assert found.mechanism == expected
    assert 0 <= found.sure <= 1


def test_one_re_roll_decides_nothing() -> None:
    """A failure under the whole view and none under a fresh one, rolled once each, is undecided."""
    assert decided(point("a", 1, 0, rolls=1, visible=True)).mechanism is Mechanism.UNDECIDED


def test_arms_beside_say_more_of_retention() -> None:
    """REMIND that mends and PAD that fails as much are told in words."""
    arms = {"full": (True,) * 8, "fresh": (False,) * 8, "remind": (False,) * 8, "pad": (True,) * 8}
    assert decided(Point("t", arms, visible=True)).reason.endswith("restating the item helps; length alone does as much")
