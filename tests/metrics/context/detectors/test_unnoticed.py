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


def test_a_green_run_of_the_same_command_vouches_for_a_test_of_no_file() -> None:
    """A checker names tests that are in no file: green before the first of two edits, red after them; red from the start, or a new test, is silent."""
    red = "FAILED checks::nothing_broken\n1 failed, 2 passed"
    twice = Play(files=FILES).test().over().write("pkg/a.py", function("post", "return 2")).over().write("pkg/b.py", "X = 1\n").over()
    assert unseen(twice.test(red, 1).over().finish("1.1")) == [("G3", "checks::nothing_broken", 5, 2, 5)]
    assert unseen(Play(files=FILES).test(red, 1).over().write("pkg/b.py", "X = 1\n").over().test(red, 1).over().finish("1.1")) == []
    new = Play(files=FILES).test().over().write("tests/test_b.py", function("test_b")).over()
    assert unseen(new.test("FAILED tests/test_b.py::test_b\n1 failed", 1).over().finish("1.1")) == []


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


def test_a_function_nested_too_deep_to_be_written_out_is_like_no_other() -> None:
    """A sum of 1,500 parts, a chain of 900 conditions: what can't be put beside another is told of neither, and nothing raises."""
    sum_of = "def {0}({1}):\n    total = 0\n    for one in {1}:\n        total = one" + " + one" * 1500 + "\n    return total\n"
    chain = "def {0}({1}):\n    if {1}:\n        pass\n" + "    elif {1}:\n        pass\n" * 900 + "    return {1}\n"
    for words in (sum_of, chain):
        play = Play(files=FILES).write("pkg/b.py", words.format("add_up", "entries")).over().write("pkg/c.py", words.format("summed", "rows")).over()
        assert again(play.over().over().finish()) == []


def test_a_short_function_counts_where_it_says_enough() -> None:
    """One comprehension twice is a second one of the same; with another method called it is not, and a getter is alike by custom."""
    line = "def {0}({1}):\n    return [word.{2}() for word in {1} if word]\n"
    first = Play(files=FILES).write("pkg/b.py", line.format("bare", "words", "strip")).over()
    assert again(first.write("pkg/c.py", line.format("clean", "lines", "strip")).over().over().over().finish()) == [("G5", "pkg/c.py::clean", 2, 2, 4)]
    other = Play(files=FILES).write("pkg/b.py", line.format("bare", "words", "strip")).over()
    assert again(other.write("pkg/c.py", line.format("clean", "lines", "title")).over().over().over().finish()) == []
    getter = Play(files=FILES).write("pkg/b.py", "def one(rows):\n    return rows.kept[0]\n").over()
    assert again(getter.write("pkg/c.py", "def two(lines):\n    return lines.kept[0]\n").over().over().over().finish()) == []
