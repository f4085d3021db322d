"""One pytest session for all claims, its JUnit report read back: no test runs twice."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec

from benchmarks.proof.claim import Answer, Claim, Decided

ROOT = Path(__file__).resolve().parents[2]
DATA = "LONGHAUL_TEST_DATA"
"""A skip that names this variable is a missing data folder, and no test left out."""


class Ran(msgspec.Struct, frozen=True):
    """`status` passed, failed or skipped; `why` the first line of the failure or the skip."""

    node: str
    status: str
    why: str = ""


def run(report: Path) -> None:
    """All tests, long ones too; what they print is shown."""
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "junit_family=xunit1", f"--junitxml={report}")
    subprocess.run((sys.executable, *words), cwd=ROOT, check=False)


def read(report: Path) -> tuple[Ran, ...]:
    """The tests of a report in the older JUnit family, which tells files. Raises OSError, ElementTree.ParseError."""
    cases = ET.parse(report).getroot().iter("testcase")
    return tuple(Ran(_node(case), *_status(case)) for case in cases)


def _node(case: ET.Element) -> str:
    return f"{case.get('file', case.get('classname', ''))}::{case.get('name', '')}"


def _status(case: ET.Element) -> tuple[str, str]:
    for kind in ("failure", "error", "skipped"):
        found = case.find(kind)
        if found is not None:
            words = (found.get("message") or found.text or "").strip().splitlines()
            return ("skipped" if kind == "skipped" else "failed"), words[0][:160] if words else kind
    return "passed", ""


def decide(claim: Claim, ran: tuple[Ran, ...]) -> Decided:
    """Yes where every selector found tests and all of them passed."""
    empty = [word for word in claim.tests if not any(_selected(each, word) for each in ran)]
    chosen = [each for each in ran if any(_selected(each, word) for word in claim.tests)]
    bad = [each for each in chosen if each.status != "passed"]
    figure = f"{len(chosen) - len(bad)} of {len(chosen)} tests"
    if empty:
        return Decided(claim, Answer.NO, figure, f"no such test ran: {', '.join(empty)}")
    failed = next((each for each in bad if each.status == "failed" or DATA not in each.why), None)
    if failed:
        return Decided(claim, Answer.NO, figure, f"{failed.node} {failed.status}: {failed.why}")
    if bad:
        return Decided(claim, Answer.OPEN, figure, f"{len(bad)} skipped: {bad[0].why}")
    return Decided(claim, Answer.YES, figure, ", ".join(claim.tests))


def _selected(each: Ran, word: str) -> bool:
    """A folder, a file, a test with all its parameters, or one of them."""
    return each.node == word or (each.node.startswith(word) and each.node[len(word) :][:1] in ("/", ":", "["))


def whole(ran: tuple[Ran, ...]) -> dict[str, float]:
    """The session as figures; `silent` are skips for any other reason than a missing data folder."""
    statuses = [each.status for each in ran]
    silent = sum(each.status == "skipped" and DATA not in each.why for each in ran)
    counts = {name: float(statuses.count(name)) for name in ("passed", "failed", "skipped")}
    return counts | {"all": float(len(ran)), "silent": float(silent)}
