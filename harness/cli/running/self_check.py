"""Full against itself before any other arm is rolled: in which order the replays of a probe are begun, and which are never begun."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from harness.answer.probe.constancy import HELD, Checked, checked
from harness.answer.probe.deciding import FULL
from harness.answer.probe.rolls import rolls
from harness.core.errors import StoreError
from harness.core.probe import Probe
from harness.core.trial import TrialKey
from harness.report.summary import counted
from harness.store.sqlite import RunStore
from harness.wiring.replays import probe_of

CHECKED = "full against itself"
"""The fact of a run under which stand the models that were decided about, in the order decided. Nothing is decided twice."""


def waves(store: RunStore, left: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Short ids in groups, each begun once the one before is through. Any run but a probe has one.

    Of a probe all re-rolls of full first, and then the other arms, mixed, of each model whose full agrees with itself; those of another stay
    pending for good, and those of one whose full is not through, for the next time. Raises StoreError.
    """
    probe = probe_of(store)
    keys = store.keys()
    first = tuple(short for short in left if probe is None or keys[short].variant == FULL)
    yield first
    if probe is not None and len(first) < len(left):
        sound = {(each.model, each.agent) for each in _decided(store, probe) if not each.void}
        yield tuple(short for short in left if keys[short].variant != FULL and (keys[short].model, keys[short].agent) in sound)


def _decided(store: RunStore, probe: Probe) -> tuple[Checked, ...]:
    """What was decided before, and what can be by now; both are on record then. Raises StoreError."""
    before = _kept(store)
    known = {(each.model, each.agent) for each in before}
    full = ((key, store.trace(key)) for key in store.keys().values() if key.variant == FULL and (key.model, key.agent) not in known)
    new = tuple(each for each in checked(probe, rolls(probe, full)) if (each.model, each.agent) not in known)
    if new:
        store.keep(CHECKED, msgspec.json.encode((*before, *new)).decode())
    return (*before, *new)


def _kept(store: RunStore) -> tuple[Checked, ...]:
    word = store.meta(CHECKED)
    try:
        return msgspec.json.decode(word, type=tuple[Checked, ...]) if word else ()
    except msgspec.MsgspecError as fault:
        raise StoreError(f"{store.folder}: what was decided of full can't be read: {fault}") from fault


def withheld(store: RunStore) -> dict[str, TrialKey]:
    """Trials by short id that are never begun, because full of their model differs from itself; none of a run that is no probe. Raises StoreError."""
    void = {(each.model, each.agent) for each in _kept(store) if each.void}
    if not void:
        return {}
    done = store.settled_shorts()
    return {short: key for short, key in store.keys().items() if short not in done and key.variant != FULL and (key.model, key.agent) in void}


def sentence(held: dict[str, TrialKey]) -> str:
    """Of which models so many re-rolls are not begun, and why; "" for none."""
    names = dict.fromkeys(f"{key.model} under {key.agent}" for key in held.values())
    return f"{counted(len(held), 're-roll')} {HELD} ({', '.join(names)})" if held else ""
