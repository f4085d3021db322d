"""What changed in a workspace between two turns, as git tells it from the recorded trees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import git

from harness.core.errors import PlanError
from harness.core.events import ModelAsked, Trace, TreeSeen
from harness.metrics.tries import lived

NOISE = ("__pycache__", "*.pyc", ".pytest_cache", ".pytest_tmp")
"""What running Python leaves in a workspace: no work of anybody's."""
_EXCEPT = (":(exclude,glob)**/__pycache__/**", ":(exclude,glob)**/*.pyc", ":(exclude,glob)**/.pytest_cache/**", ":(exclude,glob)**/.pytest_tmp/**")


def between(repository: Path, trace: Trace, word: str, *, noise: bool = False) -> tuple[bytes, int]:
    """A unified diff from the tree at the end of turn A to that of turn B (0 the start, nothing the last), and how many paths were left out.

    `noise`: caches too. Raises PlanError.
    """
    ends = _ends(trees(trace), word)
    with git.Repo(repository) as held, _whole(repository):
        # A record that came from elsewhere may name a command to fetch missing objects with.
        held.git.update_environment(GIT_ALLOW_PROTOCOL="none", GIT_NO_LAZY_FETCH="1")
        text = _diff(held, *ends, *(() if noise else ("--", *_EXCEPT)))
        left = 0 if noise else len(_paths(held, *ends)) - len(_paths(held, *ends, "--", *_EXCEPT))
    return text, left


@contextmanager
def _whole(repository: Path) -> Iterator[None]:
    try:
        yield
    except git.GitCommandError as fault:
        said = " ".join(str(fault.stderr).split()).strip("'")
        raise PlanError(str(repository), "", said.removeprefix("stderr: "), "the trees of this run, undamaged") from fault


def _ends(known: dict[int, str], word: str) -> list[str]:
    wanted = re.fullmatch(r"(\d+)\.\.(\d*)", word)
    if not wanted:
        raise PlanError("", "--diff", repr(word), "two turns, such as 0..3, or 0.. for all that followed")
    ends = []
    for number in (int(digits) if digits else max(known, default=0) for digits in wanted.groups()):
        at = [turn for turn in known if turn <= number]
        if not at or number > max(known):
            raise PlanError("", "--diff", number, f"a turn from 0 to {max(known, default=0)}")
        ends.append(known[max(at)])
    return ends


def _diff(held: git.Repo, *words: str) -> bytes:
    text = held.git.execute(["git", "diff", "--no-ext-diff", "--no-textconv", *words], stdout_as_string=False, strip_newline_in_stdout=False)
    return text if isinstance(text, bytes) else str(text).encode("utf-8", "surrogateescape")


def _paths(held: git.Repo, *words: str) -> list[bytes]:
    return [name for name in _diff(held, "--name-only", "-z", "--no-renames", *words).split(b"\0") if name]


def trees(trace: Trace) -> dict[int, str]:
    """Turn -> tree id at its end, of the latest try with all that it has lived through."""
    return {turn: event.tree for turn, event in seen(trace).items()}


def seen(trace: Trace) -> dict[int, TreeSeen]:
    """Turn -> the tree as last seen at its end; 0 is the start."""
    turn, found = 0, dict[int, TreeSeen]()
    for entry in lived(trace):
        if isinstance(entry.event, ModelAsked):
            turn = entry.event.turn
        if isinstance(entry.event, TreeSeen):
            found[turn] = entry.event
        elif turn not in found and found:
            found[turn] = found[max(found)]
    return found
