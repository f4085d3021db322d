"""Reports to results: the ids must be the ones a task names, and a forged report must not pass for one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.grading.logs import junit
from harness.grading.logs import pytest as lines

SUITE = """
import pytest

class TestBox:
    class TestInner:
        def test_deep(self): pass
    def test_in_class(self): pass

@pytest.mark.parametrize("x", ["a b", "a/b", "a::b", "a - b", "ünï", "[x]", "a.b"])
def test_odd(x): pass

def test_fails(): assert 0, "no - really"
def test_error(broken): pass
@pytest.fixture
def broken(): raise RuntimeError
@pytest.mark.skip(reason="not now")
def test_skipped(): pass
@pytest.mark.xfail(strict=True)
def test_xfail(): assert 0
@pytest.mark.xfail
def test_xpass(): pass
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes, tuple[str, ...]]:
    """A real run of a suite with odd names: the JUnit file, the -rA output, and the node ids that pytest itself collects."""
    folder = tmp_path_factory.mktemp("suite")
    (folder / "tests/deep").mkdir(parents=True)
    (folder / "tests/deep/test_odd.py").write_text(SUITE)
    base = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", "."]
    collected = subprocess.run([*base, "--collect-only", "-q"], cwd=folder, capture_output=True, text=True, check=True).stdout
    done = subprocess.run([*base, "-rA", "--junitxml=report.xml"], cwd=folder, capture_output=True, check=False)
    ids = tuple(line for line in collected.splitlines() if "::" in line)
    return Path(folder / "report.xml").read_bytes(), done.stdout, ids


EXPECTED = {
    "TestBox::TestInner::test_deep": "passed", "TestBox::test_in_class": "passed", "test_fails": "failed", "test_error": "error",
    "test_skipped": "skipped", "test_xfail": "xfailed", "test_odd[a b]": "passed", "test_odd[a/b]": "passed",
    "test_odd[a::b]": "passed", "test_odd[a - b]": "passed", "test_odd[[x]]": "passed", "test_odd[a.b]": "passed",
}


@pytest.mark.parametrize("reader", ["junit", "lines"])
def test_every_id_gets_its_status(ran: tuple[bytes, bytes, tuple[str, ...]], reader: str) -> None:
    """Classes in classes, spaces, slashes, brackets and separators in parameters: the id found is pytest's own node id."""
    report, output, ids = ran
    results = junit.parse(report, ids) if reader == "junit" else lines.parse(output, ids)
    found = {result.id: result.status for result in results}
    for name, status in EXPECTED.items():
        if reader == "lines" and status == "skipped":
            continue  # pytest names a skip by file and line there, which is no id
        assert found[f"tests/deep/test_odd.py::{name}"] == status
    assert {name for name in ids if name in found} >= {name for name in ids if "skipped" not in name}


@pytest.mark.parametrize(
    "report", [b"", b"not xml", b"<!DOCTYPE x><testsuite/>", b'<!ENTITY a "b"><x/>', b"<testsuite><testcase", b"\x00" * 10]
)
def test_what_is_no_report_is_refused(report: bytes) -> None:
    """Half a file, another file, or one with a document type is an error, never an empty result."""
    with pytest.raises(ValueError, match="report"):
        junit.parse(report, ())


def test_hostile_numbers_are_not_believed() -> None:
    """A time that is no time is None; nothing in a report may be NaN."""
    report = b'<testsuite><testcase classname="t" name="a" time="nan"/><testcase classname="t" name="b" time="1e999"/></testsuite>'
    assert [result.seconds for result in junit.parse(report, ())] == [None, None]
