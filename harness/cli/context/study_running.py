"""A study's runs: each begun with its claims on record, gone on with where it was left, and replayed where a claim needs it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from harness.answer.study.designs import Leg
from harness.cli.context.probe import WINDOW, probe
from harness.cli.context.study_draft import ARMS, Drafted
from harness.cli.context.study_plan import of_leg
from harness.cli.context.study_record import STUDY, Record, changes, probe_folder, replays_of, runs, unreplayed
from harness.cli.preparing.fitness import fit
from harness.cli.preparing.prelude import furnished, met
from harness.cli.preparing.proving import Hands
from harness.cli.resume import Voice, Wish, gone_on, over
from harness.cli.running.evening import Evening
from harness.cli.running.founding import found, new_id
from harness.cli.running.occupying import occupying
from harness.core.errors import PlanError
from harness.metrics.context.all import version
from harness.settings import Settings

STOPPED = 130


def recorded(made: Drafted) -> Record:
    """The study as it is written down now, with no leg named yet."""
    return Record(made.study, f"s{new_id()}", "", time.strftime("%Y-%m-%dT%H:%M:%S%z"), version(), made.plan, made.legs, made.claims, made.promises)


def passed(record: Record, voice: Voice, wish: Wish = Wish()) -> int:
    """Every leg to its end, then its replays; what is done is left alone. The exit code of the first that was stopped, 0 or 1.

    The store is held from the first thing left to do to the last: who waits for it would take it between two legs, and the study would end there.
    """
    with ExitStack() as stack:
        if _left(record, voice.settings):
            stack.enter_context(occupying(voice.settings))
        if voice.style == "quiet":  # what a run or its replays tell by themselves is no verdict
            stack.enter_context(redirect_stdout(StringIO()))
        return _passed(record, voice, wish)


def _passed(record: Record, voice: Voice, wish: Wish) -> int:
    worst = 0
    for leg in record.legs:
        path = runs(record, voice.settings).get(leg.name)
        code = _begun(record, leg, voice, wish) if path is None else 0 if over(path) else gone_on(path, wish, voice)
        path = path or runs(record, voice.settings).get(leg.name)
        if code == STOPPED or path is None or not over(path):
            return code or 1
        worst = max(worst, code)
        if leg.probed:
            code = _replayed(record, path, voice, wish)
            if code == STOPPED:
                return code
            worst = max(worst, code)
    return worst


def _left(record: Record, settings: Settings) -> bool:
    """Whether a run or its replays are not begun, or not over."""
    known = runs(record, settings)
    return any(leg.name not in known or not over(known[leg.name]) for leg in record.legs) or bool(unreplayed(record, settings))


def _begun(record: Record, leg: Leg, voice: Voice, wish: Wish) -> int:
    """Raises PlanError where what answers now is not what answered in an earlier leg: legs are held against one another."""
    plan = of_leg(record.plan, record.study, leg, f"study {record.study}: {leg.name}")
    held = met(plan, voice.settings, voice.say, demo=False)
    ready = fit(furnished(held, voice.settings, voice.say), Hands(held.plan, voice.settings, voice.console, "lines" if voice.style in ("live", "lines") else "quiet"))
    changed = changes(record, ready.pins, voice.settings)
    for field, (was, now) in () if wish.accept else changed.items():
        raise PlanError(f"study {record.id}", field, now, f"{was}, as when its earlier runs began (--accept-change goes on and records it)")
    facts: Mapping[str, str] = {STUDY: msgspec.json.encode(msgspec.structs.replace(record, leg=leg.name)).decode()}
    store = found(ready, voice.settings, plan.name, facts=facts)
    for field, (was, now) in changed.items():
        store.note("accepted", msgspec.json.encode({"field": field, "then": was, "now": now}).decode())
    return Evening(ready, voice.settings, voice.console, voice.style, store).pass_by(table=False)


def _replayed(record: Record, run: Path, voice: Voice, wish: Wish) -> int:
    """What can't be replayed is said and costs the claims that need it, not the others."""
    path = probe_folder(record, run, voice.settings)
    if path is not None:
        return 0 if over(path) else gone_on(path, wish, voice)
    try:
        return probe(**_asked(record, run, voice))
    except PlanError as fault:
        told = fault.complaint
        voice.say(f"no replays of {run.name}: found {told.found}, expected {told.expected}")
        return 1


def _asked(record: Record, run: Path, voice: Voice) -> dict[str, Any]:
    """The command's own arguments."""
    plan = record.plan
    return {
        "run": run.name, "arms": ARMS, "rolls": plan.rolls, "window": WINDOW, "points": plan.points, "every": None, "item": "", "failures": False,
        "max_cost": None, "seed": None, "estimate": False, "told": False, "name": replays_of(record), "parallel": plan.parallel, "allow_remote": plan.allow.remote,
        "allow_offload": plan.allow.offload, "quiet": voice.style not in ("live", "lines"), "as_json": False,
    }  # fmt: skip


def quiet_console(*, as_json: bool) -> Console:
    """Where words go that are not the result."""
    return Console(stderr=as_json)
