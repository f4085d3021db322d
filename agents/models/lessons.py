"""Staged tasks as one reads them who is to play them: requests, items and moves of every task folder below a place."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

from harness.core.chat import Message, Origin, Role, View
from harness.core.errors import PlanError, unread
from harness.core.memory import Item, Move

MOVES = "solution/moves.json"
MOST_TASKS = 5_000
"""More can't be meant."""
SHARE = 0.5
"""Of a request's lines that must be known: views of a replay leave out some sentences of it."""


class Lesson(msgspec.Struct, frozen=True):
    """`requests`: the lines of each; `items`, `before`: by id, and the id of what an item takes the place of."""

    name: str
    requests: tuple[frozenset[str], ...]
    items: Mapping[str, Item]
    moves: tuple[Move, ...]

    def stage(self, number: int) -> tuple[int, int]:
        """Places of the first move of a request and of the first one after it."""
        places = [place for place, move in enumerate(self.moves) if move.stage == number]
        return (places[0], places[-1] + 1) if places else (0, len(self.moves))


def lessons(place: str) -> tuple[Lesson, ...]:
    """Every task below `place` that has moves; read once. Raises PlanError for a folder without any."""
    if not place:
        raise PlanError("", "model.moves", "none", "-o model.moves=DIR, a folder of tasks made by `longhaul generate`")
    paths = sorted(Path(place).rglob(MOVES)) if Path(place).is_dir() else []
    if not 0 < len(paths) <= MOST_TASKS:
        raise PlanError("", "model.moves", f"{place}, with {len(paths)} tasks that have {MOVES}", f"a folder with 1 to {MOST_TASKS} tasks made by `longhaul generate`")
    return tuple(lesson(path.parents[1], path.stat().st_mtime_ns) for path in paths)


@lru_cache(maxsize=MOST_TASKS)
def lesson(folder: Path, when: int) -> Lesson:  # noqa: ARG001  (a file written anew is read anew)
    """Raises PlanError for what can't be read."""
    try:
        table = tomllib.loads((folder / "tests/longhaul.toml").read_text("utf-8"))
        moves = msgspec.json.decode((folder / MOVES).read_bytes(), type=tuple[Move, ...])
        items = [_item(each) for each in table.get("memory", ())]
        requests = tuple(lines(text) for text in _requests(folder))
    except (OSError, ValueError, RecursionError, AttributeError, KeyError, TypeError, msgspec.MsgspecError) as fault:
        raise PlanError(str(folder), "model.moves", unread(fault), "a task folder made by `longhaul generate`") from fault
    return Lesson(folder.name, requests, {item.id: item for item in items}, moves)


def _item(table: dict[str, object]) -> Item:
    """What is needed of it; when it holds is not for a worker to look up."""
    known = {name: table[name] for name in ("id", "kind", "text", "fingerprints", "manner", "supersedes", "value", "former") if name in table}
    return msgspec.convert(known, Item)


def _requests(folder: Path) -> list[str]:
    table = tomllib.loads((folder / "task.toml").read_text("utf-8"))
    steps = [folder / "steps" / str(step["name"]) / "instruction.md" for step in table.get("steps", ())]
    return [path.read_text("utf-8") for path in steps or [folder / "instruction.md"]]


def lines(text: str) -> frozenset[str]:
    """The lines that tell a request from another: those of some length."""
    return frozenset(line.strip() for line in text.splitlines() if len(line.strip()) > 20)


def asked(view: View, known: Iterable[Lesson]) -> tuple[Lesson, int] | None:
    """The task that the view is about and the request (from 1) now worked on; None where no lesson fits."""
    told = [lines(message.text) for message in view if _requested(message)]
    every = [(lesson, *_latest(lesson, told)) for lesson in known] if told else []
    best = max(every, key=lambda each: each[2], default=None)
    return (best[0], best[1]) if best and best[2] > 0 else None


def _requested(message: Message) -> bool:
    return message.role is Role.USER and any(part.origin in (Origin.TASK, Origin.USER) for part in message.parts)


def _latest(lesson: Lesson, told: list[frozenset[str]]) -> tuple[int, int]:
    """(number of the last request told, lines known of all of them)."""
    scores = [Counter({number: len(one & each) for number, each in enumerate(lesson.requests, 1)}).most_common(1)[0] for one in told]
    return scores[-1][0], sum(count for _, count in scores) if scores[-1][1] >= SHARE * len(told[-1]) else 0
