"""A change of a project from one version to another, and what speaks against it before anything is run. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Final, Literal

import msgspec

from task_repos.mine_manifest import Reason
from task_repos.mine_reading import is_module, is_test

Unit = Literal["commit", "merge", "range", "stages", "releases"]
RUNNER_FILES: Final = frozenset({"pytest.ini", ".pytest.ini", "tox.ini", "noxfile.py", ".coveragerc"})
"""Files that only say how tests are run: they belong to the tests."""
ASIDE: Final = ("docs", "doc", "examples", "benchmarks", "bench")
SCRIPTS: Final = frozenset({"setup.py", "_version.py", "noxfile.py"})
STAGES: Final = 5
SUBMODULE: Final = "160000"


class Touched(msgspec.Struct, frozen=True):
    """A file that differs: modes as git writes them ("000000" where it is not), ids of the contents."""

    path: str
    old_mode: str
    new_mode: str
    old: str
    new: str


class Change(msgspec.Struct, frozen=True):
    """`before` and `after` name versions; `messages` one for each stage, oldest first; `date` seconds since 1970, 0 unknown."""

    key: str
    unit: Unit
    name: str
    before: str
    after: str
    date: int
    messages: tuple[str, ...]
    touched: tuple[Touched, ...]

    @property
    def title(self) -> str:
        return next((line.strip() for line in self.messages[-1].splitlines() if line.strip()), self.name)[:100]

    @property
    def sources(self) -> tuple[str, ...]:
        """Paths of the Python source files that differ."""
        return tuple(file.path for file in self.touched if is_source(file.path))

    @property
    def print(self) -> str:
        """What the change does to source files: equal for a commit and the merge that brings nothing else."""
        lines = sorted(f"{file.path}\0{file.old}\0{file.new}" for file in self.touched if is_source(file.path))
        return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def is_source(path: str) -> bool:
    """Python source of the project: what counts towards the number of files, and what structural checks read."""
    pure = PurePosixPath(path)
    return is_module(path) and pure.parts[0] not in ASIDE and pure.name not in SCRIPTS


def is_graded(path: str) -> bool:
    """What comes from the version after, for grading alone: tests, their data, and files that say how tests are run."""
    return is_test(path) or PurePosixPath(path).name in RUNNER_FILES


def refusal(change: Change, least: int, seen: Iterable[str]) -> Reason | None:
    """The first thing that speaks against a change by its list of files. `seen`: prints of changes that are tasks or were tried."""
    if not change.before:
        return Reason.FIRST
    if not change.touched:
        return Reason.MERGE if change.unit == "merge" else Reason.NOTHING
    if any(SUBMODULE in (file.old_mode, file.new_mode) for file in change.touched):
        return Reason.SUBMODULE
    if all(is_graded(file.path) for file in change.touched):
        return Reason.TESTS_ONLY
    if not change.sources:
        return Reason.NO_PYTHON
    if len(change.sources) < least:
        return Reason.FEW
    return Reason.DUPLICATE if change.print in set(seen) else None


def with_stages(changes: Iterable[Change], least: int, combine: Callable[[tuple[Change, ...]], Change]) -> Iterator[Change]:
    """The changes as they come, newest first, and after each run of small commits on the same files the change that they make together.

    A run is two to five commits, each too small alone, each the parent of the one before and sharing a source file with it.
    """
    run: list[Change] = []
    for change in changes:
        if run and not (len(run) < STAGES and follows(run[-1], change, least)):
            yield from (combine(found) for found in whole(run, least))
            run = []
        yield change
        run += [change] if small(change, least) else []
    yield from (combine(found) for found in whole(run, least))


def small(change: Change, least: int) -> bool:
    return change.unit == "commit" and 0 < len(change.sources) < least


def follows(later: Change, earlier: Change, least: int) -> bool:
    return small(earlier, least) and later.before == earlier.after and bool(set(later.sources) & set(earlier.sources))


def whole(run: list[Change], least: int) -> Iterator[tuple[Change, ...]]:
    if len(run) > 1 and len({path for change in run for path in change.sources}) >= least:
        yield tuple(run)
