"""One trial made by hand: the events of a coder at work, about nine a turn, with thinking, calls, outputs, edits and a verdict."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec

from harness.core.agent import Claim, Stop
from harness.core.blob import Blob
from harness.core.chat import Origin, ReplyStop, Role, Sampling, Text, Thinking, Timing, ToolCall, ToolOutput, Usage
from harness.core.events import (
    AgentStopped,
    Digests,
    Entry,
    Event,
    GradeRan,
    ModelAsked,
    ModelOpened,
    ModelReplied,
    PartAdded,
    PatchTaken,
    RequestGiven,
    ResourcesSeen,
    SandboxOpened,
    ShellState,
    SlotWaited,
    Splice,
    ToolCalled,
    ToolReturned,
    Trace,
    TreeSeen,
    TrialBroke,
    TrialStarted,
    TurnYielded,
)
from harness.core.facts import ModelFacts, Window
from harness.core.machine import Confinement, Ended, Resources, SandboxFacts, TreeDelta, TreeEntry
from harness.core.recorded import Tree
from harness.core.task import TaskSpec, TestIds
from harness.core.tree import Base
from harness.core.trial import TestResult, TrialKey
from harness.store.blobs import BlobFolder
from harness.store.trees import TreeLine

MODELS = ("ollama/made-8b:q4", "openai/made-large")
SAMPLING = Sampling(0.6, 0.95, 20, seed=7, origin="made by hand")
TOOLS = ("read", "shell", "replace", "run_tests")
THOUGHT = "The caller passes the bound itself, so the last element is counted twice when the list is empty. "
CONFINED = Confinement("full", 1000, "0" * 16, True, 2, 0, (), "none", False, ("KILL", "SETGID", "SETUID"), ("ALL",))
WINDOW = 131_072


class Written(msgspec.Struct, frozen=True):
    """Where a trial's bulky parts go; `number` makes it unlike the others."""

    folder: Path
    blobs: BlobFolder
    base: Base
    number: int


def trace_of(where: Written, key: TrialKey, task: TaskSpec, turns: int) -> Trace:
    """The whole trace, seconds apart as a local model's turns are."""
    done, at = [], 0.0
    for seq, event in enumerate(_events(where, key, task, turns), 1):
        at += {"ModelReplied": 4.0, "ToolReturned": 1.5, "GradeRan": 2.0}.get(type(event).__name__, 0.002)
        done.append(Entry(seq, round(at, 6), event))
    return tuple(done)


def _events(where: Written, key: TrialKey, task: TaskSpec, turns: int) -> Iterator[Event]:
    line = TreeLine(where.folder / "trees.git")
    tree = line.start(where.base, TreeDelta(tuple(entry.listed() for entry in where.base.entries), ()))
    yield from _opening(where, key, task, tree)
    for turn in range(1, turns + 1):
        yield from _turn(where, line, turn, key)
    yield TurnYielded(Claim("everything asked for", "nothing"))
    yield AgentStopped(Stop.ANSWERED)
    yield ResourcesSeen(Resources(180 << 20, 2 << 30, 0, 0.4, 1.2))
    if where.number % 53 == 52:
        yield TrialBroke("sandbox", "the engine went away", will_retry=False)
        return
    yield from _grading(where, task)


def _opening(where: Written, key: TrialKey, task: TaskSpec, tree: Tree) -> Iterator[Event]:
    kind, _, name = key.model.partition("/")
    digests = Digests(task.digest, "sha256:" + "a" * 64, "sha256:" + "b" * 64, "made by hand")
    yield TrialStarted(key, 1, None, 7, digests, '{"turns":150}', "nowhere")
    yield ModelOpened(ModelFacts(kind, name, "made", "1.0", "sha256:" + "c" * 64, "Q4_K_M", window=Window(WINDOW, WINDOW, WINDOW, WINDOW), thinking="on", on_gpu=1.0))
    yield SandboxOpened("agent", SandboxFacts(f"{where.number:064x}", where.base.image, where.base.image, "made", "/bin/bash", CONFINED, 2.0, 4 << 30, 512))
    yield TreeSeen(tree.tree, tree.extra, tree.git, "start", 0, 0, 0)
    yield PartAdded("m1.1", Role.USER, Origin.TASK, Text(task.brief.requests[0].text))
    yield RequestGiven("task", "m1", 1)
    yield PartAdded("a1.1", Role.SYSTEM, Origin.HARNESS, Text("You carry out a request in a code repository, working through tools. " * 20))


