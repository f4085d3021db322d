"""Turns with known outcomes: what was an opportunity, whether it was honoured, when that stood, and when milestones held."""

from __future__ import annotations

import pytest

from harness.core import predicates as ask
from harness.core.memory import Constraint, Item, Manifest, Milestone
from harness.metrics.context.standing import GRACE, settle_points, standing
from tests.metrics.context.staged import FINISH, TESTS, Act, Play, told

PY = ("pkg/**/*.py",)
SUFFIX = Manifest(
    items=(Item("suffix", "rule", "ends with _op", ("_op",)),),
    constraints=(Constraint("suffix", ask.Named(PY, r".*_op"), ask.Adds("function", PY)),),
)
BASE = {"pkg/a.py": "def old(): ...\n", "migrations/1.sql": "a", ".gitignore": "*.log\n"}
OLD = BASE["pkg/a.py"]


def ran(play: Play, manifest: Manifest = SUFFIX, **more: object) -> list[tuple[object, ...]]:
    return told(standing(manifest, tuple(play.turns), play.base, play.shelf, {}, **more)[0])  # type: ignore[arg-type]


def frozen(occasion: ask.Occasion | None = None, **item: object) -> Manifest:
    """A prohibition: nothing below migrations changes."""
    rule = Item("frozen", "rule", "leave migrations", (), **item)  # type: ignore[arg-type]
    return Manifest(items=(rule,), constraints=(Constraint("frozen", ask.Unchanged(("migrations/**",)), occasion or ask.Edits(("**",))),))


def test_each_new_definition_is_an_opportunity_of_its_own() -> None:
    """Two in one write: the one is honoured, the other is not; what stood there before is none."""
    play = Play(BASE).write(pkg__a_py=OLD + "def one_op(): ...\ndef two(): ...\n").turn().turn()
    assert ran(play) == [(1, "pkg/a.py:one_op", True, 1, None), (1, "pkg/a.py:two", False, 3, None)]


def test_a_slip_repaired_within_grace_is_honoured_and_told() -> None:
    """Violated at its turn, repaired at a later one, settled then; past the grace it is too late."""
    good, bad = OLD + "def one_op(): ...\n", OLD + "def one(): ...\n"
    assert ran(Play(BASE).write(pkg__a_py=bad).turn().write(pkg__a_py=good))[0] == (1, "pkg/a.py:one", True, 3, 3)
    assert ran(Play(BASE).write(pkg__a_py=bad).turn().turn().write(pkg__a_py=good))[0] == (1, "pkg/a.py:one", False, 3, None)
    assert ran(Play(BASE).write(pkg__a_py=bad).write(pkg__a_py=good), grace=0)[0] == (1, "pkg/a.py:one", False, 1, None)
    assert GRACE == 2


STOPS = {
    "tests": TESTS, "pytest": Act(command="cd pkg && python -m pytest -q"), "commit": Act(command="git -C . commit -am x"), "finish": FINISH, "make": Act(command="make test"),
}  # fmt: skip


@pytest.mark.parametrize("stop", STOPS)
def test_where_work_settles_the_grace_is_over(stop: str) -> None:
    """Tests, a commit, the end: a repair before it in the same turn still counts, one after it does not, and none is waited for."""
    good, bad = {"pkg/a.py": OLD + "def one_op(): ...\n"}, {"pkg/a.py": OLD + "def one(): ...\n"}
    assert ran(Play(BASE).turn(Act(bad), STOPS[stop])) == [(1, "pkg/a.py:one", False, 1, None)]
    assert ran(Play(BASE).turn(Act(bad)).turn(STOPS[stop], Act(good)))[0] == (1, "pkg/a.py:one", False, 2, None)
    assert ran(Play(BASE).turn(Act(bad)).turn(Act(good), STOPS[stop]))[0] == (1, "pkg/a.py:one", True, 2, 2)
    assert ran(Play(BASE).turn(STOPS[stop], Act(bad)).turn(Act(good)))[0] == (1, "pkg/a.py:one", True, 2, 2)


def test_a_turn_handed_back_ends_the_grace() -> None:
    """Whoever hands the turn back says that it is done."""
    assert ran(Play(BASE).turn(Act({"pkg/a.py": OLD + "def one(): ...\n"}), yielded=True)) == [(1, "pkg/a.py:one", False, 1, None)]


