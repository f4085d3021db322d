"""A staged task played in memory: the trace that the engine would record of its moves, read as detectors read it."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping

import msgspec

from harness.core.agent import Claim
from harness.core.chat import ToolCall
from harness.core.memory import Move, Use
from harness.core.task import TaskSpec
from harness.metrics.context.reading import scene
from harness.metrics.context.scene import Scene
from task_repos.staging.folders import Folder
from task_repos.staging.work import Tree, played
from tests.metrics.context.telling import Forest, Telling, a_task


def slipped(moves: tuple[Move, ...], item: str, how: str, stage: int = 0) -> tuple[Move, ...]:
    """The moves of a worker who has lost this item, from this stage on."""
    made = []
    for move in moves:
        slip = next((each for each in move.slips if (each.item, each.how) == (item, how) and move.stage >= stage), None)
        made.append(msgspec.structs.replace(move, calls=slip.calls) if slip else move)
    return tuple(made)


def scene_of(folder: Folder, moves: tuple[Move, ...] | None = None) -> Scene:
    """Of these moves upon the folder's repository; its own where none are given."""
    telling, forest, tree = Telling(), _Trees(folder.base), dict(folder.base)
    stage = 0
    for move in folder.moves if moves is None else moves:
        if move.stage != stage:
            stage = move.stage
            telling.request(folder.requests[stage - 1][1])
        telling.ask()
        said = telling.reply(move.text, *((call.tool, call.arguments) for call in move.calls))
        claim = None
        for call, use in zip(said.calls, move.calls, strict=True):
            tree, claim = _used(telling, forest, (call, use), tree), _claim(use) or claim
        if claim:
            telling.yielded(claim)
    telling.end()
    return scene("played", _task(folder), telling.trace, telling.get, forest)


def _task(folder: Folder) -> TaskSpec:
    return a_task(folder.manifest, tuple(text for _, text in folder.requests))


def _used(telling: Telling, forest: _Trees, call: tuple[ToolCall, Use], tree: dict[str, str]) -> dict[str, str]:
    """The tree after the call. A passage that does not stand there once is told, and nothing changed."""
    asked, use = call
    try:
        after = played(tree, (use,))
    except ValueError as fault:
        telling.use(asked, str(fault), ok=False, code=None)
        return tree
    name = forest.put(after) if after != tree else ""
    telling.use(asked, _output(use, tree), tree=name, claim=_claim(use))
    return after


def _claim(use: Use) -> Claim | None:
    given = json.loads(use.arguments)
    return Claim(given["done"], given["not_done"]) if use.tool == "finish" else None


def _output(use: Use, tree: Tree) -> str:
    given = json.loads(use.arguments)
    if use.tool == "read":
        return "".join(f"{number:4d} {line}\n" for number, line in enumerate(tree[given["path"]].splitlines(), start=1))
    if use.tool == "shell":
        words = shlex.split(given["command"])
        return "".join(f"{path}:{line}\n" for path, text in tree.items() if path.endswith(".py") for line in text.splitlines() if words[0] == "grep" and words[2] in line)
    return "12 passed in 0.3s" if use.tool == "run_tests" else "done"


class _Trees:
    """Trees as they come, by their digests; the first is t0."""

    def __init__(self, base: Tree) -> None:
        self._forest = {"t0": Forest({"t0": base})}

    def put(self, tree: Tree) -> str:
        name = hashlib.sha1(json.dumps(tree, sort_keys=True).encode()).hexdigest()
        self._forest.setdefault(name, Forest({name: tree}))
        return name

    def files(self, tree: str) -> Mapping[str, str]:
        return self._forest[tree].files(tree)

    def content(self, oid: str) -> bytes:
        for each in self._forest.values():
            try:
                return each.content(oid)
            except KeyError:
                continue
        raise KeyError(oid)
