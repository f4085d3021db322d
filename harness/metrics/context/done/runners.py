"""Runs of tests and of formatters in a tool call: one reading of both for all who ask; pure.

Read by the parts of a command line. What only speaks of a runner (installs it, looks for it, prints its name) runs none. What a formatter
or a run of tests changes, a tool wrote: no judgement of the model's is in it. A command that also does something else is the model's.
"""

from __future__ import annotations

import re
from typing import Final

from harness.metrics.context.done.shell_lines import LONGEST, script
from harness.metrics.context.scene import Did

_TESTS: Final = re.compile(
    r"(?:^|[\s(/\"'])(?:pytest|py\.test|unittest|nosetests|nose2|tox|nox|ctest|phpunit|rspec|jest|vitest|mocha)(?=$|[\s)\"'])"
    r"|\b(?:make|just)[ \t]+(?:\S+[ \t]+)*?[\w-]*(?:test|check)\w*"
    r"|(?:^|(?:^|[\s/])(?:sh|bash|python[\d.]*)[ \t]+(?:-\S+[ \t]+)*|\./)(?:[\w.-]+/)*[\w-]*(?:tests?|checks?)[\w-]*\.(?:sh|bash|py)\b"
    r"|(?:\b(?:npm|yarn|pnpm|go|cargo|mvn|gradle|dotnet|bazel)|\./gradlew)\s+(?:\S+\s+)?[\w:-]*(?:test|check)\w*"
)
_SCRIPT: Final = re.compile(
    r"(?:(?:^|[\s/])(?:sh|bash|python[\d.]*)[ \t]+(?:-\S+[ \t]+)*|(?:^|\s)\./)(?:[\w.-]+/)*(?P<name>[\w-]*(?:tests?|checks?)[\w-]*)\.(?:sh|bash|py)\b"
)
_RUNS: Final = re.compile(r"(?:run[-_]?)?(?:all[-_]?|unit[-_]?)?(?:tests?|checks?)|tests?[-_][\w-]+|[\w-]+[-_]test")
"""Names of scripts that run tests; one called `update_tests` may be the agent's own way of changing many files."""
_SPOKEN: Final = re.compile(
    r"(?:sudo\s+)?(?:(?:\S+\s+-m\s+)?pip3?|uv\s+(?:pip|add|sync)|apt|apt-get|conda|(?:npm|yarn|pnpm)\s+(?:i|ci|install|add|ls)|grep|rg|ag|cat|head|tail"
    r"|less|sed|awk|ls|find|which|type|command|whereis|man|echo|printf|vim?|nano|git(?!\s+bisect)|rm|cp|mv|mkdir|touch|cd|import|from|#)(?=\s|$)"
)
"""Beginnings of a part that names a runner and does not run it; of lines of a here-document, too."""
_LISTS: Final = re.compile(r"--(?:collect-only|co|help|version|fixtures|markers)\b")
_FORMATS: Final = re.compile(
    r"(?:\w+=\S*\s+)*(?:(?:\S*/)?(?:python[0-9.]*|uv|poetry|pipenv|hatch|pdm)\s+(?:-m\s+|run\s+))*(?:(?:npx|uvx)\s+)?(?:\S*/)?"
    r"(?:black|isort|autopep8|yapf|autoflake|pyupgrade|docformatter|prettier|gofmt|rustfmt|clang-format|ruff\s+format|ruff\s+check\b.*--fix"
    r"|pre-commit\s+run|cargo\s+fmt|go\s+fmt|(?:make|just)\s+(?:fmt|format|style|lint-fix)|tox\s+-e\s*(?:fmt|format))(?=\s|$)"
)
_IDLE: Final = re.compile(
    r"(?:cd|echo|ls|pwd|cat|git\s+(?:add|status|diff|log|show|commit)|true|set|export|source|\.|head|tail|wc|grep|sort)(?=\s|$)"
)
"""Commands that write nothing of their own; one that sends its output into a file does."""
_BETWEEN: Final = re.compile(r"&&|\|\||[;\n|]")
_DROPPED: Final = re.compile(r"\d?>&\d|[\d&]?>{1,2}\s*/dev/null")
"""Output put together or thrown away: no file is written."""


def tests(did: Did) -> bool:
    """Whether the call is meant to run tests or checks: `run_tests`, or a command with a part that does."""
    return did.name == "run_tests" or any(map(_tested, _parts(did)))


def ran_tests(did: Did) -> bool:
    """Whether the call really ran tests and came to an end."""
    if did.problem or not did.ok:
        return False
    if did.name == "run_tests":
        return did.exit_code is not None
    return any(_tested(part) and not _LISTS.search(part) for part in _parts(did))


def tools(did: Did) -> bool:
    """Whether what the call changed, a tool wrote: a formatter, or whatever a run of tests leaves behind."""
    return did.name == "run_tests" or _tooled(_parts(did))


def _parts(did: Did) -> tuple[str, ...]:
    line = _DROPPED.sub("", script(did)[:LONGEST])
    return tuple(part.strip() for part in _BETWEEN.split(line) if part.strip())


def _tested(part: str) -> bool:
    return bool(_TESTS.search(part)) and not _SPOKEN.match(part)


def _rewrites(part: str) -> bool:
    """A script whose name speaks of tests or checks, and not of running them."""
    return any(not _RUNS.fullmatch(found["name"]) for found in _SCRIPT.finditer(part))


def _tooled(parts: tuple[str, ...]) -> bool:
    done = [part for part in parts if _FORMATS.match(part) or (_tested(part) and ">" not in part and not _rewrites(part))]
    return bool(done) and all(part in done or (_IDLE.match(part) and ">" not in part) for part in parts)
