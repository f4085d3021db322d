"""`longhaul run --estimate`, the short form before a first night, and `--hours`."""

from __future__ import annotations

import math
import sys

import msgspec
from rich.console import Console

from harness.answer.outlook.forecast import Estimate
from harness.answer.outlook.forecast_words import full, short
from harness.cli.foresight.earlier import earlier
from harness.cli.foresight.estimating import basis, chosen, estimated, narrowed, scripted
from harness.cli.foresight.measuring import Measuring
from harness.cli.preparing.prelude import Met, met
from harness.cli.resume import Voice
from harness.cli.screen.layout import tell
from harness.core.errors import PlanError, SandboxError
from harness.core.machine import Needs
from harness.core.task import places
from harness.plan import Plan
from harness.settings import Settings
from harness.wiring.shop import images

CHOSEN = "chosen"
"""The fact of a run under which stands what `--hours` made of its plan."""


class Wanted(msgspec.Struct, frozen=True):
    """What of this a command line asked for."""

    alone: bool = False
    hours: float | None = None
    as_json: bool = False


def wanted(*, alone: bool, hours: float | None, as_json: bool) -> Wanted:
    """Raises PlanError for hours that no night has, and for JSON of nothing."""
    if hours is not None and not (hours > 0 and math.isfinite(hours)):
        raise PlanError("", "--hours", f"{hours:g}", "a number of hours above 0")
    if as_json and not alone:
        raise PlanError("", "--json", "no --estimate", "--estimate beside it, or --json-lines for a run")
    return Wanted(alone, hours, as_json)


class Foreseen(msgspec.Struct, frozen=True):
    """What is to be run, which `--hours` may have made smaller, and what a run keeps of that."""

    met: Met
    facts: dict[str, str] = {}


def foresee(plan: Plan, voice: Voice, asked: Wanted, *, demo: bool) -> Foreseen | None:
    """Ask and measure the models, then tell what their night will take; None where that was all. Raises what `met` raises."""
    speaks = voice.style in ("live", "lines")
    looks = Measuring(voice.settings, voice.say, wanted=speaks or asked != Wanted())
    held = met(plan, voice.settings, voice.say, demo=demo, look=looks.look)
    if not (asked != Wanted() or (speaks and looks.new and not scripted(held))):
        return Foreseen(held)
    found = basis(held, looks.measured, earlier(voice.settings), voice.settings)
    picked = chosen(found, asked.hours) if asked.hours is not None else None
    held = narrowed(held, picked) if picked else held
    needs = _needs(held, voice.settings) if asked.alone else None  # a run says itself what it pulls, right after this
    told = estimated(found, tuple(task.id for task in held.tasks), held.plan.attempts, needs, picked)
    if asked.as_json:
        _printed(told)
    elif asked.alone:
        _told(full(told), voice.console)
    else:
        for line in short(told):
            voice.say(line)
    return None if asked.alone else Foreseen(held, {CHOSEN: msgspec.json.encode(picked).decode()} if picked else {})


def _needs(held: Met, settings: Settings) -> Needs | None:
    """None where no engine answers: an estimate of hours needs none, and a run says so itself."""
    try:
        return images(held.plan, settings).needs(tuple(place for task in held.tasks for place in places(task)))
    except SandboxError:
        return None


def _told(lines: tuple[str, ...], console: Console) -> None:
    for line in lines:
        tell(console, line, indent=4 if line.startswith(" ") else 2)


def _printed(told: Estimate) -> None:
    body = {"schema": "longhaul.estimate/1"} | msgspec.to_builtins(told)
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
    sys.stdout.flush()
