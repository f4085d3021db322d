"""Putting a view before the model: what is new is recorded first, faults are retried on the record, and no attempt is invisible."""

from __future__ import annotations

import msgspec

from harness.core.agent import Answered
from harness.core.blob import Blob
from harness.core.chat import Message, ModelRequest, Origin, Part, PartId, Reply, Role, Thinking, View
from harness.core.errors import Blame, ContextOverflow, Fault, ModelError, Wire
from harness.core.events import (
    ModelAsked,
    ModelFailed,
    ModelReplied,
    PromptCounted,
    PromptRendered,
    SlotWaited,
    Splice,
)
from harness.core.parts import part_ids, plain, splices
from harness.core.ports import Blobs, Model, Slot
from harness.engine.known import Known
from harness.engine.recorder import Recorder
from harness.engine.weighing import Weighing
from harness.engine.world import Clock, Interrupted

ATTEMPTS = 5
SYNTAX_ATTEMPTS = 3
"""The same content refused by the server's parser so often is the model's failure, not the world's."""
GRACE_S = 10.0
SILENCE_S = 600.0
LONGEST_WAIT_S = 900.0
"""A server that asks for more (a day's quota is spent) is asked again all the same: the tries end, and a night is not slept away."""


class Asking:
    """One try's conversation with a model; knows which view was shown last. `turn` and `replies`: those of a lived past."""

    def __init__(
        self, model: Model, settings: ModelRequest, slot: Slot, blobs: Blobs, clock: Clock, known: Known,
        *, turn: int = 0, replies: int = 0, counting: bool = False,
    ) -> None:
        """`counting`: one turn in twenty is counted once more, whatever its count."""
        self._model, self._settings, self._slot, self._blobs, self._clock = model, settings, slot, blobs, clock
        self._known = known
        self._ids: tuple[PartId, ...] = ()
        self._changes: tuple[Splice, ...] = ()
        self._confessed: set[str] = set()
        self._turn, self._replies = turn, replies
        self._prefill = 0.0
        self._weighing = Weighing(model, counting=counting)

    def confess(self, names: tuple[str, ...]) -> None:
        """These messages may be missing from the next view."""
        self._confessed.update(names)

    def shown(self) -> tuple[str, ...]:
        """Names of the messages of the last view."""
        return tuple(dict.fromkeys(ident.rsplit(".", 1)[0] for ident in self._ids))

    def ask(self, view: View, name: str, record: Recorder) -> Answered | None:
        """The reply, under message id `name`; None when the model itself made an answer impossible. Raises ModelError, ContextOverflow."""
        for message in view:
            self._known.add(message)
        self._changes = self._spliced(view)
        self._weighing.view(view, self._changes)
        request = msgspec.structs.replace(self._settings, view=view, replies=self._replies)
        if interposed(view[-1]):
            self._rendered(request, record)
        self._turn += 1
        for number in range(1, ATTEMPTS + 1):
            try:
                reply, counted = self._once(request, number, record)
            except ModelError as fault:
                if not self._again(fault, number, record):
                    return None
            else:
                answered = self._answered(reply, name, record)
                if counted is not None:
                    record(counted)
                return answered
        raise AssertionError("unreachable: the last attempt ends above")

    def _spliced(self, view: View) -> tuple[Splice, ...]:
        new = part_ids(view)
        gone = {ident.rsplit(".", 1)[0] for ident in set(self._ids) - set(new)} - self._confessed
        if gone:
            raise RuntimeError(f"the agent left out {sorted(gone)} without saying so")
        changes, self._ids = splices(self._ids, new), new
        return changes

    def _rendered(self, request: ModelRequest, record: Recorder) -> None:
        text = self._model.render(request)
        thoughts = [p.content.text for m in request.view for p in m.parts if isinstance(p.content, Thinking) and p.content.text]
        lost = None if text is None or not thoughts else any(thought.strip() not in text for thought in thoughts)
        blob = None if text is None else self._blobs.put(text.encode("utf-8", "surrogatepass"))
        record(PromptRendered(blob, lost))

    def _once(self, request: ModelRequest, number: int, record: Recorder) -> tuple[Reply, PromptCounted | None]:
        """One question, and the counting of it where its count is doubted, both at the same place at the model."""
        with self._slot() as seconds:
            waited(seconds, record)
            record(
                ModelAsked(
                    self._turn, self._changes if number == 1 else (), request.sampling, request.window, request.max_output, request.thinking,
                    ",".join(tool.name for tool in request.tools),
                )
            )
            silence = max(SILENCE_S, 3 * self._prefill)
            reply = self._model.reply(request, deadline=silence, progress=self._watch)
            return reply, self._weighing.weighed(request, reply.usage, self._turn)

    def _watch(self, _tokens: int) -> None:
        since = self._clock.interrupted()
        if since is not None and since > GRACE_S:
            raise Interrupted("stopped by the user during a reply")

    def _again(self, fault: ModelError, number: int, record: Recorder) -> bool:
        """Record the failure and wait; False when the model is to blame for good. Raises the fault when the world is."""
        most = SYNTAX_ATTEMPTS if fault.fault is Fault.TOOL_SYNTAX else ATTEMPTS
        retry = fault.retryable and number < most
        asked = fault.wait_s or float(2 ** (number - 1))
        wait = 0.0 if not retry or fault.fault is Fault.TOOL_SYNTAX else min(asked, LONGEST_WAIT_S)
        record(self._failed(fault, number, retry=retry, wait=wait))
        if retry:
            self._clock.sleep(wait)
            return True
        if fault.fault is Fault.TOOL_SYNTAX or (fault.blame is Blame.MODEL and not isinstance(fault, ContextOverflow)):
            return False
        raise fault

    def _failed(self, fault: ModelError, number: int, *, retry: bool, wait: float) -> ModelFailed:
        body, response = self._wire(fault.wire)
        tokens, window = getattr(fault, "prompt_tokens", None), getattr(fault, "window", None)
        return ModelFailed(
            fault.fault, fault.blame, plain(fault.text[:2000]), fault.wire.status, retry, wait, number, tokens, window, body, response
        )

    def _wire(self, wire: Wire) -> tuple[Blob | None, Blob | None]:
        keep = self._blobs.put
        return (keep(wire.request) if wire.request else None), (keep(wire.response) if wire.response else None)

    def _answered(self, reply: Reply, name: str, record: Recorder) -> Answered:
        message = _message(name, reply)
        self._known.add(message)
        self._replies += 1
        self._prefill = max(self._prefill, reply.timing.prefill or 0.0)
        body, response = self._wire(reply.wire)
        malformed = tuple((plain(text), blame) for text, blame in reply.malformed)
        record(
            ModelReplied(
                name, part_ids((message,)), reply.stop, plain(reply.raw_stop), reply.usage, reply.timing, reply.thinking_kept,
                reply.leaked, reply.repaired, malformed, tuple(map(plain, reply.warnings)), plain(reply.remote), body, response,
            )
        )
        return Answered(message, reply.stop, reply.usage, tuple(text for text, _ in malformed))


def interposed(message: Message) -> bool:
    """A user message with words of the harness's: a nudge, rules or notes said again, what a replay's view puts in. Many templates drop
    earlier reasoning when one comes. Not a request, and no output of an agent without tool calls: each of its turns has one, and what becomes
    of its reasoning stands with each reply.
    """
    return message.role is Role.USER and any(part.origin is Origin.HARNESS for part in message.parts)


def waited(seconds: float, record: Recorder) -> None:
    """Record a wait for a place at the model; one too short to have been any is none."""
    if seconds > 0.001:
        record(SlotWaited(seconds))


def _message(name: str, reply: Reply) -> Message:
    def origin(content: object) -> Origin:
        return Origin.THINKING if isinstance(content, Thinking) else Origin.MODEL

    parts = tuple(Part(f"{name}.{k}", origin(content), content) for k, content in enumerate(reply.contents, 1))
    return Message(name, Role.ASSISTANT, parts)


