"""Writing a run's page: the file whole or not at all, trial by trial, so that no run is too long for the memory."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import IO

import msgspec

from harness.cli.context.page_context import Material, material
from harness.cli.record.page_spools import spools
from harness.cli.record.runs import Held
from harness.core.errors import PlanError
from harness.metrics.row import Row
from harness.report.overview import Overview, overview
from harness.report.page import shell
from harness.report.page_blocks import block, element, script
from harness.report.page_drawings import Drawings, drawings
from harness.report.page_redaction import redacted_about, redacted_rows
from harness.report.page_trial import order
from harness.report.readout import about, rows
from harness.wiring.digests import of_harness

INSIDE = 28_000_000
"""Bytes of details inside the page, which so stays below 30 MB; what comes after them stands in files beside it, read when somebody opens that trial."""
EVERY = 50
"""Trials between two words on how far it is."""
_OURS = re.compile(r"[0-9a-f]{16}")


class Written(msgspec.Struct, frozen=True):
    """What was written: bytes of the page, and how many files beside it."""

    size: int
    beside: int


def write(held: Held, path: Path, *, redact: bool = False, say: Callable[[str], None] | None = None, inside: int = INSIDE) -> Written:
    """The page of a run at `path`, with a folder NAME.files beside it where it has to be. `redact`: numbers only.

    Raises PlanError where the path can't be written, StoreError where the record can't be read; then nothing has changed.
    """
    target = path.absolute()
    try:
        if target.is_dir():
            raise PlanError(str(path), "--html", "a folder", "the name of a file to write")
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".longhaul-page-") as workshop:
            return _Page(target, Path(workshop), inside).made(held, redact=redact, say=say or (lambda _: None))
    except OSError as fault:
        raise PlanError(str(path), "--html", fault.strerror or str(fault), "a place where a page can be written") from fault


class _Page:
    """A page under way. All of it is made in `workshop`, a folder beside the target, and moved when it is whole."""

    def __init__(self, target: Path, workshop: Path, inside: int) -> None:
        self._target, self._inside = target, inside
        self._new = workshop / "page.html"
        self._spool, self._beside = workshop / "spool", workshop / "beside"
        self._folder = target.parent / f"{target.stem}.files"
        self._mark = hashlib.sha256()
        self._count = 0

    def made(self, held: Held, *, redact: bool, say: Callable[[str], None]) -> Written:
        told = rows(held.store, held.tasks, of_harness())
        shown = redacted_rows(told) if redact else told
        facts = redacted_about(about(held.store)) if redact else about(held.store)
        with closing(self._blocks(held, told, redact=redact, say=say)) as blocks, self._spool.open("w", encoding="ascii") as spool:
            first = tuple(islice(blocks, 1))  # The further processes have begun: figures and charts are made beside them.
            figures = overview(facts, shown)
            drawn = drawings(figures)
            lost = material(held, say, redacted=redact)
            lanes = ((name, block(value)) for name, value in lost.lanes())
            for name, text in chain(first, blocks, lanes):
                self._keep(spool, name, text)
        self._assemble(figures, drawn, lost, redact=redact)
        return self._moved()

    def _blocks(self, held: Held, told: tuple[Row, ...], *, redact: bool, say: Callable[[str], None]) -> Generator[tuple[str, str], None, None]:
        keys = held.store.keys()
        orders = [order(row, keys[row.trial], held.tasks[row.task].check, redacted=redact) for row in told]
        for count, spool in enumerate(spools(held.store, orders, self._spool.parent), 1):
            with spool.open(encoding="ascii") as lines:
                for line in lines:
                    name, _, text = line.rstrip("\n").partition(" ")
                    yield name, text
            spool.unlink()
            if count % EVERY == 0:
                say(f"{count:,} of {len(told):,} trials")

    def _keep(self, spool: IO[str], name: str, text: str) -> None:
        """Inside the page as long as there is room. The digest of what stands beside it will be the name of its folder."""
        if spool.tell() + len(text) <= self._inside:
            spool.write(element(name, text))
            return
        self._beside.mkdir(exist_ok=True)
        (self._beside / f"{name}.js").write_text(script(name, text), "ascii")
        self._mark.update(f"{name} {hashlib.sha256(text.encode('ascii')).hexdigest()}\n".encode())
        self._count += 1

    def _assemble(self, told: Overview, drawn: Drawings, lost: Material, *, redact: bool) -> None:
        folder = f"{self._folder.name}/{self._mark.hexdigest()[:16]}" if self._count else ""
        around = shell(told, drawn, redacted=redact, folder=folder, context=lost.section(redacted=redact))
        with self._new.open("wb") as page, self._spool.open("rb") as spool:
            page.write(around.head.encode("utf-8", "backslashreplace"))
            shutil.copyfileobj(spool, page, 1 << 20)
            page.write(around.tail.encode())
            page.flush()
            os.fsync(page.fileno())

    def _moved(self) -> Written:
        """The new folder under a name of its own, then the page that knows it, then away with what the page before had beside it."""
        size = self._new.stat().st_size
        name = self._mark.hexdigest()[:16]
        if self._count and not (self._folder / name).exists():
            self._folder.mkdir(exist_ok=True)
            self._beside.rename(self._folder / name)
        self._new.chmod(0o644)
        self._new.replace(self._target)
        if self._folder.is_dir():
            _tidy(self._folder, name if self._count else "")
        return Written(size, self._count)


def _tidy(folder: Path, name: str) -> None:
    """Only what we made, by its name; a folder that then holds nothing goes, too."""
    for old in folder.iterdir():
        if old.name != name and _OURS.fullmatch(old.name) and old.is_dir():
            shutil.rmtree(old)
    if not any(folder.iterdir()):
        folder.rmdir()