def test_nothing_is_told_before_it_stands() -> None:
    """A prefix tells what the whole tells of outcomes that have settled by then, and no more."""
    play = Play(BASE).write(pkg__a_py=OLD + "def one(): ...\ndef two_op(): ...\n").write(pkg__b_py="def x(): ...\n").turn(TESTS).turn().turn()
    whole = ran(play)
    for count in range(len(play.turns) + 1):
        part = told(standing(SUFFIX, tuple(play.turns[:count]), play.base, play.shelf, {})[0])
        assert part == [one for one in whole if one[3] <= count]  # type: ignore[operator]
    assert whole == [(1, "pkg/a.py:one", False, 3, None), (1, "pkg/a.py:two_op", True, 1, None), (2, "pkg/b.py:x", False, 3, None)]


def test_a_breach_within_one_turn_is_none() -> None:
    """Written and mended by the same turn's calls: only what is there at its end counts."""
    play = Play(BASE).turn(Act({"pkg/a.py": OLD + "def one(): ...\n"}), Act({"pkg/a.py": OLD + "def one_op(): ...\n"}))
    assert ran(play) == [(1, "pkg/a.py:one_op", True, 1, None)]


def test_an_old_breach_is_not_charged_again() -> None:
    """A later turn that adds a good name beside a bad one is honoured."""
    bad = OLD + "def one(): ...\n"
    play = Play(BASE).write(pkg__a_py=bad).turn(TESTS).write(pkg__a_py=bad + "def two_op(): ...\n")
    assert ran(play) == [(1, "pkg/a.py:one", False, 2, None), (3, "pkg/a.py:two_op", True, 3, None)]


def test_an_item_counts_only_while_it_holds() -> None:
    """From the request that states it to the one that overturns it."""
    play = Play(BASE)
    for stage in (1, 2, 3, 4):
        play.write(stage, migrations__1=str(stage)).turn(TESTS, stage=stage)
    assert [(one[0], one[2]) for one in ran(play, frozen(since=2, until=4))] == [(3, False), (5, False)]
    play = Play(BASE).write(2, migrations__1="x").turn(TESTS, stage=2)
    assert [one[0] for one in ran(play, frozen(since=2, until=3))] == [1]
    assert [one[2] for one in ran(play, frozen(since=0))] == [False]


def test_an_edit_anywhere_is_one_opportunity_a_turn() -> None:
    """The frozen path is touched by the second turn alone; a turn without a change is none."""
    play = Play(BASE).write(pkg__a_py="x = 1\n", pkg__b_py="").turn(Act({"migrations/1.sql": "b", "pkg/b.py": "x"})).turn().turn(FINISH)
    assert [(one[0], one[2], one[3]) for one in ran(play, frozen())] == [(1, True, 1), (2, False, 4)]


RATE = ask.Every((ask.Holds(("pkg/a.py",), '"new"'), ask.Not(ask.Holds(("pkg/a.py",), '"old"'))))


def rated(occasion: ask.Occasion) -> Manifest:
    """The newer value and not the older one in one module."""
    return Manifest(items=(Item("rate", "decision", "new", ()),), constraints=(Constraint("rate", RATE, occasion),))


def test_an_edit_that_leaves_its_file_in_breach_violates() -> None:
    """The module had neither value before: with the old one written, nothing new is broken, and the turn is violated all the same."""
    edits = rated(ask.Edits(("pkg/a.py",)))
    assert [one[2] for one in ran(Play(BASE).turn(Act({"pkg/a.py": 'RATE = "old"\n'}), TESTS), edits)] == [False]
    assert [one[2] for one in ran(Play(BASE).turn(Act({"pkg/a.py": 'RATE = "new"\n'}), TESTS), edits)] == [True]
    assert ran(Play(BASE).turn(Act({"pkg/b.py": 'RATE = "old"\n'}), TESTS), edits) == []


def test_work_under_way_is_honoured_without_a_repair() -> None:
    """Edited first and given its value a turn later, before anything settles; nobody broke anything."""
    play = Play(BASE).write(pkg__a_py="x = 1\n").write(pkg__a_py='x = 1\nRATE = "new"\n')
    assert ran(play, rated(ask.Edits(("pkg/a.py",)))) == [(1, "pkg/a.py", True, 2, None), (2, "pkg/a.py", True, 2, None)]


