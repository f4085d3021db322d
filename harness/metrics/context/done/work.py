"""The work behind an outcome: which of the agent's own changes a violated opportunity, or a missed milestone, is about; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from harness.core.findings import Opportunity
from harness.core.memory import Item
from harness.core.predicates import At, Constant, Every, Predicate
from harness.metrics.context.done.history import Change, history, text
from harness.metrics.context.done.shell_lines import script
from harness.metrics.context.kept.placed import asking, places
from harness.metrics.context.kept.versions import Acted, Marks, acted_in, added, hit, marks
from harness.metrics.context.predicates.globs import within
from harness.metrics.context.scene import Scene


class Work(msgspec.Struct, frozen=True):
    """`onset`: the turn that went wrong; `changes` it is about, () where nothing was changed; `how`: what they show of a former version."""

    onset: int
    changes: tuple[Change, ...]
    evidence: tuple[int, ...]
    how: Acted | None


def work(scene: Scene, item: Item, slip: Opportunity) -> Work:
    """Of a violated opportunity: what its turn changed, or for one at the end of a stage what the whole stage did."""
    asked = _at(scene, item, slip)
    both = marks(scene, item)
    if asked is None:
        changes = _about(scene, history(scene).own(slip.turn), slip.subject)
        evidence = slip.evidence or tuple(change.seq for change in changes)
        return Work(slip.turn, changes, evidence, former(_shown(scene, both, slip, changes) if both else None))
    stage = stage_work(scene, scene.turn(slip.turn).stage, slip.turn)
    changes = near(stage, places(asked)) or stage
    how = former(acted_in(scene, both, changes)) if both else None
    last = (confusing(scene, both, changes) if both and how else None) or (culprit(scene, asked, item.value, changes) if changes else None)
    evidence = (*slip.evidence, *((last.seq,) if last else ()))
    return Work(last.turn if last else slip.turn, changes, evidence, how)


def _shown(scene: Scene, both: Marks, slip: Opportunity, changes: tuple[Change, ...]) -> Acted:
    """Of a new definition, what its own head shows, for its file may rightly hold older ones; else what was added, or run."""
    name = slip.subject.partition(":")[2].rpartition(".")[2]
    heads = "\n".join(head for change in changes for head in _heads(text(scene, change.new), name)) if name else ""
    if heads:
        kept = any(one.item == slip.item and one.turn == slip.turn and one.honoured for one in scene.opportunities)
        return Acted(hit(both.former, heads), kept or hit(both.present, heads), acted_in(scene, both, changes).undone)
    return acted_in(scene, both, changes, (slip.subject, *(script(did) for did in scene.turn(slip.turn).calls)))


def _heads(words: str, name: str) -> list[str]:
    """Decorators and first line of every definition of this name, and lines that assign it."""
    named = re.escape(name)
    head = rf"(?:^[ \t]*@[^\n]*\n){{0,40}}^[ \t]*(?:(?:async[ \t]+)?(?:def|class)[ \t]+{named}\b|{named}[ \t]*[:=])[^\n]*"
    return re.findall(head, words, re.MULTILINE)


def confusing(scene: Scene, both: Marks, done: tuple[Change, ...]) -> Change | None:
    """The first change that put a mark of the former version in."""
    return next((change for change in done if hit(both.former, added(scene, change))), None)


def former(how: Acted | None) -> Acted | None:
    """What was done, where it shows signs of a version that holds no more."""
    return how if how is not None and how.former else None


def _at(scene: Scene, item: Item, slip: Opportunity) -> Predicate | None:
    """What the end of this turn's stage asks of the item: its constraint there, and the milestones that rest upon it."""
    stage = scene.turn(slip.turn).stage
    each = [one for one in scene.manifest.constraints if one.item == item.id]
    at = [one.predicate for one in each if isinstance(one.occasion, At) and one.occasion.stage == stage]
    if not at or (len(at) < len(each) and slip.subject != f"stage {stage}"):
        return None
    further = (one.predicate for one in scene.manifest.milestones if one.stage == stage and item.id in one.items)
    return Every((*at, *further))


def _about(scene: Scene, changes: tuple[Change, ...], subject: str) -> tuple[Change, ...]:
    """Where the subject names a changed file, or a name that stands in the added words of some, only those."""
    path, _, name = subject.partition(":")
    named = tuple(change for change in changes if path in (change.path, change.path.rpartition("/")[2]))
    last = (name or path).rpartition(".")[2]
    return named or tuple(change for change in changes if last and last in added(scene, change)) or changes


def stage_work(scene: Scene, stage: int, end: int) -> tuple[Change, ...]:
    """The agent's own changes while it worked on a request, up to the end of turn `end`."""
    return tuple(change for turn in scene.turns[:end] if turn.stage == stage for change in history(scene).own(turn.number))


def near(changes: Iterable[Change], globs: tuple[str, ...]) -> tuple[Change, ...]:
    """Those in these files; all of them where no file is named."""
    return tuple(change for change in changes if not globs or within(change.path, globs))


def culprit(scene: Scene, predicate: Predicate, value: str, done: tuple[Change, ...]) -> Change:
    """The last change that set the constant asked for; else the last one in the files that must hold the value; else the last of all."""
    asked = asking(predicate, value)
    for leaf in (leaf for leaf in asked if isinstance(leaf, Constant)):
        sets = re.compile(rf"^\s*(?:self\.)?{re.escape(leaf.name.rpartition('.')[2])}\s*(?::[^=\n]*)?=", re.MULTILINE)
        found = [change for change in done if change.path == leaf.path and sets.search(added(scene, change))]
        if found:
            return found[-1]
    globs = tuple(glob for leaf in asked for glob in places(leaf))
    return ((near(done, globs) if globs else ()) or done)[-1]
