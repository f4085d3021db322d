"""How a made task is graded: commands that leave a JUnit report, and what their results at base say. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from harness.core.trial import TestResult

PYTEST: Final = re.compile(r"(?:^|(?<=[\s;&|(/]))(?:pytest|py\.test)(?=\s|$)")
FAILING: Final = frozenset({"failed", "error"})
CHECK: Final = "commands::check"
MERGE: Final = (
    """{ echo '<testsuites>'; for part in "$LONGHAUL_REPORT".[0-9]; do sed -e 's/<?xml[^>]*>//' "$part"; done; """
    """echo '</testsuites>'; } > "$LONGHAUL_REPORT\""""
)
BY_STATUS: Final = (
    """if (\n%s\n); then verdict=; else verdict='<failure message="exit status"/>'; fi\n"""
    """printf '<testsuite><testcase classname="commands" name="%s">%%s</testcase></testsuite>' "$verdict" > "$LONGHAUL_REPORT.%d\""""
)


class AtBase(msgspec.Struct, frozen=True):
    """Ids by what they did at base; `twice` are names that more than one test has, and none can be graded by."""

    passing: tuple[str, ...]
    failing: tuple[str, ...]
    twice: tuple[str, ...]


def runs_pytest(command: str) -> bool:
    """Whether a command line runs pytest itself, so that it can be told to report."""
    return PYTEST.search(command) is not None


def grade_command(test: str, check: str = "", *, by_status: bool = False) -> str:
    """One shell text that runs what is given and leaves one report at $LONGHAUL_REPORT.

    What is not pytest counts by exit status, and the check does with `by_status`.
    """
    given = [(command, name) for command, name in ((test, "test"), (check, "check")) if command]
    if len(given) == 1 and runs_pytest(given[0][0]):
        return reporting(given[0][0], "")
    parts = (part(command, name, number, plain=by_status and name == "check") for number, (command, name) in enumerate(given, 1))
    return "\n".join((*parts, MERGE))


def part(command: str, name: str, number: int, *, plain: bool) -> str:
    return reporting(command, f".{number}") if runs_pytest(command) and not plain else BY_STATUS % (command, name, number)


def reporting(command: str, suffix: str) -> str:
    return PYTEST.sub(lambda match: f'{match[0]} --junitxml="$LONGHAUL_REPORT{suffix}"', command, count=1)


def at_base(results: Iterable[TestResult], files: Iterable[str]) -> AtBase:
    """Node ids by outcome; skipped and expected failures say nothing."""
    known = frozenset(files)
    named = [(node_id(result.id, known), result.status) for result in results]
    count = Counter(name for name, _ in named)
    once = [(name, status) for name, status in named if count[name] == 1]
    return AtBase(
        tuple(sorted(name for name, status in once if status == "passed")),
        tuple(sorted(name for name, status in once if status in FAILING)),
        tuple(sorted(name for name, number in count.items() if number > 1)),
    )


def node_id(name: str, files: frozenset[str]) -> str:
    """`tests.test_a.TestX::test` as pytest writes it in a report, as the node id that a person types."""
    dotted, colons, rest = name.partition("::")
    words = dotted.split(".")
    for count in range(len(words), 0, -1):
        path = f"{'/'.join(words[:count])}.py"
        if path in files:
            return "::".join((path, *words[count:], rest))
    return name if colons else dotted


def uncollected(ids: Iterable[str]) -> bool:
    """Whether a file could not be imported: its tests have no ids yet, and the name it is reported under is never seen again once it can be."""
    return any(one.startswith("::") for one in ids)


def graded_paths(ids: Iterable[str], files: Mapping[str, bytes]) -> tuple[str, ...]:
    """The test files that ids live in, also those that could not be imported: they are restored before grading."""
    return tuple(sorted({path for one in ids if (path := file_of(one)) in files}))


def file_of(name: str) -> str:
    path, _, rest = name.partition("::")
    return path or f"{rest.replace('.', '/')}.py"
