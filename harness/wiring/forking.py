"""Forks between records: a past taken from one run's store into another's, and the past that a trial of a store begins with."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from harness.core.agent import Aid, Conversation, Seen
from harness.core.errors import PlanError, StoreError
from harness.core.events import ModelAsked, Trace, TreeSeen, TrialStarted
from harness.core.observed import Observed
from harness.core.recorded import Tree
from harness.core.trial import Parent, TrialKey
from harness.engine.digest import digest, facts
from harness.engine.fork import Fork, Past, agrees, forked, past_at
from harness.engine.moment import Lived, entries_at, needed, packed, parent_of, root, turns, unrestored
from harness.engine.steps import Get, steps
from harness.engine.world import Job, World
from harness.plan import Plan, seed_of
from harness.store.sqlite import RunStore
from harness.store.transplant import changed, take_blobs, take_trees, there
from harness.wiring.replays import fork_at, probe_of, replayed

There: TypeAlias = Callable[[str], bool]
FORK = "fork"
"""The fact of a run under which its fork stands."""
UNBORN = "unborn"
"""What stands there until the past is whole: a fork that was killed before would begin at the beginning, under a fork's name."""


def _views() -> Any:
    return importlib.import_module("agents.views")


def known_view(name: str, option: str = "--view") -> str:
    """The view's own name (no_rule is "no-rule"). Raises PlanError naming the views there are."""
    names: Mapping[str, object] = _views().VIEWS
    found = name.replace("_", "-")
    if found not in names:
        near = difflib.get_close_matches(found, names, 1)
        raise PlanError("", option, repr(name), f"{f'{near[0]!r}, perhaps, or another ' if near else 'one '}of {', '.join(names)}")
    return found


def needs_item(name: str) -> bool:
    """Whether the view is about one item and means nothing without."""
    return name in _views().OF_AN_ITEM


def itemless(name: str, option: str = "--view") -> str:
    """A view that can be had without any item. Raises PlanError for one that is about an item, naming where there is one."""
    found = known_view(name, option)
    if found in _views().OF_A_PROBE:
        raise PlanError("", option, repr(name), "a view that a fork can have; `longhaul probe` has this arm")
    if needs_item(found):
        raise PlanError("", option, repr(name), "a view that needs no item; `longhaul probe` shows this one at every place where an item counts")
    return found


def through(conversation: Conversation, name: str, seen: Seen) -> Conversation:
    """The conversation under the view of that name. Raises PlanError for a view that is no more."""
    led: Conversation = _views().through(conversation, known_view(name), seen)
    return led


def probe(entries: Trace, get: Get) -> Past:
    """The past of these entries, to be lived and not gone on from. Raises StoreError."""
    return past_at(entries, get, Parent("", "", 1, 0, ""), through)


class Origin(msgspec.Struct, frozen=True):
    """Where a fork begins: the parent, which attempt it was, the kept machine to start from ("" for none), and what is not restored.

    `aid`: what the view may use; `points`: of the requests, those still open, None where nobody can tell.
    """

    parent: Parent
    attempt: int
    image: str
    lost: tuple[str, ...]
    aid: Aid = Aid()
    points: tuple[str, ...] | None = None


def transplanted(source: RunStore, target: RunStore, trace: Trace, origin: Origin) -> Fork:
    """Take the past of a trial up to the parent's turn into a new run's record, with all that living it needs. Raises StoreError."""
    entries = entries_at(trace, origin.parent.turn)
    fork = planted(source, target, entries, origin)
    take_blobs(source.blobs, target.blobs, fork.held)
    trees = source.folder / "trees.git"
    take_trees(trees, target.folder / "trees.git", (*ends(entries, source.blobs.get), *_between(trees, entries, source.blobs.get)))
    target.keep(FORK, msgspec.json.encode(fork).decode())
    return fork


