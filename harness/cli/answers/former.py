"""The baseline whose place a new one takes: said aloud, because a worse night in its place makes all later nights green."""

from __future__ import annotations

from pathlib import Path

import msgspec

from harness.answer.night import gate_words as say
from harness.answer.night.baseline import LARGEST, Baseline, decoded
from harness.core.errors import PlanError
from harness.core.regular import read_regular
from harness.metrics.statistics.rates import mean
from harness.report.summary import counted, percent

EXPECTED = "a new name, or a baseline to replace"


class _Head(msgspec.Struct):
    schema: str = ""


def former(to: Path) -> Baseline | str:
    """What stands at `to`: a baseline, or in words one that can't be read any more, or "" for none. Raises PlanError for any other file."""
    if not to.is_file():
        return ""
    try:
        data = read_regular(to, LARGEST)
    except OSError as fault:
        raise PlanError(str(to), "--to", fault.strerror or str(fault), EXPECTED) from fault
    if not data.strip():
        return ""
    try:
        ours = msgspec.json.decode(data, type=_Head).schema.startswith("longhaul.baseline/")
    except (msgspec.MsgspecError, ValueError, RecursionError):
        ours = False
    if not ours:
        raise PlanError(str(to), "--to", "a file that is no baseline", EXPECTED)
    try:
        return decoded(data, str(to), edited=True)
    except PlanError:
        return "one that this longhaul can't read"


def told(before: Baseline | str, now: Baseline) -> str:
    """What it replaces: its runs, when it was made, and the rates then and now; "" for nothing."""
    if not before:
        return ""
    if isinstance(before, str):
        return f"replaces the baseline that stood there, {before}"
    runs = ", ".join(f"{each.name or each.run} of {each.created[:10]}" for each in before.runs)
    new = {sheet.who: mean(list(sheet.tallies().values())) for sheet in now.sides}
    rates = [f"{say.name(sheet.who)} {percent(mean(list(sheet.tallies().values())), 1)} -> {percent(new[sheet.who], 1)}" for sheet in before.sides if sheet.who in new]
    gone = sum(sheet.who not in new for sheet in before.sides)
    rest = [f"{counted(gone, 'side')} of it no longer there"] if gone else []
    return f"replaces the baseline of {say.line(runs)}, made {before.created[:10]} ({'; '.join((*rates, *rest))})"
