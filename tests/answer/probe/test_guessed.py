"""What no-rule came to, place by place: of sound probes and points alone, whoever made them, and of no place that was chosen for its failure."""

from __future__ import annotations

from harness.answer.probe.attribution import Result, result
from harness.answer.probe.guessed import untold
from harness.answer.probe.rolls import Came, Roll
from harness.core.probe import Place, Point, Probe
from harness.report.context.given import Untold

KEPT: list[Came] = ["honoured"] * 4
LOST: list[Came] = ["violated"] * 4
MIXED: list[Came] = ["honoured", "violated", "none", "honoured"]


def rolled(point: str, arm: str, words: list[Came], tree: str = "tree") -> list[Roll]:
    return [Roll(point, arm, attempt, came, tree) for attempt, came in enumerate(words, 1)]


def probed(full: list[Came], untold_: list[Came], tree: str = "tree", **more: object) -> Result:
    """Twenty places of ten tasks; `tree`: of the world in which no-rule began."""
    places = [Place(f"t{n:04}", f"task{n % 10}", "coder", "m", "frozen", 9, manner="prohibition") for n in range(20)]
    points = tuple(Point(f"p{n:03}", place, "every", attempts=(1, 2, 3, 4)) for n, place in enumerate(places))
    points = (Point("p999", Place("t0000", "task0", "coder", "m", "frozen", 30, **more), "failure", attempts=(1, 2, 3, 4)), *points)  # type: ignore[arg-type]
    rolls = [roll for point in points for roll in (*rolled(point.name, "full", full), *rolled(point.name, "no-rule", untold_, tree if point.name == "p003" else "tree"))]
    return result("run", Probe("parent", ("full", "no-rule"), 4, 6, points), rolls)


def test_rerolls_are_told_place_by_place() -> None:
    """Those with an outcome, of every probe; the place that had been chosen because it had failed is not among them."""
    found = untold([probed(LOST, MIXED), probed(LOST, KEPT)])
    assert found[0] == Untold("m", "coder", "t0000", "frozen", 9, 2, 3)
    assert (len(found), {each.turn for each in found}, sum(each.rolls for each in found)) == (40, {9}, 20 * 3 + 20 * 4)


def test_void_probes_and_points_tell_nothing() -> None:
    """Full that differs from itself, and a place whose replays began in different worlds."""
    parted: list[Came] = ["honoured", "honoured", "violated", "violated"]
    assert probed(parted, KEPT).sides[0].void
    assert untold([probed(parted, KEPT)]) == ()
    assert {each.trial for each in untold([probed(LOST, KEPT, "other")])} == {f"t{n:04}" for n in range(20) if n != 3}


def test_a_probe_without_the_arm_tells_nothing() -> None:
    """And one whose re-rolls met no opportunity."""
    assert untold([probed(LOST, ["none"] * 4)]) == ()
    one = Point("p1", Place("t0001", "a", "coder", "m", "frozen", 9), "every", attempts=(1,))
    assert untold([result("run", Probe("parent", ("full",), 1, 6, (one,)), rolled("p1", "full", ["honoured"]))]) == ()


def test_an_outcome_that_showed_later_is_told_of_its_turn() -> None:
    """As chances have it, so that what an earlier violation left in breach is known again."""
    place = Place("t0001", "a", "coder", "m", "changelog", 9, shows=12)
    made = result("run", Probe("parent", ("full", "no-rule"), 1, 6, (Point("p1", place, "every", attempts=(1,)),)), [*rolled("p1", "full", LOST[:1]), *rolled("p1", "no-rule", KEPT[:1])])
    assert [each.turn for each in untold([made])] == [12]
