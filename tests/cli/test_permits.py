"""What only the user can allow, and what the flags make of a task."""

from __future__ import annotations

import pytest

from harness.cli.preparing.permits import as_allowed
from harness.cli.preparing.plans import allowed
from harness.core.errors import PlanError, TaskError
from harness.core.task import Brief, ImageTag, Limits, Place, Provenance, TaskSpec, TestIds
from harness.plan import Allowed

PLAIN, UNBOUND = Place(ImageTag("i")), Limits()


def task(place: Place = PLAIN, limits: Limits = UNBOUND) -> TaskSpec:
    return TaskSpec("t", "sha256:t", Brief(()), place, TestIds("run", "junit", ("t::new",), ()), Provenance("harbor:x"), limits)


@pytest.mark.parametrize("user", ["root", "0", "00", "0:0", "root:users"])
def test_root_needs_leave(user: str) -> None:
    """Refused with the flag that allows it; `--as harbor` allows it, too."""
    rooted = task(Place(ImageTag("i"), user=user))
    with pytest.raises(TaskError, match="--allow-root"):
        as_allowed((rooted,), Allowed())
    assert as_allowed((rooted,), Allowed(root=True)) == as_allowed((rooted,), Allowed(harbor=True)) == (rooted,)


def test_a_missing_network_is_public_only_as_harbor() -> None:
    """And the change stands among the task's deviations; a task that asked for none keeps none."""
    silent = task(Place(ImageTag("i"), network_asked=False))
    assert as_allowed((silent,), Allowed())[0].place.network == "none"
    (made,) = as_allowed((silent,), Allowed(harbor=True))
    assert made.place.network == "public"
    assert any("as in Harbor" in warning for warning in made.provenance.warnings)
    assert as_allowed((task(),), Allowed(harbor=True))[0].place.network == "none"


def test_the_official_clock_bounds_the_whole_work() -> None:
    """Instead of the tools' time."""
    timed = task(limits=Limits(tool_seconds=900.0, official_seconds=900.0))
    assert as_allowed((timed,), Allowed())[0].limits.seconds is None
    (made,) = as_allowed((timed,), Allowed(official_clock=True))
    assert (made.limits.seconds, made.limits.tool_seconds) == (900.0, None)


def test_as_something_else_is_a_mistake() -> None:
    """One sentence."""
    assert allowed(as_="harbor").harbor
    with pytest.raises(PlanError, match="--as: found 'inspect', expected harbor"):
        allowed(as_="inspect")
