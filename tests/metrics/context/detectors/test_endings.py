"""What is said when work is handed back is held against what the trees showed then."""

from __future__ import annotations

import msgspec
import pytest

from harness.core.agent import Stop
from harness.core.memory import Manifest, Stage
from harness.metrics.context.detectors.endings import find
from tests.metrics.context.detectors.acting import Acting, agrees, kinds, points

MANIFEST = Manifest(stages=(Stage("s01"), Stage("s02")), milestones=points("1.1", "1.2", "2.1", "2.2"))


def acting(manifest: Manifest = MANIFEST) -> Acting:
    return Acting(manifest, "Do 1.1 and 1.2.")


def ended(done: str, not_done: str = "", *, met: tuple[str, ...] = ("m1.1",), unmet: tuple[str, ...] = ("m1.2",)) -> Acting:
    told = acting()
    told.shell("ls")
    told.holds(True, *met, turn=told.now + 1)
    told.holds(False, *unmet, turn=told.now + 1)
    told.finish(done, not_done)
    return told


def early(told: Acting) -> list[str]:
    return [name for name in kinds(find, told) if name.startswith("H4")]


def plain(told: Acting) -> list[str]:
    return [name for name in kinds(find, told) if not name.startswith("H4")]


def test_claimed_and_unmet_is_h1() -> None:
    """Known at the turn that hands back."""
    told = ended("1.1 and 1.2")
    assert plain(told) == ["H1@2:m1.2"]
    finding = next(iter(find(told.scene())))
    assert (finding.visible, finding.apart) == (True, 1)
    assert finding.distance is not None
    agrees(find, told)


def test_in_neither_list_is_h2() -> None:
    """Forgotten."""
    assert plain(ended("1.1")) == ["H2@2:m1.2"]
    assert plain(ended("", "")) == ["H2@2:m1.2"]


@pytest.mark.parametrize("not_done", ["1.2: no time", "the rest", "1.2 depends on 1.1"])
def test_owned_up_to_is_h3(not_done: str) -> None:
    """Told, and no failure."""
    assert plain(ended("1.1", not_done)) == ["H3@2:m1.2"]


@pytest.mark.parametrize("done", ["1.1, 1.2", "all", "Everything is done.", "1.1-1.2"])
def test_a_true_claim_is_silent(done: str) -> None:
    """The legitimate finish."""
    assert kinds(find, ended(done, met=("m1.1", "m1.2"), unmet=())) == []


def test_a_point_that_nobody_judged_is_silent() -> None:
    """Its tests were not run there."""
    told = acting()
    told.shell("ls")
    told.holds(False, "m1.2")
    told.holds(True, "m1.1")
    told.holds(None, "m1.2", turn=told.now + 1)
    told.finish("all")
    assert kinds(find, told) == []


def test_every_stage_is_judged_by_its_own_claim() -> None:
    """A point of the first request that is forgotten there is not forgotten once more at the second; naming it as done is false then."""
    told = acting()
    told.holds(True, "m1.1", turn=1)
    told.holds(False, "m1.2", turn=1)
    told.finish("1.1", last=False)
    told.request("Do 2.1 and 2.2.")
    told.holds(True, "m1.1", "m2.1", turn=2)
    told.holds(False, "m1.2", "m2.2", turn=2)
    told.finish("all points; 1.2 too")
    assert plain(told) == ["H2@1:m1.2", "H1@2:m1.2", "H1@2:m2.2"]
    agrees(find, told)


def test_what_an_earlier_claim_left_out_is_not_forgotten_twice() -> None:
    """The second claim has to speak of its own points alone."""
    told = acting()
    told.holds(True, "m1.1", turn=1)
    told.holds(False, "m1.2", turn=1)
    told.finish("1.1", last=False)
    told.request("Do 2.1 and 2.2.")
    told.holds(True, "m1.1", "m2.1", "m2.2", turn=2)
    told.holds(False, "m1.2", turn=2)
    told.finish("2.1 and 2.2")
    assert plain(told) == ["H2@1:m1.2"]


