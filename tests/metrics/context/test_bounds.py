"""Expressions over what an agent writes have bounds: what lies beyond them is not read, and a line that looks like much is read at once."""

from __future__ import annotations

import pytest

from harness.metrics.context.detectors.imagined import RAN, find
from harness.metrics.context.done.imported import imports
from harness.metrics.context.done.leaned import READS
from harness.metrics.context.done.shell_lines import UNREADABLE
from harness.metrics.context.done.stubs import elided, hollow, stand_ins
from harness.metrics.context.done.work import _heads
from tests.metrics.context.detectors.played import Play


def test_names_of_a_bracket_are_read_to_a_bound() -> None:
    """Four thousand characters; of a longer one, or one that never ends, no name beyond its first line."""
    short = ",\n    ".join(f"name{number}" for number in range(300))
    assert len(imports(f"from pkg.a import (\n    {short},\n)\n")) == 300
    long = ",\n    ".join(f"name{number}" for number in range(1000))
    assert imports(f"from pkg.a import (first,\n    {long},\n)\n") == {("pkg.a", "first")}
    assert imports("from pkg.a import (\n" * 8000 + "x") == frozenset()


@pytest.mark.parametrize("line", ["\t\t# ...   rest of the\tfile   unchanged ...", "    # rest   unchanged", "# [existing  code]", "# the rest stays  as   before", "# same\tas  above", " <!-- remaining methods   here -->"])
def test_an_elision_is_one_however_it_is_spaced(line: str) -> None:
    """Runs of blanks and tabs are as one."""
    assert elided(line)


@pytest.mark.parametrize("line", [" " * 157 + "#x", "#" + " " * 157 + "x", " " * 100 + "..." + " " * 50 + "x", "\t" * 150 + "# (x", " " * 158 + "<"])
def test_a_line_of_blanks_is_no_elision(line: str) -> None:
    """Nor is it tried with every way to share the blanks among what an elision may begin with, which would take hours."""
    assert not elided(line)


@pytest.mark.parametrize("count", [10, 900, 960, 990, 1500, 20_000])
def test_a_chain_of_conditions_is_no_hollow_function(count: int) -> None:
    """Each elif is a level: of as many as can't be followed nothing is told, and nothing raises."""
    data = ("if a:\n    pass\n" + "elif a:\n    pass\n" * count + "\n\ndef empty():\n    pass\n").encode()
    assert hollow(data) <= {"empty"}
    assert stand_ins(data) <= {"empty"}
    assert hollow(data) == {"empty"} or count > 100


def test_decorators_above_a_definition_are_read_to_a_bound() -> None:
    """Forty of them: a file of nothing but decorators is not tried from each of its lines to the last."""
    (head,) = _heads("@again\n" * 60 + "def made_op(a):\n    return a\n", "made_op")
    assert head.count("@again") == 40
    assert _heads("@one\n@two\nasync def made_op(a):\n    return a\n", "made_op") == ["@one\n@two\nasync def made_op(a):"]
    assert _heads("@a\n" * 20_000, "made_op") == []


def test_a_claim_is_read_to_a_bound() -> None:
    """Each place that says that tests ran is read back to the beginning of its sentence: of a claim of one sentence without end, its beginning."""
    play = Play(files={"a.py": ""}).hear("Do it.", request=True).write("a.py", "x = 1\n").over()
    assert not list(find(play.finish("not " + "2 passed " * 200_000).scene()))


def test_blank_lines_are_looked_through_once() -> None:
    """A script of nothing but line ends is not read from each of them to the last; a word that leads a line is found on its own."""
    assert READS.search("\n" * 300_000) is None
    assert UNREADABLE.search("\n" * 300_000) is None
    assert READS.search("\n\n  . ./more\n")
    assert UNREADABLE.search("\n\n\tfor x in 1 2")


def test_words_before_the_tests_are_read_to_a_bound() -> None:
    """Eight of them say which tests; more say nothing, and are not counted from each of them to the last."""
    found = RAN.search("the " * 40 + "tests passed")
    assert found is not None
    assert found[0].count("the ") == 8
    assert RAN.search("all of the " * 4000) is None
