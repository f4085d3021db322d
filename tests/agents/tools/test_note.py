"""A note is taken or refused by the tool alone, and read back from its call."""

from __future__ import annotations

import json

import pytest

from agents.tools.note import LONGEST, create, words_of
from harness.core.chat import ToolCall
from harness.core.errors import Blame


def call(raw):
    return ToolCall("c", "note", raw if isinstance(raw, str) else json.dumps(raw))


def test_a_note_touches_nothing(sandbox):
    """The harness need not look at the workspace after it: a note is no file."""
    result = create().run(call({"text": " mind the gap\n"}), sandbox)
    assert (result.ok, result.text, result.touches) == (True, "Noted.", False)
    assert words_of(call({"text": " mind the gap\n"})) == "mind the gap"


@pytest.mark.parametrize("raw", [{"text": "  "}, {"text": "n" * (LONGEST + 1)}, {"text": 3}, {"words": "x"}, '{"text": ', "[]", {}])
def test_what_the_tool_refuses_is_no_note(sandbox, raw):
    """Empty, too long, mistyped, unnamed, unreadable: the model is told, and nothing is read back."""
    result = create().run(call(raw), sandbox)
    assert (result.ok, result.blame) == (False, Blame.MODEL)
    assert result.text.startswith("Not run.")
    assert words_of(call(raw)) == ""


def test_the_longest_note_is_taken(sandbox):
    """The bound is one note's, in characters."""
    assert create().run(call({"text": "n" * LONGEST}), sandbox).ok
    assert len(words_of(call({"text": "n" * LONGEST}))) == LONGEST
