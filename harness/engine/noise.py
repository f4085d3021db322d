"""What may differ between two runs of the same call without meaning anything: small named rules over lines of output. Pure.

A rule is asked only about a pair of lines that differ, it names what it passes over, and where a value can be checked it is: a time
is noise only when each side's lies in the time that side ran. A line that says what a test found keeps every figure that can't be checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Final

import msgspec

DAY_S: Final = 86_400
SLACK_S: Final = 5.0
QUARTER_S: Final = 900
"""Every zone's clock differs from the next by whole quarters of an hour."""
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH: Final = "|".join(MONTHS)
_TIME: Final = r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
_ZONE: Final = r"(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d)\b)?"
_ITEM: Final = r"(?:'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|-?\w[\w.]*)"
FINDING: Final = re.compile(r"^\s*E\s|\bassert")
"""Lines in which a figure is what a test found."""
GIT: Final = re.compile(r"(?<![\w.])git(?![\w.])")
OWN: Final = "\ue000{}\ue001"


class Side(msgspec.Struct, frozen=True):
    """One of two runs: the time in which it happened, as seconds since 1970, and the call as it was written."""

    first: float
    last: float
    call: str = ""


class Rule(msgspec.Struct, frozen=True):
    """`pattern` with what else must hold of a match on its side. `findings`: also in lines that say what a test found."""

    name: str
    pattern: re.Pattern[str]
    holds: Callable[[re.Match[str], Side], bool] = lambda _found, _side: True
    findings: bool = False


def _dated(found: re.Match[str], side: Side) -> bool:
    """A moment, in whatever zone, at which this side ran; without a time of day the day, give or take one.

    A date without its year is taken in the year of the side.
    """
    parts = found.groupdict()
    name = parts.get("name")
    month = MONTHS.index(name) + 1 if name else int(parts["month"])
    year = int(parts["year"]) if parts.get("year") else date.fromtimestamp(side.last).year  # noqa: DTZ012  (a day more or less is allowed for)
    try:
        day = (date(year, month, int(parts["day"])) - date(1970, 1, 1)).days
    except ValueError:
        return False
    if not side.first // DAY_S - 1 <= day <= side.last // DAY_S + 1:
        return False
    return not parts.get("hour") or _timed(found, side)


def _timed(found: re.Match[str], side: Side) -> bool:
    """A time of day, in whatever zone, at which this side ran; one without seconds stands for its whole minute."""
    parts = found.groupdict()
    at = int(parts["hour"]) * 3600 + int(parts["minute"]) * 60 + int(parts["second"] or 0)
    early, late = side.first - SLACK_S - 60 * (parts["second"] is None), side.last + SLACK_S
    return (at - early) % QUARTER_S <= late - early


def _since_1970(found: re.Match[str], side: Side) -> bool:
    value = float(found[0]) / (1000 if len(found[0].partition(".")[0]) == 13 else 1)
    return side.first - SLACK_S <= value <= side.last + SLACK_S


def _by_git(_found: re.Match[str], side: Side) -> bool:
    return bool(GIT.search(side.call))


