"""What a try's tools were asked and what came of it, as the record has it and as a tool says it now: the two sides of a replay. Pure."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from harness.core.agent import Claim, Use, Used
from harness.core.blob import Blob
from harness.core.chat import ToolCall
from harness.core.events import SandboxOpened, ToolCalled, ToolReturned, Trace, TreeSeen
from harness.core.lived import PastLived, StepEnded
from harness.core.parts import plain
from harness.core.ports import ToolResult
from harness.core.recorded import Tree
from harness.engine.steps import Step, steps
from harness.metrics.tries import last, lived

Get = Callable[[Blob], bytes]


class Heard(msgspec.Struct, frozen=True):
    """What came of one call, in the words both sides have. `full` is the whole output where it is more than was shown."""

    ok: bool
    exit_code: int | None
    ended: str
    problem: str
    shown: str
    full: bytes | None
    claim: Claim | None
    directory: str
    kept: bool


class Call(msgspec.Struct, frozen=True):
    """The `number`-th call of a try, from 1. `heard` None: the try ended before it returned. `tree` None: no look was needed."""

    number: int
    turn: int
    call: ToolCall
    heard: Heard | None
    tree: Tree | None
    alive: int
    seconds: float


class Recording(msgspec.Struct, frozen=True):
    """`image` is the digest of the agent's machine, "" where none was opened; `start` its tree before the first call: the image's, or a restored one."""

    image: str
    start: Tree | None
    calls: tuple[Call, ...]
    later: int = 0
    """Calls after the first graded step's end, which can't be run again: the machine was prepared anew for them."""


def recording(trace: Trace, get: Get) -> Recording:
    """The latest try, with what it goes on from. Raises StoreError."""
    whole = lived(trace)
    now = whole[: next((index for index, entry in enumerate(whole) if isinstance(entry.event, StepEnded)), len(whole))]
    starts = [entry.event for entry in now if isinstance(entry.event, TreeSeen) and entry.event.author in ("start", "harness")]
    bound = now[-1].seq if len(now) < len(whole) else None
    used = [step for step in steps(trace, get) if isinstance(step.wish, Use) and (bound is None or step.seq <= bound)]
    ends = _ends(now)
    calls = tuple(_call(number, step, *ends.get(step.seq, (None, None)), get) for number, step in enumerate(used, 1))
    later = sum(isinstance(entry.event, ToolCalled) for entry in whole[len(now) :])
    return Recording(image_of(trace), _tree(starts[-1]) if starts else None, calls, later)


def image_of(trace: Trace) -> str:
    """The digest of the image that the agent of the latest try worked in first; "" where no machine was opened."""
    opened = (entry.event for entry in lived(trace) if isinstance(entry.event, SandboxOpened))
    return next((event.facts.image for event in opened if event.purpose == "agent"), "")


def led(trace: Trace) -> bool:
    """Whether the latest try went on from another record, whose calls are not its own."""
    return last(lived(trace), PastLived) is not None


def _ends(now: Trace) -> dict[int, tuple[ToolReturned | None, TreeSeen | None]]:
    """Where a call stands -> what it returned, and the tree seen after it."""
    found: dict[int, tuple[ToolReturned | None, TreeSeen | None]] = {}
    for before, entry, after in zip(now, now[1:], (*now[2:], None), strict=False):
        if isinstance(entry.event, ToolReturned):
            seen = after.event if after and isinstance(after.event, TreeSeen) else None
            found[before.seq] = (entry.event, seen)
    return found


def _call(number: int, step: Step, returned: ToolReturned | None, seen: TreeSeen | None, get: Get) -> Call:
    assert isinstance(step.wish, Use)
    heard = _recorded(returned, step.answer, get) if returned and isinstance(step.answer, Used) else None
    alive, seconds = seen.alive if seen else 0, returned.seconds if returned else 0.0
    return Call(number, step.turn, step.wish.call, heard, _tree(seen) if seen else None, alive, seconds)


def _recorded(returned: ToolReturned, answer: Used, get: Get) -> Heard:
    state = returned.state
    return Heard(
        returned.ok, returned.exit_code, str(returned.ended or ""), returned.problem, answer.message.text,
        get(returned.blob) if returned.blob else None, answer.claim, state.cwd if state else "", state.kept if state else True,
    )


def heard(result: ToolResult) -> Heard:
    """A tool's result, as the record would tell it."""
    full = result.full if result.full and result.full != result.text.encode("utf-8", "replace") else None
    claim = result.claim and Claim(plain(result.claim.done), plain(result.claim.not_done))
    state = result.state
    return Heard(
        result.ok, result.exit_code, str(result.ended or ""), result.problem, result.text, full, claim,
        plain(state.cwd) if state else "", state.kept if state else True,
    )


def _tree(seen: TreeSeen) -> Tree:
    return Tree(seen.tree, seen.extra, seen.git)