def test_a_frozen_file_changed_once_more_is_violated_once_more() -> None:
    """And again by a tool is nothing, another file's edit is honoured, and what puts it back is honoured."""
    play = Play(BASE).turn(Act({"migrations/1.sql": "b"}), TESTS).turn(Act({"migrations/1.sql": "c"}), TESTS)
    play.turn(Act({"migrations/1.sql": "d"}, name="run_tests")).turn(Act({"pkg/a.py": "x = 1\n"}), TESTS).turn(Act({"migrations/1.sql": "a"}), TESTS)
    assert [(one[0], one[2]) for one in ran(play, frozen())] == [(1, False), (2, False), (4, True), (5, True)]


def test_a_name_that_stood_before_is_not_the_edits() -> None:
    """A rule on names, asked at edits: the file's old bad name is neither for nor against a later edit of it."""
    rule = Manifest(items=SUFFIX.items, constraints=(Constraint("suffix", ask.Named(PY, r".*_op"), ask.Edits(PY)),))
    bad = OLD + "def one(): ...\n"
    play = Play(BASE).turn(Act({"pkg/a.py": bad}), TESTS).turn(Act({"pkg/a.py": bad + "x = 1\n"}), TESTS)
    assert [(one[0], one[2]) for one in ran(play, rule)] == [(1, False), (2, True)]


def test_a_violation_undone_after_its_grace_is_told_as_mended() -> None:
    """It stays a violation; a prefix tells it without the turn that mends it later."""
    play = Play(BASE).turn(Act({"migrations/1.sql": "b"}), TESTS).turn().turn(Act({"migrations/1.sql": "a"}), TESTS)
    first = [standing(frozen(), tuple(play.turns[:count]), play.base, play.shelf, {})[0][0] for count in (2, 3)]
    assert [(one.honoured, one.settled, one.repaired, one.mended) for one in first] == [(False, 1, None, None), (False, 1, None, 3)]


def test_what_others_change_is_neither_an_opportunity_nor_a_violation() -> None:
    """A formatter, the harness between calls, generated and ignored files; a formatter beside a writing command is the agent's."""
    touched = {"migrations/1.sql": "formatted"}
    assert ran(Play(BASE).turn(Act(touched, command="cd . && python -m black . 2>&1 | tail -3"), TESTS), frozen()) == []
    assert ran(Play(BASE).turn(Act(touched, command="ruff check --fix .; ruff format pkg"), TESTS), frozen()) == []
    assert ran(Play(BASE).turn(Act(between=touched), TESTS), frozen()) == []
    assert ran(Play(BASE).turn(Act({"migrations/__pycache__/x.pyc": "", "migrations/a.log": "", ".pytest_cache/x": ""}), TESTS), frozen()) == []
    mixed = Play(BASE).turn(Act(touched, command="sed -i s/a/b/ migrations/1.sql && black ."), TESTS)
    assert [one[2] for one in ran(mixed, frozen())] == [False]
    assert [one[2] for one in ran(Play(BASE).turn(Act(touched, command="black . && echo x > migrations/1.sql"), TESTS), frozen())] == [False]


def test_the_agents_share_alone_is_charged() -> None:
    """The harness breaks the rule between calls, the agent edits elsewhere in the same turn: honoured."""
    play = Play(BASE).turn(Act({"pkg/a.py": "x = 1\n"}, between={"migrations/1.sql": "b"}), TESTS)
    assert [one[2] for one in ran(play, frozen())] == [True]


def test_a_module_that_does_not_parse_waits() -> None:
    """No opportunity while it can't be read; once it can, what it then adds and breaks is told, and nothing that stood before."""
    bad = OLD + "def one(): ...\n"
    play = Play(BASE).write(pkg__a_py=bad).turn(TESTS).write(pkg__a_py=bad + "def two(\n").turn(TESTS).write(pkg__a_py=bad + "def two_op(): ...\n")
    assert ran(play) == [(1, "pkg/a.py:one", False, 2, None), (5, "pkg/a.py:two_op", True, 5, None)]
    play = Play(BASE).write(pkg__a_py=bad).write(pkg__a_py="def (\n").turn(TESTS)
    assert ran(play) == [(1, "pkg/a.py:one", False, 3, None)]
    play = Play(BASE).write(pkg__c_py="def (\n").turn(TESTS).write(pkg__c_py="def go(): ...\n").turn(TESTS)
    assert ran(play) == [(3, "pkg/c.py:go", False, 4, None)]


