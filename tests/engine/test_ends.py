"""Every way in which a conversation ends is a named stop, and the work up to there is graded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from agents.bash_only import create as bash_only
from agents.coder import create as coder
from agents.tool_loop import create as tool_loop
from harness.core.chat import ModelRequest, Reply, ReplyStop, Text
from harness.core.errors import Blame, ContextOverflow, Fault, ModelError
from harness.core.events import AgentStopped, GradeRan, LimitReached, PatchTaken
from harness.core.facts import Price
from harness.core.ports import Progress
from harness.core.task import Limits
from harness.metrics.row import row
from harness.metrics.tries import of
from tests.engine.doubles import FACTS, KEY, OneWord, TapeModel, call, job, say, stage
from tests.engine.test_trial import FINISH, WRITE, ran, tools

OVER = ContextOverflow("too long", prompt_tokens=9000, window=8000)
SYNTAX = ModelError(Fault.TOOL_SYNTAX, "no such call", blame=Blame.MODEL)
PRICED = msgspec.structs.replace(FACTS, price=Price("2026-10", 5000.0, 0.0, 0.0, 0.0))
"""Half a dollar for the hundred tokens of a reply."""
WORKING = [WRITE] * 9

ENDS: dict[str, tuple[Callable[[], object], list[Reply | Exception], Limits]] = {
    "answered": (coder, [WRITE, FINISH], Limits()),
    "gave_up": (coder, [say(Text("I would rather not"))] * 3, Limits()),
    "turns": (coder, WORKING, Limits(turns=2)),
    "tool_calls": (coder, WORKING, Limits(tool_calls=2)),
    "tokens": (coder, WORKING, Limits(tokens=200)),
    "cost": (coder, WORKING, Limits(cost_usd=0.9)),
    "time": (coder, WORKING, Limits(seconds=25)),
    "window": (tool_loop, [WRITE, OVER], Limits()),
    "fault": (coder, [WRITE, *[SYNTAX] * 3], Limits()),
}
LIMITED = {"turns": (2, 2), "tool_calls": (2, 2), "tokens": (220, 200), "cost": (1.0, 0.9), "time": (30, 25)}
"""What was spent when the limit was found to be reached, and the limit."""


class Slow(TapeModel):
    """Takes ten seconds for a reply."""

    def __init__(self, sleep: Callable[[float], None], *tape: Reply | Exception) -> None:
        super().__init__(*tape)
        self.facts, self._sleep = PRICED, sleep

    def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
        self._sleep(10.0)
        return super().reply(request, deadline=deadline, progress=progress)


@pytest.mark.parametrize("status", ["passed", "failed"])
@pytest.mark.parametrize("stop", ENDS)
def test_a_stop_is_named_and_graded(stop: str, status: str, tmp_path: Path) -> None:
    """The verdict is that of the tests, however the conversation ended: what was done is taken out and graded, and the stop stands in the row."""
    here = stage(tmp_path)
    agent, tape, limits = ENDS[stop]
    grader = OneWord(status=status)
    world = here.world(agent(), Slow(here.time.sleep, *tape), tools=tools(), grader=grader)  # type: ignore[arg-type]
    what = job(tmp_path, limits=limits)
    trace = ran(here, world, what)
    assert [each.stop for each in of(trace, AgentStopped)] == [stop]
    assert [(each.stop, each.spent, each.bound) for each in of(trace, LimitReached)] == ([(stop, *LIMITED[stop])] if stop in LIMITED else [])
    assert of(trace, PatchTaken)
    assert of(trace, GradeRan)[-1].phase == "read"
    told = row("t0001", KEY, what.task, trace)
    assert (told.outcome, told.stop) == (status, stop)
    assert (len(grader.orders[0].patch.files) > 0) == (stop != "gave_up")


def test_waiting_for_a_place_ends_nothing(tmp_path: Path) -> None:
    """An hour in the queue is charged to nobody: the wall clock on the agent does not see it."""
    here = stage(tmp_path)

    class Queue:
        def __enter__(self) -> float:
            here.time.sleep(3600.0)
            return 3600.0

        def __exit__(self, *_: object) -> None:
            """Nothing is held."""

    world = here.world(coder(), Slow(here.time.sleep, WRITE, FINISH), tools=tools(), slot=Queue)
    trace = ran(here, world, job(tmp_path, limits=Limits(seconds=25)))
    told = row("t0001", KEY, job(tmp_path).task, trace)
    assert (told.stop, told.seconds.waiting) == ("answered", 7200.0)


def test_a_refusal_is_giving_up(tmp_path: Path) -> None:
    """A model that refuses has not answered."""
    here = stage(tmp_path)
    refused = say(Text("no"), stop=ReplyStop.REFUSAL)
    world = here.world(bash_only(), TapeModel(call("shell"), refused), tools=tools(), grader=OneWord(status="failed"))
    told = row("t0001", KEY, job(tmp_path).task, ran(here, world, job(tmp_path)))
    assert (told.outcome, told.stop) == ("failed", "gave_up")
