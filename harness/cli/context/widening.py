"""Whether the arm wide can be had: the whole view in a window twice as large, which only a server that sets it for each request gives."""

from __future__ import annotations

from collections.abc import Sequence

from harness.cli.context.probing import Laid
from harness.core.errors import PlanError
from harness.core.events import ModelOpened
from harness.core.facts import ModelFacts
from harness.core.trial import WIDE
from harness.metrics.tries import last, lived
from harness.plan import Plan
from harness.settings import Settings
from harness.wiring.models import asked, models

FIXED = ("openai", "claude")
"""Kinds whose protocol has no word for the window: whoever started the server has set it."""


def unwidened(arms: Sequence[str], found: Laid) -> str:
    """A model of the points that has the window it has, as words for a sentence; "" where there is none, or nobody asks."""
    for point in found.points if WIDE in arms else ():
        opened = last(lived(found.reads[point.place.trial].asked.trace), ModelOpened)
        if opened and (why := _fixed(opened.facts)):
            return f"{WIDE}, and {point.place.model} {why}"
    return ""


def _fixed(facts: ModelFacts) -> str:
    if facts.remote:
        return "is served elsewhere"
    if facts.kind in FIXED or not facts.window_held:
        return "has the window that its server gives it"
    return ""


def known_room(arms: Sequence[str], plan: Plan, found: Laid) -> None:
    """What the record alone tells of a larger window. Raises PlanError where the run set none, and for one beyond what a model was made for."""
    trials = {point.place.model: point.place.trial for point in found.points if WIDE in arms}
    for entry in (each for each in plan.models if each.use in trials):
        wanted = asked(entry, plan.allow, variant=WIDE).window
        opened = last(lived(found.reads[trials[entry.use]].asked.trace), ModelOpened)
        trained = opened.facts.window.trained if opened else None
        if wanted is not None and trained is not None and wanted > trained:
            raise PlanError("", "--arms", f"{WIDE}, which takes {wanted:,} tokens of {entry.use}", f"at most {trained:,}, what it was trained with: a run with half of that window")


def room_for_wide(arms: Sequence[str], plan: Plan, settings: Settings) -> None:
    """Open each model with the larger window once, so that one that does not fit is found before anything is spent.

    Raises PlanError where the window is unknown, beyond what the model was made for, or more than fits, MissingError, ModelError.
    """
    for entry in plan.models if WIDE in arms else ():
        wanted = asked(entry, plan.allow, variant=WIDE)
        with models(entry.use.partition("/")[0], entry, settings).open(wanted) as model:
            granted = model.facts.window.granted
        if granted is not None and wanted.window is not None and granted < wanted.window:
            raise PlanError("", "--arms", f"{WIDE}, for which {entry.use} was granted {granted:,} tokens", f"a server that grants {wanted.window:,}: twice the window of the run")
