"""What a probe replays of a run: places, points that can be restored, and each arm's past with all that its view needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from harness.answer.probe.outlay import Counts, counts
from harness.answer.probe.points import Chosen, chosen, failures, numbered, places
from harness.cli.context.aiding import moment
from harness.cli.context.scenes import Asked, asked, judged
from harness.cli.record.runs import Held
from harness.core.agent import Answered, Ask, Given, Used
from harness.core.blob import Blob
from harness.core.chat import Message
from harness.core.errors import PlanError
from harness.core.events import Trace, TreeSeen, TrialStarted
from harness.core.memory import Manifest
from harness.core.probe import Place, Point, Probe
from harness.core.recorded import Tree
from harness.core.task import Steps, TaskSpec
from harness.core.trial import AS_USERS_RUN_IT, Parent
from harness.engine.aids import lived_steps
from harness.engine.fork import agrees
from harness.engine.moment import entries_at, turns, unrestored
from harness.engine.moment import image as kept_image
from harness.engine.past import Parted
from harness.engine.steps import Get
from harness.metrics.context.recalled import AGAIN, Question, absent, clozes
from harness.metrics.context.scene import Scene
from harness.metrics.tries import lived, of
from harness.settings import Settings
from harness.store.sqlite import RunStore
from harness.store.transplant import take_blobs, take_trees, there
from harness.wiring import forking, machines
from harness.wiring.replays import ABSENT, RECALL, asked_as
from harness.wiring.shop import agent, tools
from harness.wiring.trees import trees

LONGEST_SENTENCE = 120


class Wish(msgspec.Struct, frozen=True):
    """What a user asks of a probe. `points` of each model; `every`: each m-th opportunity of an item, None for as many as fit."""

    arms: tuple[str, ...]
    rolls: int
    window: int
    points: int
    every: int | None = None
    item: str = ""
    failures: bool = False
    seed: int = 0


class Read(msgspec.Struct, frozen=True):
    """A trial with its scene; `edits`: (turn, line) of the agent's own."""

    asked: Asked
    scene: Scene
    edits: tuple[tuple[int, str], ...]


class Laid(msgspec.Struct, frozen=True):
    """A run's trials as they can be replayed, and what was chosen of them."""

    reads: dict[str, Read]
    chosen: Chosen
    images: dict[tuple[str, int], str]

    @property
    def points(self) -> tuple[Point, ...]:
        return self.chosen.points

    def counted(self) -> tuple[tuple[Point, Counts], ...]:
        known = {short: counts(read.asked.trace) for short, read in self.reads.items()}
        return tuple((point, known[point.place.trial]) for point in self.points)


def laid(opened: Held, wish: Wish, settings: Settings) -> Laid:
    """Raises PlanError for a run of which nothing can be replayed, and why; StoreError for a damaged record."""
    trials = _with_items(opened, wish.item)
    if not (opened.store.folder / "trees.git").is_dir():
        raise PlanError("", "RUN", f"{opened.store.meta('run')}, a run without recorded trees", "a run whose trees are on record: a probe starts from them")
    with trees(opened.store.folder) as held:
        scenes = {each.short: judged(opened, each, held) for each in trials}
    found = [place for each in trials for place in places(scenes[each.short], each.key.agent) if wish.item in ("", place.item)]
    if not found:
        about = f"of {wish.item}" if wish.item else "of any item"
        raise PlanError("", "RUN", f"no opportunity {about} in {len(trials)} trials", "trials in which an item could be honoured")
    barring = _Barring(opened, settings)
    barred = dict(barring.told(trials, found))
    failed = frozenset(name for made in scenes.values() for name in failures(made)) if wish.failures else frozenset()
    picked = chosen(found, barred, wish.seed, wish.points, every=wish.every, failed=failed)
    if not picked.points:
        raise PlanError("", "RUN", f"{len(found)} opportunities, none of which can be replayed ({_most(barred.values())})", _mend(barred.values()))
    picked = msgspec.structs.replace(picked, points=numbered(picked.points, wish.rolls))
    used = {point.place.trial for point in picked.points}
    reads = {each.short: Read(each, scenes[each.short], forking.edits(opened.store, lived(each.trace))) for each in trials if each.short in used}
    return Laid(reads, picked, barring.images)


