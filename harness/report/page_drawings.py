"""Which charts a page shows where; the rates and the split of time stand in its tables, drawn without a script."""

from __future__ import annotations

from typing import Any

import msgspec

from harness.report.charts import charts
from harness.report.drawing import script
from harness.report.overview import Overview
from harness.report.palette import themed

PLACES = {"at_k": ("pass_at_k",), "sizes": ("turns", "tokens", "seconds", "fill"), "time": ("cost",)}
"""Section of the page -> names of its charts."""


class Drawings(msgspec.Struct, frozen=True):
    """`program` draws `specs` (name -> Vega-Lite); `places`: section -> (name, title, description) of each of its charts."""

    program: str
    places: dict[str, tuple[tuple[str, str, str], ...]]
    specs: dict[str, dict[str, Any]]


def drawings(told: Overview) -> Drawings:
    """The charts that this run has anything for."""
    known = {chart.name: chart for chart in charts(told)}
    places = {
        section: tuple((name, known[name].title, known[name].description) for name in names if name in known) for section, names in PLACES.items()
    }
    shown = {name for names in PLACES.values() for name in names}
    return Drawings(script(), places, {name: themed(chart.spec, page=True) for name, chart in known.items() if name in shown})
