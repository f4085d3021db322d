"""`longhaul audit`: blind samples of a run for two labellers, and what their answers say of the detectors."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.answer.audit import answers as filled
from harness.answer.audit.audit_page import page
from harness.answer.audit.blackening import Blackener, blackened
from harness.answer.audit.outcome import FULL, Audit, Key, outcome, standing
from harness.answer.audit.sampling import Drawn, Sample, drawn
from harness.answer.audit.sheet import Sheet, sheet
from harness.cli.context import audited
from harness.cli.context.accounts import accounts
from harness.cli.context.generate import vacant
from harness.cli.record.landing import folder, land
from harness.cli.record.runs import Held, held
from harness.cli.record.tried import undamaged
from harness.cli.screen.layout import lay, tell
from harness.core.errors import PlanError, StoreError
from harness.core.regular import read_regular
from harness.metrics.context.all import detectors, version
from harness.metrics.context.reading import scene
from harness.report.summary import counted
from harness.settings import Settings, read
from harness.store.audits import KeptKeys, name_of, named
from harness.wiring.trees import trees

MOST = 2_000
SHOWN = 5
"""Names of other audits in a sentence."""
SAMPLES, PAGE, SHEET = "samples.json", "audit.html", "answers.json"


def audit(
    run: str = typer.Argument("last", metavar="RUN", help="A run's id, its beginning, its name, or last."),
    to: Path = typer.Option(None, "--to", metavar="DIR", help="Where the samples go (./audit-ID); with --answers a further place for the audit file."),
    n: int = typer.Option(FULL, "--n", min=1, max=MOST, help="Findings, and as many turns by lot."),
    seed: int = typer.Option(0, "--seed", min=0, help="Of the draw: the same seed, the same samples."),
    answers: tuple[Path, Path] = typer.Option(None, "--answers", metavar="A.json B.json", help="What two labellers said: write the audit file and tell."),
    every: bool = typer.Option(False, "--all", help="Findings of experimental detectors, too."),
    redact: bool = typer.Option(False, "--redact", help="Take keys, passwords, mail and network addresses out of the samples."),
    no_tests: bool = typer.Option(False, "--no-tests", help="Run no tests over recorded trees."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.audit/1 with --answers, else longhaul.audit-samples/1."),
) -> int:
    """Are the detectors right? Samples for two people who are not told what was detected, and kappa and precision from their answers.

    Example: longhaul audit last --to samples
    """
    settings = read()
    opened = held(run, settings)
    if to is not None and not answers:
        vacant(to)
    with undamaged(opened.store.folder):
        if answers:
            return _heard(opened, settings, answers, to, as_json=as_json)
        kinds = frozenset(kind for one in detectors() for kind in (one.kinds if every else one.to_target))
        found = accounts(opened, settings, lambda words: tell(Console(stderr=True), words), tests=not no_tests)
        picked = drawn(found.each, kinds, n, seed)
        if not picked.samples:
            raise PlanError("", "RUN", f"{opened.store.meta('run')}, of which no turn can be labelled", "a run whose agents asked a model, with its trees on record")
        key = _key(opened, picked, seed)
        place = to or Path(f"audit-{key.audit}")
        vacant(place)  # answers that somebody has begun to fill in are written over by nobody
        black = Blackener() if redact else None
        sheets = tuple(_sheets(opened, picked.samples, black))
        _keep(opened, key)
        _written(folder(place, "--to"), key, sheets)
    _told(key, picked, place, n, black, as_json=as_json)
    return 0


def _key(opened: Held, picked: Drawn, seed: int) -> Key:
    run = opened.store.meta("run")
    return Key(named(run, version(), seed, picked.samples), run, version(), seed, picked.samples)


def _sheets(opened: Held, samples: Sequence[Sample], black: Blackener | None) -> list[Sheet]:
    """In the order of the samples; each trial is read once."""
    made: dict[str, Sheet] = {}
    keys = opened.store.keys()
    with trees(opened.store.folder) as recorded:
        for short in dict.fromkeys(sample.trial for sample in samples):
            key = keys[short]
            read_ = scene(short, opened.tasks[key.task], opened.store.trace(key), opened.store.blobs.get, recorded)
            made |= {sample.id: sheet(read_, sample) for sample in samples if sample.trial == short}
    return [blackened(made[sample.id], black) if black else made[sample.id] for sample in samples]


def _keep(opened: Held, key: Key) -> None:
    """Raises PlanError: without its key no answer could ever be read."""
    try:
        KeptKeys(opened.store.folder).keep(key.audit, msgspec.json.encode(key))
    except StoreError as fault:
        raise PlanError(str(opened.store.folder), "RUN", str(fault), "a run's folder that can be written: the key is kept there") from fault


def _written(place: Path, key: Key, sheets: Sequence[Sheet]) -> None:
    """The page last: where it stands, the rest does."""
    ids = [each.id for each in sheets]
    body = {"schema": "longhaul.audit-samples/1", "audit": key.audit, "samples": msgspec.to_builtins(sheets)}
    land(place / SAMPLES, msgspec.json.format(json.dumps(body).encode("ascii"), indent=2) + b"\n", "--to")
    land(place / SHEET, msgspec.json.format(msgspec.json.encode(filled.empty(key.audit, ids)), indent=2) + b"\n", "--to")
    land(place / PAGE, page(key.audit, sheets), "--to")


def _told(key: Key, picked: Drawn, place: Path, n: int, black: Blackener | None, *, as_json: bool) -> None:
    by_lot = sum(sample.by_lot for sample in key.samples)
    count = len(key.samples) - by_lot
    if as_json:
        told = {"schema": "longhaul.audit-samples/1", "audit": key.audit, "run": key.run, "to": str(place), "findings": count, "turns": by_lot, "asked": n,
                "of_findings": picked.findings, "of_turns": picked.turns, "redacted": black.count if black else None}  # fmt: skip
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
        return
    console = Console()
    tell(console, f"audit {key.audit} of {key.run}: {counted(count, 'finding')} of {picked.findings:,} and {counted(by_lot, 'turn')} by lot of {picked.turns:,}, in {place}")
    if min(count, by_lot) < n:
        tell(console, f"fewer than the {n} of each that were asked for: that is what there is")
    if min(count, by_lot) < FULL:
        tell(console, f"a whole audit has {FULL} of each; a smaller one is told and stands beside no figure")
    if black:
        tell(console, f"{counted(black.count, 'secret')} taken out, as far as they look like ones; look the samples over before they leave the machine")
    tell(console, f"hand {PAGE} to two people who do not talk about it; then: longhaul audit {key.run} --answers A.json B.json")


def _heard(opened: Held, settings: Settings, paths: tuple[Path, Path], to: Path | None, *, as_json: bool) -> int:
    one, two = (filled.read(_bytes(path), str(path)) for path in paths)
    filled.apart(one, two, str(paths[1]))
    key = _kept(opened, one.audit, str(paths[0]))
    ids = [sample.id for sample in key.samples]
    labels = [filled.complete(each, key.audit, ids, str(path)) for each, path in zip((one, two), paths, strict=True)]
    told = outcome(key, (one.who, two.who), labels[0], labels[1], time.strftime("%Y-%m-%d"))
    data = msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"
    if to is not None:
        land(folder(to, "--to") / audited.NAME, data, "--to")
    written = land(audited.place(settings), data, "LONGHAUL_HOME")
    if as_json:
        sys.stdout.buffer.write(data)
    else:
        _show(told, written)
    return 0


def _bytes(path: Path) -> bytes:
    try:
        return read_regular(path, filled.MOST)
    except OSError as fault:
        raise PlanError(str(path), "--answers", fault.strerror or str(fault), "a labeller's file of answers") from fault


def _kept(opened: Held, name: str, place: str) -> Key:
    """Raises PlanError for one that is not there, or is not what it was: whose samples are others, the labels say nothing of."""
    keys = KeptKeys(opened.store.folder)
    data = keys.find(name)
    with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        if data is not None and name_of(data) == name:
            key = msgspec.json.decode(data, type=Key)
            if key.run == opened.store.meta("run") and 0 < len(key.samples) == len({sample.id for sample in key.samples}):
                return key
    known = [each for each in keys.names() if each != name]
    more = f" and {len(known) - SHOWN:,} more" if len(known) > SHOWN else ""
    others = f": {', '.join(known[:SHOWN])}{more}" if known else ", which has no other" if data is not None else ", which has none"
    raise PlanError(place, "audit", f"{name[:80]!r}{', of which the key is damaged' if data is not None else ''}", f"an audit of {opened.store.meta('run')}{others}")


def _show(told: Audit, written: Path) -> None:
    console = Console()
    value = "no kappa, for both used one label only" if told.kappa.value is None else f"kappa {told.kappa.value:.2f} [{told.kappa.low:.2f}, {told.kappa.high:.2f}]"
    tell(console, f"audit {told.audit} by {told.who[0]} and {told.who[1]}: n = {told.n}, {value}, agreed on {100 * told.kappa.agreed:.0f} %")
    rows = [
        (name, f"{each.findings}", f"{each.right}", f"{each.split}", "-" if each.precision is None else f"{each.precision:.2f} [{each.low:.2f}, {each.high:.2f}]",
         f"{each.turns}", f"{each.missed}") for name, each in told.classes.items()
    ]  # fmt: skip
    titles = ("class", "findings", "right", "labellers differ", "precision", "turns by lot", "missed")
    lay(console, titles, rows, figures=titles[1:])
    tell(console, f"detectors: {standing(told, version()).sentence}")
    tell(console, f"audit file: {written}")
