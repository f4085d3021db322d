"""The charts of an Overview as Vega-Lite specifications: pure, the same in the page and as files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import altair as alt
import msgspec

from harness.report.cells import Cell
from harness.report.characters import visible
from harness.report.overview import Overview
from harness.report.page_format import whom
from harness.report.palette import COSTS, ESTIMATORS, GREY, MAIN, OUTCOMES, STOPS, TIMES
from harness.report.splits import ByOutcome, Spread
from harness.report.summary import percent

Values = list[dict[str, Any]]
Split = Callable[[Cell], Iterable[tuple[str, float]]]
NAME_PX, LINE_PX = 22, 16
"""Heights of a row's name and of each line of marks below it."""
AMOUNTS = alt.Axis(labelExpr="datum.value < 1000 ? format(datum.value, '~g') : format(datum.value, '~s')", tickCount=5)
_SHARE: dict[str, Any] = {"scale": alt.Scale(domain=[0, 1]), "axis": alt.Axis(format="%", tickCount=5)}
NEAR = 0.02
UNITS = ((3600.0, "hours"), (60.0, "minutes"), (1.0, "seconds"))


class Chart(msgspec.Struct, frozen=True):
    """`name` fits a file name; `description` says in words what the picture shows; `spec` is Vega-Lite, without a theme."""

    name: str
    title: str
    description: str
    spec: dict[str, Any]


def charts(told: Overview) -> tuple[Chart, ...]:
    """Those for which the run has anything to show, in the order of the page."""
    cells = told.cells
    made = (
        _rates(cells), _at_k(cells),
        _sizes(cells, "turns", "Turns", lambda each: each.turns), _sizes(cells, "tokens", "Tokens, in and out", lambda each: each.tokens),
        _sizes(cells, "seconds", "Seconds of model, tools and harness", lambda each: each.seconds),
        _sizes(cells, "fill", "Largest prompt as a share of the window", lambda each: each.fill),
        _times(cells),
        _stack(cells, "cost", "Cost by what was paid for, USD", COSTS, lambda cell: _parts(cell.cost)),
        _stack(cells, "stops", "Trials by why the conversation ended", STOPS, lambda cell: cell.stops),
    )  # fmt: skip
    return tuple(chart for chart in made if chart is not None)


def _name(cell: Cell) -> str:
    """As the tables of the page call it."""
    return " ".join(visible(f"{whom(cell)} {cell.variant}").split())


def _rates(cells: Sequence[Cell]) -> Chart | None:
    """Point, 95 % interval, and best and worst case as a band."""
    values: Values = [
        {
            "who": _name(cell), "rate": cell.rate, "low": cell.interval.low, "high": cell.interval.high, "worst": cell.worst,
            "best": cell.best, "tasks": cell.tasks,
        }
        for cell in cells
        if cell.rate is not None and cell.interval is not None and cell.judged
    ]  # fmt: skip
    if not values:
        return None
    of = _over(values).encode(y=_rows(), tooltip=_tips(values, shares=("rate", "low", "high", "worst", "best")))
    layers = (
        of.mark_bar(height=14, opacity=0.3, color=MAIN, strokeWidth=0).encode(x=_share("worst", "pass rate"), x2="best:Q"),
        of.mark_rule(strokeWidth=3, color=MAIN).encode(x=_share("low", "pass rate"), x2="high:Q"),
        of.mark_point(filled=True, size=120, opacity=1, color=MAIN).encode(x=_share("rate", "pass rate")),
    )
    words = [f"{each['who']}: {percent(each['rate'])}, {percent(each['low'])} to {percent(each['high'])}" for each in values]
    return _chart("pass_rates", "Pass rate; line: 95 % interval, band: worst to best case", words, alt.layer(*layers), _tall(values))