def test_a_breach_outlives_a_syntax_error() -> None:
    """Broken twice in a row and mended as it was: no opportunity lies between, and the import that is still there is violated once more."""
    rule = Manifest(items=frozen().items, constraints=(Constraint("frozen", ask.Shuns("json", PY), ask.Edits(PY)),))
    play = Play(BASE).turn(Act({"pkg/a.py": "import json\n"}), TESTS)
    for words in ("import json\n(", "import json\n((", "import json\nx = 1\n"):
        play.turn(Act({"pkg/a.py": words}), TESTS)
    assert ran(play, rule) == [(1, "pkg/a.py", False, 1, None), (4, "pkg/a.py", False, 4, None)]


def test_bytes_are_judged_whether_they_parse_or_not() -> None:
    """A frozen module made unreadable is changed all the same."""
    rule = Manifest(items=frozen().items, constraints=(Constraint("frozen", ask.Unchanged(("pkg/a.py",)), ask.Edits(("pkg/**",))),))
    assert [one[2] for one in ran(Play(BASE).turn(Act({"pkg/a.py": "def (\n"}), TESTS), rule)] == [False]


def test_moving_is_not_adding() -> None:
    """A function that goes to another module with its old name is no opportunity; a copy is one."""
    assert ran(Play(BASE).turn(Act({"pkg/a.py": "", "pkg/b.py": OLD}), TESTS)) == []
    assert ran(Play(BASE).turn(Act({"pkg/b.py": OLD}), TESTS)) == [(1, "pkg/b.py:old", False, 1, None)]


def test_a_run_is_judged_by_what_stood_when_it_began() -> None:
    """Each commit is an opportunity to have told the change."""
    rule = Manifest(
        items=(Item("log", "rule", "a line per change", ()),), constraints=(Constraint("log", ask.Announced("CHANGES", PY), ask.Runs(r"git commit|^finish$")),)
    )
    play = Play(BASE).turn(Act({"pkg/a.py": "x"}), Act(command="git commit -m x")).turn(Act({"CHANGES": "a"}, command="echo a > CHANGES")).turn(FINISH, yielded=True)
    assert ran(play, rule) == [(1, "git commit -m x", False, 1, None), (3, "finish", True, 3, None)]


DUE = Manifest(items=(Item("log", "rule", "a line per change", ()),), constraints=(Constraint("log", ask.Announced("CHANGES", PY), ask.Runs("^finish$")),))


def due(play: Play) -> list[tuple[int, int, bool, bool]]:
    return [(one.turn, one.at, one.honoured, one.standing) for one in standing(DUE, tuple(play.turns), play.base, play.shelf, {})[0]]


@pytest.mark.parametrize("end", [(FINISH,), ()])
def test_an_announcement_is_due_where_the_work_is_handed_back(end: tuple[Act, ...]) -> None:
    """By the tool or in plain words; it was in hand where the work began, and before that point it may still come."""
    changed = Play(BASE).write(pkg__a_py="x").turn()
    assert due(changed) == []
    assert due(changed.turn(*end, yielded=True)) == [(3, 1, False, False)]
    assert due(Play(BASE).write(pkg__a_py="x").write(CHANGES="pkg/a.py").turn(*end, yielded=True)) == [(3, 1, True, False)]


def test_a_stage_that_changed_nothing_owes_no_announcement() -> None:
    """What an earlier stage left out is no new violation there; where something is changed it is one that stood before."""
    play = Play(BASE).write(pkg__a_py="x").turn(FINISH, yielded=True).turn(FINISH, stage=2, yielded=True)
    assert due(play) == [(2, 1, False, False)]
    play.write(3, pkg__b_py="x", CHANGES="pkg/b.py").turn(FINISH, stage=3, yielded=True)
    assert due(play)[1:] == [(5, 4, False, True)]


def test_a_turn_is_handed_back_once_as_its_last_call_left_it() -> None:
    """Calls of one reply all run before the work goes back, whichever place `finish` has among them, and however often it stands there."""
    log = Act({"CHANGES": "pkg/a.py"})
    changed = Play(BASE).write(pkg__a_py="x")
    assert due(changed.turn(FINISH, log, yielded=True)) == [(2, 1, True, False)]
    assert due(Play(BASE).turn(FINISH, Act({"pkg/a.py": "x"}), yielded=True)) == [(1, 1, False, False)]
    assert due(Play(BASE).write(pkg__a_py="x").turn(FINISH, FINISH, yielded=True)) == [(2, 1, False, False)]


