"""Forks between records: a past taken from one run's store into another's, and the past that a trial of a store begins with."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from harness.core.agent import Conversation, Seen
from harness.core.errors import PlanError, StoreError
from harness.core.events import Trace, TreeSeen, TrialStarted
from harness.core.recorded import Tree
from harness.core.trial import Parent, TrialKey
from harness.engine.digest import digest
from harness.engine.fork import Fork, Past, agrees, forked, past_at
from harness.engine.moment import Lived, entries_at, needed, packed, root, turns, unrestored
from harness.engine.steps import Get, steps
from harness.engine.world import Job, World
from harness.plan import Plan, seed_of
from harness.store.sqlite import RunStore
from harness.store.transplant import changed, take_blobs, take_trees

There: TypeAlias = Callable[[str], bool]
FORK = "fork"
"""The fact of a run under which its fork stands."""
UNBORN = "unborn"
"""What stands there until the past is whole: a fork that was killed before would begin at the beginning, under a fork's name."""


def _views() -> Any:
    return importlib.import_module("agents.views")


def known_view(name: str) -> str:
    """Raises PlanError naming the views there are."""
    names: Mapping[str, object] = _views().VIEWS
    if name not in names:
        near = difflib.get_close_matches(name, names, 1)
        raise PlanError("", "--view", repr(name), f"{f'{near[0]!r}, perhaps, or another ' if near else 'one '}of {', '.join(names)}")
    return name


def through(conversation: Conversation, name: str, seen: Seen) -> Conversation:
    """The conversation under the view of that name. Raises PlanError for a view that is no more."""
    led: Conversation = _views().through(conversation, known_view(name), seen)
    return led


def probe(entries: Trace, get: Get) -> Past:
    """The past of these entries, to be lived and not gone on from. Raises StoreError."""
    return past_at(entries, get, Parent("", "", 1, 0, ""), through)


class Origin(msgspec.Struct, frozen=True):
    """Where a fork begins: the parent, which attempt it was, the kept machine to start from ("" for none), and what is not restored."""

    parent: Parent
    attempt: int
    image: str
    lost: tuple[str, ...]


def transplanted(source: RunStore, target: RunStore, trace: Trace, origin: Origin) -> Fork:
    """Take the past of a trial up to the parent's turn into a new run's record, with all that living it needs. Raises StoreError."""
    parent, get = origin.parent, source.blobs.get
    entries = entries_at(trace, parent.turn)
    begun, now = _tree(root(entries, get), first=True), _tree(entries, first=False)
    trees = source.folder / "trees.git"
    words = digest(changed(trees, begun.tree, now.tree), steps(entries, get)) if parent.view != "full" else ""
    past = Lived(entries, parent.view, words)
    held = needed(past, get)
    take_blobs(source.blobs, target.blobs, held)
    take_trees(trees, target.folder / "trees.git", dict.fromkeys((begun, now)))
    fork = Fork(parent, origin.attempt, origin.image, target.blobs.put(packed(past)), held, origin.lost)
    target.keep(FORK, msgspec.json.encode(fork).decode())
    return fork


def _tree(entries: Trace, *, first: bool) -> Tree:
    seen = [entry.event for entry in entries if isinstance(entry.event, TreeSeen)]
    chosen = seen[0 if first else -1]
    return Tree(chosen.tree, chosen.extra, chosen.git)


def fork_of(store: RunStore) -> Fork | None:
    """Where this run's trials began, if it is a fork. Raises StoreError for one without its past."""
    word = store.meta(FORK)
    if word == UNBORN:
        raise StoreError(f"{store.folder.name} was ended before its past was copied; fork again")
    return msgspec.json.decode(word, type=Fork) if word else None


def begun(job: Job, world: World, store: RunStore, trace: Trace, *, there: There | None) -> Job:
    """The job with what its next try begins with; `trace` as it is now.

    `there`: whether an image is on this machine's engine, for a try that may go on from where the one before was. Raises StoreError.
    """
    fork, seed = fork_of(store), job.seed
    past = _agreed(_gone_on(store, job.key, trace, there), world, store.blobs.get) if there else None
    past = past or (forked(fork, store.blobs.get, through) if fork else None)
    if fork and seed is not None:
        plan = msgspec.json.decode(store.meta("plan"), type=Plan)
        seed = seed_of(plan.seed, job.key.task, fork.attempt + job.key.attempt - 1)
    return msgspec.structs.replace(job, past=past, seed=seed)


def _agreed(past: Past | None, world: World, get: Get) -> Past | None:
    """The past, where today's agent lives through it."""
    specs = tuple(tool.spec for tool in world.tools.values())
    return None if past is None or agrees(past, world.agent, specs, get) else past


def _gone_on(store: RunStore, key: TrialKey, trace: Trace, there: There) -> Past | None:
    """None where no turn was whole, or where processes lived that are no more: then the trial begins anew."""
    able = turns(trace)
    if len(able) < 2:
        return None
    turn = able[-1]
    entries = entries_at(trace, turn)
    seen = [entry.event for entry in entries if isinstance(entry.event, TreeSeen)]
    if seen[-1].alive:
        return None
    number = max(entry.event.number for entry in trace if isinstance(entry.event, TrialStarted))
    past = past_at(entries, store.blobs.get, Parent(key.run, store.short(key), number, turn, ""), through)
    image = past.image if past.image and there(past.image) else ""
    lost = unrestored(trace, turn, watched=bool(image))
    return msgspec.structs.replace(past, image=image, event=msgspec.structs.replace(past.event, lost=lost))
