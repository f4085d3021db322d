"""A trial's lanes on a terminal: one column a turn, or a stretch of turns where there are more than fit."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from harness.cli.context.context_text import AS_OF, seen, since, styled
from harness.cli.screen.layout import lay, tell
from harness.core.findings import Finding
from harness.metrics.context.ledger import Sight
from harness.report.context import lane as lanes
from harness.report.context.lane import Lane, outcome
from harness.report.context.lines import UNKNOWN
from harness.report.story import safe
from harness.report.summary import counted, who

BARS = "▁▂▃▄▅▆▇█"
MARKS = {"": " ", lanes.UNSEEN: "·", lanes.SEEN: "─", lanes.SHOWN: "●", lanes.KEPT: "✓", lanes.SLIPPED: "~", lanes.LOST: "✗"}
STRENGTH = tuple(MARKS)
STYLE = {lanes.LOST: "red", lanes.KEPT: "green", lanes.SLIPPED: "yellow", lanes.UNSEEN: "dim"}
NAME = 22
"""Columns for a lane's name at most."""


def show(told: Lane, run: str, console: Console) -> None:
    """The lanes, then what was found with where to read it, then each opportunity with its distance."""
    whose = who(told.agent, told.model, told.variant)
    tell(console, styled(f"{told.trial} {told.task} {whose}: {counted(told.last, 'turn')}, ended: {(told.stop or 'broken off').replace('_', ' ')}", "bold"))
    if told.inferred:
        tell(console, styled("note: the views are only inferred: what the server made of them is not known", "dim"))
    if told.last:
        _lanes(told, console)
    _findings(told, run, console)
    _chances(told, console)
    if told.last:
        tell(console, styled(f"what was in the view at a turn: longhaul context {run} {told.trial} --turn N", "dim"))


