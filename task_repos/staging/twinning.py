"""Twins of a staged task that somebody wrote by hand: all its requests in one, or each alone upon the solution's state before it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from harness.core.errors import PlanError, TaskError
from harness.core.memory import Constraint, Item, Manifest, Milestone, Move, Slip, Stage
from harness.core.predicates import Announced, At
from harness.core.task import TaskSpec
from task_repos.staging.folders import Folder, spare
from task_repos.staging.toml import Micro, document
from task_repos.staging.work import Tree, played, use

OWN: Final = "own"
"""The template of a request about the agent's own earlier work: alone, it has nothing to ask."""
BASE, STAGES = "tests/hidden/base_tree.json", "tests/stages.json"
REPOSITORY, FINAL = "environment/repo/", "solution/final/"
WHOLE: Final = 1_000_000


class Source(msgspec.Struct, frozen=True):
    """A staged folder and what it says. `files`: path -> text; `trees`: the beginning, then what each request's moves leave."""

    task: TaskSpec
    files: Mapping[str, str]
    manifest: Manifest
    trees: tuple[Tree, ...]

    def kept(self) -> dict[str, str]:
        """What each twin has as it is: image, verifier, hidden tests."""
        left = (REPOSITORY, "solution/", "steps/", "task.toml", "tests/longhaul.toml", "tests/ids.json", STAGES)
        return {path: text for path, text in self.files.items() if not path.startswith(left)} | {"solution/solve.sh": self.files["solution/solve.sh"]}


class Twin(msgspec.Struct, frozen=True):
    """What is told and asked of one twin. `ids`: fail_to_pass and pass_to_pass."""

    name: str
    text: str
    manifest: Manifest
    moves: tuple[Move, ...]
    trees: tuple[Tree, Tree]
    ids: Mapping[str, list[str]]


def source(folder: Path, task: TaskSpec) -> Source:
    """Raises TaskError for a task that has no requests, manifest, moves or named tests to make twins of."""
    if task.memory is None or not task.moves or len(task.brief.requests) < 2 or not (folder / STAGES).is_file():
        raise TaskError(str(folder), "steps", "no staged task with items, moves and tests/stages.json", "one that twins can be made of")
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    files = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}
    trees: list[Tree] = [{path.removeprefix(REPOSITORY): text for path, text in files.items() if path.startswith(REPOSITORY)}]
    for number in range(1, len(task.brief.requests) + 1):
        trees.append(played(trees[-1], tuple(call for move in task.moves if move.stage == number for call in move.calls)))
    return Source(task, files, task.memory, tuple(trees))


def twins(made: Source, delivery: str) -> tuple[Folder, ...]:
    """`delivery`: concat, one folder; or fresh, one for each request that asks for something new. Raises PlanError."""
    if delivery == "concat":
        return (_folder(made, _concat(made)),)
    if delivery == "fresh":
        asking = [k for k, stage in enumerate(made.manifest.stages, 1) if not stage.interlude and stage.template != OWN]
        return tuple(_folder(made, _fresh(made, number)) for number in asking)
    raise PlanError("", "delivery", repr(delivery), "concat or fresh")


def _concat(made: Source) -> Twin:
    """All of it said at once, in order; items that are overturned on the way are none to keep."""
    every = made.task.brief.requests
    text = "\n\n".join(f"# Request {k}\n\n{request.text.strip()}" for k, request in enumerate(every, 1)) + "\n"
    items = tuple(_restated(item) for item in made.manifest.items if item.until is None)
    told = _manifest(made.manifest, items, made.manifest.milestones, Stage("task", "concat"))
    moves = tuple(move for move in made.task.moves if not any(call.tool == "finish" for call in move.calls))
    points = ", ".join(one.point for one in told.milestones)
    last = Move(1, "I hand everything back.", (use("finish", done=points, not_done=""),))
    ids: dict[str, list[str]] = json.loads(made.files["tests/ids.json"])
    return Twin(f"{made.task.id}-concat", text, told, (*_alone(moves, items), last), (made.trees[0], made.trees[-1]), ids)


def _fresh(made: Source, number: int) -> Twin:
    stage, request = made.manifest.stages[number - 1], made.task.brief.requests[number - 1]
    asked = tuple(one for one in made.manifest.milestones if one.stage == number)
    needed = {name for one in asked for name in one.items} | {c.item for c in made.manifest.constraints if c.occasion == At(number)}
    valid = [item for item in made.manifest.items if item.since <= number and (item.until is None or number < item.until)]
    items = tuple(_restated(item) for item in valid if item.kind == "rule" or item.id in needed)
    heard = [item.text for item in items if next(each for each in valid if each.id == item.id).since < number]
    told = _manifest(made.manifest, items, asked, Stage("task", stage.template), number)
    moves = _alone(tuple(move for move in made.task.moves if move.stage == number), items)
    ids: dict[str, list[str]] = json.loads(made.files[STAGES])[stage.request]
    return Twin(f"{made.task.id}-fresh-{stage.request}", _said(heard, request.text), told, moves, (made.trees[number - 1], made.trees[number]), ids)


