"""SIGKILL wherever it hurts, then `resume`: the run equals one that nobody disturbed, nothing happened twice, nothing is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandboxes.docker_base import BaseImage
from tests.crash.ground import Ground, call, ground
from tests.crash.points import EACH, Point, everyday, long
from tests.crash.rounds import AT_ONCE, Reference, Round, left, play, reference

NAMES = {point.name for point in everyday()}
POINTS = [
    *(pytest.param(point, id=point.name) for point in everyday()),
    *(pytest.param(point, id=point.name, marks=pytest.mark.long) for point in long() if point.name not in NAMES),
]

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, base_image: BaseImage) -> Ground:
    return ground(tmp_path_factory.mktemp("kills"))


@pytest.fixture(scope="module")
def whole(place: Ground) -> Reference:
    return reference(place)


@pytest.fixture(scope="module")
def rounds(request: pytest.FixtureRequest, place: Ground, whole: Reference) -> Iterator[Callable[[Point], Round]]:
    """The rounds of every point that this run of pytest asks for, a few side by side; each test waits for its own."""
    asked = [point for item in request.session.items if (point := _point(item))]
    pool = ThreadPoolExecutor(AT_ONCE)
    played = {point: pool.submit(play, place, whole, point) for point in asked}
    yield lambda point: played[point].result()
    pool.shutdown(cancel_futures=True)


def _point(item: pytest.Item) -> Point | None:
    spec = getattr(item, "callspec", None)
    return spec.params.get("point") if spec and item.path == Path(__file__) else None


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_run_resumes_to_what_it_would_have_been(point: Point, rounds: Callable[[Point], Round]) -> None:
    """Rows and events are equal, settled trials untouched, no trial settled twice, no container, process or lock left, the record sound."""
    assert rounds(point).complaints == ()


@pytest.mark.long
def test_every_commit_of_a_run_is_among_the_points(whole: Reference) -> None:
    """The long points hold each commit of an undisturbed run, before and after, and are at least two hundred that strike."""
    assert whole.commits <= EACH, "raise EACH"
    struck = [point for point in long() if point.when in ("time", "start") or point.at <= whole.commits]
    assert len(struck) >= 200


def test_every_event_is_a_commit_of_its_own(whole: Reference) -> None:
    """What counts the commits sees all of them: each event, each beginning and each settlement."""
    events = sum(map(len, whole.side.traces.values()))
    assert whole.commits >= events + 2 * len(whole.side.rows)


def test_a_whole_run_has_nothing_to_resume(place: Ground, whole: Reference) -> None:
    """Resumed once more it says so, starts nothing, and its record stays byte for byte."""
    home = place.home("undisturbed")
    before = left(home)
    done = call(home, "resume", "last")
    assert done.code == 0, done.err
    assert "nothing is left to do" in done.out
    assert left(home) == before
