"""The scenes of a run's trials, with every opportunity and milestone that the recorded trees show; what takes tests is left open."""

from __future__ import annotations

import msgspec

from harness.cli.record.runs import Held
from harness.core.events import ModelAsked, Trace, TreeSeen
from harness.core.memory import Manifest
from harness.core.trial import TrialKey
from harness.metrics.context.reading import scene
from harness.metrics.context.scene import Scene, Trees
from harness.metrics.context.standing import standing
from harness.metrics.tries import lived, of


class Asked(msgspec.Struct, frozen=True):
    """A trial whose agent asked a model and whose trees are on record."""

    short: str
    key: TrialKey
    trace: Trace


def asked(opened: Held) -> tuple[Asked, ...]:
    """The settled trials that could be read as scenes, in plan order."""
    settled = opened.store.settled_shorts()
    every = (Asked(short, key, opened.store.trace(key)) for short, key in opened.store.keys().items() if short in settled)
    return tuple(each for each in every if _readable(lived(each.trace)))


def _readable(now: Trace) -> bool:
    return bool(of(now, ModelAsked)) and bool(of(now, TreeSeen))


def judged(opened: Held, each: Asked, trees: Trees) -> Scene:
    """Raises StoreError where words or trees are gone from the record."""
    made = scene(each.short, opened.tasks[each.key.task], each.trace, opened.store.blobs.get, trees)
    manifest = opened.tasks[each.key.task].memory or Manifest()
    opportunities, reached = standing(manifest, made.turns, made.base, trees, {})
    return msgspec.structs.replace(made, opportunities=opportunities, reached=reached)


def held_by(made: Scene, turn: int) -> frozenset[str]:
    """Milestones that hold at the end of this turn. Of those that only tests could tell, and nobody has run, what was handed back counts as
    held: told as open, it would send the worker back to what is done.
    """
    newest = {one.milestone: one.held for one in sorted(made.reached, key=lambda one: one.turn) if one.turn <= turn}
    handed = {each.stage for each in made.turns[:turn] if each.yielded}
    stages = {one.id: one.stage for one in made.manifest.milestones}
    return frozenset(name for name, held in newest.items() if held or (held is None and stages[name] in handed))