def _with_items(opened: Held, item: str) -> tuple[Asked, ...]:
    """The trials of tasks that say when an item is honoured. Raises PlanError where none does, or none of this item."""
    able = {name for name, task in opened.tasks.items() if task.memory and task.memory.constraints and not isinstance(task.check, Steps)}
    if not able:
        expected = "tasks whose tests/longhaul.toml has [[memory]] and [[constraint]], such as those of `longhaul run -t staged:S`"
        raise PlanError("", "RUN", f"{opened.store.meta('run')}, whose tasks have no items", expected)
    known = sorted({each.item for name in able for each in _manifest(opened.tasks[name]).constraints})
    if item and item not in known:
        raise PlanError("", "--item", repr(item), f"an item that has a [[constraint]]: {', '.join(known)}")
    # What a server may cut as it likes can't be shown again: the replays' server refuses, and their views would be others.
    trials = tuple(each for each in asked(opened) if each.key.task in able and each.key.variant != AS_USERS_RUN_IT)
    if not trials:
        raise PlanError("", "RUN", f"{opened.store.meta('run')}, of which no trial with items is settled and asked a model", "a run that was worked on")
    return trials


def _manifest(task: TaskSpec) -> Manifest:
    return task.memory or Manifest()


def _most(words: Iterable[str]) -> str:
    every = list(words)
    word = max(set(every), key=lambda each: (every.count(each), each))
    return word if len(word) <= LONGEST_SENTENCE else f"{word[:LONGEST_SENTENCE]} ..."


def _mend(words: Iterable[str]) -> str:
    outside = any("outside the workspace" in word for word in words)
    return "a run made with --forkable, which keeps such machines" if outside else "a run of whose trials the worlds can be restored"


class _Barring:
    """Why no world can be restored for an opportunity, trial by trial; before any choice. `images`: kept machines by (trial, turn)."""

    def __init__(self, opened: Held, settings: Settings) -> None:
        self._opened, self._settings = opened, settings
        self._images: dict[str, bool] = {}
        self.images: dict[tuple[str, int], str] = {}

    def told(self, trials: Sequence[Asked], found: Sequence[Place]) -> Iterator[tuple[tuple[str, int], str]]:
        """((trial, turn of the opportunity), sentence)."""
        for each in trials:
            wanted = sorted({place.turn for place in found if place.trial == each.short})
            if not wanted:
                continue
            parted = self._parted(each, wanted[-1] - 1)
            for turn in wanted:
                if why := self._why(each, turn - 1, parted):
                    yield (each.short, turn), why

    def _why(self, each: Asked, turn: int, parted: Parted | None) -> str:
        if turn not in turns(each.trace):
            return "the turn before it is not whole on record"
        if parted is not None and parted.turn <= turn:
            return f"the agent of today parts from its record: {parted}"
        entries, get = entries_at(each.trace, turn), self._opened.store.blobs.get
        wanted = forking.ends(entries, get)
        oids = [oid for tree in wanted for oid in (tree.tree, tree.extra) if oid]
        if len(there(self._opened.store.folder / "trees.git", oids)) < len(oids):
            return "its tree is not on record"
        kept_ = kept_image(entries, get)
        gone = bool(kept_) and not self._has(kept_)
        lost = unrestored(each.trace, turn, watched=self._opened.plan.forkable and not gone)
        if not lost and not gone and kept_:
            self.images[each.short, turn + 1] = kept_
        return lost[0] if lost else "the machine kept there is gone" if gone else ""

    def _has(self, image: str) -> bool:
        if image not in self._images:
            self._images[image] = machines.has_image(self._settings, image)
        return self._images[image]

    def _parted(self, each: Asked, turn: int) -> Parted | None:
        """Where today's agent parts from its record by the end of this turn."""
        opened, key = self._opened, each.key
        entries = entries_at(each.trace, min(turn, max(turns(each.trace), default=0)))
        task, get = opened.tasks[key.task], opened.store.blobs.get
        doer = agent(next(entry for entry in opened.plan.agents if entry.use == key.agent), task)
        specs = tuple(tool.spec for tool in tools(doer, task, opened.plan).values())
        return agrees(forking.probe(entries, get), doer, specs, get)


