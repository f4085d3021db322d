"""Charts as SVG and PNG, and the script that draws them in a page: all by vl-convert, without a network."""

from __future__ import annotations

import functools
from typing import Any

import vl_convert

from harness.report.charts import Chart
from harness.report.palette import themed

SCALE = 2
"""Pixels of a PNG for each unit of the drawing: sharp on today's screens."""


def svg(chart: Chart) -> str:
    """A drawing on a white ground, its title above it and its description inside, for those who hear it."""
    drawn: str = vl_convert.vegalite_to_svg(_titled(chart), allowed_base_urls=[])
    return drawn


def png(chart: Chart) -> bytes:
    """The same as pixels."""
    drawn: bytes = vl_convert.vegalite_to_png(_titled(chart), scale=SCALE, allowed_base_urls=[])
    return drawn


def _titled(chart: Chart) -> dict[str, Any]:
    return themed({**chart.spec, "title": chart.title}, page=False)


@functools.cache
def script() -> str:
    """Vega, Vega-Lite and their embedding as one script (0.9 MB) that sets `vegaEmbed`; it asks no network for anything.

    Nothing in it ends a script element: it may stand inside one.
    """
    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")
