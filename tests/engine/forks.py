"""A parent trial, its forks, and trials that are interrupted and go on: played by one script, so that every place has its reply."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from agents.coder import create as coder
from agents.models.script_file import Played, Script
from agents.models.scripted import ScriptedModel, _facts
from agents.tools.finish import create as finish
from agents.tools.shell import create as shell
from harness.core.agent import Agent
from harness.core.chat import ModelRequest, Reply
from harness.core.errors import Fault
from harness.core.events import (
    Entry,
    Trace,
    TreeSeen,
)
from harness.core.facts import ModelSettings
from harness.core.grammar import violations
from harness.core.ports import Progress
from harness.core.trial import Parent, TrialKey
from harness.engine.trial import run_trial
from harness.engine.world import Interrupted, Job
from harness.plan import Plan
from harness.store.sqlite import create
from harness.wiring import forking
from tests.engine.doubles import KEY, Stage, TapeModel, Time, job

TOOLS = {"shell": shell(), "finish": finish()}
CHILD = TrialKey("child", "task", "tape", "tape/m", "forked", 1)


def do(command: str) -> Played:
    return Played(calls=(("shell", json.dumps({"command": command, "seconds": 20})),))


DONE = Played(calls=(("finish", json.dumps({"done": "all", "not_done": ""})),))
SCRIPT = (
    do("export WORD=kept; mkdir -p d/e empty; echo two >> a.txt; ln -s ../a.txt d/l; printf x > d/e/f; chmod 750 d/e/f; chmod 700 d"),
    Played(text="I think.", thinking="hm"),
    do("echo $WORD; rm -r d/e; ls -1; echo pytest; cat a.txt"),
    msgspec.structs.replace(do("echo three >> a.txt"), fault=Fault.CRASH),
    DONE,
)


class Scripted(TapeModel):
    """The model of `scripted/NAME`, with a script of the test's."""

    def __init__(self, *replies: Played) -> None:
        super().__init__()
        facts = msgspec.structs.replace(_facts("m", ModelSettings("m")), kind="tape")
        self.model = ScriptedModel(facts, (Script("m", "", "do it", replies),))
        self.facts = facts

    def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
        self.asked.append(request)
        return self.model.reply(request, deadline=deadline, progress=progress)


def played(here: Stage, folder: Path, *replies: Played, agent: Agent | None = None, **wanted: object) -> Trace:
    """The parent: its trace, checked against the grammar."""
    work = msgspec.structs.replace(job(folder), **wanted)
    run_trial(work, here.world(agent or coder(), Scripted(*(replies or SCRIPT)), tools=TOOLS), here.store.begin(KEY))
    trace = here.store.trace(KEY)
    assert violations(trace) == ()
    return trace


def forked(here: Stage, folder: Path, turn: int, view: str = "full", *replies: Played, source: Stage | None = None, model: Scripted | None = None, **wanted: object) -> tuple[Stage, Trace]:
    """A fork of `source`'s trial (of `here`'s without one) in a store of its own."""
    source = source or here
    (key,) = source.store.keys().values()
    plan = {"plan": msgspec.json.encode(Plan(("x",))).decode()}
    child = Stage(create(folder / f"child-{turn}-{view}-{key.run}", (msgspec.structs.replace(CHILD, run=f"child of {key.run}"),), plan), Time())
    (own,) = child.store.keys().values()
    trace = source.store.trace(key)
    parent = Parent(key.run, "t0001", 1, turn, view)
    forking.transplanted(source.store, child.store, trace, forking.Origin(parent, key.attempt, "", ("what was outside",)))
    work = msgspec.structs.replace(job(folder), key=own, **wanted)
    return child, taken_up(child, work, model or Scripted(*(replies or SCRIPT)), go_on=False)


def taken_up(here: Stage, work: Job, model: Scripted, *, go_on: bool) -> Trace:
    """Another session of a trial, as a worker has it: its whole trace, also where it is stopped once more."""
    past = here.store.trace(work.key)
    world = here.world(coder(), model, tools=TOOLS)
    there = (lambda _image: True) if go_on else None
    with suppress(Interrupted):
        run_trial(forking.begun(work, world, here.store, past, there=there), world, here.store.begin(work.key), past)
    trace = here.store.trace(work.key)
    assert violations(trace) == ()
    return trace


class Stopping(Scripted):
    """Is stopped by the user at its k-th reply."""

    def __init__(self, at: int) -> None:
        super().__init__(*SCRIPT)
        self.at = at

    def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
        if request.replies == self.at:
            self.at = -1
            raise Interrupted("by the user")
        return super().reply(request, deadline=deadline, progress=progress)


def interrupted(here: Stage, folder: Path, model: Scripted) -> Trace:
    with pytest.raises(Interrupted):
        run_trial(job(folder), here.world(coder(), model, tools=TOOLS), here.store.begin(KEY), here.store.trace(KEY))
    return here.store.trace(KEY)


def go_on(here: Stage, folder: Path, model: Scripted) -> Trace:
    return taken_up(here, job(folder), model, go_on=True)


def alive(entry: Entry) -> Entry:
    event = entry.event
    return msgspec.structs.replace(entry, event=msgspec.structs.replace(event, alive=1)) if isinstance(event, TreeSeen) else entry
