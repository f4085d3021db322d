"""Charts that anybody can read: drawn without a network, described in words, told apart by shape, light and dark."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from harness.report.charts import Chart, charts
from harness.report.drawing import png, script, svg
from harness.report.overview import About, overview
from harness.report.palette import COSTS, ESTIMATORS, OUTCOMES, STOPS, TIMES, themed
from tests.cli.rows import a_row
from tests.report.runs import HOSTILE, a_run

NAMES = ("pass_rates", "pass_at_k", "turns", "tokens", "seconds", "fill", "time", "cost", "stops")
DARK, WHITE = "#0d1117", "#ffffff"


def made(**fields: Any) -> dict[str, Chart]:
    rows = tuple(row for row in a_run().rows if row.outcome != "broken")
    return {chart.name: chart for chart in charts(a_run(rows=(*rows, a_row(trial="t9999", turns=3, **fields)) if fields else rows))}


def test_each_chart_is_drawn_and_described() -> None:
    """SVG and PNG, with a title and the figures in words."""
    told = made()
    assert tuple(told) == NAMES
    for name, chart in told.items():
        drawn = svg(chart)
        ET.fromstring(drawn)
        assert chart.title in "".join(ET.fromstring(drawn).itertext())
        assert "ollama/qwen3.6:27b" in chart.description or name == "cost"
    assert png(told["pass_rates"]).startswith(b"\x89PNG\r\n")
    assert "33 %" in told["pass_rates"].description


def test_a_run_shows_only_what_it_has() -> None:
    """No price, no cost; one attempt, no pass@k; nothing decided, nothing at all."""
    assert {"cost", "pass_at_k", "fill"}.isdisjoint(chart.name for chart in charts(overview(About("r"), (a_row(),))))
    assert charts(overview(About("r"), (a_row(outcome="pending", reason="none", stop=""),)))[0].name == "stops"
    assert charts(overview(About("r"), ())) == ()


def test_a_hostile_name_is_text_in_a_chart() -> None:
    """Control characters written out, markup escaped, and no expression read from it."""
    for chart in made(agent=HOSTILE).values():
        drawn = svg(chart)
        assert "<img" not in drawn
        assert "<script" not in drawn
        assert "\x1b" not in json.dumps(chart.spec, ensure_ascii=False)


@pytest.mark.parametrize("colour", sorted({*(c for c, _ in (*OUTCOMES.values(), *ESTIMATORS.values())), *TIMES.values(), *COSTS.values(), *STOPS.values()}))
def test_a_colour_is_seen_by_day_and_by_night(colour: str) -> None:
    """At least 3:1 against white and against a dark ground (WCAG 1.4.11)."""
    assert contrast(colour, WHITE) >= 3
    assert contrast(colour, DARK) >= 3


def contrast(one: str, other: str) -> float:
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def light(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_outcomes_differ_in_shape_and_parts_in_colour() -> None:
    """Nothing is told by colour alone where two things lie on one another."""
    assert len({shape for _, shape in OUTCOMES.values()}) == len(OUTCOMES)
    assert len({shape for _, shape in ESTIMATORS.values()}) == len(ESTIMATORS)
    for colours in (TIMES, COSTS, STOPS):
        assert len(set(colours.values())) == len(colours)


def test_the_page_colours_words_itself() -> None:
    """Words in the page take its colour and no ground; a file has a white one."""
    spec = made()["turns"].spec
    page, file = themed(spec, page=True), themed(spec, page=False)
    assert (page["width"], page["config"]["background"], page["config"]["axis"]["labelColor"]) == ("container", "transparent", "currentColor")
    assert (file["config"]["background"], file["config"]["axis"]["labelColor"]) == ("white", "#1F2328")
    assert "config" not in spec or spec["config"] != page["config"]


def test_the_script_can_stand_in_a_page() -> None:
    """It sets vegaEmbed and holds nothing that ends its own element."""
    told = script()
    assert "window.vegaEmbed" in told
    assert "</script" not in told.lower()
    assert "<!--" not in told
