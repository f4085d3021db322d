"""Performs an agent's wishes one by one within limits; nothing it wishes happens unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import cast

import msgspec

from harness.core.agent import Answer, Answered, Ask, Claim, Conversation, Edit, Given, Stop, Use, Used, Wish, Yield
from harness.core.chat import Origin, Role, Text, ToolCall, ToolOutput, message
from harness.core.conversation import sent
from harness.core.errors import Blame, ContextOverflow
from harness.core.events import (
    LimitReached,
    RequestGiven,
    ShellState,
    ToolCalled,
    ToolReturned,
    TurnYielded,
    ViewEdited,
)
from harness.core.machine import Ended
from harness.core.parts import INLINE, plain
from harness.core.ports import Blobs, Sandbox, Tool, ToolResult
from harness.core.task import Limits, Request
from harness.engine.asking import Asking
from harness.engine.bench import Bench
from harness.engine.known import Known
from harness.engine.leash import Leash
from harness.engine.past import thrown
from harness.engine.recorder import Recorder
from harness.engine.world import Clock, Interrupted
from harness.metrics.spend import BEFORE_ASK, BEFORE_USE, exceeded, time_left


class Driver:
    """One try's driver. `asking` is None for agents that ask nobody."""

    def __init__(
        self, record: Recorder, known: Known, asking: Asking | None, bench: Bench, clock: Clock, *, names: int = 0, given: int = 0
    ) -> None:
        """`names`, `given`: messages named and requests given in a past that this try goes on from."""
        self._record, self._known, self._asking, self._clock = record, known, asking, clock
        self._bench = bench
        self._names: Iterator[str] = (f"m{number}" for number in range(names + 1, 1_000_000_000))
        self._given = given
        self._cut = False
        """The last call was ended by the bound on time: whatever is wished next comes too late."""

    def give(self, request: Request) -> Given:
        """Deliver a request: its words go on record as a message of the task."""
        self._given += 1
        self._cut = False
        words = message(next(self._names), Role.USER, Origin.TASK if self._given == 1 else Origin.USER, Text(request.text))
        self._known.add(words)
        self._record(RequestGiven(request.id, words.id, self._given))
        return Given(words, request)

    def drive(
        self, conversation: Conversation, tools: Mapping[str, Tool], blobs: Blobs, limits: Callable[[], Limits], later: Iterator[Request]
    ) -> Stop:
        """Run the conversation to its end; `limits` are those of the request that is worked on. Raises ModelError, SandboxError, StoreError, Interrupted."""
        wish: Wish | Stop = sent(conversation, None)
        while not isinstance(wish, Stop):
            if not isinstance(wish, Use):
                self._bench.turn_over()
            if self._clock.interrupted() is not None:
                raise Interrupted("stopped by the user between wishes")
            stop = self._limited(wish, limits())
            if stop:
                self._bench.turn_over()
                conversation.close()
                return stop
            try:
                answer = self._perform(wish, (tools, limits), blobs, later)
            except ContextOverflow as fault:
                wish = thrown(conversation, fault)
                continue
            if isinstance(answer, Stop):
                conversation.close()
                return answer
            wish = sent(conversation, answer)
        self._bench.turn_over()
        return wish

    def _limited(self, wish: Wish, limits: Limits) -> Stop | None:
        kinds = BEFORE_ASK if isinstance(wish, Ask) else BEFORE_USE if isinstance(wish, Use) else frozenset({Stop.TIME} if self._cut else ())
        over = exceeded(self._record.spent, limits, kinds)
        if over:
            self._record(LimitReached(*over))
        return over[0] if over else None

    def _perform(
        self, wish: Wish, held: tuple[Mapping[str, Tool], Callable[[], Limits]], blobs: Blobs, later: Iterator[Request]
    ) -> Answer | Stop:
        tools, limits = held
        match wish:
            case Ask():
                return self._ask(wish)
            case Use():
                return self._use(wish.call, tools.get(wish.call.name), blobs, limits())
            case Edit():
                self._record(ViewEdited(wish.policy, wish.dropped, wish.replaced, wish.reason))
                if self._asking:
                    self._asking.confess((*wish.dropped, *(old for old, _ in wish.replaced)))
                return None
            case Yield():
                self._record(TurnYielded(_kept(wish.claim)))
                request = next(later, None)
                return self.give(request) if request else None

    def _ask(self, wish: Ask) -> Answered | Stop:
        if self._asking is None:
            raise RuntimeError("this agent was started without a model and asks one")
        return self._asking.ask(wish.view, next(self._names), self._record) or Stop.FAULT

    def _use(self, call: ToolCall, tool: Tool | None, blobs: Blobs, limits: Limits) -> Used:
        raw = plain(call.raw_arguments[:INLINE])
        whole = None if raw == call.raw_arguments else blobs.put(call.raw_arguments.encode("utf-8", "surrogatepass"))
        escaped = plain(call.raw_arguments) != call.raw_arguments
        self._record(ToolCalled(plain(call.id), plain(call.name), raw, escaped=escaped, blob=whole))
        began = self._clock.now()
        result = tool.run(call, self._leashed(limits, began)) if tool else _unknown(call)
        result = msgspec.structs.replace(result, state=self._bench.state(result.state))
        self._record(_returned(call, result, blobs, round(self._clock.now() - began, 6)))
        left = time_left(self._record.spent, limits)
        self._cut = result.ended is Ended.DEADLINE and left is not None and left <= 0
        if result.touches:
            self._bench.look(call.name)
        words = ToolOutput(call.id, call.name, result.text, result.ok)
        shown = message(next(self._names), Role.TOOL, Origin.TOOL, words)
        self._known.add(shown)
        return Used(shown, result.ok, result.claim)

    def _leashed(self, limits: Limits, began: float) -> Sandbox:
        def left() -> float | None:
            held = time_left(self._record.spent, limits)
            return None if held is None else held - (self._clock.now() - began)

        return self._bench.sandbox if left() is None else cast("Sandbox", Leash(self._bench.sandbox, left))


def _unknown(call: ToolCall) -> ToolResult:
    text = f"There is no tool called {plain(call.name)!r}."
    return ToolResult(ok=False, text=text, problem="unknown_tool", blame=Blame.MODEL, touches=False)


def _returned(call: ToolCall, result: ToolResult, blobs: Blobs, seconds: float) -> ToolReturned:
    shown = len(result.text.encode("utf-8", "replace"))
    full = blobs.put(result.full) if result.full and result.full != result.text.encode("utf-8", "replace") else None
    state: ShellState | None = result.state
    total = max(shown, result.total or 0, len(result.full))
    return ToolReturned(
        plain(call.id), result.ok, result.exit_code, result.ended, seconds, shown, total, full, result.problem, result.blame, state, result.killed,
        _kept(result.claim),
    )


def _kept(claim: Claim | None) -> Claim | None:
    """A claim as an event can hold it."""
    return claim and Claim(plain(claim.done), plain(claim.not_done))
