"""Runs made by hand: traces with whatever words a test wants, real trees, in a real store."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from harness.cli.record.runs import Held
from harness.core.agent import Stop
from harness.core.chat import (
    Content,
    Message,
    Origin,
    Part,
    ReplyStop,
    Role,
    Sampling,
    Text,
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
    GradeRan,
    ModelAsked,
    ModelOpened,
    ModelReplied,
    PatchTaken,
    RequestGiven,
    SandboxOpened,
    Splice,
    ToolCalled,
    ToolReturned,
    Trace,
    TreeSeen,
    TrialBroke,
    TrialStarted,
)
from harness.core.facts import ModelFacts, Window
from harness.core.machine import Confinement, Ended, SandboxFacts
from harness.core.parts import added
from harness.core.task import Brief, ImageTag, Place, Provenance, TaskSpec, TestIds
from harness.core.trial import Parent, TestResult, TrialKey
from harness.plan import Plan
from harness.store.objects import GitObject, bare, made, write
from harness.store.sqlite import RunStore, create

RUN = "20260102-030405-abcd"
CHECK = TestIds("pytest", "junit", ("tests/test_a.py::test_new",), ("tests/test_a.py::test_old",))
PROOF = Confinement("full", 1000, "0", no_new_privs=True, seccomp=2, routes=0, mounts=(), network="none", privileged=False, cap_add=(), cap_drop=())
MACHINE = SandboxFacts("box-of-mine", "sha256:image", "sha256:source", "27.9.9-of-mine", "/bin/bash", PROOF, 2.0, 2 << 30, 512)
FACTS = ModelFacts("tape", "m", server="http://host.example:1", digest="sha256:model", window=Window(1000, 1000))


def a_task(name: str, check: TestIds = CHECK) -> TaskSpec:
    return TaskSpec(name, f"sha256:{name}", Brief(()), Place(ImageTag("i")), check, Provenance("test", "2026-01-02"))


class Tale:
    """A trial's trace, told event by event; each takes a quarter of a second."""

    def __init__(self, store: RunStore, key: TrialKey) -> None:
        self.store, self.key = store, key
        self.entries: list[Entry] = []
        self.turns = self.messages = 0
        self.now = 0.0
        self.timing = Timing(0.2)

    def add(self, *events: Event, seconds: float = 0.25) -> None:
        for event in events:
            self.now += seconds
            self.entries.append(Entry(len(self.entries) + 1, self.now, event))

    def begin(self, number: int = 1, parent: Parent | None = None, request: str = "Mend it.") -> None:
        digests = Digests("sha256:task", "sha256:p", "sha256:t", "0.1 sha256:h")
        self.turns = 0
        self.add(TrialStarted(self.key, number, parent, 7, digests, '{"turns": 150}', "host-of-mine"), ModelOpened(FACTS), SandboxOpened("agent", MACHINE))
        self.tree({"a.txt": b"one\ntwo\n"}, "start")
        name = self.say(Role.USER, Origin.TASK, Text(request))
        self.add(RequestGiven("task", name, 1))

    def say(self, role: Role, origin: Origin, *contents: Content) -> str:
        self.messages += 1
        name = f"m{self.messages}"
        message = Message(name, role, tuple(Part(f"{name}.{k}", origin, content) for k, content in enumerate(contents, 1)))
        self.add(*(added(message, part, self.store.blobs.put) for part in message.parts), seconds=0.0)
        return name

    def turn(self, words: str, call: str, output: str, *, files: dict[str, bytes] | None = None, ok: bool = True, whole: bytes | None = None) -> None:
        """The model says something and calls a tool."""
        self.turns += 1
        ident = f"call_{self.turns}"
        self.add(ModelAsked(self.turns, (Splice(0, 0, ()),), Sampling(), 1000, 100, "", "shell"))
        self.now += 0.5
        name = self.say(Role.ASSISTANT, Origin.MODEL, Text(words), ToolCall(ident, "shell", call))
        put = self.store.blobs.put
        body = put(f'{{"turn": {self.turns}, "said": {"x" * 40 * self.turns!r}}}'.replace("'", '"').encode())
        usage = Usage(100 * self.turns, None, None, 20)
        self.add(ModelReplied(name, (), ReplyStop.TOOL, "tool", usage, self.timing, None, 0, 0, (), (), "", body, put(b'{"reply": 1}')))
        self.add(ToolCalled(ident, "shell", "{}"))
        size = len(whole) if whole is not None else len(output)
        blob = put(whole) if whole is not None else None
        self.add(ToolReturned(ident, ok, 0 if ok else 1, Ended.EXITED, 0.2, len(output.encode("utf-8", "replace")), size, blob))
        if files is not None:
            self.tree(files, "shell")
        self.say(Role.TOOL, Origin.TOOL, ToolOutput(ident, "shell", output, ok))

    def tree(self, files: dict[str, bytes], author: str) -> None:
        self.add(TreeSeen(planted(self.store.folder / "trees.git", files), "", "", author, len(files), 0, 0))

    def end(self, new: str = "passed", old: str = "passed", log: str = "two tests ran") -> None:
        put = self.store.blobs.put
        results = (TestResult(CHECK.fail_to_pass[0], new, 0.01), TestResult(CHECK.pass_to_pass[0], old, 0.02))  # type: ignore[arg-type]
        self.add(AgentStopped(Stop.ANSWERED), PatchTaken("sha256:image", (), ("a.txt",), (), (), (), put(b"")), SandboxOpened("grading", MACHINE))
        self.add(graded("apply"), graded("test", log=put(log.encode())), graded("read", results=results))

    def broke(self, text: str = "the server went away", *, again: bool = False) -> None:
        self.add(TrialBroke("model", text, again))

    @property
    def trace(self) -> Trace:
        return tuple(self.entries)


