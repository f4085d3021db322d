"""Work that outgrows a small window, by a model that says the same under every agent, and what its record lets each view lack."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from agents.models.scripted import tokens_of
from agents.prose import prose
from agents.tools.finish import create as finish
from agents.tools.note import create as note
from agents.tools.read import create as read
from agents.tools.shell import create as shell
from harness.core.agent import Agent
from harness.core.chat import ModelRequest, Reply, Text, View
from harness.core.errors import ContextOverflow
from harness.core.events import ModelAsked, Trace, ViewEdited
from harness.core.facts import ModelFacts, Window
from harness.core.grammar import violations
from harness.core.memory import Item, Manifest
from harness.core.parts import spliced, views
from harness.core.ports import Progress, Tool
from harness.engine.trial import run_trial
from harness.engine.world import Interrupted, Job
from harness.metrics.context.all import findings
from harness.metrics.context.reading import scene
from harness.metrics.tries import lived as whole
from harness.wiring import forking
from harness.wiring.trees import trees
from tests.engine.doubles import KEY, Stage, TapeModel, call, job, say, stage

WINDOW = 6000
ASKED = "do it. Every new function ends with `_op`. Never edit frozen.py."
TOLD = "# How we work\n\nNever put the salt ZK-77 into a log.\n\n" + "The house was founded in 1901.\n" * 12
KEY_FILE = "The bridge listens on port key KQ7-ZD4X2.\n" + "A line of a log.\n" * 20
SUMMARY = "I looked around and counted."
SUFFIX = Item("suffix", "rule", "Every new function ends with `_op`.", ("_op",), manner="prohibition")
SALT = Item("salt", "rule", "Never put the salt ZK-77 into a log.", ("ZK-77",), since=0, manner="prohibition", exposure="file")
PORT = Item("port", "fact", "The bridge listens on port key KQ7-ZD4X2.", ("KQ7-ZD4X2",), since=0, value="KQ7-ZD4X2", exposure="file")
TOOLS = {"shell": shell(), "read": read(), "note": note(), "finish": finish()}


def run(command: str, ident: str) -> Reply:
    return call("shell", json.dumps({"command": command, "seconds": 20}), ident)


def take_down(words: str, ident: str) -> Reply:
    return call("note", json.dumps({"text": words}), ident)


def count(ident: str, upto: int = 900) -> Reply:
    """About a quarter of the window in the result."""
    return run(f"seq 100 {upto + 100}", ident)


LOOKS = (call("read", '{"path": "CONTRIBUTING.md", "first_line": 0, "last_line": 0}', "c1"), run("cat port.log", "c2"))
END = call("finish", '{"done": "all", "not_done": ""}', "c99")


class Worker(TapeModel):
    """Plays its tape in a window that it keeps to; asked for a summary it writes one, wherever that comes."""

    def __init__(self, *tape: Reply, window: int = WINDOW, summary: str = SUMMARY) -> None:
        super().__init__(*tape)
        self.facts = ModelFacts("tape", "m", capabilities=("tools",), window=Window(window, window, None), max_output=window)
        self.window, self.summary, self.summaries = window, summary, 0

    def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
        if tokens_of(request) > self.window:
            raise ContextOverflow("too long", prompt_tokens=tokens_of(request), window=self.window)
        if request.view[-1].text == prose("summarise"):
            self.asked.append(request)
            self.summaries += 1
            return _counted(say(Text(self.summary)), request)
        return _counted(super().reply(request, deadline=deadline, progress=progress), request)


class Stopped(Worker):
    """Its user stops the work where the tape ends."""

    def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
        if not self.tape and request.view[-1].text != prose("summarise"):
            raise Interrupted("by the user")
        return super().reply(request, deadline=deadline, progress=progress)


def _counted(reply: Reply, request: ModelRequest) -> Reply:
    usage = msgspec.structs.replace(reply.usage, input_total=tokens_of(request), output_total=sum(len(c.text) for c in reply.contents) // 4)
    return msgspec.structs.replace(reply, usage=usage)


class Lived(msgspec.Struct, frozen=True):
    """A trial that ran."""

    here: Stage
    trace: Trace
    model: TapeModel
    folder: Path

    @property
    def views(self) -> list[View]:
        return views(whole(self.trace), self.here.store.blobs.get)

    @property
    def edits(self) -> list[ViewEdited]:
        return [entry.event for entry in self.trace if isinstance(entry.event, ViewEdited)]

    def losses(self, *items: Item) -> list[str]:
        """Kind and item of every finding about what a compaction took."""
        spec = msgspec.structs.replace(job(self.folder, ASKED).task, memory=Manifest(items=items))
        with trees(self.here.store.folder) as kept:
            found = findings(scene("t0001", spec, self.trace, self.here.store.blobs.get, kept))
        return [f"{each.kind} {each.item}" for each in found if each.kind.startswith("B")]

    def last(self) -> str:
        """All that the last view shows, as one text."""
        return "\n".join(part.content.text for each in self.views[-1] for part in each.parts)


def lived(folder: Path, agent: Agent, *tape: Reply, **wanted: object) -> Lived:
    """A trial of the agent with the whole driver: a real folder, real commands, a real record."""
    here, model = stage(folder), Worker(*tape, **wanted)  # type: ignore[arg-type]
    run_trial(ground(folder), here.world(agent, model, tools=tools_of(agent)), here.store.begin(KEY))
    trace = here.store.trace(KEY)
    assert violations(trace) == ()
    return Lived(here, trace, model, folder)


def taken_up(folder: Path, agent: Agent, *tape: Reply, at: int) -> Lived:
    """The same, stopped by its user before the reply of that place in the tape, and gone on with by another session."""
    here, work = stage(folder), ground(folder)
    with pytest.raises(Interrupted):
        run_trial(work, here.world(agent, Stopped(*tape[:at]), tools=tools_of(agent)), here.store.begin(KEY))
    past, model = here.store.trace(KEY), Worker(*tape[at:])
    world = here.world(agent, model, tools=tools_of(agent))
    run_trial(forking.begun(work, world, here.store, past, there=lambda _image: True), world, here.store.begin(KEY), past)
    trace = here.store.trace(KEY)
    assert violations(trace) == ()
    return Lived(here, trace, model, folder)


def tools_of(agent: Agent) -> dict[str, Tool]:
    return {name: TOOLS[name] for name in agent.tools() if name in TOOLS}


def ground(folder: Path) -> Job:
    work = job(folder, ASKED)
    (folder / "repository" / "CONTRIBUTING.md").write_text(TOLD)
    (folder / "repository" / "port.log").write_text(KEY_FILE)
    return work


def exactly_confessed(trace: Trace) -> bool:
    """Between any two views, what left is what was confessed, to the message; what is said to stand in does."""
    shown: tuple[str, ...] = ()
    confessed: set[str] = set()
    stands: set[str] = set()
    for entry in trace:
        match entry.event:
            case ViewEdited() as edit:
                confessed |= {*edit.dropped, *(old for old, _ in edit.replaced)}
                stands |= {new for _, new in edit.replaced}
            case ModelAsked() as asked if asked.splices:
                before = {ident.rsplit(".", 1)[0] for ident in shown}
                shown = spliced(shown, asked.splices)
                now = {ident.rsplit(".", 1)[0] for ident in shown}
                assert before - now == confessed & before, (before - now, confessed & before)
                assert not confessed & now
                assert stands - confessed <= now
                confessed, stands = set(), set()
    return True
