"""Arguments are taken as they are or told back; nothing hostile costs more than its length."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.tools.arguments import Arguments, Flaw, depth, parse
from harness.core.chat import Parameter, ToolSpec

SPEC = ToolSpec("read", "", (Parameter("path", "string", ""), Parameter("line", "integer", "")))
NONE = ToolSpec("run_tests", "")
texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(texts, st.integers(-(10**15), 10**15), st.booleans())
def test_good_arguments_come_through_unchanged(path, line, plain):
    """Every text and every integer that a float can hold arrives as it was written, in any order and spelling."""
    for fields in ({"path": path, "line": line}, {"line": line, "path": path}):
        read = parse(json.dumps(fields, ensure_ascii=plain), SPEC)
        assert isinstance(read, Arguments)
        assert (read.text("path"), read.number("line")) == (path, line)


@pytest.mark.parametrize(
    ("raw", "problem", "word"),
    [
        ("", "malformed", "read"),
        ("{", "malformed", "read"),
        ("null", "malformed", "not null"),
        ("[]", "malformed", "not a list"),
        ('"x"', "malformed", "not a string"),
        ("3", "malformed", "not a number"),
        ('{"path": "a", "line": 1} x', "malformed", "Extra data"),
        ('{"path": "a", "path": "b", "line": 1}', "malformed", "twice"),
        ('{"path": {"x": 1, "x": 2}, "line": 1}', "malformed", "twice"),
        ('{"path": "a", "line": NaN}', "malformed", "NaN"),
        ('{"path": "a", "line": -Infinity}', "malformed", "Infinity"),
        ('{"path": "a", "line": 1e999}', "malformed", "too large"),
        ('{"path": "a", "line": ' + "9" * 5000 + "}", "malformed", "5000 digits"),
        ('{"path": "a\nb", "line": 1}', "malformed", "control character"),
        ('{"path": "a", "line": ' + "[" * 65 + "]" * 65 + "}", "malformed", "deeper than 64"),
        ("[" * 200_000, "malformed", "deeper than 64"),
        ('{"path": "a"}', "arguments", "`line` is missing"),
        ('{"path": "a", "line": 1, "mode": 2}', "arguments", "takes no 'mode'"),
        ('{"path": 1, "line": 1}', "arguments", "`path` must be a string, not a number"),
        ('{"path": null, "line": 1}', "arguments", "not null"),
        ('{"path": "a", "line": "1"}', "arguments", "must be an integer of ordinary size, not a string"),
        ('{"path": "a", "line": true}', "arguments", "not true or false"),
        ('{"path": "a", "line": 1.5}', "arguments", "must be an integer"),
        ('{"path": "a", "line": 1e300}', "arguments", "ordinary size"),
        ('{"path": "a", "line": 99999999999999999}', "arguments", "ordinary size"),
        ('{"path": "a\\ud800", "line": 1}', "arguments", "surrogate pair at character 2"),
        ('{"path": "a\udfff", "line": 1}', "arguments", "surrogate pair"),
    ],
)
def test_bad_arguments_are_told_back(raw, problem, word):
    """Each kind of flaw is named in a sentence that can be encoded and ends as one."""
    flaw = parse(raw, SPEC)
    assert isinstance(flaw, Flaw)
    assert flaw.problem == problem
    assert word in flaw.sentence
    assert flaw.sentence.endswith(".")
    flaw.sentence.encode()


def test_a_whole_float_is_an_integer():
    """The schema we send calls 10.0 an integer, and servers that pass numbers through floats write it so."""
    assert parse('{"path": "a", "line": 10.0}', SPEC) == Arguments((("path", "a"),), (("line", 10),))


@pytest.mark.parametrize("raw", ["", "  ", "{}"])
def test_no_arguments_may_be_no_text(raw):
    """Servers send an empty text for a tool without arguments."""
    assert parse(raw, NONE) == Arguments()


def test_a_tool_without_arguments_takes_none():
    """An argument too many is told back with what the tool takes."""
    flaw = parse('{"path": "a"}', NONE)
    assert isinstance(flaw, Flaw)
    assert "takes no arguments" in flaw.sentence


@given(st.text(max_size=200))
def test_nothing_raises(raw):
    """Whatever a model writes is arguments or a flaw."""
    assert isinstance(parse(raw, SPEC), Arguments | Flaw)


@given(st.recursive(st.none() | texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=20))
def test_depth_counts_brackets_outside_strings(value):
    """The depth told is the depth of the value, whatever brackets and quotes its strings hold."""

    def deep(inner):
        below = inner.values() if isinstance(inner, dict) else inner if isinstance(inner, list) else ()
        return (isinstance(inner, dict | list)) + max((deep(child) for child in below), default=0)

    assert depth(json.dumps(value)) == deep(value)


@pytest.mark.parametrize("raw", ['"' + '\\"' * 500_000, '{"' * 300_000, '"' * 600_001, "\\" * 600_000])
def test_hostile_texts_are_read_in_one_pass(raw):
    """Unclosed and escaped quotes without end are refused; a quadratic reading would never return here."""
    assert isinstance(parse(raw, SPEC), Flaw)
