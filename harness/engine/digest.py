"""A machine-made digest of work done: which files are changed, and what the last run of tests said. No model takes part."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from harness.core.agent import Use, Used
from harness.engine.steps import Step

MOST_FILES = 100
MOST_TEXT = 4000
"""Characters of the last test result; its end says most."""
_WORDS = {"A": "added", "D": "removed", "M": "changed", "T": "changed in kind"}
_TESTS = re.compile(r"\b(pytest|unittest|nose2?|tox|nox|ctest|rspec|jest|vitest|mocha|phpunit|(npm|yarn|pnpm|cargo|go|mvn|gradle|bazel|dotnet|make) (run )?(test|check))\b")


def digest(changes: Iterable[tuple[str, str]], past: Iterable[Step]) -> str:
    """`changes`: git's letter and the path of every file that differs from the start."""
    return f"What was done so far, as the harness found it.\n\n{_files(list(changes))}\n\n{_tests(past)}"


def facts(changes: Iterable[tuple[str, str]], points: Iterable[str] | None) -> str:
    """The state of the work alone, for views without any history. `points`: public numbers that are still open; None: nobody can tell."""
    told = f"What was done so far, as the harness found it.\n\n{_files(list(changes))}"
    return told if points is None else f"{told}\n\n{_points(list(points))}"


def _points(points: list[str]) -> str:
    return f"Points of the requests that are still open: {', '.join(points)}." if points else "No point of the requests so far is open."


def _files(changes: list[tuple[str, str]]) -> str:
    if not changes:
        return "No file is changed."
    lines = [f"- {path} ({_WORDS.get(letter, 'changed')})" for letter, path in changes[:MOST_FILES]]
    more = [f"- and {len(changes) - MOST_FILES} more"] if len(changes) > MOST_FILES else []
    return "\n".join(("Files changed:", *lines, *more))


def _tests(past: Iterable[Step]) -> str:
    runs = [step for step in past if isinstance(step.wish, Use) and isinstance(step.answer, Used) and _tested(step.wish)]
    if not runs:
        return "No tests were run."
    wish, answer = runs[-1].wish, runs[-1].answer
    assert isinstance(wish, Use)
    assert isinstance(answer, Used)
    text = answer.message.text
    cut = f"... {len(text) - MOST_TEXT} characters before this are left out ...\n{text[-MOST_TEXT:]}" if len(text) > MOST_TEXT else text
    return f"The last test result, of {_command(wish)}:\n{cut}"


def _tested(wish: Use) -> bool:
    return wish.call.name == "run_tests" or bool(_TESTS.search(wish.call.raw_arguments))


def _command(wish: Use) -> str:
    try:
        told = json.loads(wish.call.raw_arguments).get("command")
    except (ValueError, AttributeError, RecursionError):
        told = None
    return f"`{told}`" if isinstance(told, str) else wish.call.name
