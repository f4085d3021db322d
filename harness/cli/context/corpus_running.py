"""Plays the deck: chunk by chunk, each in a folder of its own, in worker processes; what is left of a run is what was found."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

import msgspec

from harness.cli.context.corpus_ground import Machines, ground, in_containers, on_this_machine, staged
from harness.core.errors import HarnessError
from harness.core.findings import Finding
from harness.corpus.deck import Draw, drawn_case
from harness.corpus.matching import Matched, matched
from harness.corpus.playing import Ground, play
from harness.corpus.proving import faults
from harness.corpus.resolving import cuts, stood
from harness.corpus.scorecard import Scored
from harness.corpus.script import Case
from harness.metrics.context.all import findings
from harness.settings import read

CHUNK = 40
"""Runs in one folder: few enough that looking anything up in it stays quick, enough that what is shared is made once."""


ROOM = 1 << 30
"""Bytes free in memory's file system; two chunks take a fifth of it."""


COUNTED = frozenset({"A1", "A2", "A3"})
"""Kinds that are told from counts of tokens alone."""


class Chunk(msgspec.Struct, frozen=True):
    """`keep`: the folder for its runs, "" for none; `containers`: play them there, too, and hold the findings against each other."""

    draws: tuple[Draw, ...]
    seed: int
    cache: str
    keep: str = ""
    containers: bool = False


class Told(msgspec.Struct, frozen=True):
    """What a chunk came to. `unlike`: sentences about runs whose findings in a container are others than on the host; `again`: runs played in both."""

    runs: tuple[Scored, ...]
    unlike: tuple[str, ...] = ()
    again: int = 0


def run(chunks: tuple[Chunk, ...], jobs: int, told: Callable[[int], None]) -> tuple[Told, ...]:
    """In the order of the chunks; `told`: how many runs are done. Raises what a chunk raises."""
    if jobs <= 1:
        return tuple(_counted(chunk, told) for chunk in chunks)
    spawned = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=spawned)
    try:
        waiting = {pool.submit(run_chunk, chunk): number for number, chunk in enumerate(chunks)}
        found: dict[int, Told] = {}
        for done in as_completed(waiting):
            found[waiting[done]] = done.result()
            told(len(chunks[waiting[done]].draws))
        return tuple(found[number] for number in range(len(chunks)))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def run_chunk(chunk: Chunk) -> Told:
    """Raises ValueError, StoreError."""
    cases = tuple(drawn_case(draw, chunk.seed, staged(Path(chunk.cache))) for draw in chunk.draws)
    with folder_for(chunk.keep) as folder:
        runs = _played(folder / "host", cases, on_this_machine())
        if not chunk.containers:
            return Told(runs)
        again = _played(folder / "containers", cases, in_containers(read()))
    return Told(runs, tuple(_unlike(here, there) for here, there in zip(runs, again, strict=True) if shape(here.run) != shape(there.run)), len(again))


def scored(case: Case, at: Ground) -> Scored:
    """One run: played, proven, searched and held against its truths."""
    try:
        made = play(case, at)
        return Scored(matched(case, stood(made), findings(made.scene), cuts(made)), faults(made))
    except HarnessError as fault:
        return Scored(Matched(case.name, case.sort, (), (), ()), (f"it could not be played: {fault}",))


def _counted(chunk: Chunk, told: Callable[[int], None]) -> Told:
    found = run_chunk(chunk)
    told(len(chunk.draws))
    return found


def _played(folder: Path, cases: tuple[Case, ...], machines: Machines) -> tuple[Scored, ...]:
    folder.mkdir(parents=True)
    with ground(folder, cases, machines) as at:
        return tuple(scored(case, at) for case in cases)


@contextmanager
def folder_for(keep: str = "") -> Iterator[Path]:
    """`keep`, which stays; or one that is gone in the end."""
    if keep:
        yield Path(keep)
        return
    made = Path(tempfile.mkdtemp(prefix="longhaul-corpus-", dir=_memory()))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _memory() -> str | None:
    """A file system in memory, where there is one with room: nothing here need outlast a power cut, and forcing it to disk is half of the time."""
    place = Path("/dev/shm")  # noqa: S108  a folder of our own is made in it
    roomy = place.is_dir() and os.access(place, os.W_OK) and shutil.disk_usage(place).free >= ROOM
    return str(place) if roomy else None


def shape(run: Matched) -> tuple[tuple[str, str, int, int], ...]:
    """What must be equal wherever a case is played: paths and counts of tokens in details need not be.

    Outputs name the folder they were made in, so a window fills at another turn elsewhere, and a cut is seen in counts a turn sooner or later:
    what hangs on a window is counted from where it was full, and of a cut it counts that it was found.
    """
    every = [hit.found for hit in run.hits if hit.found is not None] + [*run.linked, *run.false]
    return tuple(sorted((one.kind, one.item, *_when(one, run.placed)) for one in every))


def _when(one: Finding, placed: int) -> tuple[int, int]:
    after = placed if one.kind[0] in "AB" else 0
    return (0, 0) if one.kind in COUNTED else (one.turn - after, one.onset - after)


def _unlike(here: Scored, there: Scored) -> str:
    mine, other = Counter(shape(here.run)), Counter(shape(there.run))
    return f"{here.run.case}: only on the host {sorted((mine - other).elements())}, only in the container {sorted((other - mine).elements())}"
