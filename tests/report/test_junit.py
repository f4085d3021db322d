"""JUnit XML that every reader takes: the shape of junit-10, whatever the names."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from harness.report.characters import visible
from harness.report.junit import junit
from harness.report.overview import About, Overview, overview
from tests.cli.rows import a_row
from tests.report.runs import HOSTILE, a_run

SHAPE = {
    "testsuites": ({"testsuite"}, {"name", "time", "tests", "failures", "errors"}, set()),
    "testsuite": (
        {"properties", "testcase", "system-out", "system-err"},
        {"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
        {"name", "tests", "failures", "errors"},
    ),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, {"name", "value"}),
    "testcase": ({"skipped", "error", "failure", "system-out", "system-err"}, {"name", "time", "classname", "group"}, {"name"}),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}
"""Element -> children, attributes and required attributes of Jenkins' junit-10 schema."""


def parsed(told: Overview) -> ET.Element:
    """The document, in the schema's shape."""
    root = ET.fromstring(junit(told))
    for element in root.iter():
        children, known, required = SHAPE[element.tag]
        assert {child.tag for child in element} <= children
        assert required <= set(element.attrib) <= known
        assert re.fullmatch(r"[0-9]*(\.[0-9]*)?", element.attrib.get("time", ""))
    return root


def test_each_trial_is_a_testcase_by_what_became_of_it() -> None:
    """Failed is failure, broken is error, invalid and pending are skipped with their reason; suites count what they hold."""
    told = a_run()
    root = parsed(told)
    cases = {case.attrib["name"]: case for case in root.iter("testcase")}
    assert len(cases) == told.counts.planned
    for suite in root:
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.attrib[attribute]) == len(list(suite.iter(tag)))
        assert int(suite.attrib["tests"]) == len(list(suite.iter("testcase")))
    failed, broken, invalid, pending = (cases[name] for name in ("task-1 attempt 1 (t0004)", "task-1 attempt 2 (t0013)", "task-2 attempt 2 (t0017)", "task-2 attempt 2 (t0016)"))
    assert failed[0].attrib == {"type": "wrong", "message": "failed, wrong: tests/test_1.py::test_it: failed"}
    assert (failed[0].tag, failed[0].text) == ("failure", "tests/test_1.py::test_it: failed")
    assert (broken[0].tag, broken[0].attrib["type"]) == ("error", "sandbox")
    assert (invalid[0].tag, invalid[0].attrib["type"]) == ("skipped", "leak")
    assert (pending[0].tag, pending[0].attrib["message"]) == ("skipped", "pending")
    assert "turns: 20" in (failed.findtext("system-out") or "").splitlines()


@pytest.mark.parametrize("field", ["task", "agent", "model", "variant", "reason", "evidence", "flags", "stop"])
def test_a_hostile_name_is_a_name(field: str) -> None:
    """Control characters, lone surrogates and noncharacters are written out, markup is text, and all of it is still there."""
    value = (HOSTILE,) if field in ("evidence", "flags") else HOSTILE
    root = parsed(overview(About(HOSTILE, HOSTILE), (a_row(outcome="failed", reason="wrong", evidence=("x",)), a_row(trial="t2", outcome="failed", **{field: value}))))
    assert r"\x1b[31m\x00\u202e\ud800\ufffe]]>&amp;" in root.attrib["name"]
    assert any(r"\x1b[31m\x00" in words for each in root.iter() for words in (each.text or "", *each.attrib.values()) if each is not root)


def test_a_dot_in_a_model_begins_no_package() -> None:
    """Readers cut class names at dots."""
    assert {case.attrib["classname"] for case in parsed(a_run())[2].iter("testcase")} == {"coder x ollama/qwen3_6:27b"}


def test_all_of_the_basic_plane_can_be_said() -> None:
    """Whatever character a name holds, the document parses."""
    text = visible("".join(map(chr, range(0x10000))))
    assert ET.fromstring(ET.tostring(_element(text))).text is not None


def _element(text: str) -> ET.Element:
    element = ET.Element("a", {"b": text})
    element.text = text
    return element
