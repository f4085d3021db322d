"""What a turn did to the files, and by whom: the agent's own changes, those of its tools, and the points at which work settles. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from harness.core.patterns import expression
from harness.metrics.context.done.runners import tests, tools
from harness.metrics.context.predicates.sources import Sources
from harness.metrics.context.scene import Did, Turn

_COMMITS: Final = re.compile(r"(?<![\w-])git\s+(?:-\S+\s+\S+\s+)*commit(?![\w-])")
_LONGEST: Final = 4000


class Step(msgspec.Struct, frozen=True):
    """One call that changed files, as the agent's own work or not. `paths`: those that differ; `place`: of the call in its turn."""

    before: str
    after: str
    paths: frozenset[str]
    own: bool
    seq: int
    place: int


def command(call: Did) -> str:
    """The shell words of a call, "" for one that runs none."""
    said = call.arguments.get("command") if call.arguments else None
    return said[:_LONGEST] if isinstance(said, str) else ""


def settles(call: Did) -> bool:
    """Tests, a commit, the end of the work: from then on, what is wrong is wrong. A call that was not run settles nothing."""
    if call.problem or call.returned is None:
        return False
    return call.name == "finish" or tests(call) or bool(_COMMITS.search(command(call)))


def steps(turn: Turn, sources: Sources, base: str) -> Iterator[Step]:
    """The calls of a turn that changed files that somebody writes; what happened between calls is nobody's call."""
    left = sources.left_out(base)
    for place, call in enumerate(turn.calls):
        if call.before and call.after and call.before != call.after:
            paths = frozenset(path for path in sources.changed(call.before, call.after) if not left(path))
            if paths:
                yield Step(call.before, call.after, paths, not tools(call), call.seq, place)


def matching(turn: Turn, pattern: str) -> Iterator[Did]:
    """Calls that ran a command which matches, or the tool of that name (`run_tests`, `finish`). Raises PatternError."""
    seek = expression(pattern)
    for call in turn.calls:
        words = command(call) or (call.name if call.name in ("run_tests", "finish") else "")
        if words and not call.problem and call.returned is not None and seek.found(words.removesuffix("\n")):
            yield call


def hands_back(pattern: str) -> bool:
    """Whether such an occasion is the handing back of the work, which plain words do as well as the tool `finish`. Raises PatternError."""
    return expression(pattern).found("finish") and not expression(pattern).found("run_tests")
