"""A study before its first trial: what would be tested and what it can show, and what its models and its runs will take."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec

from harness.answer.outlook.forecast import Estimate
from harness.answer.study.claims import Claim, Study
from harness.answer.study.designs import HIGH, Leg, Sizes, claims, legs
from harness.answer.study.promise import Promise, promises
from harness.cli.context.study_plan import StudyPlan, of_leg, sizes
from harness.cli.foresight.earlier import earlier
from harness.cli.foresight.estimating import basis, estimated
from harness.cli.foresight.measuring import Measuring
from harness.cli.preparing.prelude import Met, met
from harness.cli.resume import Voice
from harness.core.errors import PlanError
from harness.core.ports import Say
from harness.plan import AgentEntry
from harness.report.summary import counted
from harness.settings import Settings
from harness.wiring import staging
from harness.wiring.models import models
from harness.wiring.shop import agent
from harness.wiring.sources import source

ARMS = "full,fresh"
MOST_SEEDS = 100
Windows: TypeAlias = Mapping[str, int | None]
"""Model -> tokens, None where nobody tells."""


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

    @property
    def conditions(self) -> int:
        """That each pair of family and seed is made under, in every run."""
        return len(self.legs[0].words) // len(self.sizes.families)


def named(study: Study, plan: StudyPlan, settings: Settings) -> None:
    """Whether every word, agent and model of the plan leads somewhere; nothing is made and nobody is asked. Raises PlanError, MissingError."""
    asked = sizes(plan, study)
    for name in asked.policies:
        agent(AgentEntry(name))
    for entry in plan.models:
        models(entry.use.partition("/")[0], entry, settings)
    for word in legs(study, asked)[0].words:
        source(word, settings, {}, plan.seed)


def granted(study: Study, plan: StudyPlan, voice: Voice) -> Windows:
    """What the models say of themselves, in the largest window that the study has for them. Raises what `met` raises. One task is made, because agents want one."""
    leg = max(legs(study, sizes(plan, study)), key=lambda each: each.window or 0)
    word = next(iter(leg.words))
    small = msgspec.structs.replace(leg, words={_single(word): leg.words[word]})
    unheard = msgspec.structs.replace(voice, style="quiet")  # it is said again with each run's own window
    held = met(of_leg(plan, study, small, ""), voice.settings, unheard.say, demo=False)
    return {use: facts.window.granted or facts.window.asked for use, facts in held.facts.items()}


def drafted(study: Study, plan: StudyPlan, place: str, ask: Callable[[], Windows] = dict, say: Say = lambda _text: None) -> Drafted:
    """Cheap refusals first. `ask`: what the models grant. Raises what `ask` raises, and PlanError for a plan that is hopeless: what was planned, and what it would take."""
    asked = sizes(plan, study)
    runs = legs(study, asked)
    tokens, opportunities = _sampled(runs[0], plan.seed)
    _fills(study, tokens, {model.use: model.window for model in plan.models})
    _fills(study, tokens, ask())
    say("simulating the power of the plan, then making its tasks, to tell what they take ...")
    whole = claims(study, asked)
    told = promises(study, whole, asked, opportunities)
    if hopeless := next((each for each in told if each.hopeless), None):
        raise _refusal(place, hopeless, asked)
    return Drafted(study, plan, asked, runs, whole, told, tokens, opportunities)


def _refusal(place: str, hopeless: Promise, asked: Sizes) -> PlanError:
    """In seeds of each family, for that is the key to change."""
    planned = f"{seeded(asked)}, {counted(asked.pairs, 'task')} x {counted(asked.attempts, 'attempt')}"
    found = f"{planned}, with which {hopeless.words!r} ({hopeless.assumed}) is found in {100 * hopeless.power:.0f} % of such studies"
    return PlanError(place, "tasks", found, f"a study that can show something: {_enough(hopeless.needed, asked)}")


def _enough(needed: int | None, asked: Sizes) -> str:
    if not needed:
        return "more attempts or replays of each task: 200 tasks like these are too few"
    seeds = math.ceil(needed / len(asked.families))
    if seeds > MOST_SEEDS:
        return f"{needed} tasks would find it in 80 %, which takes more families: there are at most {MOST_SEEDS} seeds of each"
    return f"tasks = {seeds}, {counted(seeds * len(asked.families), 'task')}, would find it in 80 %"


def seeded(asked: Sizes) -> str:
    """What the key `tasks` counts."""
    return f"{counted(asked.tasks, 'seed')} of {'each family' if len(asked.families) > 1 else 'the family'} ({', '.join(asked.families)})"


def _sampled(leg: Leg, seed: int) -> tuple[float, float]:
    """Tokens and opportunities of the first task of each source; an item counts once in a stage, however often it could slip there."""
    found = [next(iter(staging.made(_single(word).removeprefix("staged:"), seed))) for word in leg.words]
    tokens = [staging.facts(folder)["tokens"] for folder in found]
    uses = [len({(move.stage, slip.item) for move in folder.moves for slip in move.slips}) for folder in found]
    return sum(tokens) / len(tokens), sum(uses) / len(uses)


def _single(word: str) -> str:
    """The source with its first task alone."""
    return ",".join("count=1" if each.startswith("count=") else each for each in word.split(","))


def foreseen(made: Drafted, voice: Voice, *, measured: bool) -> dict[str, Estimate]:
    """Leg -> what its run will take. Asks the models what they are. Raises what `met` raises."""
    told: dict[str, Estimate] = {}
    for leg in made.legs:
        held, looks = _met(made, leg, voice, measured=measured)
        known = basis(held, looks.measured, earlier(voice.settings), voice.settings)
        whole = estimated(known, tuple(task.id for task in held.tasks), held.plan.attempts, None)
        # What a run can show of pass rates is not what a study asks.
        told[leg.name] = msgspec.structs.replace(whole, power=(), equal=(), warnings=tuple(each for each in whole.warnings if "its own question" not in each))
    return told


def _met(made: Drafted, leg: Leg, voice: Voice, *, measured: bool) -> tuple[Met, Measuring]:
    looks = Measuring(voice.settings, voice.say, wanted=measured)
    plan = of_leg(made.plan, made.study, leg, f"study {made.study}")
    return met(plan, voice.settings, voice.say, demo=False, look=looks.look), looks


def _fills(study: Study, tokens: float, windows: Windows) -> None:
    """A window that no task comes near the top of shows nothing of its top. Raises PlanError."""
    for use, window in windows.items() if study == "fading" else ():
        if window and tokens < HIGH * window:
            expected = f"a window of {tokens / HIGH:,.0f} tokens or less, or a larger tier: these tasks come to {tokens:,.0f}"
            raise PlanError("", "models.window", f"{window:,} tokens for {use}, of which no use would stand in the upper fifth", expected)


def replays(made: Drafted) -> int:
    """How many replays will follow."""
    return sum(len(made.plan.models) * made.plan.points * made.plan.rolls * len(ARMS.split(",")) for leg in made.legs if leg.probed)
