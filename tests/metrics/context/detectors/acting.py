"""A trial told for detectors: turns that act, fail, refuse and hand back over trees, and scenes of it whole or cut off after a turn."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

import msgspec

from harness.core.agent import Claim, Stop
from harness.core.chat import Message, Origin, Part, ReplyStop, Role, Text, Timing, ToolCall, ToolOutput, Usage, message
from harness.core.errors import Blame, Fault
from harness.core.events import ModelFailed, ModelReplied, ToolCalled, ToolReturned, Trace, TreeSeen
from harness.core.findings import Finding, Opportunity, Reached
from harness.core.memory import Item, Manifest, Milestone
from harness.core.predicates import Exists
from harness.metrics.context.reading import scene
from harness.metrics.context.scene import Scene
from tests.metrics.context.telling import Forest, Telling, a_task

Find = Callable[[Scene], Iterable[Finding]]


class Acting(Telling):
    """`trees`: path -> text by tree id; an edit names the tree that it leads to. `held`: milestones by (id, turn)."""

    def __init__(self, manifest: Manifest | None = None, request: str = "Do points 1.1 to 1.4.", trees: Mapping[str, Mapping[str, str]] | None = None) -> None:
        super().__init__()
        self.manifest, self.trees = manifest, {"t0": {}, **(trees or {})}
        self.opportunities: list[Opportunity] = []
        self.reached: list[Reached] = []
        self._state = "t0"
        self.chunked = False
        """Whether a reply's words come in a part for each line."""
        self.system("You carry out a request in a code repository, working through tools.")
        self.request(request)

    @property
    def now(self) -> int:
        """The number of the turn that was asked last."""
        return self._turn

    def said(self, text: str = "", *calls: tuple[str, object], stop: ReplyStop | None = None, malformed: tuple[tuple[str, Blame], ...] = (), leaked: int = 0) -> tuple[ToolCall, ...]:
        self.ask()
        self._names += 1
        name = f"m{self._names}"
        made = [ToolCall(f"call_{self._turn}_{k}", tool, raw if isinstance(raw, str) else json.dumps(raw)) for k, (tool, raw) in enumerate(calls, 1)]
        lines = text.split("\n") if self.chunked else [text]
        contents = [*(Text(line) for line in lines if line), *made]
        parts = tuple(Part(f"{name}.{k}", Origin.MODEL, content) for k, content in enumerate(contents, 1))
        words = Message(name, Role.ASSISTANT, parts)
        self.know(words)
        size = sum(len(part.content.text) for each in self.view for part in each.parts) // 4
        end = stop or (ReplyStop.TOOL if calls else ReplyStop.END)
        usage = Usage(size, None, None, 10)
        self.event(ModelReplied(name, tuple(part.id for part in parts), end, "", usage, Timing(1.0), None, leaked, 0, malformed, (), "", None, None))
        if parts:
            self.view.append(words)
        return tuple(made)

    def came(self, call: ToolCall, output: str, *, code: int | None = 0, ok: bool = True, problem: str = "", tree: str = "", claim: Claim | None = None) -> Message:
        self.event(ToolCalled(call.id, call.name, call.raw_arguments))
        blame = Blame.MODEL if problem else None
        self.event(ToolReturned(call.id, ok, code, None, 0.1, len(output), len(output), None, problem, blame, claim=claim))
        if tree:
            self._state = tree
            self.event(TreeSeen(tree, "", "", call.name, 1, 0, 0))
        self._names += 1
        shown = message(f"m{self._names}", Role.TOOL, Origin.TOOL, ToolOutput(call.id, call.name, output, ok))
        self.know(shown)
        self.view.append(shown)
        return shown

    def act(self, tool: str, arguments: object, output: str = "done", *, text: str = "", code: int | None = None, ok: bool = True, problem: str = "", tree: str = "") -> Message:
        """A turn with one call."""
        (call,) = self.said(text, (tool, arguments))
        return self.came(call, output, code=code, ok=ok, problem=problem, tree=tree)

    def read(self, path: str, output: str = "", first: int = 0, last: int = 0) -> Message:
        return self.act("read", {"path": path, "first_line": first, "last_line": last}, output or f"[{path}]\n1\tx = 1")

    def shell(self, command: str, output: str = "out", *, code: int = 0, tree: str = "") -> Message:
        return self.act("shell", {"command": command, "seconds": 0}, f"{output}\n[exit code {code}, in /workspace]", code=code, tree=tree)

    def write(self, path: str, text: str, tree: str) -> Message:
        """The tree is the one before with this file in it."""
        self.trees[tree] = {**self.trees[self._state], path: text}
        return self.act("write", {"path": path, "content": text}, f"Wrote {path}: {len(text)} bytes into {tree}.", tree=tree)

    def finish(self, done: str, not_done: str = "", *, last: bool = True) -> None:
        (call,) = self.said("", ("finish", {"done": done, "not_done": not_done}))
        self.came(call, "Handed in.", code=None, claim=Claim(done, not_done))
        self.yielded(Claim(done, not_done))
        if last:
            self.end()

    def fault(self, fault: Fault, text: str, blame: Blame = Blame.MODEL) -> None:
        self.event(ModelFailed(fault, blame, text, 500, True, 0.0, 1))

    def holds(self, held: bool | None, *names: str, turn: int = 0) -> None:
        self.reached += [Reached(name, turn or self._turn, held) for name in names]

    def chance(self, item: str, honoured: bool, *, settled: int = 0, repaired: int | None = None) -> None:
        self.opportunities.append(Opportunity(item, self._turn, "pkg/a.py", honoured, settled or self._turn, repaired))

    def scene(self, trace: Trace | None = None, until: int | None = None) -> Scene:
        made = scene("made", a_task(self.manifest), self.trace if trace is None else trace, self.get, Forest(self.trees))
        return msgspec.structs.replace(
            made,
            opportunities=tuple(each for each in self.opportunities if until is None or each.settled <= until),
            reached=tuple(each for each in self.reached if until is None or each.turn <= until),
        )

    def upto(self, turn: int) -> Scene:
        """What a live reading sees at the end of a turn."""
        last = self.scene().turn(turn).seqs[1]
        return self.scene(tuple(entry for entry in self.trace if entry.seq <= last), turn)


def kinds(find: Find, told: Acting) -> list[str]:
    """Names of the findings, in order."""
    return [finding.name for finding in find(told.scene())]


def agrees(find: Find, told: Acting) -> None:
    """Every live reading says what the whole says of what was known by then."""
    whole = list(find(told.scene()))
    for turn in range(1, len(told.scene().turns)):
        live = set(find(told.upto(turn)))
        assert live == {finding for finding in whole if finding.known <= turn}, f"at turn {turn}"


def points(*numbers: str, stage: int = 0, scope: tuple[str, ...] = ()) -> tuple[Milestone, ...]:
    """Milestones whose ids are an m and their point; the stage is the number before the dot."""
    return tuple(Milestone(f"m{number}", number, stage or int(number.partition(".")[0]), Exists("x"), scope) for number in numbers)


def rule(ident: str = "suffix", text: str = "Every new public function ends with `_opq7`.", fingerprint: str = "_opq7", **more: object) -> Item:
    return Item(ident, "rule", text, (fingerprint,), **more)  # type: ignore[arg-type]


__all__ = ["Acting", "Blame", "Fault", "Manifest", "ReplyStop", "Stop", "agrees", "kinds", "points", "rule"]
