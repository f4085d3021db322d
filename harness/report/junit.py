"""An Overview as JUnit XML, in the shape of Jenkins' junit-10 schema: a suite per combination, a testcase per trial."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from harness.metrics.row import Row
from harness.report.cells import Cell
from harness.report.characters import visible
from harness.report.overview import Overview
from harness.report.splits import seconds
from harness.report.summary import Counts, counts_line, who


def junit(told: Overview) -> bytes:
    """Broken trials are errors, failed ones failures, invalid and pending ones skipped, each with its reason and evidence.

    The schema knows properties of suites only: rates stand there, a trial's figures in its system-out, one `name: value` a line.
    """
    root = ET.Element("testsuites", {"name": visible(told.about.name or told.run or "longhaul"), **_tally(told.counts), "time": _time(told.rows)})
    root.extend([_suite(told, cell) for cell in told.cells])
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _suite(told: Overview, cell: Cell) -> ET.Element:
    rows = [row for row in told.rows if (row.model, row.agent, row.variant) == (cell.model, cell.agent, cell.variant)]
    name = visible(who(cell.agent, cell.model, cell.variant))
    more = {"skipped": str(cell.counts.invalid + cell.counts.pending), "time": _time(rows)}
    suite = ET.Element("testsuite", {"name": name, **_tally(cell.counts), **more, **({"timestamp": stamp} if (stamp := told.about.created[:19]) else {})})
    properties = ET.SubElement(suite, "properties")
    for key, value in _figures(told, cell):
        ET.SubElement(properties, "property", {"name": key, "value": visible(value)})
    # A dot in a class name begins a package: "qwen3.6:27b" must not become one.
    suite.extend([_case(row, name.replace(".", "_")) for row in rows])
    return suite


def _tally(told: Counts) -> dict[str, str]:
    return {"tests": str(told.planned), "failures": str(told.failed), "errors": str(told.broken)}


def _time(rows: Sequence[Row]) -> str:
    return f"{sum(map(seconds, rows)):.3f}"


def _figures(told: Overview, cell: Cell) -> list[tuple[str, str]]:
    """What is None is left out: a JUnit reader can't tell it from a word."""
    rate = cell.rate if cell.judged else None
    interval = cell.interval if cell.judged else None
    rows: list[tuple[str, object]] = [
        ("run", told.run), ("harness", told.about.harness), ("counts", counts_line(cell.counts)), ("thinking", cell.thinking or None),
        ("rate", _short(rate)), ("rate_low", interval and _short(interval.low)), ("rate_high", interval and _short(interval.high)),
        ("rate_method", interval and interval.method), ("worst", _short(cell.worst)), ("best", _short(cell.best)),
        *((f"pass@{each.k}", _short(each.pass_at_k)) for each in cell.at_k if cell.judged),
        *((f"pass^{each.k}", _short(each.pass_hat_k)) for each in cell.at_k if cell.judged),
        ("cost_usd", _short(cell.cost_usd)), *(("warning", warning) for warning in told.warnings),
    ]  # fmt: skip
    return [(name, str(value)) for name, value in rows if value is not None]


def _short(figure: float | None) -> str | None:
    return None if figure is None else f"{figure:.4f}"


def _case(row: Row, place: str) -> ET.Element:
    name = visible(f"{row.task} attempt {row.attempt} ({row.trial})")
    case = ET.Element("testcase", {"name": name, "classname": place, "time": f"{seconds(row):.3f}"})
    tag = {"failed": "failure", "broken": "error", "invalid": "skipped", "pending": "skipped"}.get(row.outcome)
    if tag:
        _ending(case, tag, row)
    ET.SubElement(case, "system-out").text = visible("\n".join(f"{name}: {value}" for name, value in _lines(row)))
    return case


def _ending(case: ET.Element, tag: str, row: Row) -> None:
    if row.outcome == "pending":
        ET.SubElement(case, tag, {"type": "pending", "message": "pending"})
        return
    first = f": {row.evidence[0]}" if row.evidence else ""
    end = ET.SubElement(case, tag, {"type": visible(row.reason), "message": visible(f"{row.outcome}, {row.reason}{first}")})
    end.text = visible("\n".join(row.evidence))


def _lines(row: Row) -> list[tuple[str, object]]:
    """A trial's figures, without those that nobody told."""
    f2p, p2p = (f"{each[0]} of {each[1]}" if each else None for each in (row.f2p, row.p2p))
    found: list[tuple[str, object]] = [
        ("outcome", row.outcome), ("reason", row.reason), ("stop", row.stop or None), ("turns", row.turns), ("tries", row.tries),
        ("tokens_in", row.tokens.input), ("tokens_out", row.tokens.out), ("cost_usd", _short(row.cost_usd)), ("f2p", f2p), ("p2p", p2p),
        ("score", _short(row.score)), ("flags", ", ".join(row.flags) or None),
    ]  # fmt: skip
    return [(name, value) for name, value in found if value is not None]
