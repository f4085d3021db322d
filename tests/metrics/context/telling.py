"""A trial told event by event as the engine would record it, for tests that know the answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from harness.core.agent import Claim, Stop
from harness.core.blob import Blob
from harness.core.chat import (
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
    message,
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
from harness.core.memory import Manifest
from harness.core.parts import added, part_ids, splices
from harness.core.task import Brief, ImageTag, Place, Provenance, Request, TaskSpec, TestIds
from harness.core.trial import Parent, TrialKey

WINDOW = 32_768
LOCAL = ModelFacts("ollama", "made", window=Window(WINDOW, WINDOW, WINDOW, WINDOW))
KEY = TrialKey("20260101-000000-aaaa", "made", "coder", "ollama/made", "", 1)


def a_task(memory: Manifest | None = None, requests: tuple[str, ...] = ("Do it.",)) -> TaskSpec:
    each = tuple(Request(f"s{number:02d}", text) for number, text in enumerate(requests, 1))
    check = TestIds("pytest", "junit", ("t::a",), ())
    return TaskSpec("made", "sha256:0", Brief(each), Place(ImageTag("made"), workdir="/workspace"), check, Provenance("made"), memory=memory)


class Telling:
    """Blobs in memory; the view is what `view` holds when it is asked. Token counts: a quarter of the characters, or as told."""

    def __init__(self, facts: ModelFacts = LOCAL, key: TrialKey = KEY, parent: Parent | None = None) -> None:
        self.entries: list[Entry] = []
        self.blobs: dict[Blob, bytes] = {}
        self.view: list[Message] = []
        self._known: set[str] = set()
        self._ids: tuple[str, ...] = ()
        self._names = self._own = self._turn = self._given = 0
        self._tree = "t0"
        self.event(TrialStarted(key, 1, parent, 7, Digests("", "", "", ""), '{"turns":150,"tokens":900000}', "here"))
        self.event(ModelOpened(facts))
        self.event(TreeSeen("t0", "", "", "start", 0, 0, 0))

    @property
    def trace(self) -> Trace:
        return tuple(self.entries)

    def get(self, blob: Blob) -> bytes:
        return self.blobs[blob]

    def put(self, data: bytes) -> Blob:
        blob = Blob(hashlib.sha256(data).hexdigest(), len(data))
        self.blobs[blob] = data
        return blob

    def event(self, event: Event) -> None:
        number = len(self.entries) + 1
        self.entries.append(Entry(number, number / 10, event))

    def know(self, words: Message) -> None:
        for part in words.parts:
            if part.id not in self._known:
                self._known.add(part.id)
                self.event(added(words, part, self.put))

    def system(self, text: str) -> Message:
        return self.say(Role.SYSTEM, text)

    def say(self, role: Role, text: str, origin: Origin = Origin.HARNESS) -> Message:
        """A message of the agent's own making, in the view from now on."""
        self._own += 1
        words = message(f"a{self._own}", role, origin, Text(text))
        self.view.append(words)
        return words

    def request(self, text: str) -> Message:
        self._names += 1
        self._given += 1
        words = message(f"m{self._names}", Role.USER, Origin.TASK if self._given == 1 else Origin.USER, Text(text))
        self.know(words)
        self.event(RequestGiven(f"s{self._given:02d}", words.id, self._given))
        self.view.append(words)
        return words

    def ask(self) -> None:
        for words in self.view:
            self.know(words)
        self._turn += 1
        ids = part_ids(tuple(self.view))
        self.event(ModelAsked(self._turn, splices(self._ids, ids), Sampling(), WINDOW, 4096, "", "shell,read,write,replace,run_tests,finish"))
        self._ids = ids

    def reply(self, text: str = "", *calls: tuple[str, object], thinking: str = "", prompt: int | None = -1, output: int | None = -1) -> Message:
        """`calls`: (tool, arguments). -1: counted at four characters a token."""
        self._names += 1
        name = f"m{self._names}"
        contents = [*([Thinking(thinking)] if thinking else []), *([Text(text)] if text else [])]
        raw = [(tool, words if isinstance(words, str) else json.dumps(words)) for tool, words in calls]
        contents += [ToolCall(f"call_{self._turn}_{k}", tool, words) for k, (tool, words) in enumerate(raw, 1)]
        parts = tuple(Part(f"{name}.{k}", Origin.THINKING if isinstance(c, Thinking) else Origin.MODEL, c) for k, c in enumerate(contents, 1))
        words = Message(name, Role.ASSISTANT, parts)
        self.know(words)
        sizes = sum(len(part.content.text) for each in self.view for part in each.parts)
        usage = Usage(sizes // 4 if prompt == -1 else prompt, None, None, sum(len(c.text) for c in contents) // 4 if output == -1 else output)
        stop = ReplyStop.TOOL if calls else ReplyStop.END
        self.event(ModelReplied(name, tuple(p.id for p in parts), stop, "", usage, Timing(1.0), None, 0, 0, (), (), "", None, None))
        self.view.append(words)
        return words

    def use(self, call: ToolCall, output: str, *, ok: bool = True, code: int | None = 0, tree: str = "", full: bytes = b"", claim: Claim | None = None) -> Message:
        """The call runs and its output enters the view; `tree` where the work tree has changed."""
        self.event(ToolCalled(call.id, call.name, call.raw_arguments))
        blob = self.put(full) if full else None
        self.event(ToolReturned(call.id, ok, code, None, 0.1, len(output), len(output), blob, claim=claim))
        if tree or call.name in ("shell", "write", "replace", "run_tests"):
            self._tree = tree or self._tree
            self.event(TreeSeen(self._tree, "", "", call.name, int(bool(tree)), 0, 0))
        self._names += 1
        shown = message(f"m{self._names}", Role.TOOL, Origin.TOOL, ToolOutput(call.id, call.name, output, ok))
        self.know(shown)
        self.view.append(shown)
        return shown

    def turn(self, output: str = "done", tool: str = "shell", arguments: object = None, *, text: str = "", tree: str = "", prompt: int | None = -1) -> Message:
        """Ask, one call, its output; gives the output's message."""
        self.ask()
        said = self.reply(text, (tool, arguments if arguments is not None else {"command": f"true {self._turn}", "seconds": 0}), prompt=prompt)
        return self.use(said.calls[0], output, tree=tree)

    def replace(self, gone: Message, text: str, policy: str = "clear") -> Message:
        """A message gives way to another, confessed."""
        at = self.view.index(gone)
        stand_in = self.say(gone.role, text)
        self.view.remove(stand_in)
        self.view[at] = stand_in
        self.event(ViewEdited(policy, (), ((gone.id, stand_in.id),), "made"))
        return stand_in

    def drop(self, *gone: Message) -> None:
        self.view = [each for each in self.view if each not in gone]
        self.event(ViewEdited("drop", tuple(each.id for each in gone), (), "made"))

    def yielded(self, claim: Claim | None = None) -> None:
        self.event(TurnYielded(claim))

    def end(self, stop: Stop = Stop.ANSWERED) -> None:
        self.event(AgentStopped(stop))


class Forest:
    """Recorded trees by hand: tree id -> path -> text."""

    def __init__(self, trees: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._texts = {"t0": {}, **(trees or {})}
        self._files = {name: {path: hashlib.sha1(text.encode()).hexdigest() for path, text in each.items()} for name, each in self._texts.items()}
        self._contents = {self._files[name][path]: text.encode() for name, each in self._texts.items() for path, text in each.items()}

    def files(self, tree: str) -> Mapping[str, str]:
        return self._files[tree]

    def content(self, oid: str) -> bytes:
        return self._contents[oid]
