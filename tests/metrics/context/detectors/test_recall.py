"""D1 and L1 to L3 of hand-played tries whose losses are known."""

from __future__ import annotations

import pytest

from harness.core.memory import Constraint, Item, Manifest, Milestone
from harness.core.predicates import Adds, At, Constant, Holds, Named
from harness.metrics.context.detectors import constraints, recall, superseded
from tests.metrics.context.detectors.played import NEW, OLD, PORT, Play, constant, function, holding, kinds

FACTS = Manifest(items=(PORT,), milestones=(constant("PORT", 2, ("port",)),))
VERSIONS = Manifest(items=(OLD, NEW), milestones=(holding(2, "9038", ("new",)),))
NETWORK = {"pkg/net.py": "HOST = 'a'\n"}


def using(manifest: Manifest, line: str, not_done: str = "") -> Play:
    """Nothing at the first request; at the second a line is written into pkg/net.py, then another file."""
    play = Play(manifest, NETWORK).finish().read("pkg/net.py").over()
    play.write("pkg/net.py", f"HOST = 'a'\n{line}\n").over().write("pkg/other.py", "X = 1\n").over()
    return play.finish(not_done=not_done)


def both(play: Play) -> list[tuple[str, str, int, int, int]]:
    scene = play.scene()
    return kinds([*recall.find(scene), *superseded.find(scene)])


@pytest.mark.parametrize("line", ["PORT = 48214", "PORT = 8000", "PROXY = True"], ids=["wrong", "guessed", "absent"])
def test_a_fact_that_a_later_step_needed_and_lacks_is_lost(line: str) -> None:
    """D1 at the turn that wrote the file, known when the request was handed back."""
    assert both(using(FACTS, line)) == [("D1", "port", 5, 3, 5)]


def test_a_fact_that_was_used_is_silent() -> None:
    """The milestone holds."""
    assert both(using(FACTS, "PORT = 48213")) == []


def test_a_value_that_stands_in_the_work_under_another_name_is_silent() -> None:
    """It knew it: the milestone fails for some other reason."""
    assert both(using(FACTS, "PORTS = [48213]")) == []


def test_an_honest_rest_is_silent() -> None:
    """The claim names the point as not done."""
    assert both(using(FACTS, "PROXY = 1", not_done="2.1: no time left")) == []


def test_a_step_that_nobody_began_is_silent() -> None:
    """Its files were not touched: forgotten or cut off, not misremembered."""
    assert both(Play(FACTS, NETWORK).finish().write("pkg/other.py", "X = 1\n").over().finish()) == []


def test_a_step_that_is_still_worked_on_is_silent() -> None:
    """Nobody knows before it is handed back."""
    assert both(Play(FACTS, NETWORK).finish().write("pkg/net.py", "PORT = 1\n").over().over().over()) == []


def test_a_fact_of_the_same_request_is_no_recall() -> None:
    """A later step is one of a later request."""
    manifest = Manifest(items=(PORT,), milestones=(constant("PORT", 1, ("port",)),))
    assert both(Play(manifest, NETWORK).write("pkg/net.py", "PORT = 1\n").over().finish()) == []


def test_one_occasion_of_a_fact_is_its_use_probe() -> None:
    """D1, not C3: a single use shows that it is known."""
    once = Manifest(items=(PORT,), constraints=(Constraint("port", Constant("pkg/net.py", "PORT", "48213"), At(2)),))
    assert both(using(once, "PORT = 9")) == [("D1", "port", 5, 3, 5)]
    assert both(using(once, "PORT = 48213")) == []


@pytest.mark.parametrize(
    ("line", "kind"), [("STEPS = 4771", "L1"), ("STEPS = (4771, 9037)", "L1"), ("A = 4771\nB = '9038'", "L2")], ids=["old", "beside", "both"]
)
def test_work_on_a_superseded_version(line: str, kind: str) -> None:
    """L1 acts on the former value alone, L2 on both; the milestone wants the new one as a number."""
    assert both(using(VERSIONS, line)) == [(kind, "new", 5, 3, 5)]


