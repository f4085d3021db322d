"""JUnit XML, as pytest writes it, to test results named by node ids."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from typing import Literal

from harness.core.trial import TestResult

Status = Literal["passed", "failed", "error", "skipped", "xfailed", "xpassed"]


def parse(report: bytes, wanted: Iterable[str]) -> tuple[TestResult, ...]:
    """One result per testcase. A case that matches a wanted node id gets that id, others `classname::name`.

    Raises ValueError where the report is not JUnit XML in UTF-8; a document type is refused, because only a forger needs one. It is
    parsed as text: of bytes the parser would believe the encoding that they declare, and look for a codec of that name.
    """
    text = report.decode("utf-8")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("the report declares a document type")
    try:
        root = ET.fromstring(text)  # noqa: S314  entities are refused above
    except ET.ParseError as fault:
        raise ValueError(f"the report is not XML: {fault}") from fault
    names = {as_case(ident): ident for ident in wanted}
    return tuple(_result(case, names) for case in root.iter("testcase"))


def as_case(ident: str) -> tuple[str, str]:
    """A node id as pytest writes it into classname and name: folders, file and classes become one dotted name."""
    head, bracket, parameters = ident.partition("[")
    path, *rest = head.split("::")
    dotted = path.removesuffix(".py").replace("/", ".")
    return ".".join([dotted, *rest[:-1]]), (rest[-1] if rest else "") + bracket + parameters


def _result(case: ET.Element, names: dict[tuple[str, str], str]) -> TestResult:
    key = (case.get("classname", ""), case.get("name", ""))
    try:
        seconds = float(case.get("time", ""))
    except ValueError:
        seconds = None
    finite = seconds if seconds is not None and 0 <= seconds < 1e9 else None
    return TestResult(names.get(key, "::".join(key)), _status(case), finite)


def _status(case: ET.Element) -> Status:
    if case.find("error") is not None:
        return "error"
    if case.find("failure") is not None:
        return "failed"
    skipped = case.find("skipped")
    if skipped is None:
        return "passed"
    return "xfailed" if "xfail" in skipped.get("type", "") else "skipped"
