"""Generated staged tasks as a source: staged:TIER[,family=T1][,delivery=concat][,count=2][,seed=7][,DIAL=VALUE ...]."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, get_args

import msgspec

from harness.core.errors import PlanError
from harness.core.task import TaskSpec
from task_repos.folder import read_task
from task_repos.staging.dials import Delivery
from task_repos.staging.folders import Folder
from task_repos.staging.generating import digest, generate, known

MOST: Final = 100
"""Seeds that one word may ask for."""
TURNS_PER_MOVE: Final = 5
"""Of the solution: a twin of one request has as much to do as the task of many."""


class Wanted(msgspec.Struct, frozen=True):
    """What a word asks for. `families`: their ids; `dials`: as they were said."""

    tier: str
    families: tuple[str, ...]
    delivery: Delivery
    seeds: tuple[int, ...]
    dials: tuple[tuple[str, str], ...] = ()


class StagedTasks:
    """One task for each family and seed (of the fresh twin: one for each stage), laid into the cache and read from there like any folder."""

    faults: tuple[Exception, ...] = ()

    def __init__(self, wanted: Wanted, cache: Path, host: Mapping[str, str], source: str) -> None:
        self._wanted, self._cache, self._host, self._source = wanted, cache, host, source

    def __iter__(self) -> Iterator[TaskSpec]:
        for folder in made(self._wanted):
            task = read_task(laid(folder, self._cache), self._host, self._source)
            turns = max(task.limits.turns or 0, TURNS_PER_MOVE * len(folder.moves))
            yield msgspec.structs.replace(task, limits=msgspec.structs.replace(task.limits, turns=turns))


def create(*, path: str, environment: Mapping[str, str] | None = None, source: str = "", seed: int = 0, cache: str = "") -> StagedTasks:
    """`path`: what stands after `staged:`. `seed`: the plan's, unless the word has its own; `cache`: the folder of what can be made again. Raises PlanError."""
    place = Path(cache) if cache else Path(tempfile.gettempdir()) / "longhaul"
    return StagedTasks(wanted(path, seed), place / "staged", environment or {}, source or f"staged:{path}")


def wanted(text: str, seed: int) -> Wanted:
    """The word taken apart. Raises PlanError in one sentence."""
    tier, *words = [word.strip() for word in text.split(",")]
    pairs: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not value or name in pairs:
            raise PlanError("", "tasks", repr(word), "NAME=VALUE, each name once, after staged:TIER,")
        pairs[name] = value
    family, delivery = pairs.pop("family", ""), pairs.pop("delivery", "staged")
    count, first = _number(pairs.pop("count", "1"), "count", MOST), _number(pairs.pop("seed", str(seed)), "seed", 1 << 62)
    if family and family not in known():
        raise PlanError("", "family", repr(family), f"one of {', '.join(known())}")
    if delivery not in get_args(Delivery):
        raise PlanError("", "delivery", repr(delivery), " or ".join(get_args(Delivery)))
    if not count:
        raise PlanError("", "count", "0", f"a whole number from 1 to {MOST}")
    asked = Wanted(tier, (family,) if family else tuple(known()), delivery, tuple(range(first, first + count)), tuple(pairs.items()))  # type: ignore[arg-type]
    checked(asked)
    return asked


def checked(asked: Wanted) -> None:
    """Raises PlanError for a tier or dial that is none, before anything is made."""
    from task_repos.staging.dials import dials

    dials(asked.tier, dict(asked.dials))


def made(asked: Wanted) -> Iterator[Folder]:
    """The folders of a word, by seed, then by family. Raises PlanError."""
    for seed in asked.seeds:
        for family in asked.families:
            yield from generate(asked.tier, seed, family, asked.delivery, dict(asked.dials)).folders


def laid(folder: Folder, cache: Path) -> Path:
    """The folder in the cache, under its digest: whole or not there. What somebody changed in it is laid anew. Raises PlanError."""
    place = cache / digest(folder)[:32] / folder.name
    if not _same(place, folder):
        try:
            _lay(folder, place)
        except OSError as fault:
            raise PlanError(str(cache), "cache", fault.strerror or str(fault), "a folder that can be written") from fault
    return place


def write(folder: Folder, place: Path) -> None:
    """All its files below `place`. Raises OSError."""
    for path, data in folder.files.items():
        target = place / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        target.chmod(0o755 if path.endswith(".sh") else 0o644)


def _same(place: Path, folder: Folder) -> bool:
    found = {path.relative_to(place).as_posix(): path for path in place.rglob("*") if path.is_file()}
    return found.keys() == folder.files.keys() and all(found[path].read_bytes() == data for path, data in folder.files.items())


def _lay(folder: Folder, place: Path) -> None:
    """Beside its place first; another process may be at the same."""
    place.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".laying-", dir=place.parent))
    try:
        aside.chmod(0o755)
        write(folder, aside / "new")
        if place.exists() and not _same(place, folder):
            place.rename(aside / "old")
        try:
            (aside / "new").rename(place)
        except OSError:
            if not _same(place, folder):
                raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _number(text: str, name: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most):
        raise PlanError("", name, repr(text), f"a whole number from 0 to {most}")
    return int(text)