def _turn(where: Written, line: TreeLine, turn: int, key: TrialKey) -> Iterator[Event]:
    asked, shown, call = f"m{2 * turn}", f"m{2 * turn + 1}", f"call_{turn}"
    tool, words = _call(where, turn)
    fresh = ("a1.1", "m1.1") if turn == 1 else (f"m{2 * turn - 2}.1", f"m{2 * turn - 2}.2", f"m{2 * turn - 2}.3", f"m{2 * turn - 1}.1")
    yield SlotWaited(0.2)
    yield ModelAsked(turn, (Splice(2 + 4 * (turn - 2) if turn > 1 else 0, 0, fresh),), SAMPLING, WINDOW, 32_768, "on", "shell,read,write,replace,run_tests,finish")
    yield PartAdded(f"{asked}.1", Role.ASSISTANT, Origin.THINKING, Thinking(THOUGHT * (2 + turn % 5)))
    yield PartAdded(f"{asked}.2", Role.ASSISTANT, Origin.MODEL, Text(f"Step {turn}: I look at part{turn % 6} before I change it."))
    yield PartAdded(f"{asked}.3", Role.ASSISTANT, Origin.MODEL, ToolCall(call, tool, words))
    yield _replied(where, turn, asked, key)
    yield ToolCalled(call, tool, words)
    output, blob = _output(turn, tool), _kept_output(where.blobs, turn, tool)
    yield ToolReturned(call, True, 0, Ended.EXITED, 1.4, blob.size, blob.size, blob, state=ShellState("/workspace", kept=True))
    yield _seen(where, line, turn, tool)
    yield PartAdded(f"{shown}.1", Role.TOOL, Origin.TOOL, ToolOutput(call, tool, output, ok=True))


def _call(where: Written, turn: int) -> tuple[str, str]:
    tool, path = TOOLS[turn % 4], f"part{turn % 6}/module{turn % 60:02d}.py"
    words = {
        "read": {"path": path, "first_line": 1, "last_line": 0}, "shell": {"command": f"git log --oneline | head; grep -rn part_{turn} .", "seconds": 60},
        "replace": {"path": path, "old": f"    return value + {turn % 60}\n", "new": _edited(where, turn)}, "run_tests": {},
    }  # fmt: skip
    return tool, json.dumps(words[tool])


def _edited(where: Written, turn: int) -> str:
    return "".join(f"    total_{line} = value + {where.number} * {turn}\n" for line in range(12)) + "    return value\n"


def _output(turn: int, tool: str) -> str:
    """Of a reading some kilobytes, of a test run some lines; the same file gives the same output in every trial."""
    if tool == "run_tests":
        return "." * 40 + f"F\n1 failed, 40 passed in 0.{turn:02d}s\n[exit code 1]"
    lines = 60 if tool == "read" else 15
    return "".join(f"{number}\tdef part_{number}(value):  # module {turn % 60} <b>&amp;</b>\n" for number in range(1, lines + 1))


@cache
def _kept_output(blobs: BlobFolder, turn: int, tool: str) -> Blob:
    return blobs.put(_output(turn, tool).encode())


@cache
def _kept_request(blobs: BlobFolder, task: str, model: str, turn: int) -> Blob:
    messages = [THOUGHT * 3 + _output(each, TOOLS[each % 4]) for each in range(1, turn)]
    return blobs.put(json.dumps({"model": model, "task": task, "messages": messages}).encode())


def _replied(where: Written, turn: int, message: str, key: TrialKey) -> ModelReplied:
    """The reply's bytes are this trial's own; requests grow with the turns and are shared by the trials of a task and model."""
    said = json.dumps({"trial": where.number, "turn": turn, "thinking": THOUGHT * (2 + turn % 5), "message": f"Step {turn}"})
    tokens = min(1500 + 900 * turn, WINDOW - 1000)
    return ModelReplied(
        message, tuple(f"{message}.{k}" for k in (1, 2, 3)), ReplyStop.TOOL, "tool_calls", Usage(tokens, tokens - 900, None, 220, 140),
        Timing(3.9, 0.4, None, 0.4, 3.5), True, 0, 0, (), (), "", _kept_request(where.blobs, key.task, key.model, turn), where.blobs.put(said.encode()),
    )  # fmt: skip


def _seen(where: Written, line: TreeLine, turn: int, tool: str) -> TreeSeen:
    """Every replacement changes one file; other tools leave the tree as it was."""
    entries: tuple[TreeEntry, ...] = ()
    if tool == "replace":
        data = f"# as trial {where.number} left it at turn {turn}\n".encode() + _edited(where, turn).encode()
        entries = (TreeEntry(f"part{turn % 6}/module{turn % 60:02d}.py".encode(), "file", 0o644, len(data), data),)
    tree = line.follow(TreeDelta(entries, ()))
    return TreeSeen(tree.tree, tree.extra, tree.git, tool, len(entries), 0, 0)


def _grading(where: Written, task: TaskSpec) -> Iterator[Event]:
    assert isinstance(task.check, TestIds)
    blob = where.blobs.put(f"the difference of trial {where.number}".encode())
    facts = SandboxFacts(f"{where.number + 1:064x}", where.base.image, where.base.image, "made", "/bin/bash", CONFINED, 2.0, 4 << 30, 512)
    log = where.blobs.put(b"test session starts\n" + b"." * 12)
    good = where.number * 7 % 5 < 3
    results = tuple(TestResult(name, "passed" if good or at else "failed", 0.01) for at, name in enumerate((*task.check.fail_to_pass, *task.check.pass_to_pass)))
    yield PatchTaken(where.base.image, (), ("part2/module02.py",), (), (), (), blob)
    yield SandboxOpened("grading", facts)
    yield GradeRan("apply", "fresh", ok=True, exit_code=0, ended=Ended.EXITED, seconds=0.1)
    yield GradeRan("test", "fresh", ok=True, exit_code=0 if good else 1, ended=Ended.EXITED, seconds=1.9, log=log)
    yield GradeRan("read", "fresh", ok=True, exit_code=None, ended=None, seconds=0.01, results=results)
