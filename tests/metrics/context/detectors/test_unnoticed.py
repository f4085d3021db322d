"""G3 and G5 of hand-played tries, which are experimental."""

from __future__ import annotations

from harness.metrics.context.detectors import duplicates, unnoticed
from tests.metrics.context.detectors.played import Play, function, kinds

FILES = {"pkg/a.py": function("post"), "tests/test_a.py": function("test_post"), "pkg/b.py": ""}
RED = "FAILED tests/test_a.py::test_post - AssertionError\n1 failed, 2 passed"
BODY = "def {0}({1}):\n    total = 0\n    for one in {1}:\n        total += one.amount\n    return total\n"


def unseen(play: Play) -> list[tuple[str, str, int, int, int]]:
    return kinds(list(unnoticed.find(play.scene())))


def test_a_red_last_run_that_is_handed_in() -> None:
    """The test passed before the edit and fails in the last run."""
    play = Play(files=FILES).test().over().write("pkg/a.py", function("post", "return 2")).over().test(RED, 1).over().finish("1.1")
    assert unseen(play) == [("G3", "tests/test_a.py::test_post", 4, 2, 4)]


def test_a_red_run_that_was_mended_told_or_red_before_is_silent() -> None:
    """A green run after it, a word about it, a test that never passed."""
    edit = function("post", "return 2")
    assert unseen(Play(files=FILES).test().over().write("pkg/a.py", edit).over().test(RED, 1).over().test().over().finish()) == []
    assert unseen(Play(files=FILES).test().over().write("pkg/a.py", edit).over().test(RED, 1).over().finish("1", "test_post fails")) == []
    assert unseen(Play(files=FILES).test(RED, 1).over().write("pkg/a.py", edit).over().test(RED, 1).over().finish()) == []


def again(play: Play) -> list[tuple[str, str, int, int, int]]:
    return kinds(list(duplicates.find(play.scene())))


def test_a_function_made_twice_under_other_names() -> None:
    """The same syntax tree, names aside, in another file."""
    play = Play(files=FILES).write("pkg/b.py", BODY.format("add_up", "entries")).over().write("pkg/c.py", BODY.format("summed", "rows")).over()
    assert again(play.over().over().finish()) == [("G5", "pkg/c.py::summed", 2, 2, 4)]


def test_a_moved_a_small_and_another_function_are_silent() -> None:
    """The first is gone when the grace is over; one statement is alike by chance; another body is another function."""
    moved = Play(files=FILES).write("pkg/b.py", BODY.format("add_up", "a")).over().write("pkg/c.py", BODY.format("add_up", "a")).over()
    assert again(moved.write("pkg/b.py", "").over().over().finish()) == []
    small = Play(files=FILES).write("pkg/b.py", function("one")).over().write("pkg/c.py", function("two")).over()
    assert again(small.over().over().finish()) == []
    other = Play(files=FILES).write("pkg/b.py", BODY.format("add_up", "a")).over()
    assert again(other.write("pkg/c.py", BODY.format("cut", "a").replace("+=", "-=")).over().over().over().finish()) == []
