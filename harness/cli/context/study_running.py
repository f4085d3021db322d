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

from harness.answer.outlook.forecast import Estimate
from harness.answer.study.claims import Claim, Study
from harness.answer.study.designs import HIGH, Leg, Sizes, claims, legs
from harness.answer.study.promise import Promise, promises
from harness.cli.context.probe import WINDOW, probe
from harness.cli.context.study_plan import StudyPlan, of_leg, sizes
from harness.cli.context.study_record import STUDY, Record, changes, probe_folder, replays_of, runs, unreplayed
from harness.cli.foresight.earlier import earlier
from harness.cli.foresight.estimating import basis, estimated
from harness.cli.foresight.measuring import Measuring
from harness.cli.preparing.fitness import fit
from harness.cli.preparing.prelude import Met, furnished, met
from harness.cli.preparing.proving import Hands
from harness.cli.resume import Voice, Wish, gone_on, over
from harness.cli.running.evening import Evening
from harness.cli.running.founding import found, new_id
from harness.cli.running.occupying import occupying
from harness.core.errors import PlanError
from harness.metrics.context.all import version
from harness.report.summary import counted
from harness.settings import Settings
from harness.wiring import staging

ARMS = "full,fresh"
STOPPED = 130


class Purse(msgspec.Struct, frozen=True):
    """What a study may spend on priced models, in USD: `each` run has a cap of its own, a probe one more, and `whole` is their sum."""

    runs: int
    probes: int
    each: float

    @property
    def whole(self) -> float:
        return (self.runs + self.probes) * self.each


class Drafted(msgspec.Struct, frozen=True):
    """A study before anything is spent. `tokens`, `opportunities`: of a task whose solution is played, on the average over families."""

    study: Study
    plan: StudyPlan
    sizes: Sizes
    legs: tuple[Leg, ...]
    claims: tuple[Claim, ...]
    promises: tuple[Promise, ...]
    tokens: float
    opportunities: float

    @property
    def purse(self) -> Purse:
        return Purse(len(self.legs), sum(leg.probed for leg in self.legs), self.plan.run_limits.cost_usd)


def drafted(study: Study, plan: StudyPlan, place: str) -> Drafted:
    """Raises PlanError for a plan that is hopeless: what was planned, and what it would take."""
    asked = sizes(plan, study)
    whole = claims(study, asked)
    tokens, opportunities = _sampled(legs(study, asked)[0], plan.seed)
    _fills(study, tokens, {model.use: model.window for model in plan.models})
    told = promises(study, whole, asked, opportunities)
    if hopeless := next((each for each in told if each.hopeless), None):
        needed = f"{hopeless.needed} tasks would find it in 80 %" if hopeless.needed else "more attempts or replays of each task: 200 tasks like these are too few"
        planned = f"{asked.pairs} tasks x {counted(asked.attempts, 'attempt')}, with which {hopeless.words!r} ({hopeless.assumed}) is found in {100 * hopeless.power:.0f} % of such studies"
        raise PlanError(place, "tasks", planned, f"a study that can show something: {needed}")
    return Drafted(study, plan, asked, legs(study, asked), whole, told, tokens, opportunities)


def _sampled(leg: Leg, seed: int) -> tuple[float, float]:
    """Tokens and opportunities of the first task of each source; an item counts once in a stage, however often it could slip there."""
    found = [next(iter(staging.made(word.removeprefix("staged:").replace(f"count={_count(word)}", "count=1"), seed))) for word in leg.words]
    tokens = [staging.facts(folder)["tokens"] for folder in found]
    uses = [len({(move.stage, slip.item) for move in folder.moves for slip in move.slips}) for folder in found]
    return sum(tokens) / len(tokens), sum(uses) / len(uses)


def _count(word: str) -> str:
    return next(each.partition("=")[2] for each in word.split(",") if each.startswith("count="))


def foreseen(made: Drafted, voice: Voice, *, measured: bool) -> dict[str, Estimate]:
    """Leg -> what its run will take. Asks the models what they are. Raises what `met` raises, and PlanError for a window that is never filled."""
    told: dict[str, Estimate] = {}
    for leg in made.legs:
        held, looks = _met(made, leg, voice, measured=measured)
        _fills(made.study, made.tokens, {use: facts.window.granted or facts.window.asked for use, facts in held.facts.items()})
        known = basis(held, looks.measured, earlier(voice.settings), voice.settings)
        whole = estimated(known, tuple(task.id for task in held.tasks), held.plan.attempts, None)
        # What a run can show of pass rates is not what a study asks.
        told[leg.name] = msgspec.structs.replace(whole, power=(), equal=(), warnings=tuple(each for each in whole.warnings if "its own question" not in each))
    return told


def _met(made: Drafted, leg: Leg, voice: Voice, *, measured: bool) -> tuple[Met, Measuring]:
    looks = Measuring(voice.settings, voice.say, wanted=measured)
    plan = of_leg(made.plan, made.study, leg, f"study {made.study}")
    return met(plan, voice.settings, voice.say, demo=False, look=looks.look), looks


def _fills(study: Study, tokens: float, windows: Mapping[str, int | None]) -> None:
    """A window that no task comes near the top of shows nothing of its top. Raises PlanError."""
    for use, window in windows.items() if study == "fading" else ():
        if window and tokens < HIGH * window:
            expected = f"a window of {tokens / HIGH:,.0f} tokens or less, or a larger tier: these tasks come to {tokens:,.0f}"
            raise PlanError("", "models.window", f"{window:,} tokens for {use}, of which no use would stand in the upper fifth", expected)


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


def replays(made: Drafted) -> int:
    """How many replays will follow."""
    return sum(len(made.plan.models) * made.plan.points * made.plan.rolls * len(ARMS.split(",")) for leg in made.legs if leg.probed)


def quiet_console(*, as_json: bool) -> Console:
    """Where words go that are not the result."""
    return Console(stderr=as_json)