def test_what_the_harness_laid_down_for_a_stage_stood_before_its_work() -> None:
    """It is no new breach of whoever hands that stage back."""
    rule = Manifest(items=(Item("money", "rule", "no floats", ()),), constraints=(Constraint("money", ask.Silent(PY, r"float"), ask.Runs("^finish$")),))
    play = Play(BASE).turn(FINISH, yielded=True).turn(Act({"docs": "x"}, between={"pkg/b.py": "float"}), stage=2).turn(FINISH, stage=2, yielded=True)
    found = standing(rule, tuple(play.turns), play.base, play.shelf, {})[0]
    assert [(one.turn, one.honoured, one.standing) for one in found] == [(1, True, False), (3, False, True)]


def test_a_sleeper_is_judged_at_the_end_of_its_stage() -> None:
    """Once, at the last turn of that stage, and not before the stage is over; a stage that no turn ended says nothing."""
    rule = Manifest(items=(Item("port", "fact", "17", ()),), constraints=(Constraint("port", ask.Constant("pkg/a.py", "PORT", "17"), ask.At(2)),))
    play = Play(BASE).turn(stage=1, yielded=True).write(2, pkg__a_py="PORT = 18\n")
    assert ran(play, rule) == []
    assert ran(play.turn(stage=3), rule) == [(2, "stage 2", False, 2, None)]
    assert ran(Play(BASE).write(2, pkg__a_py="PORT = 17\n").turn(stage=2, yielded=True), rule) == [(2, "stage 2", True, 2, None)]


def test_what_shows_at_the_end_of_a_stage_was_in_hand_where_its_work_began() -> None:
    """Honoured or not: the first turn of the stage whose own call changed what is judged; the end itself where no turn did."""
    rule = Manifest(items=(Item("port", "fact", "17", ()),), constraints=(Constraint("port", ask.Constant("pkg/a.py", "PORT", "17"), ask.At(2)),))
    for port in ("17", "18"):
        play = Play(BASE).write(1, pkg__a_py="PORT = 1\n").write(2, docs="x").write(2, pkg__a_py="PORT = 2\n").write(2, pkg__a_py=f"PORT = {port}\n")
        (one,) = standing(rule, tuple(play.turn(stage=2, yielded=True).turns), play.base, play.shelf, {})[0]
        assert (one.turn, one.begun, one.at, one.honoured) == (5, 3, 3, port == "17")
    idle = Play(BASE).turn(stage=2).turn(Act(between={"pkg/a.py": "PORT = 3\n"}), stage=2, yielded=True)
    (one,) = standing(rule, tuple(idle.turns), idle.base, idle.shelf, {})[0]
    assert (one.turn, one.begun, one.at) == (2, None, 2)


def test_a_milestone_is_told_where_it_may_have_changed() -> None:
    """At the first turn of its stage, at each turn that touches it, at ends of stages; never before its stage nor after it was overturned."""
    manifest = Manifest(milestones=(Milestone("m", "2.1", 2, ask.Defines("pkg/a.py", "new"), until=4),))
    play = Play(BASE).turn(stage=1, yielded=True).turn(stage=2).write(2, pkg__a_py="def new(): ...\n").write(2, docs="x").write(3, pkg__a_py="x = 1\n").turn(stage=4)
    found = standing(manifest, tuple(play.turns), play.base, play.shelf, {})[1]
    assert [(one.turn, one.held) for one in found] == [(2, False), (3, True), (4, True), (5, False)]


def test_tests_are_asked_for_at_ends_of_stages_and_unknown_elsewhere() -> None:
    """Where nobody ran them the milestone is neither met nor unmet, unless parsing has decided; `settle_points` names what to run."""
    both = ask.Every((ask.Defines("pkg/a.py", "new"), ask.Tested(("t::new",))))
    manifest = Manifest(milestones=(Milestone("m", "1.1", 1, both),))
    play = Play(BASE).write(pkg__a_py="def new(): ...\n").write(docs="x").turn(yielded=True).write(2, pkg__a_py="x = 1\n")
    turns = tuple(play.turns)
    points = settle_points(manifest, turns, play.base)
    assert points == ((turns[2].tree, ("t::new",)), (turns[3].tree, ("t::new",)))
    for said in (None, True, False):
        found = standing(manifest, turns, play.base, play.shelf, {points[0]: said})[1]
        assert [(one.turn, one.held) for one in found] == [(1, None), (2, said), (3, said), (4, False)]


def test_a_turn_that_saw_no_tree_ends_with_the_one_before() -> None:
    """A question without tools between two writes changes nothing."""
    play = Play(BASE).write(pkg__a_py=OLD + "def one(): ...\n").turn(seen=False).turn(TESTS)
    assert ran(play) == [(1, "pkg/a.py:one", False, 3, None)]
