"""One trial made by hand for the measure of context: readings, commands, edits, cleared results, a summary, twenty requests and a manifest."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping

import msgspec

from harness.core.agent import Claim, Stop
from harness.core.blob import Blob
from harness.core.chat import (
    Content,
    Message,
    Origin,
    Part,
    ReplyStop,
    Role,
    Sampling,
    Text,
    Thinking,
    Timing,
    ToolCall,
    ToolOutput,
    Usage,
)
from harness.core.events import (
    AgentStopped,
    Digests,
    Entry,
    Event,
    ModelAsked,
    ModelOpened,
    ModelReplied,
    RequestGiven,
    ToolCalled,
    ToolReturned,
    Trace,
    TreeSeen,
    TrialStarted,
    TurnYielded,
    ViewEdited,
)
from harness.core.facts import ModelFacts, Window
from harness.core.memory import Constraint, Item, Manifest, Milestone, Stage
from harness.core.parts import added, part_ids, splices
from harness.core.predicates import Adds, Defines, Named
from harness.core.task import Brief, ImageTag, Place, Provenance, Request, TaskSpec, TestIds
from harness.core.trial import TrialKey

BYTES_A_TURN = 50_000
STAGES = 20
WINDOW = 4_000_000
SEED = 11


class Made(msgspec.Struct, frozen=True):
    """A trial by hand with all that reading it takes. `trees`: path -> text of each."""

    task: TaskSpec
    trace: Trace
    blobs: dict[Blob, bytes]
    trees: dict[str, dict[str, str]]

    def get(self, blob: Blob) -> bytes:
        return self.blobs[blob]


class Forest:
    """Trees in memory."""

    def __init__(self, trees: Mapping[str, Mapping[str, str]]) -> None:
        self._content: dict[str, bytes] = {}
        self._files = {name: {path: self._kept(text) for path, text in each.items()} for name, each in trees.items()}

    def _kept(self, text: str) -> str:
        oid = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        self._content[oid] = text.encode()
        return oid

    def files(self, tree: str) -> Mapping[str, str]:
        return self._files[tree]

    def content(self, oid: str) -> bytes:
        return self._content[oid]


def a_trial(turns: int) -> Made:
    """Readings, commands, edits and test runs of a coder who clears old results every forty turns and sums up at the hundred-and-fiftieth."""
    return _Making(turns).made()


class _Making:
    """Event by event, as the engine records it."""

    def __init__(self, turns: int) -> None:
        self._turns, self._random = turns, random.Random(SEED)
        self._entries: list[Entry] = []
        self._blobs: dict[Blob, bytes] = {}
        self._trees: dict[str, dict[str, str]] = {"t0": {f"pkg/module{k:02d}.py": _module(k, 0) for k in range(60)}}
        self._tree, self._view, self._known = "t0", list[Message](), set[str]()
        self._ids: tuple[str, ...] = ()
        self._names = self._own = 0
        self._requests = tuple(Request(f"s{k:02d}", _request(k)) for k in range(1, STAGES + 1))

    def made(self) -> Made:
        task = TaskSpec(
            "made", "sha256:0", Brief(self._requests), Place(ImageTag("made"), workdir="/workspace"), TestIds("pytest", "junit", ("t::a",), ()),
            Provenance("made"), memory=_manifest(),
        )  # fmt: skip
        self._event(TrialStarted(TrialKey("r", "made", "coder", "ollama/made", "", 1), 1, None, 7, Digests("", "", "", ""), "{}", "here"))
        self._event(ModelOpened(ModelFacts("ollama", "made", window=Window(WINDOW, WINDOW, WINDOW, WINDOW))))
        self._event(TreeSeen("t0", "", "", "start", 0, 0, 0))
        self._say(Role.SYSTEM, "You carry out requests in a repository, working through tools. " * 20)
        given = 0
        for turn in range(1, self._turns + 1):
            if (turn - 1) * STAGES // self._turns >= given:
                given += 1
                self._given(given)
            self._turn(turn)
        self._event(TurnYielded(Claim("everything", "")))
        self._event(AgentStopped(Stop.ANSWERED))
        return Made(task, tuple(self._entries), self._blobs, self._trees)

    def _turn(self, turn: int) -> None:
        if turn % 40 == 0:
            self._clear()
        if turn == 150:
            self._sum_up()
        self._ask(turn)
        tool, arguments, output = self._work(turn)
        call = ToolCall(f"call_{turn}", tool, json.dumps(arguments))
        self._reply(turn, call)
        self._event(ToolCalled(call.id, tool, call.raw_arguments[:4096]))
        self._event(ToolReturned(call.id, True, 0, None, 0.5, len(output), len(output), self._put(output.encode())))
        if tool != "read":
            self._event(TreeSeen(self._tree, "", "", tool, 1, 0, 0))
        self._heard(Role.TOOL, Origin.TOOL, ToolOutput(call.id, tool, output, ok=True))

    def _work(self, turn: int) -> tuple[str, dict[str, object], str]:
        path, size = f"pkg/module{turn % 60:02d}.py", BYTES_A_TURN - 6000
        match turn % 4:
            case 0:
                return "read", {"path": path, "first_line": 1, "last_line": 0}, f"[{path}: lines 1 to 900 of 900]\n" + self._lines(size)
            case 1:
                self._tree = f"t{turn}"
                text = _module(turn % 60, turn)
                self._trees[self._tree] = {**self._trees[next(reversed(self._trees))], path: text}
                return "write", {"path": path, "content": text + self._lines(4000)}, f"Wrote {path}: 10 bytes, 3 lines.\n" + self._lines(size)
            case 2:
                return "shell", {"command": f"grep -rn total_{turn % 7} .", "seconds": 0}, self._lines(size) + "\n[exit code 0, in /workspace]"
            case _:
                return "run_tests", {}, self._lines(size) + "\n1 failed, 40 passed\n[exit code 1]"

    def _lines(self, size: int) -> str:
        words = [f"{self._random.choice(_VERBS)}_{self._random.choice(_NOUNS)}_{self._random.randrange(400)}" for _ in range(size // 22)]
        return "\n".join(f"{k}\tdef {word}(value): # {word}" for k, word in enumerate(words[: size // 44], 1))

    def _clear(self) -> None:
        old = [each for each in self._view if each.role is Role.TOOL][:-4]
        for each in old:
            self._own += 1
            stand_in = Message(f"a{self._own}", each.role, (Part(f"a{self._own}.1", Origin.TOOL, Text("[result cleared to save room]")),))
            self._view[self._view.index(each)] = stand_in
            self._event(ViewEdited("clear", (), ((each.id, stand_in.id),), "room"))

    def _sum_up(self) -> None:
        kept = [each for each in self._view if each.role is Role.SYSTEM or each.parts[0].origin in (Origin.TASK, Origin.USER)]
        self._view = kept
        self._say(Role.USER, "So far `convert_op` is done and retry_limit_x9 is known. " * 40)

    def _given(self, index: int) -> None:
        words = self._heard(Role.USER, Origin.TASK if index == 1 else Origin.USER, Text(self._requests[index - 1].text))
        self._event(RequestGiven(f"s{index:02d}", words.id, index))

    def _heard(self, role: Role, origin: Origin, content: Content) -> Message:
        self._names += 1
        words = Message(f"m{self._names}", role, (Part(f"m{self._names}.1", origin, content),))
        self._know(words)
        self._view.append(words)
        return words

    def _say(self, role: Role, text: str) -> None:
        self._own += 1
        self._view.append(Message(f"a{self._own}", role, (Part(f"a{self._own}.1", Origin.HARNESS, Text(text)),)))

    def _ask(self, turn: int) -> None:
        for words in self._view:
            self._know(words)
        ids = part_ids(tuple(self._view))
        self._event(ModelAsked(turn, splices(self._ids, ids), Sampling(), WINDOW, 4096, "", "shell,read,write,replace,run_tests,finish"))
        self._ids = ids

    def _reply(self, turn: int, call: ToolCall) -> None:
        self._names += 1
        name = f"m{self._names}"
        contents: tuple[Content, ...] = (Thinking(f"The caller of step {turn} passes the bound itself. " * 20), Text(f"Step {turn}: I look first."), call)
        parts = tuple(Part(f"{name}.{k}", Origin.MODEL if k > 1 else Origin.THINKING, content) for k, content in enumerate(contents, 1))
        words = Message(name, Role.ASSISTANT, parts)
        self._know(words)
        prompt = sum(len(part.content.text) for each in self._view for part in each.parts) // 3
        usage = Usage(prompt, None, None, sum(len(content.text) for content in contents) // 3, None)
        self._event(ModelReplied(name, part_ids((words,)), ReplyStop.TOOL, "", usage, Timing(1.0), None, 0, 0, (), (), "", None, None))
        self._view.append(words)

    def _know(self, words: Message) -> None:
        for part in words.parts:
            if part.id not in self._known:
                self._known.add(part.id)
                self._event(added(words, part, self._put))

    def _put(self, data: bytes) -> Blob:
        blob = Blob(hashlib.sha256(data).hexdigest(), len(data))
        self._blobs[blob] = data
        return blob

    def _event(self, event: Event) -> None:
        self._entries.append(Entry(len(self._entries) + 1, len(self._entries) / 10, event))


_VERBS = ("convert", "record", "total", "close", "open", "read", "write", "check", "post", "split")
_NOUNS = ("ledger", "entry", "amount", "source", "target", "batch", "period", "rate", "item", "line")


def _module(number: int, version: int) -> str:
    return f'"""Module {number}."""\n\n' + "".join(f"def {_VERBS[k % 10]}_{_NOUNS[k // 3]}(value):\n    return value + {version}\n\n\n" for k in range(30))


def _request(number: int) -> str:
    names = "".join(f"- `convert_{noun}_{number}` in `pkg/module{number:02d}.py` must keep at most {number + 3} lines.\n" for noun in _NOUNS)
    return f"# Stage {number}\n\nMove the callers over.\n\n{names}\nNever change `pkg/frozen{number}.py`. Always run the tests.\n"


def _manifest() -> Manifest:
    items = tuple(
        Item(f"rule{k}", "rule", f"Every new function of stage {k} ends with `_x{k}`.", (f"_x{k}9", f"re:retry_?limit_x{k}\\b"), 1 + k % STAGES)
        for k in range(30)
    )
    stages = tuple(Stage(f"s{k:02d}") for k in range(1, STAGES + 1))
    constraints = tuple(
        Constraint(f"rule{k}", Named(("pkg/**/*.py",), f".*(_x{k}|_[a-z]+)"), Adds("function", ("pkg/**/*.py",))) for k in range(0, 30, 5)
    )
    milestones = tuple(Milestone(f"m{k}", f"{k}.1", k, Defines(f"pkg/module{k:02d}.py", f"convert_{_NOUNS[k % 10]}")) for k in range(1, STAGES + 1))
    return Manifest(stages, items, constraints, milestones)
