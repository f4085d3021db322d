"""Calls of entry points: what is compared, and that nothing which comes back is believed beyond its value."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.errors import TaskError
from harness.core.machine import Ended, Exec
from harness.core.task import Call
from harness.grading.caller import answered
from harness.grading.calls import compared, same
from task_repos.harbor_grade import read_grade

JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
CALLS = [Call("a", "m:f", returns="[1, 2]"), Call("b", "m:g", raises="ValueError")]


def told(*answers: object, ended: Ended = Ended.EXITED, raw: bytes = b"") -> list[str]:
    data = b"".join(json.dumps(answer).encode() + b"\n" for answer in answers) + raw
    return [result.status for result in compared(CALLS, Exec(data, b"", len(data), 0, 0, ended, 1.0))]


def test_answers_are_compared_here() -> None:
    """In the order they were asked; a subclass of what must be raised is that, too."""
    assert told({"returned": [1, 2]}, {"raised": ["UnicodeError", "ValueError", "Exception", "BaseException", "object"]}) == ["passed", "passed"]
    assert told({"returned": [2, 1]}, {"returned": None}) == ["failed", "failed"]
    assert told({"raised": ["ValueError"]}, {"raised": ["KeyError"]}) == ["failed", "failed"]


@pytest.mark.parametrize(
    "data", [b"", b"\xff\n", b"[]\n[]\n", b"[" * 100_000 + b"\n", b'{"returned": [1, 2], "raised": ["ValueError"]}\n' * 2, b'{"returned": [1, 2]}\n' * 3]
)
def test_what_is_no_answer_passes_nothing(data: bytes) -> None:
    """Nothing, binary, other JSON, depth, both at once, more than was asked: an error, and no exception."""
    assert told(raw=data) == ["error", "error"]
    assert told({"returned": [1, 2]}, {"raised": ["ValueError"]}, ended=Ended.DEADLINE) == ["error", "error"]


def test_what_claims_to_be_every_error_is_none() -> None:
    """A class may have many parents; an answer with all of them is a forger's."""
    assert told({"returned": [1, 2]}, {"raised": [f"E{n}" for n in range(50)] + ["ValueError"]}) == ["passed", "failed"]


@given(JSON)
def test_a_value_is_the_same_as_itself_alone(value: object) -> None:
    """Over the wire and back; and as nothing of another kind."""
    assert same(value, json.loads(json.dumps(value)))
    assert not same([value], value)


def test_kinds_are_kept_apart() -> None:
    """A truth value is no number, a text no number; 1 and 1.0 are one number."""
    assert [same(1, True), same(True, 1), same("1", 1), same(None, 0), same({"a": 1}, {"a": True})] == [False] * 5
    assert same(1, 1.0)


def test_the_caller_answers_plain_data_alone() -> None:
    """Whatever is raised has a name; what is no plain data has no value."""
    assert json.loads(answered({"entry": "math:gcd", "arguments": [12, 18], "keywords": {}})) == {"returned": 6}
    assert json.loads(answered({"entry": "json:JSONDecoder.decode", "arguments": [], "keywords": {}}))["raised"][0] == "TypeError"
    assert json.loads(answered({"entry": "no_such:thing", "arguments": [], "keywords": {}}))["raised"][0] == "ModuleNotFoundError"
    assert json.loads(answered({"entry": "decimal:Decimal", "arguments": ["1"], "keywords": {}})) == {"unplain": Decimal.__name__}


HEAD = 'format = 1\n[grade]\ncommand = "pytest"\nids = "ids.json"\n[[call]]\nid = "calls::a"\n'


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ('entry = "m:f"\nreturns = 1\nwhat = 2', "what"),
        ('entry = "m"\nreturns = 1', "entry"),
        ('entry = "m:f"', "neither"),
        ('entry = "m:f"\nreturns = 1\nraises = "E"', "both"),
        ('entry = "m:f"\nreturns = 1979-05-27', "plain data"),
        ('entry = "m:f"\nreturns = 1\n[[call]]\nid = "calls::a"\nentry = "m:f"\nreturns = 1', "different ids"),
        ('entry = "m:f"\nreturns = 1\n[[call]]\nid = "calls::b"\nentry = "m:f"\nreturns = 1', "fail_to_pass"),
    ],
)
def test_a_wrong_call_is_refused_by_name(words: str, field: str, tmp_path: Path) -> None:
    """File, field, what was found and what is expected, before anything runs."""
    (tmp_path / "ids.json").write_text('{"fail_to_pass": ["calls::a"], "pass_to_pass": []}')
    (tmp_path / "x.toml").write_text(HEAD + words)
    with pytest.raises(TaskError, match=field):
        read_grade(tmp_path, "x.toml", 60)


def test_calls_are_read_as_plain_data(tmp_path: Path) -> None:
    """Arguments, keywords and the expectation as JSON text."""
    (tmp_path / "ids.json").write_text('{"fail_to_pass": ["calls::a"], "pass_to_pass": []}')
    (tmp_path / "x.toml").write_text(HEAD + 'entry = "pkg.m:K.f"\narguments = [1, "x"]\nkeywords = { deep = [true] }\nreturns = { y = 1.5 }')
    check = read_grade(tmp_path, "x.toml", 60)
    assert check is not None
    assert check.calls == (Call("calls::a", "pkg.m:K.f", '[1, "x"]', '{"deep": [true]}', '{"y": 1.5}'),)
