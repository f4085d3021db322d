"""`longhaul export`: a run as one file that other machines can read, or in the files of other tools."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.cli.record.landing import land
from harness.cli.record.runs import Held, folder, held
from harness.cli.record.tried import undamaged
from harness.cli.screen.layout import tell
from harness.core.errors import PlanError, StoreError
from harness.core.events import PatchTaken
from harness.core.trial import TrialKey
from harness.exchange import folders
from harness.exchange.folders import Files, Written
from harness.exchange.submission import Submission, files, lines, submissions
from harness.exchange.writer import export as written
from harness.grading.difference import unpacked
from harness.metrics.row import Row
from harness.report.readout import about, rows
from harness.settings import Settings, read
from harness.store import bases
from harness.store.patches import unifier
from harness.wiring import predicted


def export(
    run: str = typer.Argument(metavar="RUN", help="A run's id, its beginning, its name, or last."),
    to: Path = typer.Option(..., "--to", help="The file or folder to make; it must not be there yet."),
    form: str = typer.Option(
        "archive", "--format",
        help="archive: the whole record in one file. predictions: each trial's patch as SWE-bench's tools read it (a .jsonl, or a folder "
        "with reports). harbor: a job's folder. atif: trajectories.",
    ),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.export/1."),
) -> int:
    """A run as one file: the record, outputs, trees and logs, with a digest of each; or in the files of other tools.

    Example: longhaul export last --to night.tar.zst
    """
    if form not in FORMATS:
        raise PlanError("", "--format", repr(form), f"one of: {', '.join(FORMATS)}")
    sent, words = FORMATS[form](run, read(), to)
    if as_json:
        sys.stdout.write(json.dumps({"schema": "longhaul.export/1", "format": form, **msgspec.to_builtins(sent)}) + "\n")
        return 0
    console = Console()
    for word in words:
        tell(console, word)
    return 0


Sent = tuple[msgspec.Struct, tuple[str, ...]]
"""What was made, and how a person is told."""


def _archive(run: str, settings: Settings, to: Path) -> Sent:
    sent = written(folder(run, settings), to)
    return sent, (f"{sent.run}: {sent.members:,} files in {sent.bytes / 1e6:,.1f} MB", f"{sent.path}   longhaul import {sent.path}")


def _folder(make: Callable[[Held, Sequence[Row]], Files], run: str, settings: Settings, to: Path) -> Sent:
    opened = held(run, settings)
    with closing(opened.store), undamaged(opened.store.folder):
        made = folders.place(to, opened.store.meta("run"), make(opened, rows(opened.store, opened.tasks)))
    return made, (f"{made.run}: {made.files:,} files in {made.bytes / 1e6:,.1f} MB", made.path)


def _harbor(run: str, settings: Settings, to: Path) -> Sent:
    return _folder(lambda opened, every: folders.job(about(opened.store), opened.store, every, opened.store.blobs.get), run, settings, to)


def _atif(run: str, settings: Settings, to: Path) -> Sent:
    return _folder(lambda opened, every: folders.trajectories(opened.store, every, opened.store.blobs.get), run, settings, to)


def _predictions(run: str, settings: Settings, to: Path) -> Sent:
    """One file where a name of one is given, else a folder."""
    if to.suffix != ".jsonl":
        return _folder(lambda opened, every: files(opened.store.meta("run"), _submitted(opened, every)), run, settings, to)
    if to.exists() or to.is_symlink():
        raise PlanError("", "--to", f"{to}, which is there already", "a path where nothing is yet")
    opened = held(run, settings)
    with closing(opened.store), undamaged(opened.store.folder):
        data = lines(_submitted(opened, rows(opened.store, opened.tasks)))
        made = Written(opened.store.meta("run"), str(land(to, data, "--to")), data.count(b"\n"), len(data))
    return made, (f"{made.run}: {made.files:,} predictions", f"{made.path}   longhaul grade SOURCE --predictions {made.path}")


def _submitted(opened: Held, every: Sequence[Row]) -> Iterator[Submission]:
    with unifier(opened.store.folder) as made:
        patches, store = predicted.kept(opened.store), opened.store

        def unify(key: TrialKey, taken: PatchTaken) -> bytes:
            """A patch that came from elsewhere goes out as it came."""
            if key.agent == predicted.AGENT:
                return patches.of(key, store.blobs.get)
            base = bases.kept(store.folder, taken.base)
            if base is None:
                raise StoreError(f"{store.folder}: the base of image {taken.base[:19]} is not on record")
            return made.diff(base, unpacked(store.blobs.get(taken.blob)))

        yield from submissions(store, every, opened.tasks, store.blobs.get, unify)


FORMATS: dict[str, Callable[[str, Settings, Path], Sent]] = {
    "archive": _archive, "predictions": _predictions, "harbor": _harbor, "atif": _atif,
}  # fmt: skip
"""--format -> what makes it."""
