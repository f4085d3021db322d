"""A digest of work done, made without a model."""

from __future__ import annotations

import json

from harness.core.agent import Ask, Use, Used
from harness.core.chat import Origin, Role, ToolCall, ToolOutput, message
from harness.engine.digest import MOST_FILES, MOST_TEXT, digest
from harness.engine.steps import Step


def used(name: str, raw: str, text: str) -> Step:
    answer = Used(message("m3", Role.TOOL, Origin.TOOL, ToolOutput("c1", name, text, ok=True)), ok=True)
    return Step(1, 1, Use(ToolCall("c1", name, raw)), answer)


def shell(command: str, text: str) -> Step:
    return used("shell", json.dumps({"command": command}), text)


def test_nothing_done_is_said_so() -> None:
    """No file, no tests."""
    told = digest((), (Step(1, 1, Ask(()), None), shell("ls latest", "a")))
    assert "No file is changed." in told
    assert told.endswith("No tests were run.")


def test_files_are_named_by_what_happened_to_them() -> None:
    """Up to a number; the rest is counted."""
    told = digest([("A", "new"), ("M", "old"), ("D", "gone"), ("T", "link")] + [("M", f"f{k}") for k in range(MOST_FILES)], ())
    assert "- new (added)\n- old (changed)\n- gone (removed)\n- link (changed in kind)" in told
    assert "- and 4 more" in told


def test_the_last_test_result_is_told() -> None:
    """Of the tool or of a command that runs tests, whichever came last; a long one by its end."""
    assert digest((), (used("run_tests", "{}", "1 passed"), shell("cat a", "x"))).endswith("The last test result, of run_tests:\n1 passed")
    told = digest((), (used("run_tests", "{}", "1 passed"), shell("cd x && python -m pytest -q", "y" * MOST_TEXT + "2 failed")))
    assert "of `cd x && python -m pytest -q`:\n... 8 characters before this are left out ...\ny" in told
    assert told.endswith("2 failed")


def test_a_call_that_is_no_json_is_named_by_its_tool() -> None:
    """What a model wrote is looked at, never trusted."""
    assert "of shell:\nnothing" in digest((), (used("shell", '{"command": "make test', "nothing"), used("shell", '["make test"]', "nothing")))
