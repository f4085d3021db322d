"""Calls of named entry points from a process that knows no test: inputs go in as JSON, what comes out is compared here."""

from __future__ import annotations

import json
import math
import secrets
from importlib import resources
from typing import Any, Final

from harness.core.machine import Ended, Exec
from harness.core.task import Call
from harness.core.trial import TestResult
from harness.grading.desk import Desk
from harness.grading.run import Ran

DEEPEST: Final = 10
"""Classes above what was raised: one that is everything at once is none of them."""
# The answers have standard output to themselves under another number; what the called code prints goes to the log.
_SCRIPT: Final = 'exec {0}>&1 1>&2; for each in python3 python; do command -v "$each" >/dev/null && exec "$each" -c "$1" {0}; done; exit 127'


def make_calls(calls: tuple[Call, ...], deadline: float, desk: Desk) -> Ran:
    """Phase calls on record; whether each gave what it must, and whether their time was too short. Nothing hidden is in the container. Raises SandboxError."""
    chance = secrets.SystemRandom()
    order = chance.sample(calls, len(calls))
    asked = [{"entry": call.entry, "arguments": json.loads(call.arguments), "keywords": json.loads(call.keywords)} for call in order]
    text = resources.files("harness.grading").joinpath("caller.py").read_text("utf-8") + "\n\nserve()\n"
    argv = ("sh", "-c", _SCRIPT.format(chance.randrange(3, 10)), "sh", text)
    done = desk.sandbox.exec(argv, deadline=deadline, stdin=json.dumps(asked).encode(), environment={"PYTHONDONTWRITEBYTECODE": "1"})
    desk.hush()
    found = compared(order, done)
    ended = "" if done.ended is Ended.EXITED else f"the calls ended by {done.ended}"
    ok = not ended and all(result.status == "passed" for result in found)
    desk.said("calls", done, results=found, detail=ended or _answered(found))
    return Ran(passes=ok, late=done.ended is Ended.DEADLINE)


def compared(order: list[Call], done: Exec) -> tuple[TestResult, ...]:
    """One result for each call, in the order they were made; no answer is an error. Pure."""
    lines = done.stdout.split(b"\n")[:-1]
    answers = [_answer(line) for line in lines]
    if len(answers) > len(order) or done.stdout_total != len(done.stdout) or done.ended is not Ended.EXITED:
        answers = []
    padded = [*answers, *[None] * (len(order) - len(answers))]
    return tuple(_result(call, answer) for call, answer in zip(order, padded, strict=True))


def _answer(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _result(call: Call, answer: dict[str, Any] | None) -> TestResult:
    if answer is None or set(answer) not in ({"returned"}, {"raised"}):
        return TestResult(call.id, "error")
    if call.raises or "raised" in answer:
        return TestResult(call.id, "passed" if call.raises and call.raises in _names(answer.get("raised")) else "failed")
    return TestResult(call.id, "passed" if same(json.loads(call.returns), answer["returned"]) else "failed")


def _names(raised: object) -> list[object]:
    """The names of what was raised and of all that it is."""
    return raised if isinstance(raised, list) and len(raised) <= DEEPEST else []


def same(wanted: object, got: object) -> bool:
    """Equal as JSON: true is not 1, 1 is not "1"; an integer and a float of one value are one number."""
    if isinstance(wanted, bool) or isinstance(got, bool):
        return wanted is got
    if isinstance(wanted, (int, float)) and isinstance(got, (int, float)):
        return wanted == got or (isinstance(wanted, float) and math.isnan(wanted) and got != got)  # noqa: PLR0124
    if isinstance(wanted, dict) and isinstance(got, dict):
        return wanted.keys() == got.keys() and all(same(value, got[key]) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(got, list):
        return len(wanted) == len(got) and all(map(same, wanted, got))
    return type(wanted) is type(got) and wanted == got


def _answered(found: tuple[TestResult, ...]) -> str:
    silent = sum(result.status == "error" for result in found)
    return f"{silent} calls gave no answer that is plain data" if silent else ""
