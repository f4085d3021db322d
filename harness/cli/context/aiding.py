"""What a view may use of a trial at the end of one of its turns, gathered from its record and its task's manifest."""

from __future__ import annotations

from harness.cli.context.scenes import Asked, held_by, judged
from harness.cli.record.runs import Held
from harness.core.agent import Aid
from harness.engine.aids import Knowledge, aid, open_points, stage_at
from harness.engine.gaze import kept
from harness.engine.moment import entries_at
from harness.metrics.context.scene import Scene
from harness.metrics.tries import lived
from harness.wiring import forking
from harness.wiring.trees import trees

Edits = tuple[tuple[int, str], ...]
Moment = tuple[Aid, tuple[str, ...] | None]


def aided(opened: Held, each: Asked, turn: int) -> Moment:
    """The aid of a view without an item, and the points still open; None where no manifest tells them. Raises StoreError."""
    with trees(opened.store.folder) as held:
        made = judged(opened, each, held)
    return moment(opened, each, (made, forking.edits(opened.store, lived(each.trace))), turn)


def moment(opened: Held, each: Asked, read: tuple[Scene, Edits], turn: int, item: str = "", question: tuple[str, ...] = ()) -> Moment:
    """The same for what is read already, and for one item. `turn`: the last one of the past. Raises StoreError."""
    (made, edits), task, get = read, opened.tasks[each.key.task], opened.store.blobs.get
    slips = frozenset(one.turn for one in made.opportunities if item in ("", one.item) and one.turn <= turn and not kept(one))
    shown = made.turn(turn + 1).prompt if turn < len(made.turns) else None
    known = Knowledge(task.memory, task.moves, item, slips, tuple(line for at, line in edits if at <= turn), shown, question)
    entries = entries_at(each.trace, turn)
    if task.memory is None or not task.memory.milestones:
        return aid(entries, get, known), None
    return aid(entries, get, known), open_points(task.memory, stage_at(entries, get), held_by(made, turn))
