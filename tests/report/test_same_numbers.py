"""Text, JSON, JUnit XML, job summary and charts say the numbers of one overview."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import msgspec
import pytest
from rich.console import Console

from harness.cli.screen.details import details
from harness.cli.screen.tables import show
from harness.report.charts import Chart, charts
from harness.report.document import document
from harness.report.junit import junit
from harness.report.markdown import markdown
from harness.report.overview import Overview, overview
from harness.report.page_redaction import redacted_about, redacted_rows
from harness.report.summary import counts_line, dollars, percent, span, who
from tests.report.runs import ABOUT, HOSTED, a_run, some_rows


def judged() -> Overview:
    """Without the broken trial, so that every cell has a verdict."""
    return a_run(rows=tuple(row for row in some_rows() if row.outcome != "broken"))


def text(told: Overview) -> str:
    file = io.StringIO()
    console = Console(file=file, width=400, no_color=True)
    show(told, console)
    details(told, console)
    return file.getvalue()


def properties(suite: ET.Element) -> dict[str, str]:
    return {each.attrib["name"]: each.attrib["value"] for each in suite.iter("property")}


def drawn(chart: Chart) -> list[dict[str, Any]]:
    """The values that a chart draws."""
    values: list[dict[str, Any]] = chart.spec["datasets"][chart.spec["data"]["name"]]
    return values


def test_all_outputs_say_the_same_numbers() -> None:
    """Counts, rate with interval, bounds, pass@k and pass^k, money, and the outcome of each trial, in every output."""
    told = judged()
    shown, summary, data, suites = text(told), markdown(told), json.loads(document(told)), ET.fromstring(junit(told))
    assert shown.startswith(counts_line(told.counts))
    assert counts_line(told.counts) in summary
    assert data["counts"] == msgspec.to_builtins(told.counts)
    assert (suites.attrib["tests"], suites.attrib["failures"], suites.attrib["errors"]) == ("17", "3", "0")
    for cell, suite, same in zip(told.cells, suites, data["cells"], strict=True):
        assert cell.interval is not None
        assert suite.attrib["name"] == who(cell.agent, cell.model, cell.variant)
        assert (same["rate"], same["interval"]["low"], same["worst"]) == (cell.rate, cell.interval.low, cell.worst)
        figures = properties(suite)
        assert (figures["rate"], figures["rate_low"], figures["best"]) == (f"{cell.rate:.4f}", f"{cell.interval.low:.4f}", f"{cell.best:.4f}")
        line = f"{percent(cell.rate)}.*{span(cell.interval.low, cell.interval.high)}.*{span(cell.worst, cell.best)}"
        assert re.search(line, shown)
        assert re.search(line, summary)
        for each, other in zip(cell.at_k, same["at_k"], strict=True):
            assert figures[f"pass@{each.k}"] == f"{each.pass_at_k:.4f}"
            assert other["pass_hat_k"] == each.pass_hat_k
            assert f"| {percent(each.pass_hat_k)} |" in summary
            assert each.pass_hat_k_interval is not None
            assert f"{percent(each.pass_hat_k)} ({span(each.pass_hat_k_interval.low, each.pass_hat_k_interval.high)})" in shown
    money = told.cells[0].cost_usd
    assert dollars(money) in shown
    assert dollars(money) in summary
    assert [row["trial"] for row in data["rows"]] == [row.trial for row in told.rows]


def test_charts_draw_the_same_numbers() -> None:
    """The specification's values are the overview's."""
    told = judged()
    values = {chart.name: drawn(chart) for chart in charts(told)}
    assert [each["rate"] for each in values["pass_rates"]] == [cell.rate for cell in told.cells]
    assert [each["median"] for each in values["turns"]] == [each.turns.median for cell in told.cells for each in cell.by_outcome]
    assert sum(each["amount"] for each in values["cost"]) == pytest.approx(told.cells[0].cost.total if told.cells[0].cost else None)
    assert sum(each["amount"] for each in values["stops"]) == told.counts.planned


def test_no_rate_is_printed_where_there_is_no_verdict() -> None:
    """The rate of a cell with too many broken trials is in none of them; its bounds are."""
    told = a_run()
    local = told.cells[2]
    assert not local.judged
    row = next(line for line in text(told).splitlines() if "qwen" in line and "33 % to 50 %" in line)
    assert re.search(r"1\s+-\s+-\s+33 % to 50 %", row)
    assert "| - | - | 33 % to 50 % |" in markdown(told)
    assert "rate" not in properties(ET.fromstring(junit(told))[2])
    assert all("qwen" not in each["who"] for chart in charts(told) if chart.name == "pass_rates" for each in drawn(chart))


@pytest.mark.parametrize("words", ["secret", "a-host", "nightly", "test_1", "127.0.0.1", "20260101-200000-abcd", "sha256:t"])
def test_redacted_outputs_hold_the_numbers_and_no_words(words: str) -> None:
    """The same counts and rates; no task, host, run, server, evidence or digest of the user's."""
    told, bare = a_run(), overview(redacted_about(ABOUT), redacted_rows(msgspec.structs.replace(row, task=f"secret-{row.task}") for row in some_rows()))
    assert (bare.counts, [cell.rate for cell in bare.cells]) == (told.counts, [cell.rate for cell in told.cells])
    assert bare.warnings == told.warnings
    for output in (text(bare), document(bare).decode(), junit(bare).decode(), markdown(bare)):
        assert words not in output
        assert HOSTED.split("/")[1].split(".")[0] in output
