"""The part of a run's page that tells of its context: the sentences, the tables and the plots, of the same figures as text and JSON."""

from __future__ import annotations

import msgspec

from harness.report.context import factors, plot_rest
from harness.report.context.lines import UNKNOWN, Line
from harness.report.context.loss import Group, Loss, name
from harness.report.context.plot import Plot
from harness.report.context.plots import plots
from harness.report.context.told import said
from harness.report.context.words import per_hundred

NOTHING = "No task of this run states what should be kept in mind, so no context was measured; `longhaul context RUN` measures what a machine can find."


class Row(msgspec.Struct, frozen=True):
    """A line of the table as it is read. `why`: roots by mechanism."""

    kind: str
    words: str
    line: Line
    rate: str
    why: str


class Part(msgspec.Struct, frozen=True):
    """A model under an agent and a variant."""

    name: str
    sentences: tuple[str, ...]
    classes: tuple[Row, ...]
    kinds: tuple[Row, ...]
    plots: tuple[Plot, ...]


class Section(msgspec.Struct, frozen=True):
    """`nothing`: the one line where there is nothing to say. `plots`: those of the whole run. `lanes`: trials that have one."""

    nothing: str = ""
    cautions: tuple[str, ...] = ()
    experimental: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    plots: tuple[Plot, ...] = ()
    lanes: tuple[str, ...] = ()
    between: str = ""


def section(told: Loss | None, lanes: tuple[str, ...] = (), *, redacted: bool = False) -> Section:
    """None: nothing to say."""
    if told is None:
        return Section(NOTHING)
    parts = tuple(Part(name(group), _sentences(group), _rows(group.classes), _rows(group.kinds), plots(told, group)) for group in told.groups)
    rest = (plot_rest.budgets(told, redacted=redacted), plot_rest.scores(told))
    return Section("", told.cautions, told.experimental, parts, rest, lanes, factors.said(told.between) if told.between else "")


def _sentences(group: Group) -> tuple[str, ...]:
    hanging = factors.said(group.figures.factors) if group.figures else ""
    return (*said(group), *((hanging,) if hanging else ()))


def _rows(lines: tuple[Line, ...]) -> tuple[Row, ...]:
    return tuple(Row(line.kind if line.headline else f"{line.kind} (experimental)", line.words, line, per_hundred(line.rate), _why(line)) for line in lines)


def _why(line: Line) -> str:
    known = (f"{word} {count}" for word, count in line.mechanisms.items() if word != UNKNOWN)
    return " ".join(known) or UNKNOWN