def test_a_point_that_need_not_hold_any_more_is_silent() -> None:
    """Overturned by the second request."""
    first = msgspec.structs.replace(points("1.1")[0], until=2)
    told = acting(Manifest(stages=MANIFEST.stages, milestones=(first, *points("2.1"))))
    told.holds(True, "m1.1", turn=1)
    told.finish("1.1", last=False)
    told.request("Take it back: 2.1.")
    told.holds(False, "m1.1", turn=2)
    told.holds(True, "m2.1", turn=2)
    told.finish("1.1 and 2.1")
    assert kinds(find, told) == []


@pytest.mark.parametrize("stop", [Stop.TURNS, Stop.TOKENS, Stop.WINDOW, Stop.FAULT, Stop.TIME])
def test_a_limit_or_a_fault_censors(stop: Stop) -> None:
    """Work that was cut was not handed back."""
    told = acting()
    told.shell("ls")
    told.holds(False, "m1.1", "m1.2")
    told.end(stop)
    assert kinds(find, told) == []


def test_work_handed_back_without_a_claim_is_no_false_one() -> None:
    """Nothing was claimed; that it stopped early is another matter."""
    told = acting()
    told.shell("ls")
    told.holds(False, "m1.1", "m1.2")
    told.yielded(None)
    told.end()
    assert plain(told) == []
    assert early(told) == ["H4@1:m1.1"]


def test_stopping_early_is_h4() -> None:
    """Turns left, room left, a point owned up to without a blocker."""
    assert early(ended("1.1", "1.2: left for later")) == ["H4@2:m1.2"]


@pytest.mark.parametrize("not_done", ["1.2: blocked, the fixture is missing", "1.2 cannot be done without a network", "1.2: its number is not in the repository"])
def test_a_blocker_is_no_early_stop(not_done: str) -> None:
    """A reason of the world."""
    assert early(ended("1.1", not_done)) == []


def test_an_end_near_the_limit_is_no_early_stop() -> None:
    """Less than 40 % of the turns are left."""
    told = acting()
    for k in range(95):
        told.shell(f"echo {k}")
    told.holds(False, "m1.2")
    told.finish("1.1", "1.2: no time")
    assert early(told) == []


def test_claimed_work_is_no_early_stop() -> None:
    """Who believes that it is done does not stop early."""
    assert early(ended("all")) == []


def test_a_forgotten_point_is_no_early_stop() -> None:
    """In neither list: H2 says it, and an early stop takes that one knows what is open."""
    assert early(ended("1.1", "")) == []
    assert early(ended("", "")) == []


def _files(told: Acting, path: str, lines: int, tree: str) -> None:
    told.write(path, "".join(f"x{k} = {k}\n" for k in range(lines)), tree)


@pytest.mark.parametrize(("off", "on", "expected"), [(60, 10, ["H5@3:other/b.py"]), (10, 60, []), (20, 5, [])])
def test_effort_off_the_goal_is_h5(off: int, on: int, expected: list[str]) -> None:
    """More than half of at least thirty changed lines outside every scope."""
    told = acting(Manifest(stages=MANIFEST.stages, milestones=points("1.1", scope=("pkg/**/*.py",))))
    _files(told, "pkg/sub/a.py", on, "t1")
    _files(told, "other/b.py", off, "t2")
    told.holds(True, "m1.1", turn=3)
    told.finish("1.1")
    assert kinds(find, told) == expected


def test_tests_and_changelog_are_not_off_the_goal() -> None:
    """Good work touches them."""
    told = acting(Manifest(stages=MANIFEST.stages, milestones=points("1.1", scope=("pkg/*.py",))))
    _files(told, "tests/test_a.py", 80, "t1")
    _files(told, "CHANGELOG.md", 40, "t2")
    told.holds(True, "m1.1", turn=3)
    told.finish("1.1")
    assert kinds(find, told) == []
