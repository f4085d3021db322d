"""`longhaul baseline`: what later nights are judged against, as one file that tells when somebody edited it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median_low

import msgspec
import typer
from rich.console import Console

from harness.answer.night import gate_words as say
from harness.answer.night.baseline import ACCEPTABLE, Baseline, BaselineRun, encoded, made
from harness.answer.night.gate import Tonight
from harness.answer.night.sheets import Sheet, sheets
from harness.answer.outlook.promise import gate_finds
from harness.answer.side import sides
from harness.cli.answers import former
from harness.cli.answers.nightly import names, opened
from harness.cli.record.landing import land
from harness.cli.screen.layout import lay, tell
from harness.core.errors import PlanError
from harness.metrics.statistics.rates import interval, mean
from harness.report.cautions import FEW_TASKS
from harness.report.summary import counted, percent, span
from harness.settings import Settings, read

MARKS = "baselines"
"""Folder beside `runs`: one small file per baseline, so that no pruning takes the runs it is made of."""
MAX_DROP = 0.10
"""As of a gate that is told no other."""
FIGURES = ("tasks", "trials", "rate", "95 %", "broken", "shows")


def baseline(
    runs: list[str] = typer.Argument(..., metavar="RUN...", help="A run's id, its beginning, its name, or last. Several of the same plan are pooled."),
    to: Path = typer.Option(..., "--to", metavar="FILE", help="The file to write."),
    accept: list[str] = typer.Option([], "--accept", metavar="NAME", help="broken or pending: a run with more than 5 % broken, or one that is not done."),
    as_json: bool = typer.Option(False, "--json", help="The file's own object, schema longhaul.baseline/1."),
) -> int:
    """Write down what later nights are judged against: results, and what they were made with.

    Example: longhaul baseline last --to nightly.json
    """
    accepted, settings = names(accept, ACCEPTABLE), read()
    before = former.former(to)
    nights = _nights(runs, settings)
    held = [each for night in nights for each in sheets(sides((night.run, row) for row in night.rows))]
    about = [BaselineRun(night.run, night.name, night.created, night.seed) for night in nights]
    told = made(about, held, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"), accepted)
    _landed(told, to, settings)
    if as_json:
        sys.stdout.buffer.write(encoded(told))
    else:
        _show(told, to, Console())
    if replaced := former.told(before, told):
        tell(Console(stderr=as_json), replaced)
    return 0


def _nights(words: list[str], settings: Settings) -> list[Tonight]:
    """Raises PlanError also for one run under two words: it would count twice."""
    found: dict[Path, Tonight] = {}
    for word in words:
        night, folder = opened(word, settings)
        if folder in found:
            raise PlanError("", "RUN", f"{night.run} twice", "each run once")
        found[folder] = night
    return list(found.values())


def _landed(told: Baseline, to: Path, settings: Settings) -> None:
    """The mark first: a baseline without one could lose its runs, while a mark without its baseline only keeps them."""
    marks = settings.home / MARKS
    mark = marks / f"{told.digest.removeprefix('sha256:')}.json"
    # Whether the file can be written is not known before; a mark left by a refused one must not stay.
    before = mark.exists()
    land(mark, msgspec.json.encode({"runs": [each.run for each in told.runs], "path": str(to.resolve())}) + b"\n", "LONGHAUL_HOME")
    try:
        land(to, encoded(told), "--to")
    except BaseException:
        if not before:
            mark.unlink(missing_ok=True)
        raise
    _superseded(marks, mark, to)


def _superseded(marks: Path, mine: Path, to: Path) -> None:
    """A baseline whose file this one replaced keeps no run any more."""
    for path in marks.glob("*.json"):
        try:
            known = msgspec.json.decode(path.read_bytes(), type=dict[str, object]).get("path")
        except (OSError, msgspec.MsgspecError):
            continue
        if path != mine and known == str(to.resolve()):
            path.unlink(missing_ok=True)


def _show(told: Baseline, to: Path, console: Console) -> None:
    tell(console, f"baseline of {counted(len(told.runs), 'run')}: {to}")
    tell(console, told.digest)
    finds = [_finds(sheet) for sheet in told.sides]
    lay(console, ("side", *FIGURES), [_row(sheet, least) for sheet, least in zip(told.sides, finds, strict=True)], figures=FIGURES)
    for sheet, least in zip(told.sides, finds, strict=True):
        if least is not None:
            tell(console, _promised(sheet, least))
    for sheet in told.sides:
        if not sheet.control and len(sheet.tallies()) < FEW_TASKS:
            tell(console, f"note: {counted(len(sheet.tallies()), 'task')} of {say.name(sheet.who)}: below {FEW_TASKS} every gate is undecided")
        if invalid := sheet.counts.invalid:
            tell(console, f"note: {counted(invalid, 'trial')} of {say.name(sheet.who)} invalid: no gate judges those")


def _finds(sheet: Sheet) -> float | None:
    """None for a control, by which no night turns red."""
    if sheet.control:
        return None
    tallies = tuple(sheet.tallies().values())
    attempts = max(1, median_low(each.decided for each in tallies) // sheet.nights)
    return gate_finds(len(tallies), attempts, tallies, MAX_DROP) if len(tallies) >= FEW_TASKS else 1.0


def _promised(sheet: Sheet, least: float) -> str:
    """What a gate on this baseline can show, whatever the night brings."""
    if least >= 1:
        return f"a gate on this: no drop of {say.name(sheet.who)} turns a night red four times in five; more tasks or attempts would (longhaul run PLAN --estimate)"
    return f"a gate on this: a true drop of {100 * least:.0f} points of {say.name(sheet.who)} turns a night red four times in five, at --max-drop {MAX_DROP:g}"


def _row(sheet: Sheet, least: float | None) -> tuple[str, ...]:
    tallies = tuple(sheet.tallies().values())
    within = interval(tallies)
    shown = "- (control)" if least is None else "no drop" if least >= 1 else f"{100 * least:.0f} points"
    return (say.name(sheet.who), str(len(tallies)), str(sum(each.decided for each in tallies)),
            percent(mean(tallies), 1), span(within.low, within.high) if within else "-", percent(sheet.broken, 1), shown)  # fmt: skip