def planted(opened: Held, target: RunStore, wish: Wish, found: Laid) -> Probe:
    """Take the past of every point and arm into the new run's record, with all trees and blobs that they need. Raises StoreError."""
    pasts: dict[str, Blob] = {}
    questions: dict[str, str] = {}
    held: dict[Blob, None] = {}
    wanted: dict[Tree, None] = {}
    for point in found.points:
        read = found.reads[point.place.trial]
        origin = _origin(opened, read, point, found.images)
        entries = entries_at(read.asked.trace, point.place.turn - 1)
        wanted |= dict.fromkeys((*forking.ends(entries, opened.store.blobs.get), *_every_tree(read)))
        nothing = absent(_shown(entries, opened.store.blobs.get), f"{wish.seed} {point.name}") if ABSENT in wish.arms else None
        questions |= _put(point.name, {RECALL: asking(read.scene, point), ABSENT: nothing})
        for arm in wish.arms:
            fork = forking.planted(opened.store, target, entries, _under(origin, arm, nothing if arm == ABSENT else None))
            held |= dict.fromkeys(fork.held)
            pasts[f"{point.name} {arm}"] = target.blobs.put(msgspec.json.encode(fork))
    take_blobs(opened.store.blobs, target.blobs, held)
    take_trees(opened.store.folder / "trees.git", target.folder / "trees.git", wanted)
    images = tuple(dict.fromkeys(image for place, image in found.images.items() if place in {(p.place.trial, p.place.turn) for p in found.points}))
    return Probe(
        opened.store.meta("run"), wish.arms, wish.rolls, wish.window, found.points, found.chosen.excluded, found.chosen.places, pasts, images,
        questions,
    )  # fmt: skip


def _put(point: str, questions: Mapping[str, Question | None]) -> dict[str, str]:
    """As a probe keeps them. `questions`: by arm."""
    return {asked_as(point, arm): msgspec.json.encode(asks).decode() for arm, asks in questions.items() if asks is not None}


def _shown(entries: Trace, get: Get) -> tuple[str, ...]:
    """Every text that the model had seen or written by the end of these entries, and of the past that they go on from."""
    seen: dict[str, Message] = {}
    for step in lived_steps(entries, get):
        view = step.wish.view if isinstance(step.wish, Ask) else ()
        came = (step.answer.message,) if isinstance(step.answer, (Answered, Used, Given)) else ()
        seen |= {each.id: each for each in (*view, *came)}
    return tuple(part.content.text for each in seen.values() for part in each.parts)


def _every_tree(read: Read) -> Iterator[Tree]:
    """All that the trial has seen: what an opportunity is takes the trees before it, too."""
    yield from (Tree(seen.tree, seen.extra, seen.git) for seen in of(lived(read.asked.trace), TreeSeen))


def _under(origin: forking.Origin, arm: str, asks: Question | None) -> forking.Origin:
    """`asks`: a question of the arm's own."""
    aid = msgspec.structs.replace(origin.aid, question=(asks.words, AGAIN)) if asks else origin.aid
    return msgspec.structs.replace(origin, parent=msgspec.structs.replace(origin.parent, view=arm), aid=aid)


def _origin(opened: Held, read: Read, point: Point, images: Mapping[tuple[str, int], str]) -> forking.Origin:
    """Where a point's replays begin, but for the view."""
    place, run = point.place, opened.store.meta("run")
    turn, key = place.turn - 1, read.asked.key
    parent = Parent(run, place.trial, len(of(read.asked.trace, TrialStarted)), turn, "")
    asks = asking(read.scene, point)
    known = moment(opened, read.asked, (read.scene, read.edits), turn, place.item, (asks.words, AGAIN) if asks else ())
    return forking.Origin(parent, key.attempt, images.get((place.trial, place.turn), ""), (), *known)


def asking(made: Scene, point: Point) -> Question | None:
    """What can be asked of the point's item at the end of the turn before, by its value; None where it has none to be asked for."""
    return next((each for each in clozes(made, point.place.turn - 1) if each.item == point.place.item), None)


def missing_item(arms: Sequence[str], found: Laid) -> str:
    """An arm that is about an item, where the manifest of some point has none of that name in words; "" where all have."""
    about = [arm for arm in arms if forking.needs_item(arm)]
    for point in found.points if about else ():
        item = next(each for each in found.reads[point.place.trial].scene.manifest.items if each.id == point.place.item)
        if not item.fingerprints or not item.text.strip():
            return f"{about[0]}, and {point.place.item} of {point.place.task} has no {'words' if item.fingerprints else 'fingerprints'}"
        if RECALL in arms and asking(found.reads[point.place.trial].scene, point) is None:
            return f"{RECALL}, and {point.place.item} of {point.place.task} has no value to be asked for in its words"
    return ""
