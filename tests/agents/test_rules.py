"""Which sentences of requests and files count as rules that go on holding."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.rules import LONGEST, of_files, of_requests, standing
from harness.core.chat import Message, Origin, Part, Role, Text, ToolCall, ToolOutput, message


def test_standing_sentences_are_found_word_for_word():
    """Each sentence by itself, white space as one space; what asks for one thing once is none."""
    text = "Add `total`.\nIt sums.\n\n1.2 Never touch\n   migrations/. Rename `a`.\n- Public names always end in `_op`.\n- Write a test.\n"
    assert standing(text) == ("1.2 Never touch migrations/.", "Public names always end in `_op`.")


@pytest.mark.parametrize(
    "words",
    ["Do not use floats.", "Ids must be strings.", "Every function has a docstring.", "From now on ids are integers.", "Don\u2019t log it.",
     "The changelog rule no longer holds for docs.", "Money cannot be a float."],
)  # fmt: skip
def test_words_that_make_a_rule(words):
    """Bans, duties and changes of either."""
    assert standing(words) == (words,)


def test_code_in_fences_and_endless_paragraphs_are_no_rules():
    """What stands in a fence is code; a paragraph without full stops is no sentence."""
    assert standing("Look:\n```\nnever = 1\n```\nGo on.") == ()
    assert standing("must " * LONGEST) == ()


def result(call, text, *, name="read", ok=True, **arguments):
    """A reply with one call and the result of it."""
    asked = Message(f"r{call}", Role.ASSISTANT, (Part(f"r{call}.1", Origin.MODEL, ToolCall(call, name, json.dumps(arguments))),))
    return asked, message(f"t{call}", Role.TOOL, Origin.TOOL, ToolOutput(call, name, text, ok=ok))


def test_rules_of_files_are_those_of_prose_that_was_shown():
    """Line numbers and the tool's own lines are left out; code, failures and files that were written are not looked at."""
    shown = "[CONTRIBUTING.md: lines 1 to 3 of 3; you must not count this]\n1\t# Rules\n2\tNever use\n3\ttabs."
    view = (
        *result("c1", shown, path="CONTRIBUTING.md"),
        *result("c2", "Always squash.\n[exit code 0]", name="shell", command="cat AGENTS.md | head"),
        *result("c3", '1\t"""Never call this twice."""', path="pkg/a.py"),
        *result("c4", "You must give a path.", path="docs/rules.md", ok=False),
        *result("c5", "Always there.", name="write", path="docs/rules.md"),
    )
    assert [(each.words, each.file, each.message) for each in of_files(view)] == [
        ("Never use tabs.", "CONTRIBUTING.md", "tc1"), ("Always squash.", "AGENTS.md", "tc2"),
    ]  # fmt: skip


def test_a_call_id_that_comes_twice_is_that_of_the_reply_before():
    """Small models number their calls anew in every reply."""
    code, prose = result("c1", "Never.", path="a.py"), result("c1", "Never ever.", path="a.md")
    assert [each.file for each in of_files((*code, *prose))] == ["a.md"]


def test_rules_of_requests_are_those_of_the_ids():
    """The system text has rules of its own, which nobody pins."""
    view = (message("a1", Role.SYSTEM, Origin.HARNESS, Text("Never stop.")), message("m1", Role.USER, Origin.TASK, Text("Never go.")))
    assert [each.words for each in of_requests(view, frozenset({"m1"}))] == ["Never go."]


@given(st.text(max_size=400))
def test_every_rule_stands_in_the_text(text):
    """Nothing is ever made up: without white space and marks of lists, a rule is a piece of the text."""
    bare = "".join(text.split())
    marks = "-*+>#"
    assert all("".join(rule.split()).translate(str.maketrans("", "", marks)) in bare.translate(str.maketrans("", "", marks)) for rule in standing(text))