def _at_k(cells: Sequence[Cell]) -> Chart | None:
    """From pass^k (what can be relied on) over k = 1 to pass@k (what luck adds). One attempt has nothing to show."""
    values: Values = [
        {"who": _name(cell), "k": each.k, "estimator": "k = 1" if each.k == 1 else name, "share": share, "tasks": each.tasks}
        for cell in cells
        if cell.judged and len(cell.at_k) > 1
        for each in cell.at_k
        for name, share in (("pass^k", each.pass_hat_k), ("pass@k", each.pass_at_k))
        if share is not None and (each.k > 1 or name == "pass@k")
    ]
    if not values:
        return None
    of = _over(_labelled(values)).encode(y=_rows(2))
    shape = _shapes("estimator", {name: shape for name, (_, shape) in ESTIMATORS.items()})
    ends = {"x": alt.X("min(share):Q", **_SHARE, title="share of tasks"), "x2": "max(share):Q"}
    layers = (
        of.mark_rule(strokeWidth=1, color=GREY).encode(**ends),
        of.mark_point(filled=True, size=110, opacity=1).encode(
            x=_share("share", "share of tasks"), color=_colours("estimator", ESTIMATORS), shape=shape, tooltip=_tips(values, shares=("share",))
        ),
        of.mark_text(dy=14, fontSize=10, color=GREY).encode(x=_share("share", "share of tasks"), text="label:N"),
    )
    words = [f"{each['who']}: {each['estimator']} {percent(each['share'])} at k = {each['k']}" for each in values]
    return _chart("pass_at_k", "All of k attempts pass (pass^k), any of them passes (pass@k)", words, alt.layer(*layers), _tall(values, 2))


def _labelled(values: Values) -> Values:
    """Points that lie on one another share one label, the list of their k."""
    made: Values = []
    order = list(dict.fromkeys(each["who"] for each in values))
    for each in sorted(values, key=lambda value: (order.index(value["who"]), value["share"])):
        near = next((one for one in made if one["who"] == each["who"] and one["label"] and each["share"] - one["share"] < NEAR), None)
        if near is not None:
            near["label"] = ", ".join(dict.fromkeys([*near["label"].split(", "), str(each["k"])]))
        made.append({**each, "label": "" if near is not None else str(each["k"])})
    return made


def _sizes(cells: Sequence[Cell], name: str, title: str, figure: Callable[[ByOutcome], Spread | None]) -> Chart | None:
    """Median and quartiles by outcome."""
    values: Values = [
        {"who": _name(cell), "outcome": each.outcome, "median": told.median, "q1": told.q1, "q3": told.q3, "trials": told.n}
        for cell in cells
        for each in cell.by_outcome
        if (told := figure(each)) is not None
    ]
    if not any(each["q3"] for each in values):
        return None
    shares = ("median", "q1", "q3") if name == "fill" else ()
    seen = {outcome: look for outcome, look in OUTCOMES.items() if any(each["outcome"] == outcome for each in values)}
    axis = alt.Axis(format="%", tickCount=5) if name == "fill" else AMOUNTS
    of = _over(values).encode(
        y=_rows(len(seen)), yOffset=alt.YOffset("outcome:N", sort=list(seen)), color=_colours("outcome", seen), tooltip=_tips(values, shares=shares)
    )
    shape = _shapes("outcome", {outcome: shape for outcome, (_, shape) in seen.items()})
    layers = (
        of.mark_rule(strokeWidth=3).encode(x=alt.X("q1:Q", title=title, axis=axis, scale=alt.Scale(zero=True)), x2="q3:Q"),
        of.mark_point(filled=True, size=90, opacity=1).encode(x=alt.X("median:Q", title=title), shape=shape),
    )
    words = [f"{each['who']}, {each['outcome']}: median {each['median']:,.4g} over {each['trials']}" for each in values]
    return _chart(name, f"{title}: median and quartiles by outcome", words, alt.layer(*layers), _tall(values, len(seen)))


