"""A run written as folders for other tools: made aside, forced into place at the end, nothing half-written left."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import msgspec

from harness.core.blob import Blob
from harness.core.errors import PlanError, StoreFullError
from harness.core.events import Trace
from harness.core.trial import TrialKey
from harness.exchange import atif, harbor
from harness.exchange.scratch import scratch
from harness.metrics.row import Row
from harness.report.overview import About
from harness.store.faults import named

Files = Iterator[tuple[str, bytes]]
"""(relative path, bytes), one at a time."""


class Source(Protocol):
    """What of a store is needed."""

    def keys(self) -> dict[str, TrialKey]: ...

    def trace(self, key: TrialKey) -> Trace: ...


class Written(msgspec.Struct, frozen=True):
    """`bytes` of all files together."""

    run: str
    path: str
    files: int
    bytes: int


def place(target: Path, run: str, files: Files) -> Written:
    """Write the files into a new folder. Raises PlanError where something is there already, StoreError for the disk."""
    if target.exists() or target.is_symlink():
        raise PlanError("", "--to", f"{target}, which is there already", "a path where nothing is yet")
    count = size = 0
    with _making(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with scratch(target.parent, ".longhaul-export-") as room:
            for name, data in files:
                path = room / "made" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
                count, size = count + 1, size + len(data)
            (room / "made").mkdir(exist_ok=True)
            (room / "made").rename(target)
    return Written(run, str(target), count, size)


@contextmanager
def _making(target: Path) -> Iterator[None]:
    """What the disk says of the target is no fault of the record. Raises PlanError, StoreFullError."""
    try:
        yield
    except OSError as fault:
        told = named(target, "could not be made", fault)
        if isinstance(told, StoreFullError):
            raise told from fault
        raise PlanError("", "--to", f"{target} ({fault.strerror or fault})", "a path that can be written") from fault


def trajectories(store: Source, rows: Sequence[Row], get: Callable[[Blob], bytes]) -> Files:
    """TRIAL/trajectory.json of every trial that began, and blobs/DIGEST of what their entries name."""
    keys, told = store.keys(), set[str]()
    for row in rows:
        if trace := store.trace(keys[row.trial]):
            document = atif.trajectory(row, trace, get)
            yield f"{row.trial}/trajectory.json", encoded(document)
            yield from _blobs(document, get, told)


def job(about: About, store: Source, rows: Sequence[Row], get: Callable[[Blob], bytes]) -> Files:
    """A Harbor job: result.json and config.json, a folder for each trial that ended, with its trajectory under agent/."""
    keys = store.keys()
    yield "config.json", encoded({"job_name": about.run})
    yield "result.json", encoded(harbor.job_result(about, rows))
    for row in rows:
        if row.outcome == "pending":
            continue
        name, result = harbor.folder(about, row), harbor.trial_result(about, row)
        yield f"{name}/config.json", encoded(result["config"])
        yield f"{name}/result.json", encoded(result)
        if harbor.decided(row):
            yield f"{name}/verifier/reward.txt", f"{harbor.rewards(row)['reward']:g}\n".encode()
        if trace := store.trace(keys[row.trial]):
            yield f"{name}/agent/trajectory.json", encoded(atif.trajectory(row, trace, get))


def _blobs(document: Mapping[str, Any], get: Callable[[Blob], bytes], told: set[str]) -> Files:
    for blob in atif.blobs(document):
        if blob.sha256 not in told:
            told.add(blob.sha256)
            yield f"blobs/{blob.sha256}", get(blob)


def encoded(document: object) -> bytes:
    """JSON that every reader takes: no NaN, no lone surrogate, ASCII only."""
    return json.dumps(document, allow_nan=False, indent=1).encode()