RULES: Final = (
    Rule("address", re.compile(r"(?<=\bat )0x[0-9a-fA-F]{6,16}\b|\b0x(?:7[0-9a-f]|5[56])[0-9a-f]{10}\b"), findings=True),
    Rule(
        "temporary name",
        re.compile(
            r"(?<=/)tmp[a-z0-9_]{8}(?!\w)|(?<=/)tmp\.[A-Za-z0-9]{6,12}(?!\w)|(?<=/)pytest-of-[\w.-]+/pytest-\d+"
            r"|(?<=/)pip-[a-z-]+-[a-z0-9_]{8}(?!\w)"
        ),
        findings=True,
    ),
    Rule("clock", re.compile(rf"\b(?P<year>\d{{4}})[-/](?P<month>\d\d)[-/](?P<day>\d\d)[T ]{_TIME}{_ZONE}(?!\d)"), _dated, findings=True),
    Rule("clock", re.compile(r"\b(?P<year>\d{4})[-/](?P<month>\d\d)[-/](?P<day>\d\d)(?![\d:])"), _dated),
    Rule(
        "clock",
        re.compile(rf"(?:\b[A-Z][a-z]{{2}},? )?\b(?P<name>{_MONTH}) +(?P<day>\d{{1,2}}),? {_TIME}{_ZONE}(?: (?P<year>\d{{4}}))?{_ZONE}"),
        _dated,
    ),
    Rule("clock", re.compile(rf"(?:\b[A-Z][a-z]{{2}}, )?\b(?P<day>\d{{1,2}}) (?P<name>{_MONTH}) (?P<year>\d{{4}})(?: {_TIME}{_ZONE})?"), _dated),
    Rule(
        "clock",
        re.compile(
            r"(?<=datetime\()(?P<year>\d{4}), (?P<month>\d{1,2}), (?P<day>\d{1,2}), (?P<hour>\d{1,2}), (?P<minute>\d{1,2})"
            r"(?:, (?P<second>\d{1,2}))?(?:, \d{1,6})?"
        ),
        _dated,
        findings=True,
    ),
    Rule("clock", re.compile(r"(?<![\d:.])(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,]\d+)?(?![\d:])"), _timed),
    Rule("clock", re.compile(r"(?<![\d.])\d{10}(?:\.\d+)?(?!\d)|(?<![\d.])\d{13}(?![\d.])"), _since_1970, findings=True),
    Rule("padding", re.compile(r"^=+ (?=\S.* in [\d.]+s\b)|(?<=[s)]) =+$")),
    Rule(
        "duration",
        re.compile(
            r"(?<=\bin )\d+(?:\.\d+)?s\b(?: \(\d+:\d\d:\d\d\))?|(?<![\w.])\d+m\d+[.,]\d+s\b"
            r"|(?<![\w.])\d+\.\d+(?:e-\d+)? ?(?:s|secs?|seconds?|ms|msecs?|milliseconds?|us|usecs?|µs|ns|nsecs?)\b"
            r"|(?<=\btime=\")\d+(?:\.\d+)?(?=\")"
        ),
    ),
    Rule("process number", re.compile(r"(?<=\b[pP]id[ =:])\d{1,7}\b|(?<=\bPID[ =:])\d{1,7}\b|(?<=^\[\d\] )\d{1,7}$")),
    Rule("port", re.compile(r"(?<=\b127\.0\.0\.1:)[3-6]\d{4}\b|(?<=\blocalhost:)[3-6]\d{4}\b|(?<='127\.0\.0\.1', )[3-6]\d{4}\b")),
    Rule(
        "commit",
        re.compile(
            r"(?<!\w)[0-9a-f]{40}(?!\w)|(?<=^HEAD is now at )[0-9a-f]{7,12}(?= )|^(?=[0-9]*[a-f])[0-9a-f]{7,12}(?= )"
            r"|(?<=[\w)] )[0-9a-f]{7,12}(?=\] )|(?<=: )(?=[0-9]*[a-f])[0-9a-f]{7,12}(?= )"
        ),
        _by_git,
    ),
)
"""Rows of one name are one rule. The order matters: a date is read before the time in it."""
SETS: Final = re.compile(rf"\{{{_ITEM}(?:, {_ITEM})+\}}")
"""A set as Python writes it, which has no order; a dict, whose order means something, has colons."""
SET_ORDER: Final = "order of a set"


class Passed(msgspec.Struct, frozen=True):
    """A difference that a rule passed over: both lines as they were."""

    rule: str
    recorded: str
    now: str


def passed_over(recorded: str, now: str, then: Side, today: Side) -> tuple[Passed, ...] | None:
    """By which rules two texts are the same, () for equal ones; None where no rule makes them so. No rule adds or removes a line."""
    if recorded == now:
        return ()
    lines = recorded.split("\n"), now.split("\n")
    if len(lines[0]) != len(lines[1]):
        return None
    found: list[Passed] = []
    for old, new in zip(*lines, strict=True):
        rules = _same(old, new, then, today)
        if rules is None:
            return None
        found += [Passed(rule, old, new) for rule in rules]
    return tuple(found)


def _same(old: str, new: str, then: Side, today: Side) -> tuple[str, ...] | None:
    """The rules that make two lines one, each as often as a value of its own differs; None where they don't."""
    if old == new:
        return ()
    if OWN[0] in old + new:  # what stands for noise, written by somebody else
        return None
    finding = bool(FINDING.search(old) or FINDING.search(new))
    needed: list[str] = []
    for rule in RULES:
        if finding and not rule.findings:
            continue
        old, gone = _levelled(rule, old, then)
        new, come = _levelled(rule, new, today)
        needed += [rule.name] * sum(before != after for before, after in zip(gone, come, strict=False))
    if old != new:
        old, new = (SETS.sub(_sorted, line) for line in (old, new))
        needed.append(SET_ORDER)
    return tuple(needed) if old == new else None


def alike(old: str, new: str, then: Side, today: Side) -> bool:
    """Whether two lines differ by noise at most."""
    return _same(old, new, then, today) is not None


def skeletons(lines: list[str], side: Side) -> list[str]:
    """Each line without what rules take for noise, so that lines can be matched."""
    return [_skeleton(line, side) for line in lines]


def _skeleton(line: str, side: Side) -> str:
    finding = bool(FINDING.search(line))
    for rule in RULES:
        if rule.findings or not finding:
            line = _levelled(rule, line, side)[0]
    return SETS.sub(_sorted, line)


def _levelled(rule: Rule, line: str, side: Side) -> tuple[str, list[str]]:
    gone: list[str] = []

    def level(found: re.Match[str]) -> str:
        if not rule.holds(found, side):
            return found[0]
        gone.append(found[0])
        return OWN.format(rule.name)

    return rule.pattern.sub(level, line), gone


def _sorted(found: re.Match[str]) -> str:
    return "{" + ", ".join(sorted(re.findall(_ITEM, found[0]))) + "}"