def _times(cells: Sequence[Cell]) -> Chart | None:
    """In the largest unit that leaves the longest bar above 2."""
    longest = max((cell.time.total for cell in cells), default=0.0)
    size, unit = next((each for each in UNITS if longest > 2 * each[0]), UNITS[-1])
    return _stack(cells, "time", f"Time by who spent it, {unit}", TIMES, lambda cell: [(part, amount / size) for part, amount in _parts(cell.time)])


def _parts(split: msgspec.Struct | None) -> list[tuple[str, float]]:
    return [] if split is None else [(name, getattr(split, name)) for name in split.__struct_fields__]


def _stack(cells: Sequence[Cell], name: str, title: str, colours: dict[str, str], split: Split) -> Chart | None:
    """Parts of a whole side by side, in one order everywhere; a gap between neighbours says more than their colours."""
    values: Values = [
        {"who": _name(cell), "part": part.replace("_", " "), "amount": amount, "order": list(colours).index(part)}
        for cell in cells
        for part, amount in split(cell)
        if part in colours and amount > 0
    ]
    if not values:
        return None
    told = {part.replace("_", " "): (colour, "square") for part, colour in colours.items() if any(each["part"] == part.replace("_", " ") for each in values)}
    chart = (
        _over(values)
        .mark_bar(height=18)
        .encode(
            x=alt.X("amount:Q", title=title, axis=AMOUNTS), y=_rows(), color=_colours("part", told),
            order=alt.Order("order:Q"), tooltip=_tips([{name: each[name] for name in ("who", "part", "amount")} for each in values]),
        )
    )  # fmt: skip
    words = [f"{each['who']}: {each['part']} {each['amount']:,.4g}" for each in values]
    return _chart(name, title, words, chart, _tall(values))


def _over(values: Values) -> alt.Chart:
    return alt.Chart({"values": values})


def _rows(lines: int = 1) -> alt.Y:
    """A row for each name, `lines` marks high, its name above them: so a narrow screen loses no width to names."""
    height, marks = _height(lines), _height(lines) - NAME_PX
    axis = alt.Axis(labelAlign="left", labelPadding=-4, labelOffset=-(marks + NAME_PX) / 2 + 2, labelLimit=0, ticks=False, domain=False, grid=False)
    padding = NAME_PX / height
    return alt.Y("who:N", title=None, sort=None, axis=axis, scale=alt.Scale(paddingInner=padding, paddingOuter=padding))


def _tall(values: Values, lines: int = 1) -> int:
    """All rows and the padding round them. Told in pixels: of a height told in steps Vega-Lite complains where a drawing fits its place."""
    return _height(lines) * len({each["who"] for each in values}) + NAME_PX


def _height(lines: int) -> int:
    return NAME_PX + 6 + LINE_PX * lines


def _share(field: str, title: str) -> alt.X:
    return alt.X(f"{field}:Q", title=title, **_SHARE)


def _colours(field: str, told: dict[str, tuple[str, str]]) -> alt.Color:
    scale = alt.Scale(domain=list(told), range=[colour for colour, _ in told.values()])
    return alt.Color(f"{field}:N", title=None, scale=scale, sort=list(told))


def _shapes(field: str, told: dict[str, str]) -> alt.Shape:
    return alt.Shape(f"{field}:N", title=None, scale=alt.Scale(domain=list(told), range=list(told.values())), sort=list(told))


def _tips(values: Values, shares: Sequence[str] = ()) -> list[alt.Tooltip]:
    kinds = {name: "Q" if isinstance(value, int | float) else "N" for name, value in values[0].items()}
    return [
        alt.Tooltip(f"{name}:{kind}", format=".0%") if name in shares
        else alt.Tooltip(f"{name}:{kind}", format=",.4~g") if kind == "Q" else alt.Tooltip(f"{name}:N")
        for name, kind in kinds.items()
    ]  # fmt: skip


def _chart(name: str, title: str, words: Sequence[str], chart: alt.Chart | alt.LayerChart | alt.FacetChart, height: int) -> Chart:
    description = f"{title}. {'; '.join(words)}."
    return Chart(name, title, description, chart.properties(description=description, height=height).to_dict())