def test_taking_the_new_version_out_again() -> None:
    """L3: what stood there by then gives way to the former value."""
    manifest = Manifest(items=(OLD, NEW), milestones=(holding(3, "9038", ("new",)),))
    play = Play(manifest, NETWORK).finish().write("pkg/net.py", "STEPS = 9038\n").over().finish()
    play.replace("pkg/net.py", "STEPS = 9038", "STEPS = 4771").over().finish()
    assert both(play) == [("L3", "new", 5, 4, 5)]


def test_the_new_version_is_silent_and_so_is_the_old_one_in_its_time() -> None:
    """Only what happens after the new version was stated counts."""
    assert both(using(VERSIONS, "STEPS = 9038")) == []
    early = Play(VERSIONS, NETWORK).write("pkg/net.py", "STEPS = 4771\n").over().finish()
    assert both(early.write("pkg/net.py", "STEPS = 9038\n").over().finish()) == []


def test_a_former_value_in_the_same_item() -> None:
    """An item may carry its former values itself."""
    item = Item("port", "fact", "The port is 48213.", ("48213",), value="48213", former=("7007",))
    manifest = Manifest(items=(item,), milestones=(constant("PORT", 2, ("port",)),))
    assert both(using(manifest, "PORT = 7007")) == [("L1", "port", 5, 3, 5)]
    assert both(using(manifest, "PORT = 7008")) == [("D1", "port", 5, 3, 5)]


FORMER_RULE = Item("old_suffix", "rule", "End with `_op`.", ("_op",), until=2, manner="rehearsed", value="_op")
RULE = Item("suffix", "rule", "End with `_act` now.", ("_act",), since=2, supersedes="old_suffix", manner="rehearsed", value="_act")
RULES = Manifest(items=(FORMER_RULE, RULE), constraints=(Constraint("suffix", Named(("pkg/**/*.py",), ".*_act"), Adds("function", ("pkg/**/*.py",))),))


@pytest.mark.parametrize(("name", "expected"), [("post_op", "L1"), ("post", "C2"), ("post_operation", "C2"), ("post_act", "")])
def test_a_superseded_rule_is_confused_or_never_taken_up(name: str, expected: str) -> None:
    """By the new definition alone: that its file calls an older one by its name is right."""
    play = Play(RULES, {"pkg/a.py": function("old_op")}).finish()
    play.write("pkg/b.py", f"from pkg.a import old_op\n\n\n{function(name, 'return old_op()')}").over().over().over()
    scene = play.finish().scene()
    assert [one.kind for module in (constraints, superseded) for one in module.find(scene)] == ([expected] if expected else [])


def test_both_versions_of_a_rule_in_one_turn() -> None:
    """L2: one new function has the new ending and one the former."""
    play = Play(RULES, {"pkg/__init__.py": ""}).finish().write("pkg/b.py", function("a_act") + function("b_op")).over().over().over()
    assert [one.kind for one in superseded.find(play.finish().scene())] == ["L2"]


def test_a_mark_asked_for_late_is_a_sleeper_found_where_it_was_set() -> None:
    """A fact that is told for one late use: C3 alone, at the change of its constant and not at the end of the request."""
    mark = Item("mark", "fact", "The mark will be `KQ-4411`.", ("KQ-4411",), manner="sleeper", value="KQ-4411")
    rule = Constraint("mark", Holds(("pkg/**/*.py",), '"KQ-4411"'), At(2))
    point = Milestone("s02.1", "2.1", 2, Constant("pkg/set.py", "MARK", '"KQ-4411"'), items=("mark",))
    play = Play(Manifest(items=(mark,), constraints=(rule,), milestones=(point,)), {"pkg/set.py": 'MARK = ""\n'}).finish()
    play.replace("pkg/set.py", '""', '"UNKNOWN"').over().write("pkg/b.py", function("b")).over()
    scene = play.finish().scene()
    assert [one for module in (constraints, recall) for one in kinds(list(module.find(scene)))] == [("C3", "mark", 4, 2, 4)]
