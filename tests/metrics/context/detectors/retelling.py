"""A generated task in which something goes wrong at every stage, told as it was or otherwise: in more parts, louder, with idle turns between."""

from __future__ import annotations

import json
from functools import lru_cache

import msgspec

from harness.core.chat import Message, Origin, Part, ReplyStop, Role, Text, Timing, ToolCall, Usage
from harness.core.events import Entry, ModelReplied, RequestGiven
from harness.core.findings import Finding
from harness.core.memory import Manifest, Move, Use
from harness.metrics.context.all import findings
from harness.metrics.context.reading import scene
from harness.metrics.context.scene import Scene
from task_repos.staging.work import Tree, read, replace, write
from tests.metrics.context.telling import Telling, a_task
from tests.task_repos.staged.ground import made
from tests.task_repos.staged.staged_scene import _claim, _Trees, _used

LOST = {2: ("code2", "violates"), 3: ("frozen", "violates"), 4: ("code5", "former")}
"""Stage -> what its worker has lost, and how that shows."""


class Story(msgspec.Struct, frozen=True):
    """What a telling needs of a task; as JSON it can be put into other words throughout."""

    base: Tree
    manifest: Manifest
    requests: tuple[str, ...]
    moves: tuple[Move, ...]


@lru_cache(maxsize=1)
def story() -> Story:
    """A fact, a rule and a changed fact lost in stages 2 to 4; in the last state that never was, needless looks, a stale edit and code left out."""
    folder = made("T6", 3, stages=5, supersession=1).folders[0]
    moves = [_slipped(move) for move in folder.moves]
    package = folder.manifest.constraints[0].occasion.paths[0].partition("/")[0]  # type: ignore[union-attr]
    moves[-2:-2] = [Move(5, text, (call,)) for text, call in _astray(package, folder.base)]
    return Story(folder.base, folder.manifest, tuple(text for _, text in folder.requests), tuple(moves))


def _slipped(move: Move) -> Move:
    slip = next((each for each in move.slips if LOST.get(move.stage) == (each.item, each.how)), None)
    return msgspec.structs.replace(move, text=f"{move.text}\nThen I look at what comes of it.", calls=slip.calls if slip else move.calls)


def _astray(package: str, base: Tree) -> list[tuple[str, Use]]:
    first = base["README.md"].partition("\n")[0] + "\n"
    again = [("I look again.\nOnce more.", read(f"{package}/__init__.py"))] * 4
    return [
        *again, ("There is a plan somewhere.", read(f"{package}/scale/ledgerish.py")),
        ("A better title.", replace("README.md", first, "# Scales and more\n")), ("And another.", replace("README.md", first, "# Scales\n")),
        ("The rest of it.", write(f"{package}/scale/extra.py", "LARGEST = 1\n# ... rest unchanged ...\n")),
    ]  # fmt: skip


class Idling(Telling):
    """A turn that does nothing comes before every turn."""

    def ask(self) -> None:
        super().ask()
        nothing = super().reply("", ("shell", {"command": "true", "seconds": 0}))
        self.use(nothing.calls[0], "", code=0)
        super().ask()


class Louder(Telling):
    """Whatever only shows something shows it twice."""

    def use(self, call: ToolCall, output: str, **more: object) -> Message:  # type: ignore[override]
        shown = f"{output}\n{output}" if call.name in ("shell", "run_tests") and output else output
        return super().use(call, shown, **more)  # type: ignore[arg-type]


class Chunked(Telling):
    """Requests and replies come in a part for each line."""

    def request(self, text: str) -> Message:
        self._names += 1
        self._given += 1
        origin, name = Origin.TASK if self._given == 1 else Origin.USER, f"m{self._names}"
        words = Message(name, Role.USER, tuple(Part(f"{name}.{k}", origin, Text(line)) for k, line in enumerate(text.splitlines(keepends=True), 1)))
        self.know(words)
        self.event(RequestGiven(f"s{self._given:02d}", words.id, self._given))
        self.view.append(words)
        return words

    def reply(self, text: str = "", *calls: tuple[str, object], **_: object) -> Message:  # type: ignore[override]
        self._names += 1
        name = f"m{self._names}"
        used = [ToolCall(f"call_{self._turn}_{k}", tool, raw if isinstance(raw, str) else json.dumps(raw)) for k, (tool, raw) in enumerate(calls, 1)]
        contents = [*(Text(line) for line in text.splitlines(keepends=True)), *used]
        words = Message(name, Role.ASSISTANT, tuple(Part(f"{name}.{k}", Origin.MODEL, one) for k, one in enumerate(contents, 1)))
        self.know(words)
        size = sum(len(part.content.text) for each in self.view for part in each.parts) // 4
        usage = Usage(size, None, None, sum(len(one.text) for one in contents) // 4)
        ids = tuple(part.id for part in words.parts)
        self.event(ModelReplied(name, ids, ReplyStop.TOOL, "", usage, Timing(1.0), None, 0, 0, (), (), "", None, None))
        self.view.append(words)
        return words


def told(tale: Story, telling: Telling, *, stored: bool = False) -> Scene:
    """The scene of the story in this telling; `stored`: of its trace as it comes back from a store."""
    forest, tree, stage = _Trees(tale.base), dict(tale.base), 0
    for move in tale.moves:
        if move.stage != stage:
            stage = move.stage
            telling.request(tale.requests[stage - 1])
        telling.ask()
        said = telling.reply(move.text, *((call.tool, call.arguments) for call in move.calls))
        claim = None
        for call, use in zip(said.calls, move.calls, strict=True):
            tree, claim = _played(telling, forest, (call, use), tree), _claim(use) or claim
        if claim:
            telling.yielded(claim)
    telling.end()
    trace = tuple(msgspec.json.decode(msgspec.json.encode(telling.trace), type=list[Entry])) if stored else telling.trace
    return scene("told", a_task(tale.manifest, tale.requests), trace, telling.get, forest)


def _played(telling: Telling, forest: _Trees, pair: tuple[ToolCall, Use], tree: dict[str, str]) -> dict[str, str]:
    """As a staged task is played; a file that is not there can be asked for, too."""
    call, use = pair
    if use.tool == "read" and json.loads(use.arguments)["path"] not in tree:
        telling.use(call, "Failed: there is no such file.", ok=False, code=None)
        return tree
    return _used(telling, forest, pair, tree)


def found(tale: Story, telling: Telling, *, stored: bool = False) -> tuple[Scene, tuple[Finding, ...]]:
    made = told(tale, telling, stored=stored)
    return made, findings(made)