def planted(source: RunStore, target: RunStore, entries: Trace, origin: Origin) -> Fork:
    """The past of these entries in the new record; its trees and the blobs that it holds are left to the caller. Raises StoreError."""
    past = Lived(entries, origin.parent.view, _digest(source, entries, origin), origin.aid)
    kept = target.blobs.put(packed(past))
    return Fork(origin.parent, origin.attempt, origin.image, kept, needed(past, source.blobs.get), origin.lost)


def ends(entries: Trace, get: Get) -> tuple[Tree, ...]:
    """The tree that the agent of these entries began with, and the one that it had at their end. Raises StoreError."""
    return tuple(dict.fromkeys((_tree(root(entries, get), first=True), _tree(entries, first=False))))


def _between(repository: Path, entries: Trace, get: Get) -> tuple[Tree, ...]:
    """Every work tree that was seen on the way: what became of the past's opportunities is read from them. A fork that was made when they were
    not taken along has none of its own past to give. Raises StoreError.
    """
    every = {entry.event.tree: None for life in _lives(entries, get) for entry in life if isinstance(entry.event, TreeSeen)}
    return tuple(Tree(oid.decode(), "", "") for oid in there(repository, list(every)))


def _lives(entries: Trace, get: Get) -> Iterator[Trace]:
    """These entries, then those of the pasts that they go on from."""
    yield entries
    if before := parent_of(entries, get):
        yield from _lives(before.entries, get)


def _digest(source: RunStore, entries: Trace, origin: Origin) -> str:
    """In the words that the view is to have: `short` tells the last test result, too."""
    if origin.parent.view == "full":
        return ""
    trees = ends(entries, source.blobs.get)
    changes = changed(source.folder / "trees.git", trees[0].tree, trees[-1].tree)
    return digest(changes, steps(entries, source.blobs.get)) if origin.parent.view == "short" else facts(changes, origin.points)


def edits(source: RunStore, entries: Trace) -> tuple[tuple[int, str], ...]:
    """(turn, line) for each of the agent's looks that found the workspace changed: which tool, which files, and how. Raises StoreError."""
    lines, before, turn = list[tuple[int, str]](), "", 0
    for event in (entry.event for entry in entries):
        if isinstance(event, ModelAsked):
            turn = event.turn
        if isinstance(event, TreeSeen):
            if before and event.tree != before and event.author not in ("start", "harness"):
                lines.append((turn, _line(turn, event.author, changed(source.folder / "trees.git", before, event.tree))))
            before = event.tree
    return tuple((turn, line) for turn, line in lines if line)


_LETTERS = {"A": "added", "D": "removed", "M": "changed"}


def _line(turn: int, author: str, changes: list[tuple[str, str]]) -> str:
    files = [f"{path} {_LETTERS.get(letter, 'changed')}" for letter, path in changes]
    return f"turn {turn}, {author}: {', '.join(files)}" if files else ""


def _tree(entries: Trace, *, first: bool) -> Tree:
    seen = [entry.event for entry in entries if isinstance(entry.event, TreeSeen)]
    chosen = seen[0 if first else -1]
    return Tree(chosen.tree, chosen.extra, chosen.git)


def fork_of(store: RunStore, key: TrialKey) -> Fork | None:
    """Where a trial began, if its run is a fork or a probe. Raises StoreError for one without its past."""
    word = store.meta(FORK)
    if word == UNBORN:
        raise StoreError(f"{store.folder.name} was ended before its past was copied; fork again")
    probe = None if word else probe_of(store)
    return msgspec.json.decode(word, type=Fork) if word else fork_at(store, probe, key) if probe else None


def begun(job: Job, world: World, store: RunStore, trace: Trace, *, there: There | None) -> Job:
    """The job with what its next try begins with; `trace` as it is now.

    `there`: whether an image is on this machine's engine, for a try that may go on from where the one before was. Raises StoreError.
    """
    fork, seed = fork_of(store, job.key), job.seed
    past = _agreed(_gone_on(store, job.key, trace, there), world, store.blobs.get) if there else None
    past = past or (forked(fork, store.blobs.get, through) if fork else None)
    if isinstance(job.task.check, Observed):
        return msgspec.structs.replace(replayed(job, store), past=past)
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