def _said(heard: list[str], request: str) -> str:
    lines = "\n".join(f"- {text}" for text in heard)
    head = f"What was settled before you came, and holds:\n\n{lines}\n\nThe request:\n\n" if heard else ""
    return f"The repository is in `/workspace`; `python3 -m pytest -q` runs its tests. {head}{request.strip()}\n"


def _restated(item: Item) -> Item:
    return msgspec.structs.replace(item, since=1, until=None, exposure="first_request", supersedes="", former=(), fingerprints=(*item.fingerprints, item.text))


def _manifest(whole: Manifest, items: tuple[Item, ...], asked: tuple[Milestone, ...], stage: Stage, number: int | None = None) -> Manifest:
    """`number`: the one request of it; None for all."""
    ids, points = {item.id for item in items}, {one.id for one in asked}
    return Manifest(
        (stage,), items, tuple(_at_end(each) for each in whole.constraints if each.item in ids and (number is None or _judgeable(each, number))),
        tuple(_only(one, ids, points) for one in asked if one.until is None),
    )  # fmt: skip


def _judgeable(each: Constraint, number: int) -> bool:
    """Upon a later state: of this request or of any, and no line of a log, which an earlier request may have had written."""
    return each.occasion == At(number) or (not isinstance(each.occasion, At) and not isinstance(each.predicate, Announced))


def _only(one: Milestone, ids: set[str], points: set[str]) -> Milestone:
    return msgspec.structs.replace(one, stage=1, items=tuple(name for name in one.items if name in ids), depends=tuple(name for name in one.depends if name in points))


def _at_end(constraint: Constraint) -> Constraint:
    return msgspec.structs.replace(constraint, occasion=At(1)) if isinstance(constraint.occasion, At) else constraint


def _alone(moves: tuple[Move, ...], items: tuple[Item, ...]) -> tuple[Move, ...]:
    """As moves of the one request, with what they rest on of these items."""
    ids = {item.id for item in items}

    def slips(move: Move) -> tuple[Slip, ...]:
        return tuple(slip for slip in move.slips if slip.item in ids)

    return tuple(msgspec.structs.replace(move, stage=1, items=tuple(name for name in move.items if name in ids), slips=slips(move)) for move in moves)


def _folder(made: Source, twin: Twin) -> Folder:
    base, final = twin.trees
    files = made.kept() | {
        "instruction.md": twin.text, "task.toml": _task(made, twin), "tests/longhaul.toml": _longhaul(made, twin),
        "tests/ids.json": json.dumps(twin.ids, indent=1) + "\n", BASE: _digests(made.files[BASE], base),
        "solution/moves.json": json.dumps([spare(move) for move in twin.moves], indent=1, ensure_ascii=False) + "\n",
    }  # fmt: skip
    files |= {f"{REPOSITORY}{path}": text for path, text in base.items()} | {f"{FINAL}{path}": text for path, text in final.items() if base.get(path) != text}
    return Folder(twin.name, {path: files[path].encode() for path in sorted(files)}, base, final, twin.manifest, twin.moves, (("", twin.text),))


def _digests(known: str, base: Tree) -> str:
    """What hidden tests compare with, of the tree that this twin begins with: below each of its folders, path -> SHA-256."""
    heads = list(json.loads(known))
    found = {head: {path: hashlib.sha256(text.encode()).hexdigest() for path, text in sorted(base.items()) if path.startswith(f"{head}/")} for head in heads}
    return json.dumps(found, indent=1) + "\n"


def _task(made: Source, twin: Twin) -> str:
    table: dict[str, Any] = tomllib.loads(made.files["task.toml"])
    metadata = table.pop("metadata")["longhaul"]
    table = {key: value for key, value in table.items() if key not in ("steps", "multi_step_reward_strategy")}
    task = {**table["task"], "name": f"longhaul/{twin.name}"}
    return document({**table, "task": task, "metadata.longhaul": metadata})


def _longhaul(made: Source, twin: Twin) -> str:
    table: dict[str, Any] = tomllib.loads(made.files["tests/longhaul.toml"])
    hidden = [name for names in twin.ids.values() for name in names if name.startswith("tests/hidden/")]
    return document({
        "format": 1, "grade": table["grade"], "item": [{"id": "points", "weight": Micro(WHOLE), "select": hidden}],
        "stage": [{"step": "task", "template": twin.manifest.stages[0].template}],
        "memory": [_dated(item) for item in twin.manifest.items], "constraint": [spare(each) for each in twin.manifest.constraints],
        "milestone": [{**spare(one), "stage": "task"} for one in twin.manifest.milestones],
    })  # fmt: skip


def _dated(item: Item) -> dict[str, Any]:
    return {**{key: value for key, value in spare(item).items() if key not in ("since", "until")}, "from": "task"}