def graded(phase: str, **more: object) -> GradeRan:
    plain = GradeRan(phase, "fresh", ok=True, exit_code=None, ended=None, seconds=0.1)  # type: ignore[arg-type]
    return msgspec.structs.replace(plain, **more)


def planted(repository: Path, files: dict[str, bytes]) -> str:
    """A tree of these files, none of them in a folder."""
    bare(repository)
    blobs = {name: made(b"blob", data) for name, data in files.items()}
    body = b"".join(b"100644 " + name.encode() + b"\0" + bytes.fromhex(blob.oid) for name, blob in sorted(blobs.items()))
    tree = made(b"tree", body)
    objects: list[GitObject] = [*blobs.values(), tree]
    write(repository, objects)
    return tree.oid


def a_run(folder: Path, tasks: Iterable[str] = ("alpha",), attempts: int = 1, name: str = "nightly") -> Held:
    """A run with pending trials."""
    names = tuple(tasks)
    keys = tuple(TrialKey(RUN, task, "coder", "tape/m", "", attempt) for task in names for attempt in range(1, attempts + 1))
    store = create(folder / RUN, keys, {"run": RUN, "name": name, "created": "2026-01-02T03:04:05+00:00", "host": "host-of-mine", "plan": "{}"})
    return Held(store, Plan(names), {task: a_task(task) for task in names})


def tale(held: Held, short: str = "t0001") -> Tale:
    return Tale(held.store, held.store.keys()[short])


def record(held: Held, *tales: Tale) -> None:
    """The tales written down and settled."""
    for each in tales:
        pen = held.store.begin(each.key)
        for entry in each.trace:
            pen(entry)
        held.store.settle(each.key, pen)


def solved(held: Held, short: str = "t0001", words: str = "I look first.") -> None:
    """An everyday trial of two turns that passed."""
    told = tale(held, short)
    told.begin()
    told.turn(words, '{"command": "ls"}', "a.txt")
    told.turn("Now I mend it.", '{"command": "sed"}', "done", files={"a.txt": b"one\nthree\n", "b.txt": b"new\n"})
    told.end()
    record(held, told)
