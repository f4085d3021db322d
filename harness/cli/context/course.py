"""`longhaul context RUN TRIAL`: one trial's course, and what its model could see at a turn."""

from __future__ import annotations

import sys
from typing import Final

import msgspec
from rich.console import Console

from harness.cli.context.accounts import one
from harness.cli.context.course_text import show, show_sights
from harness.cli.context.trusted import decided, probes, trust
from harness.cli.record.runs import Held, trial
from harness.cli.record.tried import wrong_turn
from harness.cli.screen.layout import tell
from harness.core.errors import PlanError
from harness.core.trial import TrialKey
from harness.metrics.context.account import Account
from harness.metrics.context.ledger import Sight
from harness.metrics.context.reading import scene
from harness.report.context.lane import lane
from harness.report.context.loss_document import finite
from harness.settings import Settings
from harness.wiring.trees import trees

SCHEMA: Final = "longhaul.course/1"
MACHINE: Final = 40
"""Items found by machine that are listed at a turn, those shown last first."""


def course(opened: Held, settings: Settings, word: str, turn: int | None, *, tests: bool, as_json: bool) -> int:
    """Raises PlanError for a trial or turn that is not there, StoreError."""
    short, key = trial(word, opened.store)
    entry = one(opened, settings, lambda words: tell(Console(stderr=True), words), short, tests=tests)
    if entry.account is None:
        raise PlanError("", "TRIAL", f"{short}: {entry.why}", "a trial whose agent asked a model, with its trees on record")
    told = decided((entry.account,), probes(opened, settings))[0]
    sights = () if turn is None else _sights(opened, short, key, turn)
    run, standing = opened.store.meta("run"), trust(settings).sentence
    if as_json:
        sys.stdout.buffer.write(_document(run, told, turn, sights, standing) + b"\n")
    elif turn is None:
        show(lane(told), run, Console())
        if told.past:
            tell(Console(), f"note: turns 1 to {told.past} are another trial's, from which this one went on: they are in no figure of its model")
        tell(Console(), f"note: detectors: {standing}")
    else:
        show_sights(sights, turn, Console())
        tell(Console(), f"its words and calls: longhaul show {run} {short} --turn {turn}")
    return 0


def _sights(opened: Held, short: str, key: TrialKey, turn: int) -> tuple[tuple[Sight, str, bool], ...]:
    """The manifest's items, what holds and can't be seen first; then the latest of what machines found."""
    with trees(opened.store.folder) as recorded:
        made = scene(short, opened.tasks[key.task], opened.store.trace(key), opened.store.blobs.get, recorded)
    if not 1 <= turn <= len(made.turns):
        raise wrong_turn(turn, range(1, len(made.turns) + 1), short)
    ledger = made.ledger
    each = [(ledger.sight(name, turn), item.kind, ledger.valid(name, turn)) for name, item in ledger.items.items()]
    named = {item.id for item in made.manifest.items}
    ours = sorted((one for one in each if one[0].item in named), key=lambda one: (one[0].visible or not one[2], one[0].item))
    rest = [one for one in each if one[0].item not in named and one[0].visible]
    return (*ours, *sorted(rest, key=lambda one: (one[0].distance or 0, one[0].item))[:MACHINE])


def _document(run: str, told: Account, turn: int | None, sights: tuple[tuple[Sight, str, bool], ...], standing: str) -> bytes:
    seen = [{**msgspec.to_builtins(sight), "kind": kind, "holds": holds} for sight, kind, holds in sights]
    body = {"schema": SCHEMA, "run": run, "standing": standing, "account": msgspec.to_builtins(told), **({} if turn is None else {"turn": turn, "sights": seen})}
    return msgspec.json.format(msgspec.json.encode(finite(body)), indent=2)
