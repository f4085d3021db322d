"""The channel's words: what honest runs say is read whole, what forgers say is a sign, and nothing that comes out of it raises."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.machine import Ended, Exec
from harness.core.trial import TestResult
from harness.grading.watch.heard import Heard, hear
from harness.grading.watch.line import is_simple, open_line, runs_pytest, started
from harness.grading.watch.outcome import results
from harness.grading.watch.pair import make_pair
from harness.grading.watch.signs import Expected, contradicted, signs, unproven

PAIR = make_pair("seed")
GOOD, BAD = (f"tests/{PAIR.file}::{name}" for name in PAIR.names)
IDS = ["t.py::a", "t.py::b", GOOD, BAD]
EXPECTED = Expected(PAIR, ("t.py::a", "t.py::b"), simple=True)
THREE = ("setup", "call", "teardown")


def told(*words: object, start: int = 1, pid: int = 7) -> bytes:
    return b"".join(b"n %d %d %s\n" % (pid, number, json.dumps(each).encode()) for number, each in enumerate(words, start))


def lines(**outcomes: str) -> list[list[object]]:
    """A session in which every test passes and the pair ends as it must; `outcomes`: a, b, good, bad and what their call said instead."""
    calls = {"a": "passed", "b": "passed", "good": "passed", "bad": "failed"} | outcomes
    phases = [["made", place, when, calls[name] if when == "call" else "passed", 0.1] for place, name in enumerate(calls) for when in THREE]
    failed = sum(value == "failed" for name, value in calls.items() if name in "ab")
    return [["begin", "8.0", "3.11"], ["ids", IDS], *phases, ["end", int(failed > 0), failed, 2 + len(phases), 0.5]]


def ran(data: bytes, code: int = 0, seconds: float = 1.0, total: int | None = None) -> Exec:
    return Exec(data, b"", len(data) if total is None else total, 0, code, Ended.EXITED, seconds)


def read(data: bytes, code: int = 0, total: int | None = None) -> tuple[tuple[str, ...], str, dict[str, str]]:
    """Signs, doubt, statuses."""
    heard = hear(data, "n", whole=total is None)
    found = results(heard.sessions, EXPECTED.wanted)
    return signs(heard, ran(data, code, total=total), EXPECTED), unproven(heard, found, EXPECTED), {each.id: each.status for each in found}


def test_an_honest_session_is_believed() -> None:
    """No sign, no doubt; the pair stands among the results as it must end."""
    assert read(told(*lines())) == ((), "", {"t.py::a": "passed", "t.py::b": "passed", GOOD: "passed", BAD: "failed"})
    assert read(told(*lines(b="failed")), code=1)[0] == ()
    assert read(told(*lines(b="skipped")))[2]["t.py::b"] == "skipped"


def test_a_session_cut_off_is_no_sign_and_no_pass() -> None:
    """A crash is an honest end of bad work: nothing is forged, the test under way is an error."""
    for cut in range(2, len(lines())):
        found = read(told(*lines()[:cut]), code=139)
        assert (found[0], list(found[2].values()).count("passed") == len(IDS)) == ((), False)
    assert read(told(*lines()[:-1]), code=139)[1] == "a session of the runner never ended"


FORGED = {
    "the must-fail passes": told(*lines(bad="passed")),
    "the must-pass fails": told(*lines(good="failed")),
    "a line of nobody's": told(*lines()) + b"PASSED t.py::a\n",
    "half a line": told(*lines()) + b"n 7",
    "a line after the end": told(*lines(), ["made", 0, "call", "passed", 0]),
    "a line twice": told(*lines()[:3]) + told(*lines()),
    "a number left out": told(*lines()[:3], start=1) + told(*lines()[3:], start=5),
    "an id never collected": told(*lines()[:-1], ["made", "t.py::c", "call", "passed", 0], ["end", 0, 0, 15, 0.5]),
    "a test that passed twice": told(*lines()[:-1], ["made", 0, "call", "passed", 0], ["end", 0, 0, 15, 0.5]),
    "a wrong count": told(*lines()[:-1], ["end", 0, 0, 3, 0.5]),
    "longer than it ran": told(*lines()[:-1], ["end", 0, 0, 14, 99.0]),
    "failures, and a status of none": told(*lines(a="failed")[:-1], ["end", 0, 0, 14, 0.5]),
    "another exit status than its process": told(*lines()[:-1], ["end", 1, 0, 14, 0.5]),
    "no word of ours": told(*lines()[:-1], ["passed", "everything"]),
}


@pytest.mark.parametrize("data", FORGED.values(), ids=FORGED)
def test_what_no_honest_run_says_is_a_sign(data: bytes) -> None:
    """Each by itself."""
    assert read(data)[0]


def test_a_channel_that_is_not_whole_is_doubted() -> None:
    """What was not kept can't be counted; the one line that the cut made of two is nobody's, any other is a sign."""
    doubt = "more was said on the channel than is kept"
    cut = told(*lines()[:3]) + b"n 7 4 [" + told(*lines()[9:], start=10)
    for data in (told(*lines()), cut, cut + b"n 7"):
        assert read(data, total=1 << 30)[:2] == (("1 lines on the channel are not the runner's",) if data.endswith(b"n 7") else (), doubt)
    assert read(cut + b"x\n", total=1 << 30)[0]


def test_who_was_killed_or_crashed_at_exit_is_not_accused() -> None:
    """A session that ended well in a process that hung or crashed afterwards, or was cut off in the middle of a line, forged nothing."""
    for code, ended, data in ((137, Ended.DEADLINE, told(*lines())), (139, Ended.EXITED, told(*lines())), (137, Ended.MEMORY, told(*lines()[:4]) + b"n 7 5 [")):
        done = msgspec.structs.replace(ran(data, code), ended=ended)
        assert signs(hear(data, "n"), done, EXPECTED) == ()
    assert read(told(*lines()), code=1)[0]


def test_a_pass_without_the_pair_is_doubted() -> None:
    """Also one for which it could not be made; where tests fail anyhow there is nothing to doubt."""
    two = [["begin", "8.0", "3.11"], ["ids", IDS[:2]], *lines()[2:8], ["end", 1, 1, 8, 0.5]]
    assert read(told(*two), code=1) == ((), "the pair of unknown tests was not reported", {"t.py::a": "passed", "t.py::b": "passed"})
    assert read(told(*two[:-1], ["end", 0, 0, 8, 0.5]))[0]
    unpaired = [two[0], ["unpaired", "OSError()"], *two[1:-1], ["end", 0, 0, 9, 0.5]]
    assert "could not be made: OSError()" in read(told(*unpaired))[1]
    assert read(told(*two[:5]))[1] == ""


def test_a_rerun_a_subtest_and_a_teardown_that_fails_are_no_pass() -> None:
    """A test is as good as its worst phase, whoever told it."""
    again = [*lines()[:-1], ["logged", 0, "call", "rerun", 0], ["logged", 1, "call", "failed", 0], ["made", 2, "teardown", "failed", 0]]
    assert read(told(*again))[2] == {"t.py::a": "failed", "t.py::b": "failed", GOOD: "error", BAD: "failed"}


def test_a_parallel_run_is_read_by_what_its_workers_passed_on() -> None:
    """Then nothing was collected in the process that speaks."""
    phases = [["logged", name, when, "failed" if (name, when) == (BAD, "call") else "passed", 0] for name in IDS for when in THREE]
    assert read(told(["begin", "8", "3"], *phases, ["end", 0, 0, 13, 0.5]))[:2] == ((), "")


def test_names_are_those_of_the_task() -> None:
    """A task that learned its names from a JUnit report finds them again."""
    heard = hear(told(["begin", "8", "3"], ["ids", ["a/t.py::K::x"]], *[["made", 0, when, "passed", 0] for when in THREE]), "n")
    assert results(heard.sessions, ("a.t.K::x",))[0].id == "a.t.K::x"


def test_the_report_may_not_contradict_the_channel() -> None:
    """It is the second witness: of what passed alone."""
    channel = (TestResult("a", "passed"), TestResult("b", "failed"), TestResult("c", "passed"))
    report = (TestResult("a", "passed"), TestResult("b", "passed"), TestResult("c", "failed"), TestResult("d", "failed"))
    assert contradicted(channel, report) == ("c: passed on the channel, failed in the report",)


@given(st.binary() | st.lists(st.recursive(st.none() | st.floats() | st.integers() | st.text(), st.lists)).map(lambda words: told(*words)))
def test_no_bytes_raise_or_pass(data: bytes) -> None:
    """Whatever is written there is a reading."""
    found = read(data)
    assert not set(EXPECTED.wanted) <= {name for name, status in found[2].items() if status == "passed"}


def test_an_infinite_or_monstrous_number_is_none() -> None:
    """Python's reader takes them."""
    data = b'n 7 1 ["made", "x", "call", "passed", Infinity]\nn 7 2 ["made", "x", "call", "passed", 1' + b"0" * 400 + b"]\n"
    assert isinstance(hear(data, "n"), Heard)


