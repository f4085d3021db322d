"""The record comes first: what can't be written down does not happen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agents.coder import create as coder
from agents.tools.finish import create as finish
from agents.tools.shell import create as shell
from harness.core.chat import Reply, Text, ToolCall, ToolSpec
from harness.core.errors import StoreError
from harness.core.events import Entry, ModelAsked, PatchTaken, PromptCounted, SlotWaited, ToolCalled
from harness.core.grammar import violations
from harness.core.ports import Sandbox, ToolResult
from harness.engine.trial import run_trial
from harness.metrics.tries import of
from tests.engine.doubles import KEY, TapeModel, call, job, say, stage
from tests.engine.test_trial import FINISH, WRITE


class Spy:
    """A tool that notes that it ran, and changes a file without saying so."""

    spec = ToolSpec("spy", "Looks on.")

    def __init__(self) -> None:
        self.ran = 0

    def run(self, call: ToolCall, sandbox: Sandbox) -> ToolResult:
        self.ran += 1
        sandbox.shell("echo behind > behind.txt", deadline=10)
        return ToolResult(ok=True, text="seen", touches=False)


@pytest.mark.parametrize("kind", [ModelAsked, ToolCalled])
def test_nothing_happens_that_is_not_on_record(tmp_path: Path, kind: type) -> None:
    """A pen that fails stops the wish itself: the model is not asked, the tool is not run."""
    here, spy, model = stage(tmp_path), Spy(), TapeModel(call("spy"))
    pen = here.store.begin(KEY)

    def failing(entry: Entry) -> None:
        if isinstance(entry.event, kind):
            raise StoreError("disk full")
        pen(entry)

    with pytest.raises(StoreError):
        run_trial(job(tmp_path), here.world(coder(), model, tools={"spy": spy}), failing)
    assert spy.ran == 0
    assert len(model.asked) == (0 if kind is ModelAsked else 1)


def test_what_changed_behind_the_last_look_is_on_record(tmp_path: Path) -> None:
    """Where the engine's harvest and the last tree differ, the paths are named."""
    here = stage(tmp_path)
    world = here.world(coder(), TapeModel(call("spy"), FINISH), tools={"spy": Spy(), "finish": finish()})
    run_trial(job(tmp_path), world, here.store.begin(KEY))
    (taken,) = of(here.store.trace(KEY), PatchTaken)
    assert taken.differs == ("behind.txt",)
    assert taken.added == ("behind.txt",)


def test_a_doubtful_count_is_counted_once_more(tmp_path: Path) -> None:
    """A view that grew and cost fewer tokens makes the harness ask the provider for its own count."""

    class Counting(TapeModel):
        def count(self, request: object) -> int | None:
            return 4321

    here = stage(tmp_path)
    model = Counting(say(*WRITE.contents, tokens=5000), say(*FINISH.contents, tokens=1026))
    run_trial(job(tmp_path), here.world(coder(), model, tools={"shell": shell(), "finish": finish()}), here.store.begin(KEY))
    trace = here.store.trace(KEY)
    assert violations(trace) == ()
    assert [(each.tokens, each.by) for each in of(trace, PromptCounted)] == [(4321, "tape")]


def test_waiting_for_a_place_is_on_record(tmp_path: Path) -> None:
    """Time spent waiting for a free model is an event of its own."""

    @contextmanager
    def busy() -> Iterator[float]:
        yield 2.5

    here = stage(tmp_path)
    world = here.world(coder(), TapeModel(say(Text("hi")), FINISH), tools={"finish": finish()}, slot=busy)
    run_trial(job(tmp_path), world, here.store.begin(KEY))
    assert of(here.store.trace(KEY), SlotWaited)[0].seconds == 2.5


def test_waiting_for_a_place_to_open_the_model_is_on_record(tmp_path: Path) -> None:
    """A worker that begins waits for its turn at the model as every question does, and it is no time of the harness's."""
    here, model = stage(tmp_path), TapeModel(say(Text("hi")), FINISH)
    model.queued = 3.0
    run_trial(job(tmp_path), here.world(coder(), model, tools={"finish": finish()}), here.store.begin(KEY))
    trace = here.store.trace(KEY)
    assert [type(entry.event).__name__ for entry in trace[:3]] == ["TrialStarted", "SlotWaited", "ModelOpened"]
    assert violations(trace) == ()


def test_no_place_is_held_while_a_tool_runs(tmp_path: Path) -> None:
    """A place at the model is taken for a question and given back with its reply: tools run while others ask."""
    held: list[bool] = []
    during: list[bool] = []

    @contextmanager
    def one_place() -> Iterator[float]:
        held.append(True)
        yield 0.0
        held.pop()

    class Asked(TapeModel):
        def reply(self, *words: object, **named: object) -> Reply:
            during.append(bool(held))
            return super().reply(*words, **named)  # type: ignore[arg-type]

    class Looking(Spy):
        def run(self, call: ToolCall, sandbox: Sandbox) -> ToolResult:
            during.append(bool(held))
            return super().run(call, sandbox)

    here = stage(tmp_path)
    world = here.world(coder(), Asked(call("spy"), FINISH), tools={"spy": Looking(), "finish": finish()}, slot=one_place)
    run_trial(job(tmp_path), world, here.store.begin(KEY))
    assert during == [True, False, True]
