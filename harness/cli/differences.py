"""What changed in a workspace between two turns, as git tells it from the recorded trees."""

from __future__ import annotations

import re
from pathlib import Path

import git

from harness.core.errors import PlanError
from harness.core.events import ModelAsked, Trace, TreeSeen
from harness.metrics.tries import latest


def between(repository: Path, trace: Trace, word: str) -> bytes:
    """A unified diff from the tree at the end of turn A to that of turn B; turn 0 is the start. Raises PlanError."""
    wanted = re.fullmatch(r"(\d+)\.\.(\d+)", word)
    if not wanted:
        raise PlanError("", "--diff", repr(word), "two turns, such as 0..3")
    known = trees(trace)
    ends = []
    for number in map(int, wanted.groups()):
        at = [turn for turn in known if turn <= number]
        if not at or number > max(known):
            raise PlanError("", "--diff", number, f"a turn from 0 to {max(known, default=0)}")
        ends.append(known[max(at)])
    with git.Repo(repository) as held:
        text = held.git.execute(["git", "diff", "--no-ext-diff", "--no-textconv", *ends], stdout_as_string=False)
    return text if isinstance(text, bytes) else str(text).encode("utf-8", "surrogateescape")


def trees(trace: Trace) -> dict[int, str]:
    """Turn -> tree id at its end, of the latest try."""
    turn, found = 0, {}
    for entry in latest(trace):
        if isinstance(entry.event, ModelAsked):
            turn = entry.event.turn
        if isinstance(entry.event, TreeSeen):
            found[turn] = entry.event.tree
        elif turn not in found and found:
            found[turn] = found[max(found)]
    return found
