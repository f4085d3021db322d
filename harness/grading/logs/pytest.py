"""The lines that `pytest -rA` prints, to test results named by node ids."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from harness.core.trial import TestResult

Status = Literal["passed", "failed", "error", "skipped", "xfailed", "xpassed"]

_LINE = re.compile(r"^(PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS) (\S.*)$", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_STATUS: dict[str, Status] = {
    "PASSED": "passed", "FAILED": "failed", "ERROR": "error", "SKIPPED": "skipped", "XFAIL": "xfailed", "XPASS": "xpassed",
}


def parse(report: bytes, wanted: Iterable[str]) -> tuple[TestResult, ...]:
    """One result per status line. A wanted id is recognised whole, spaces and all; others end at " - "."""
    names = frozenset(wanted)
    text = _COLOUR.sub("", report.decode("utf-8", "replace"))
    return tuple(TestResult(_name(rest.rstrip(), names), _STATUS[status]) for status, rest in _LINE.findall(text))


def _name(rest: str, names: frozenset[str]) -> str:
    if rest in names:
        return rest
    head = rest
    while " - " in head:
        head = head.rpartition(" - ")[0]
        if head in names:
            return head
    return rest.split(" - ", maxsplit=1)[0]