def _lanes(told: Lane, console: Console) -> None:
    names = ["request", "window", "cleared, cut", *(each.letter for each in told.classes), *(each.item.id for each in told.tracks)]
    wide = min(NAME, max(cell_len(safe(name)) for name in names))
    step = max(1, -(-told.last // max(10, console.width - wide - 2)))
    columns = [range(first, min(first + step, told.last + 1)) for first in range(1, told.last + 1, step)]
    _lane(console, wide, "turn" if step == 1 else f"turn, by {step}", _ruler(columns))
    _lane(console, wide, "request", Text("".join(str(told.pulses[column[0] - 1].stage % 10) for column in columns), "dim"))
    _lane(console, wide, "window", Text("".join(_bar(told, column) for column in columns), "cyan"))
    if any(pulse.cut or pulse.edits for pulse in told.pulses):
        _lane(console, wide, "cleared, cut", Text("".join(_taken(told, column) for column in columns), "magenta"))
    for each in told.classes:
        _lane(console, wide, each.letter, Text("".join(_digit(each.findings, column) for column in columns), "red"))
    for track in told.tracks:
        _lane(console, wide, track.item.id, Text.assemble(*(_mark([track.words[turn - 1] for turn in column]) for column in columns)))
    legend = ", ".join(f"{MARKS[word]} {lanes.WORDS[word]}" for word in STRENGTH if word)
    tell(console, styled(f"{legend}; window: how full; cleared, cut: c by the agent, A by the server; a class has its kind's number", "dim"))


def _lane(console: Console, wide: int, name: str, marks: Text) -> None:
    head = safe(" ".join(name.split()))
    head = head if cell_len(head) <= wide else f"{head[: wide - 1]}…"
    console.print(Text.assemble((head + " " * (wide - cell_len(head)) + "  ", "dim"), marks), soft_wrap=True, highlight=False)


def _ruler(columns: Sequence[range]) -> Text:
    """Every tenth column is named by its turn, where the name has room."""
    marks = [" "] * len(columns)
    for at in range(0, len(columns), 10):
        word = str(columns[at][0])
        if at + len(word) <= len(columns):
            marks[at : at + len(word)] = word
    return Text("".join(marks), "dim")


def _bar(told: Lane, column: range) -> str:
    fills = [fill for turn in column if (fill := told.pulses[turn - 1].fill) is not None]
    return BARS[min(len(BARS) - 1, int(max(fills) * len(BARS)))] if fills else "?"


def _taken(told: Lane, column: range) -> str:
    pulses = [told.pulses[turn - 1] for turn in column]
    return "A" if any(pulse.cut for pulse in pulses) else "c" if any(pulse.edits for pulse in pulses) else " "


def _digit(findings: Sequence[Finding], column: range) -> str:
    kinds = {each.kind[1:] for each in findings if each.turn in column}
    return " " if not kinds else next(iter(kinds))[:1] if len(kinds) == 1 else "+"


def _mark(words: Sequence[str]) -> tuple[str, str]:
    word = max(words, key=STRENGTH.index)
    return MARKS[word], STYLE.get(word, "")


def _findings(told: Lane, run: str, console: Console) -> None:
    found = sorted((each for one in told.classes for each in one.findings), key=lambda each: (each.turn, each.kind, each.item))
    if not found:
        tell(console, "nothing was found")
        return
    rows = [_finding(each) for each in found]
    titles = ("turn", "kind", "item", "status", "why", "in view", "tokens back", "as of turn", "follows from", "entries", "what")
    lay(console, titles, rows, names=3, figures=("turn", "tokens back", "as of turn"))
    tell(console, f"the evidence: longhaul show {run} {told.trial} --turn {found[0].turn}")


def _finding(each: Finding) -> tuple[str, ...]:
    back = "" if each.distance is None else f"{each.distance:,}"
    entries = " ".join(map(str, each.evidence))
    return (
        str(each.turn), each.kind, each.item, str(each.status), str(each.mechanism or UNKNOWN), seen(each.visible), back, since(each), each.root, entries,
        each.detail,
    )  # fmt: skip


def _chances(told: Lane, console: Console) -> None:
    chances = sorted(((each, track.item) for track in told.tracks for each in track.chances), key=lambda pair: (pair[0].turn, pair[0].item))
    rows = [
        (
            str(each.turn), each.item, outcome(each), seen(each.visible), "" if each.distance is None else f"{each.distance:,}",
            "" if each.apart is None else str(each.apart), "" if each.begun is None else str(each.begun), "" if each.fill is None else f"{100 * each.fill:.0f} %", str(each.exposures), each.subject,
            "" if item.validated else "not validated",
        )
        for each, item in chances
    ]  # fmt: skip
    if rows:
        console.print()
        tell(console, styled(counted(len(rows), "opportunity").replace("opportunitys", "opportunities"), "bold"))
        titles = ("turn", "item", "", "in view", "tokens back", "turns back", "as of turn", "window", "shown", "about", " ")
        lay(console, titles, rows, names=2, figures=("turn", "tokens back", "turns back", "as of turn", "window", "shown"))
        if any(each.begun for each, _ in chances):
            tell(console, styled(AS_OF, "dim"))


def show_sights(sights: Sequence[tuple[Sight, str, bool]], turn: int, console: Console) -> None:
    """(sight, kind, whether it holds): what the model could see at a turn; what holds and can't be seen stands first."""
    rows = [
        (
            sight.item, kind, seen(sight.visible), "yes" if holds else "no", UNKNOWN if sight.distance is None else f"{sight.distance:,}", "" if sight.apart is None else str(sight.apart),
            str(sight.exposures), sight.part,
        )
        for sight, kind, holds in sights
    ]  # fmt: skip
    tell(console, styled(f"at turn {turn}", "bold"))
    titles = ("item", "kind", "in view", "holds", "tokens back", "turns back", "shown", "last part")
    lay(console, titles, rows, figures=("tokens back", "turns back", "shown"))
