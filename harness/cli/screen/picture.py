"""A run's standing as a moving picture for a terminal of any width; the same for who drives the run and for who watches its record."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from harness.cli.screen.layout import plain
from harness.cli.screen.tables import STYLE
from harness.report.standing import Picture, Standing
from harness.report.summary import who
from harness.wiring.forking import UNBORN

NARROW, WIDE = 72, 110
"""Columns below which tokens and money of a single trial are left out, and from which on tool and doing, agent and model have their own."""
FULL, NEARLY = 0.95, 0.80
FAST = 100
BAR = 20
SAID = {"interrupted": "interrupted", "stopped": "stopped: no process drives it", "finished": "finished"}
NEVER = "its past is not copied whole, so that nothing can be resumed: unless `longhaul fork` or `longhaul probe` is still at that, begin it again"


class Drawn:
    """A picture that is laid out once the width is known."""

    def __init__(self, now: Picture) -> None:
        self._now = now

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        if self._now.running:
            yield _table(self._now.running, options.max_width)
        yield _counts(self._now)
        yield _paced(self._now)
        yield from _ends(self._now)


def _table(running: tuple[Standing, ...], width: int) -> Table:
    wide, broad = width >= WIDE, width >= NARROW
    priced = broad and any(each.cost_usd is not None for each in running)
    named = ("task", "agent x model") if wide else ("what",)
    titles = ("trial", *named, "turn", "now", *(("tool",) if wide else ()), "window", *(("tokens",) if broad else ()), *(("cost",) if priced else ()), "for")
    table = Table(box=None, padding=(0, 1), header_style="dim")
    for title in titles:
        # Of all columns only those that name a trial give way on a narrow terminal: they may wrap, but their text may not.
        side: JustifyMethod = "right" if title in RIGHT else "left"
        table.add_column(title, no_wrap=title not in named, justify=side, min_width=SIZES.get(title))
    for each in running:
        table.add_row(*_cells(each, titles))
    return table


RIGHT = ("turn", "window", "tokens", "cost", "for")
SIZES = {"trial": 5, "now": 8, "tokens": 9, "for": 7}
"""At least so wide, so that the columns keep their places while figures grow."""


def _cells(now: Standing, titles: tuple[str, ...]) -> list[Text]:
    wide = "tool" in titles
    pair = who(now.agent, now.model, now.variant)
    names = [now.task, pair] if wide else [f"{now.task} {pair}"]
    tool = now.tool[:16]
    doing = [now.doing, tool] if wide else [tool if now.doing == "working" and tool else now.doing]
    figures = {"tokens": f"{now.tokens:,}", "cost": "-" if now.cost_usd is None else f"${now.cost_usd:.2f}", "for": clock(now.seconds)}
    named = [Text(plain(name).plain, no_wrap=True, overflow="ellipsis") for name in names]
    return [plain(now.trial), *named, *map(plain, (str(now.turn), *doing)), _fill(now.fill), *(plain(word) for title, word in figures.items() if title in titles)]


def _fill(share: float | None) -> Text:
    if share is None:
        return Text("-")
    return Text(f"{100 * share:.0f} %", style="red" if share >= FULL else "yellow" if share >= NEARLY else "")


def _counts(now: Picture) -> Text:
    """How much is settled, by what outcome, and what is under way."""
    words = Text(f"{now.settled}/{now.planned} done")
    for outcome, count in now.outcomes.items():
        words.append(f"  {count} {outcome}", STYLE.get(outcome, "dim"))
    held = f"  {now.held} not rolled" if now.held else ""
    return words.append(f"  {len(now.running)} running  {now.waiting} waiting{held}", "dim")


def _paced(now: Picture) -> Table:
    words = [clock(now.pace.seconds)]
    if (pace := now.pace.per_hour) is not None:
        words.append(f"{pace:,.{0 if pace >= FAST else 1}f} trials/h")
    left = now.pace.left_s(now.planned - now.settled - now.held)
    if now.state == "running" and left is not None and not now.note:
        words.append(f"about {clock(left)} left")
    if now.cost_usd is not None:
        words.append(f"${now.cost_usd:.2f}")
    line = Table.grid(padding=(0, 1))
    line.add_row(ProgressBar(total=max(1, now.planned), completed=now.settled, width=BAR), Text("  ".join(words), style="dim"))
    return line


def _ends(now: Picture) -> Iterator[Text]:
    if now.note:
        yield plain(f"no new trials: {now.note}")
    if now.why:
        yield plain(now.why)
    if now.state != "running":
        yield plain(sentence(now))


def sentence(now: Picture) -> str:
    """How a run that nobody is at ended, and what to do next."""
    if now.state == UNBORN:
        return NEVER
    left = now.planned - now.settled - now.held
    more = f"; {left} pending: longhaul resume {now.run}" if left else f"; longhaul report {now.run}"
    return f"{SAID[now.state]}{more}"


def clock(seconds: float) -> str:
    """Seconds as s, m:ss or h:mm:ss."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
