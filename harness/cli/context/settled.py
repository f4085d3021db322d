"""Tests at the settle points of a trial: what is kept is read, the rest is run in grading containers, and kept for the next time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

import msgspec

from harness.cli.record.runs import Held
from harness.core.errors import HarnessError, StoreError
from harness.core.events import SandboxOpened, Trace, TreeSeen
from harness.core.ports import Images, Sandboxes, Say
from harness.core.recorded import Tree
from harness.core.task import TaskSpec
from harness.core.trial import TrialKey
from harness.engine.settling import Ground, said
from harness.metrics.context.scene import Scene
from harness.metrics.context.standing import Tests, settle_points, standing
from harness.metrics.tries import lived, of
from harness.settings import Settings
from harness.store.lines import RunLines
from harness.store.settled import Asked, SettledTests
from harness.wiring import shop


class Hands(msgspec.Struct, frozen=True):
    """What runs tests; None of them for a look at what is kept alone (`--no-tests`)."""

    sandboxes: Sandboxes
    images: Images


def hands(held: Held, settings: Settings) -> Hands:
    """The run's own kind of sandboxes. Raises MissingError where there is no engine."""
    return Hands(shop.sandboxes(held.plan, settings), shop.images(held.plan, settings))


def with_tests(scene: Scene, tested: Tests) -> Scene:
    """The scene as it is with what tests said."""
    opportunities, reached = standing(scene.manifest, scene.turns, scene.base, scene.trees, tested)
    return msgspec.structs.replace(scene, opportunities=opportunities, reached=reached)


def settled(held: Held, key: TrialKey, scene: Scene, by: Hands | None, say: Say) -> Mapping[tuple[str, tuple[str, ...]], bool | None]:
    """(tree, ids) -> whether they all pass there; None where nobody could tell. Without `by` nothing is run.

    Trees are asked about once with all their ids. What can't be run is said once, with its reason, and costs no verdict.
    """
    points = settle_points(scene.manifest, scene.turns, scene.base)
    if not points:
        return {}
    trace, task = lived(held.store.trace(key)), held.tasks[key.task]
    wanted: dict[str, dict[str, None]] = {}
    for tree, ids in points:
        wanted.setdefault(tree, {}).update(dict.fromkeys(ids))
    desk = _Desk(held, key, task, trace, scene.base)
    found = {tree: passed for tree, ids in wanted.items() if (passed := desk.kept(tree, tuple(sorted(ids)))) is not None}
    missing = {tree: tuple(sorted(ids)) for tree, ids in wanted.items() if tree not in found}
    if by and missing:
        found |= desk.run(missing, by, say)
    return {(tree, ids): all(found[tree][name] for name in ids) if tree in found else None for tree, ids in points}


class _Desk:
    """One trial's questions. Trees that are not of this record, as a fork's past has them, have no answer."""

    def __init__(self, held: Held, key: TrialKey, task: TaskSpec, trace: Trace, base: str) -> None:
        self._store, self._key, self._task = held.store, key, task
        self._trees = {seen.tree: Tree(seen.tree, seen.extra, seen.git) for seen in of(trace, TreeSeen)}
        self._first = next((Tree(seen.tree, seen.extra, seen.git) for seen in of(trace, TreeSeen) if seen.tree == base), None)
        self._image = next((opened.facts.image for opened in of(trace, SandboxOpened) if opened.purpose == "agent"), "")
        self._cache = SettledTests(held.store.folder)

    def kept(self, tree: str, ids: tuple[str, ...]) -> dict[str, bool] | None:
        return self._cache.find(self._asked(tree, ids)) if tree in self._trees else None

    def run(self, missing: dict[str, tuple[str, ...]], by: Hands, say: Say) -> dict[str, dict[str, bool]]:
        try:
            return dict(self._run(missing, by, say))
        except HarnessError as fault:
            say(f"{self._store.short(self._key)}: tests at settle points were not run: {fault}")
            return {}

    def _run(self, missing: dict[str, tuple[str, ...]], by: Hands, say: Say) -> Iterator[tuple[str, dict[str, bool]]]:
        if self._first is None:
            raise StoreError("the tree that the agent began with is not on record")
        image = by.images.prepare(self._task.place, say)
        short, folder = self._store.short(self._key), self._store.folder
        labels = (("run", folder.name), ("trial", short))
        ground = Ground(self._task, image, self._first, RunLines(folder, by.sandboxes), by.sandboxes, labels, image.digest == self._image)
        for tree, ids in missing.items():
            told = said(self._trees[tree], ids, ground) if tree in self._trees else None
            if told is not None and told.passed is not None:
                with suppress(StoreError):  # a record on a disk that takes no more is read all the same
                    self._cache.keep(self._asked(tree, ids), told.passed)
                yield tree, told.passed
            else:
                say(f"{short}: tests over tree {tree[:12]} told nothing: {told.why if told else 'it stands in another record'}")

    def _asked(self, tree: str, ids: tuple[str, ...]) -> Asked:
        return Asked(self._trees[tree], ids, self._image, self._task.digest)
