"""A trial as a story: pure, from its trace to lines of text, turn by turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from harness.core.blob import Blob
from harness.core.chat import Content, Text, Thinking, ToolCall, ToolOutput
from harness.core.events import (
    AgentStopped,
    Entry,
    Event,
    GradeRan,
    LimitReached,
    ModelAsked,
    ModelFailed,
    ModelOpened,
    ModelReplied,
    PartAdded,
    PatchTaken,
    PromptRendered,
    RequestGiven,
    ResourcesSeen,
    SandboxOpened,
    SlotWaited,
    ToolCalled,
    ToolReturned,
    Trace,
    TreeSeen,
    TrialBroke,
    TrialInterrupted,
    TrialStarted,
    TurnYielded,
    ViewEdited,
)
from harness.core.lived import OutsideKept, OutsideSeen, PastLived, StepEnded
from harness.core.parts import whole

Get = Callable[[Blob], bytes]

CONTROL = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), 127, *range(0x80, 0xA0))} | {
    code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)
}
"""Control and direction characters, written out: hostile output must not move the cursor or turn the text round."""


class Beat(msgspec.Struct, frozen=True):
    """One event told: the turn it belongs to, a headline, and the words below it."""

    seq: int
    at: float
    turn: int
    head: str
    body: str = ""


def story(trace: Trace, get: Get) -> Iterator[Beat]:
    """Every event in order; part contents whole."""
    turn = 0
    for entry in trace:
        if isinstance(entry.event, TrialStarted):
            turn = 0
        if isinstance(entry.event, ModelAsked):
            turn = entry.event.turn
        yield _beat(entry, turn, get)


def _beat(entry: Entry, turn: int, get: Get) -> Beat:
    head, body = told(entry.event, get)
    return Beat(entry.seq, entry.at, turn, safe(head), safe(body))


def safe(text: str) -> str:
    """The text with control characters written out; tabs and newlines stay."""
    return text.translate(CONTROL)


def told(event: Event, get: Get) -> tuple[str, str]:
    """A headline and the words below it."""
    match event:
        case PartAdded():
            return f"{event.role} {event.id} ({event.origin})", _words(whole(event, get))
        case ToolReturned():
            return _returned(event)
        case GradeRan():
            return _graded(event, get)
        case ModelReplied():
            counts = f"{event.usage.input_total} in, {event.usage.output_total} out, {event.timing.wall:.1f} s"
            return f"model replied: {event.stop} ({counts})", "\n".join(event.warnings)
        case ModelFailed():
            return f"model failed: {event.fault}, blame {event.blame}, {'retrying' if event.will_retry else 'for good'}", event.text
        case PatchTaken():
            return _patch(event)
        case PastLived():
            return f"lived through the past up to turn {event.turn}, {event.tool_calls} tool calls, no model asked", "\n".join(event.lost)
        case OutsideSeen():
            more = event.total - len(event.paths)
            return f"changed outside the workspace: {event.total} paths", "\n".join((*event.paths, *((f"and {more} more",) if more else ())))
        case SandboxOpened():
            facts = event.facts
            return f"sandbox for {event.purpose}: {facts.image[:19]}, {facts.confinement.mode} confinement", ""
        case ModelOpened():
            return f"model {event.facts.kind}/{event.facts.name} {event.facts.server_version}".rstrip(), "\n".join(event.facts.warnings)
        case _:
            return _short(event), ""


def _short(event: Event) -> str:
    match event:
        case TrialStarted():
            return f"try {event.number} began"
        case RequestGiven():
            return f"request {event.index}: {event.request}"
        case ModelAsked():
            return f"turn {event.turn}: asked ({sum(len(change.insert) for change in event.splices)} new parts)"
        case ToolCalled():
            return f"call {event.name}({event.raw_arguments[:200]})"
        case TreeSeen():
            return f"tree {event.tree[:12]} after {event.author}: {event.changed} changed, {event.removed} removed"
        case ViewEdited():
            return f"view edited by {event.policy}: {len(event.dropped)} dropped, {len(event.replaced)} replaced ({event.reason})"
        case OutsideKept():
            return f"the machine after turn {event.turn} kept as image {event.image[:19]}"
        case PromptRendered():
            return f"prompt rendered; earlier thinking lost: {event.thinking_lost}"
        case TurnYielded():
            return f"turn handed back: {event.claim.done if event.claim else 'without a claim'}"
        case SlotWaited():
            return f"waited {event.seconds:.1f} s for a place at the model"
        case LimitReached():
            return f"limit reached: {event.stop} ({event.spent:g} of {event.bound:g})"
        case _:
            return _ending(event)


def _ending(event: Event) -> str:
    match event:
        case StepEnded():
            return f"step {event.step} ended, {'the conversation goes on' if event.stop is None else f'and its conversation: {event.stop}'}"
        case AgentStopped():
            return f"stopped: {event.stop} {event.detail}".rstrip()
        case ResourcesSeen():
            peak, kills = event.resources.memory_peak, event.resources.memory_kills
            return f"memory peak {'not told' if peak is None else f'{peak / 1e6:,.0f} MB'}, kills for memory {'not told' if kills is None else kills}"
        case TrialBroke():
            return f"broke: {event.where}: {event.text}"
        case TrialInterrupted():
            return f"interrupted: {event.why}"
        case _:
            return type(event).__name__


def _words(content: Content) -> str:
    match content:
        case Text() | Thinking():
            return content.text
        case ToolCall():
            return f"{content.name} {content.raw_arguments}"
        case ToolOutput():
            return content.text


def _returned(event: ToolReturned) -> tuple[str, str]:
    words = [f"exit {event.exit_code}" if event.exit_code is not None else "", str(event.ended or ""), event.problem]
    how = ", ".join(word for word in words if word and word != "exited")
    return f"returned {' '.join(filter(None, ('ok' if event.ok else 'failed', how)))} ({event.shown} of {event.total} bytes shown, {event.seconds:.2f} s)", ""


def _graded(event: GradeRan, get: Get) -> tuple[str, str]:
    passed = sum(result.status == "passed" for result in event.results)
    tests = f", {passed} of {len(event.results)} reported tests passed" if event.results else ""
    reward = f", reward {event.reward:g}" if event.reward is not None else ""
    log = get(event.log).decode("utf-8", "replace") if event.log and event.phase in ("test", "official") else ""
    of = f" of step {event.step}" if event.step else ""
    return f"grading{of}, {event.phase}: {'ok' if event.ok else 'not ok'}{tests}{reward} {event.detail}".rstrip(), log


def _patch(event: PatchTaken) -> tuple[str, str]:
    rows = [("added", event.added), ("changed", event.changed), ("removed", event.removed), ("left out", event.left_out)]
    body = "\n".join(f"{name} {path}" for name, paths in rows for path in paths)
    differs = f"; {len(event.differs)} paths differ from the last tree seen" if event.differs else ""
    return f"patch taken: {len(event.added)} added, {len(event.changed)} changed, {len(event.removed)} removed{differs}", body
