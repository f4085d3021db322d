"""Colours and shapes of the charts, and the configuration they are drawn with."""

from __future__ import annotations

from typing import Any

from harness.core.agent import Stop

# After Okabe and Ito, whose colours colour-blind people tell apart; each moved to at least 3:1 against both white and the page's dark ground.
GREEN, ORANGE, RED, PURPLE = "#00875F", "#C25E00", "#D1435B", "#A65E9E"
GREY, BLUE, SKY, INDIGO, OCHRE = "#7A7A7A", "#1F78B4", "#3A96C9", "#6B6FD0", "#A17A12"
MAIN = BLUE

OUTCOMES = {"passed": (GREEN, "circle"), "failed": (ORANGE, "cross"), "broken": (RED, "triangle-up"), "invalid": (PURPLE, "diamond")}
"""Outcome -> colour and shape. Pending trials have no size, so no chart shows them."""
ESTIMATORS = {"pass^k": (PURPLE, "triangle-left"), "k = 1": (BLUE, "circle"), "pass@k": (GREEN, "triangle-right")}
TIMES = {"prefill": SKY, "decode": BLUE, "model_other": INDIGO, "tool": GREEN, "harness": OCHRE, "waiting": GREY, "grading": PURPLE}
COSTS = {"input": BLUE, "cache_read": SKY, "cache_write": INDIGO, "output": ORANGE, "lost": GREY}
STOPS = {
    Stop.ANSWERED.value: GREEN, Stop.GAVE_UP.value: OCHRE, Stop.TURNS.value: BLUE, Stop.TOOL_CALLS.value: SKY, Stop.TOKENS.value: INDIGO,
    Stop.COST.value: PURPLE, Stop.TIME.value: ORANGE, Stop.WINDOW.value: "#9A5B3C", Stop.INTERRUPTED.value: "#5F8A8B", Stop.FAULT.value: RED,
    "none": GREY,
}  # fmt: skip
PAGE_NAMES = {
    GREEN: "passed", ORANGE: "failed", RED: "broken", PURPLE: "invalid", GREY: "pending", BLUE: "decode", SKY: "prefill", INDIGO: "model_other",
    OCHRE: "harness",
}  # fmt: skip
"""Colour -> what the page's style calls it: by that name it is lighter on a dark ground, in charts as in tables."""
DATA = ("data", "datasets")
"""Where a specification holds figures and names, which nobody recolours."""
WIDTH_PX = 620
"""Of a chart as a file; in the page it is as wide as its place."""


def themed(spec: dict[str, Any], *, page: bool) -> dict[str, Any]:
    """The specification with width, fonts and ground. In the page words take the page's own colour, hence follow light and dark.

    A file has a white ground, because nobody knows on what it will lie.
    """
    ink = "currentColor" if page else "#1F2328"
    axis = {"labelColor": ink, "titleColor": ink, "tickColor": ink, "domainColor": ink, "gridColor": ink, "gridOpacity": 0.15}
    config = {
        "background": "transparent" if page else "white",
        "font": "system-ui, sans-serif" if page else "sans-serif",
        "view": {"stroke": None},
        "bar": {"stroke": "Canvas" if page else "white", "strokeWidth": 1},
        "axis": {**axis, "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"},
        "legend": {"labelColor": ink, "titleColor": ink, "labelFontSize": 12, "orient": "bottom", "direction": "horizontal", "columns": 4, "labelLimit": 0},
        "title": {"color": ink, "anchor": "start", "fontSize": 14, "fontWeight": 600},
    }
    sized: dict[str, Any] = {"width": "container" if page else WIDTH_PX, "autosize": {"type": "fit-x", "contains": "padding"}}
    return {**(_named(spec) if page else spec), **sized, "config": config}


def _named(value: Any) -> Any:
    """Every colour of ours by its name in the page."""
    match value:
        case dict():
            return {key: _named(each) for key, each in value.items() if key not in DATA} | {key: value[key] for key in DATA if key in value}
        case list():
            return [_named(each) for each in value]
        case str() if value in PAGE_NAMES:
            return f"var(--{PAGE_NAMES[value]})"
        case _:
            return value