@pytest.mark.parametrize("seed", [str(number) for number in range(30)])
def test_the_pair_ends_as_it_must(seed: str) -> None:
    """One passes, one fails, under names that a project could have; no two seeds give the same."""
    pair, other = make_pair(seed), make_pair(seed + "x")
    place: dict[str, object] = {}
    exec(pair.text, place)  # ours
    assert callable(place[pair.names[0]])
    place[pair.names[0]]()  # type: ignore[operator]
    with pytest.raises(AssertionError):
        place[pair.names[1]]()  # type: ignore[operator]
    assert (pair.file, pair.names, pair.text) != (other.file, other.names, other.text)


def test_a_command_is_started_with_the_channel_and_a_search_path() -> None:
    """A search path that the command sets itself gets ours before it."""
    line = open_line("s")
    assert started(line, "A=1 PYTHONPATH=src:lib pytest")[-1] == f"A=1 PYTHONPATH={line.folder}:src:lib pytest"
    assert started(line, "MYPYTHONPATH=x PYTHONPATH= pytest")[-1] == "MYPYTHONPATH=x PYTHONPATH= pytest"
    assert [runs_pytest(command) for command in ("python -m pytest -q", "py.test", "make test", "x pytest-cov")] == [True, True, False, False]
    assert [is_simple(command) for command in ("pytest -q 'a b'", "cd x && pytest", "pytest | tee x", "a\nb")] == [True, False, False, False]
