"""The table of claims is whole: every test it names exists, and the program says no where it must."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks.proof.__main__ import summed, weighed
from benchmarks.proof.claim import Answer, Claim, parts
from benchmarks.proof.measures import MEASURES
from benchmarks.proof.product import AbsentError
from benchmarks.proof.session import Ran, decide, read

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = [claim for part in parts() for claim in part.claim]
CLAIM = Claim("a sentence", tests=("tests/a.py::test_one",))
BOUND = Claim("a figure", figure="speed.ratio", most=2.5)


@pytest.mark.parametrize("word", sorted({word for claim in CLAIMS for word in claim.tests}))
def test_every_test_that_a_claim_names_exists(word: str) -> None:
    """A test that is renamed takes its claim along, or this says so before the proof does."""
    file, _, name = word.partition("::")
    path = ROOT / file
    assert path.exists()
    if name:
        assert name.partition("[")[0] in {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


def test_every_figure_has_its_measurement() -> None:
    """What a claim quotes is measured by somebody."""
    assert {claim.figure.partition(".")[0] for claim in CLAIMS if claim.figure} <= {*MEASURES, "session"}


def test_no_sentence_stands_twice() -> None:
    """Each is decided once."""
    assert len({claim.text for claim in CLAIMS}) == len(CLAIMS)


@pytest.mark.parametrize(
    ("ran", "answer"),
    [
        ((Ran("tests/a.py::test_one[x]", "passed"), Ran("tests/a.py::test_other", "failed")), Answer.YES),
        ((Ran("tests/a.py::test_one[x]", "passed"), Ran("tests/a.py::test_one[y]", "failed", "no")), Answer.NO),
        ((Ran("tests/a.py::test_one", "skipped", "no gcc"),), Answer.NO),
        ((Ran("tests/a.py::test_one", "skipped", "absent (LONGHAUL_TEST_DATA names another folder)"),), Answer.OPEN),
        ((Ran("tests/a.py::test_one_more", "passed"),), Answer.NO),
        ((), Answer.NO),
    ],
)
def test_tests_decide(ran: tuple[Ran, ...], answer: Answer) -> None:
    """All that are named must have run and passed; only a named missing folder leaves a claim open."""
    assert decide(CLAIM, ran).answer is answer


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        ({"ratio": 2.5}, Answer.YES),
        ({"ratio": 2.51}, Answer.NO),
        ({"ratio": 2}, Answer.YES),
        ({"other": 1.0}, Answer.NO),
        (RuntimeError("broke"), Answer.NO),
        (AbsentError("no data here"), Answer.OPEN),
    ],
)
def test_figures_decide(told: dict[str, float] | Exception, answer: Answer) -> None:
    """A bound is kept or not; a measurement that broke is a no, one that has nothing to measure is open."""
    assert weighed(BOUND, {"speed": told}).answer is answer


def test_any_no_fails_the_proof(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1 for a no, 0 for what is open."""
    assert summed([Answer.YES, Answer.NO]) == 1
    assert summed([Answer.YES, Answer.OPEN]) == 0
    assert "2 claims: 1 yes, 1 no, 0 open" in capsys.readouterr().out


def test_a_claim_is_decided_by_something() -> None:
    """Neither a sentence without means nor a figure without a bound is a claim."""
    with pytest.raises(ValueError, match="no tests"):
        Claim("nothing")
    with pytest.raises(ValueError, match="without a bound"):
        Claim("a figure", figure="speed.ratio")


def test_a_report_is_read_by_node(tmp_path: Path) -> None:
    """Statuses and the first line of why, under pytest's own node ids."""
    file = tmp_path / "r.xml"
    file.write_text(
        '<testsuites><testsuite><testcase file="tests/a.py" classname="tests.a" name="test_one[x]"/>'
        '<testcase file="tests/a.py" classname="tests.a" name="test_two"><failure message="one&#10;two"/></testcase>'
        '<testcase file="tests/a.py" classname="tests.a" name="test_three"><skipped message="no gcc"/></testcase></testsuite></testsuites>'
    )
    assert read(file) == (
        Ran("tests/a.py::test_one[x]", "passed"),
        Ran("tests/a.py::test_two", "failed", "one"),
        Ran("tests/a.py::test_three", "skipped", "no gcc"),
    )
