"""What a probe says as a whole: every replay counted once, rates only above their floor, void where the world or the model differs from itself."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec
import pytest

from harness.answer.probe.attribution import At, Result, resolved, result
from harness.answer.probe.rolls import Came, Roll
from harness.cli.context.probed import document
from harness.cli.context.trusted import given
from harness.core.findings import Finding, Mechanism, Status
from harness.core.probe import Excluded, Place, Point, Probe

ARMS = ("full", "fresh", "remind", "pad", "evict", "no-rule")


def points(count: int, tasks: int, **more: object) -> tuple[Point, ...]:
    places = [Place(f"t{n:04}", f"task{n % tasks}", "coder", "m", "rule", 9, visible=True, distance=n, manner="sleeper") for n in range(count)]
    return tuple(Point(f"p{n:03}", place, "every", attempts=(1, 2, 3, 4), **more) for n, place in enumerate(places))  # type: ignore[arg-type]


def rolled(each: Point, arm: str, words: list[Came], snapshot: str = "tree", answers: Sequence[str] = ("",) * 4) -> list[Roll]:
    made = [Roll(each.name, arm, attempt, came, snapshot, (), 1000 if arm == "full" else 990) for attempt, came in enumerate(words, 1)]
    return [msgspec.structs.replace(roll, answer=answer) for roll, answer in zip(made, answers, strict=False)]


def told(count: int = 40, tasks: int = 10, answers: Sequence[str] = ("",) * 4, **words: list[Came]) -> Result:
    """`answers`: outcomes of what each re-roll of an arm that asks answered."""
    every, words = points(count, tasks), {arm.replace("_", "-"): came for arm, came in words.items()}
    probe = Probe("parent", tuple(words), 4, 6, every, (Excluded(every[0].place, "gone"),), count + 1)
    return result("run", probe, [roll for each in every for arm, came in words.items() for roll in rolled(each, arm, came, answers=answers)])


STAGES = "late stages are as hard as early ones under fresh"
LOST: list[Came] = ["violated", "violated", "violated", "violated"]
KEPT: list[Came] = ["honoured", "honoured", "honoured", "honoured"]


def test_all_failures_of_the_whole_view_are_the_contexts() -> None:
    """Full always fails and fresh never: the whole of it is attributable, by retention, and remind mends it."""
    found = told(full=LOST, fresh=KEPT, remind=KEPT, pad=KEPT, evict=LOST, no_rule=LOST)
    (side,) = found.sides
    whole, sleepers = side.groups
    assert (whole.name, sleepers.name, whole.points, whole.tasks) == ("all", "sleeper", 40, 10)
    assert whole.fraction
    assert whole.fraction.fraction
    assert whole.fraction.fraction.value == 1.0
    assert side.mechanisms == {"R": 40}
    assert tuple(side.arms) == ARMS
    contrasts = {each.name: each.difference for each in side.contrasts}
    assert contrasts == {"context": 1.0, "item": 1.0, "length": 0.0, "eviction": 0.0}
    assert {gate.name: gate.holds for gate in side.gates} == {"evict is as no-rule": True, "remind is no worse than full": True, STAGES: None}
    assert side.lengths["pad"] == pytest.approx(0.99)


@pytest.mark.parametrize(("arm", "name"), [("remind", "remind is no worse than full"), ("wide", "a larger window is no worse than full")])
@pytest.mark.parametrize(("came", "holds"), [(LOST, False), (KEPT, True), (["none"] * 4, None)])
def test_what_must_not_harm_and_does_is_seen(arm: str, name: str, came: list[Came], holds: bool | None) -> None:
    """The item once more, and the same view in a window that has more room for it: gates of the instrument, not of the model."""
    (side,) = told(full=KEPT, fresh=KEPT, **{arm: came}).sides
    assert {gate.name: gate.holds for gate in side.gates} == {name: holds, STAGES: None}


@pytest.mark.parametrize(("late", "holds", "words"), [(0, True, "late less early stages: +0 points"), (8, False, "stages are not exchangeable: late stages are harder"), (2, True, "late less early")])
def test_stages_must_be_as_hard_late_as_early_under_fresh(late: int, holds: bool, words: str) -> None:
    """Of ten tasks with two points early and two late, so many fail under fresh late and nowhere else: eight speak against it, two don't."""
    every = tuple(_staged(each, 1 + number // 10) for number, each in enumerate(points(40, 10)))
    hard = [f"task{number}" for number in range(late)]
    rolls = [roll for each in every for roll in rolled(each, "fresh", LOST if each.place.stage > 2 and each.place.task in hard else KEPT) + rolled(each, "full", KEPT)]
    (gate,) = result("run", Probe("parent", ("full", "fresh"), 4, 6, every), rolls).sides[0].gates
    assert (gate.name, gate.holds) == (STAGES, holds)
    assert gate.words.startswith(words)


def _staged(point: Point, stage: int) -> Point:
    return msgspec.structs.replace(point, place=msgspec.structs.replace(point.place, stage=stage))


@pytest.mark.parametrize(("count", "tasks"), [(27, 9), (20, 10)])
def test_too_few_say_nothing_of_stages(count: int, tasks: int) -> None:
    """Under ten tasks or thirty points the gate is not known, however clear it looks."""
    every = tuple(_staged(each, 1 + number // tasks) for number, each in enumerate(points(count, tasks)))
    rolls = [roll for each in every for roll in rolled(each, "fresh", LOST if each.place.stage > 1 else KEPT) + rolled(each, "full", KEPT)]
    (gate,) = result("run", Probe("parent", ("full", "fresh"), 4, 6, every), rolls).sides[0].gates
    assert gate.holds is None


@pytest.mark.parametrize(("came", "abstained"), [(KEPT, 160), (LOST, 0), (["honoured", "violated", "broken", "none"], 40)])
def test_who_names_what_nobody_stated_is_counted(came: list[Came], abstained: int) -> None:
    """Of all questions that had an answer; without the arm nobody was asked, and in a void probe nothing is told."""
    found = told(full=KEPT, recall=KEPT, absent=came).sides[0].absent
    assert found
    assert (found.abstained, found.asked) == (abstained, sum(word in ("honoured", "violated") for word in came) * 40)
    assert told(full=KEPT, recall=KEPT).sides[0].absent is None
    assert told(full=["violated", "violated", "honoured", "honoured"], absent=KEPT).sides[0].absent is None


def test_what_is_no_readable_answer_names_nothing() -> None:
    """A call of a tool or words that are not the JSON neither abstain nor name: three counts, which are all that were asked."""
    found = told(full=KEPT, absent=["honoured", "violated", "violated", "violated"], answers=("right", "wrong", "format", "format"))
    (side,) = found.sides
    assert side.absent
    assert (side.absent.abstained, side.absent.named, side.absent.unreadable, side.absent.asked) == (40, 40, 80, 160)
    body = json.loads(document(found))["sides"][0]
    assert body["absent"] == {"abstained": 40, "asked": 160, "named": 40, "unreadable": 80}
    assert (body["arms"]["absent"]["unreadable"], body["arms"]["full"]["unreadable"]) == (80, 0)


@pytest.mark.parametrize(
    ("answers", "cells"),
    [(("right", "format", "format", "format"), {"kept": 40}), (("wrong", "format", "format", "format"), {"acts_without_knowing": 40}), (("format",) * 4, {})],
)
def test_only_readable_answers_tell_what_is_known(answers: tuple[str, ...], cells: dict[str, int]) -> None:
    """By most of them; a point without any stands in no cell of knowing and doing."""
    came: list[Came] = ["honoured" if each == "right" else "violated" for each in answers]
    (side,) = told(full=KEPT, recall=came, answers=answers).sides
    assert {cell: count for cell, count in side.knows.items() if count} == cells


def test_the_self_check_goes_by_full_alone() -> None:
    """Whether other arms are rolled, or began in another world, changes nothing of it: it is the same before their money is spent and after."""
    every, drifting = points(40, 10), ["violated", "violated", "honoured", "honoured"]
    full = [roll for each in every for roll in rolled(each, "full", drifting)]  # type: ignore[arg-type]
    pending = [roll for each in every for roll in rolled(each, "fresh", ["pending"] * 4, "")]
    lost = [roll for each in every for roll in rolled(each, "fresh", KEPT, "another")]
    probe = Probe("parent", ("full", "fresh"), 4, 6, every)
    before, after = (result("run", probe, [*full, *rest]).sides[0] for rest in (pending, lost))
    assert before.void == after.void != ""
    assert before.split == after.split
    assert (before.arms["fresh"].held, before.arms["fresh"].lost) == (160, 0)


def test_what_is_pending_of_an_open_check_is_pending() -> None:
    """As long as re-rolls of full are to come nothing is withheld, whatever the others of them look like."""
    (side,) = told(full=["violated", "honoured", "honoured", "pending"], fresh=["pending"] * 4).sides
    assert side.void
    assert (side.arms["fresh"].held, side.arms["fresh"].lost) == (0, 160)


@pytest.mark.parametrize(("kept", "holds"), [(0, True), (2, None), (9, False)])
def test_an_interval_over_the_bound_decides_no_gate(kept: int, holds: bool | None) -> None:
    """Of ten tasks none, two, nine are honoured without the item in view, where who was never told honours none: as often, not known, not so."""
    every = points(40, 10)
    named = sorted({each.place.task for each in every})[:kept]
    rolls = [roll for each in every for roll in rolled(each, "evict", KEPT if each.place.task in named else LOST) + rolled(each, "no-rule", LOST)]
    told = result("run", Probe("parent", ("full", "evict", "no-rule"), 4, 6, every), [*rolls, *(roll for each in every for roll in rolled(each, "full", LOST))])
    assert [gate.holds for gate in told.sides[0].gates] == [holds]


@pytest.mark.parametrize(("count", "tasks"), [(29, 10), (40, 9)])
def test_no_rate_under_the_floor(count: int, tasks: int) -> None:
    """Counts are told, rates are not, and the sentence says why."""
    (side,) = told(count, tasks, full=LOST, fresh=KEPT).sides
    assert [group.fraction for group in side.groups] == [None, None]
    assert f"{count} points of {tasks} tasks" in side.groups[0].why
    assert side.arms["full"].failed == 4 * count
    assert not side.contrasts


def test_every_planned_replay_is_counted_once() -> None:
    """honoured + violated + asked + none + broken + pending are all of them."""
    found = told(10, 5, full=["violated", "none", "broken", "pending"], fresh=KEPT)
    assert found.trials == {"honoured": 40, "violated": 10, "asked": 0, "none": 10, "broken": 10, "pending": 10}
    (side,) = found.sides
    full = side.arms["full"]
    assert (full.failed, full.rolls, full.idle, full.lost) == (10, 10, 10, 20)


def test_an_answer_honours_and_violates_nothing() -> None:
    """Replays that were only asked are counted apart; those of them that are broken or pending as any."""
    found = told(10, 5, full=KEPT, recall=["violated", "honoured", "broken", "pending"], absent=LOST)
    assert found.trials == {"honoured": 40, "violated": 0, "asked": 60, "none": 0, "broken": 10, "pending": 10}


def test_a_fraction_that_was_not_asked_for_says_what_it_needs() -> None:
    """Without fresh there is nothing to hold full against, of however many points."""
    assert [group.why for group in told(full=LOST, remind=KEPT).sides[0].groups] == ["not asked for (needs fresh)"] * 2


def test_another_world_makes_a_point_void() -> None:
    """Arms that did not begin in the same tree can't be held against one another; the point is in no count."""
    (one, two) = points(2, 2)
    probe = Probe("parent", ("full", "fresh"), 4, 6, (one, two))
    rolls = [*rolled(one, "full", LOST), *rolled(one, "fresh", KEPT, "another"), *rolled(two, "full", LOST), *rolled(two, "fresh", KEPT)]
    (side,) = result("run", probe, rolls).sides
    assert [each.void for each in side.points] == ["began in 2 different worlds", ""]
    assert side.arms["full"].rolls == 4


def test_what_was_not_restored_makes_a_point_void() -> None:
    """A world that was not wholly restored says nothing of context."""
    (one,) = points(1, 1)
    rolls = [msgspec.structs.replace(each, lost=("a socket or device",)) for each in rolled(one, "full", LOST)]
    (side,) = result("run", Probe("parent", ("full",), 4, 6, (one,)), rolls).sides
    assert side.points[0].void == "not wholly restored: a socket or device"


def test_a_model_that_differs_from_itself_makes_the_probe_void() -> None:
    """First half of the re-rolls against second half: where they part, no fraction, contrast, gate or reason is told."""
    (side,) = told(full=["violated", "violated", "honoured", "honoured"], fresh=KEPT, remind=KEPT).sides
    assert side.void
    assert (side.contrasts, side.gates, side.mechanisms) == ((), (), {})
    assert side.groups[0].fraction is None
    assert "A/A" in side.groups[0].why


def test_without_an_a_a_check_there_is_no_fraction() -> None:
    """One re-roll of full can't be held against itself: counts are told, and nothing of the context."""
    (side,) = told(full=["violated"], fresh=["honoured"]).sides
    assert (side.split, side.contrasts, side.groups[0].fraction) == (None, (), None)
    assert "no A/A check" in side.groups[0].why


def test_points_selected_on_failure_are_in_no_fraction() -> None:
    """They have a decision, for case reports, and no weight anywhere."""
    every = (*points(40, 10), *(msgspec.structs.replace(each, name=f"x{each.name}", how="failure", weight=0.0) for each in points(5, 5)))
    probe = Probe("parent", ("full", "fresh"), 4, 6, every)
    rolls = [roll for each in every for arm, came in (("full", LOST if each.on_failure else KEPT), ("fresh", KEPT)) for roll in rolled(each, arm, came)]
    (side,) = result("run", probe, rolls).sides
    assert side.groups[0].points == 40
    assert side.groups[0].fraction
    assert side.groups[0].fraction.fraction is None
    assert side.mechanisms == {}
    assert side.arms["full"].failed == 0


def test_findings_take_their_status_from_their_point() -> None:
    """Joined by trial, item and turn or onset; others stay candidates."""
    found = told(full=LOST, fresh=KEPT)
    here, began = Finding("C1", "rule", 9, 9, 11, ""), Finding("C1", "rule", 12, 9, 12, "")
    other, later = Finding("C1", "else", 9, 9, 11, ""), Finding("C1", "rule", 20, 20, 22, "")
    done = resolved("t0003", (here, began, other, later), (found,))
    assert [each.status for each in done] == [Status.CONFIRMED, Status.CONFIRMED, Status.CANDIDATE, Status.CANDIDATE]
    assert [each.mechanism for each in done] == [Mechanism.RETENTION, Mechanism.RETENTION, None, None]
    assert resolved("t9999", (here,), (found,)) == (here,)


def test_a_finding_where_the_outcome_shows_is_decided_by_the_replay_of_its_work() -> None:
    """The place lies at turn 9, its outcome showed at turn 15: a finding at either has the word of that replay."""
    found = told(full=LOST, fresh=KEPT)
    sides = [msgspec.structs.replace(side, points=tuple(_shown(at) for at in side.points)) for side in found.sides]
    done = resolved("t0003", (Finding("D1", "rule", 15, 12, 15, ""), Finding("D1", "rule", 20, 20, 20, "")), (msgspec.structs.replace(found, sides=tuple(sides)),))
    assert [each.status for each in done] == [Status.CONFIRMED, Status.CANDIDATE]


def _shown(at: At) -> At:
    point = msgspec.structs.replace(at.point, place=msgspec.structs.replace(at.point.place, shows=15))
    return msgspec.structs.replace(at, point=point)


def test_the_first_probe_that_decided_has_the_word() -> None:
    """Later ones decide what was left open and add places of their own; they overwrite nothing."""
    here = (Finding("C1", "rule", 9, 9, 11, ""),)
    lost, kept, open_ = told(full=LOST, fresh=KEPT), told(full=KEPT, fresh=KEPT), told(full=["none"] * 4, fresh=KEPT)
    assert [resolved("t0003", here, order)[0].status for order in ((lost, kept), (kept, lost), (open_, lost), (lost, open_))] == [
        Status.CONFIRMED, Status.REJECTED, Status.CONFIRMED, Status.CONFIRMED,
    ]  # fmt: skip


def test_the_first_probe_with_a_rate_is_the_one_told() -> None:
    """Whoever probes again until he likes the rate is told the first all the same; of those too small for any, the latest."""
    named = {name: msgspec.structs.replace(each, run=name) for name, each in {
        "few": told(count=5, full=LOST, fresh=KEPT), "fewer": told(count=4, full=LOST, fresh=KEPT), "whole": told(full=LOST, fresh=KEPT), "again": told(full=KEPT, fresh=KEPT),
    }.items()}  # fmt: skip
    for names, first in ((("few", "whole", "again"), "whole"), (("again", "whole"), "again"), (("few", "fewer"), "fewer")):
        assert [each.run for each in given(tuple(named[name] for name in names))] == [first]


def test_what_is_not_done_is_listed_with_its_reason() -> None:
    """A place that could not be replayed, a point whose worlds differ, and re-rolls that were broken, pending or idle; nothing else."""
    whole = json.loads(document(told(count=4, full=LOST, fresh=KEPT)))["not_done"]
    assert [(each["trial"], each["item"], each["turn"], each["point"], each["why"]) for each in whole] == [("t0000", "rule", 9, "", "gone")]
    some = json.loads(document(told(count=1, tasks=1, full=["violated", "broken", "pending", "none"], fresh=KEPT)))["not_done"]
    assert [(each["point"], each["arm"], each["why"]) for each in some[1:]] == [
        ("p000", "full", "2 re-rolls broken or pending"), ("p000", "full", "no opportunity within the window in 1 re-roll"),
    ]  # fmt: skip
    every = points(1, 1)
    worlds = result("run", Probe("parent", ("full",), 1, 6, every), [*rolled(every[0], "full", ["violated"]), *rolled(every[0], "full", ["violated"], "other")])
    assert [each["why"] for each in json.loads(document(worlds))["not_done"]] == ["void: began in 2 different worlds"]


def test_the_document_is_lawful_json() -> None:
    """Versioned, every figure finite; an open bound is null."""
    body = json.loads(document(told(full=LOST, fresh=KEPT)), parse_constant=pytest.fail)
    assert body["schema"] == "longhaul.probe/1"
    assert body["sides"][0]["arms"]["full"]["failed"] == 160
