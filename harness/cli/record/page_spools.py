"""The blocks of many trials, made by as many processes as there are processors: most of the time goes into checking, comparing and packing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from harness.core.errors import StoreError
from harness.report.detail import Sources
from harness.report.page_blocks import block
from harness.report.page_trial import Order, blocks
from harness.store.diffs import differences
from harness.store.sqlite import RunStore, reading

MANY = 24
"""Trials from which on further processes are worth their start."""
MOST = 4
"""Processes at most: each holds a trial, and the memory is to be bounded on large machines, too."""
_FAULT = "!"
_HERE = "import sys; sys.path[:] = {path!r}; from harness.cli.record.page_spools import main; sys.exit(main(*sys.argv[1:]))"


class Speller:
    """Writes the blocks of a trial into a file, a line each, so that no long text is held beside another."""

    def __init__(self, store: RunStore, sources: Sources, workshop: Path) -> None:
        self._store, self._sources, self._workshop = store, sources, workshop

    def spell(self, wish: Order) -> Path:
        """Raises StoreError where the record can't be read, OSError where the file can't be written."""
        path = spool_of(self._workshop, wish)
        with path.open("w", encoding="ascii") as file:
            for name, value in blocks(wish, self._store.trace(wish.key), self._sources):
                file.write(f"{name} {block(value)}\n")
        return path


def spool_of(workshop: Path, wish: Order) -> Path:
    return workshop / f"{wish.trial}.blocks"


def spools(store: RunStore, orders: Sequence[Order], workshop: Path) -> Iterator[Path]:
    """A file for each trial, in order; each line is a block's name and its text. Raises StoreError, OSError."""
    hands = min(MOST, len(os.sched_getaffinity(0)))
    if len(orders) >= MANY and hands > 1:
        yield from _shared(store.folder, orders, workshop, hands)
        return
    with differences(store.folder / "trees.git") as diffs:
        yield from map(Speller(store, Sources(store.blobs.get, diffs.many), workshop).spell, orders)


def _shared(folder: Path, orders: Sequence[Order], workshop: Path, hands: int) -> Iterator[Path]:
    """Every process has its share from the beginning; when we end, whatever the reason, they do."""
    with ExitStack() as held:
        processes = [held.enter_context(_started(folder, workshop)) for _ in range(hands)]
        held.callback(_end, processes)
        for hand, process in enumerate(processes):
            assert process.stdin is not None
            process.stdin.write(msgspec.json.encode(orders[hand::hands]))
            process.stdin.close()
        for place, wish in enumerate(orders):
            told = _line(processes[place % hands])
            if told != wish.trial:
                raise StoreError(told.removeprefix(_FAULT) or f"{folder}: the process that read {wish.trial} ended before its time")
            yield spool_of(workshop, wish)


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.kill()


def _line(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().decode().rstrip("\n")


def _started(folder: Path, workshop: Path) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C is ours to hear. It imports what we import, whatever the user's folder holds.

    Refused: multiprocessing, which runs its caller's main module a second time.
    """
    command = [sys.executable, "-P", "-c", _HERE.format(path=sys.path), str(folder), str(workshop)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)


def main(folder: str, workshop: str) -> int:
    """A further process: orders come in as JSON, a line goes out for each that is done; a reader that is gone ends it."""
    orders = msgspec.json.decode(sys.stdin.buffer.read(), type=tuple[Order, ...])
    try:
        store = reading(Path(folder))
        with differences(store.folder / "trees.git") as diffs:
            speller = Speller(store, Sources(store.blobs.get, diffs.many), Path(workshop))
            for wish in orders:
                speller.spell(wish)
                _tell(wish.trial)
    except (StoreError, OSError) as fault:
        _tell(f"{_FAULT}{' '.join(str(fault).split())}")
        return 1
    return 0


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
