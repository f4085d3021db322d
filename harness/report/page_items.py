"""What a turn is made of, as a page shows it: words, calls with their results, and what the harness has to say in between."""

from __future__ import annotations

import msgspec

from harness.core.chat import Content, Origin, Role, Text, Thinking, ToolCall, ToolOutput
from harness.core.events import (
    AgentStopped,
    Event,
    GradeRan,
    LimitReached,
    ModelFailed,
    ModelOpened,
    ModelReplied,
    PartAdded,
    PatchTaken,
    PromptCounted,
    PromptRendered,
    RequestGiven,
    SlotWaited,
    ToolCalled,
    ToolReturned,
    TrialBroke,
    TrialInterrupted,
    TrialStarted,
    TurnYielded,
    ViewEdited,
)
from harness.core.parts import unpacked, whole
from harness.report.page_format import clock
from harness.report.page_words import Shelf, Words
from harness.report.story import told

_SILENT = (TrialStarted, RequestGiven, SlotWaited)
_LONG_WAIT_S = 1.0


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """`words` is what the model saw or said; `whole` all that a tool wrote, where the model was shown less."""

    kind: str
    head: str = ""
    words: Words | None = None
    whole: Words | None = None
    ok: bool | None = None
    note: str = ""


def part(event: PartAdded, result: ToolReturned | None, shelf: Shelf) -> tuple[tuple[Item, ...], ToolReturned | None, str]:
    """The items of a part, the result that still waits for its part, and the id of a call that the part is."""
    content = whole(event, shelf.get)
    words = shelf.words(lambda: whole(event, shelf.get).text, content.text)
    match content:
        case ToolOutput() if result is not None and result.id == content.call_id:
            return (returned(result, (content, words), shelf),), None, ""
        case ToolOutput():
            return (Item("output", content.name, words, ok=content.ok),), result, ""
        case ToolCall():
            return (Item("call", content.name, words),), result, content.id
        case _:
            return (Item(_voice(event, content), "", words),), result, ""


def _voice(event: PartAdded, content: Content) -> str:
    if isinstance(content, Thinking):
        return "thinking"
    if event.role is Role.SYSTEM:
        return "system"
    if event.role is Role.ASSISTANT:
        return "text" if event.origin is Origin.MODEL else "own"
    return "request" if event.origin in (Origin.TASK, Origin.USER) else "harness"


def orphan(event: ToolCalled, shelf: Shelf) -> Item:
    """A call that no model wrote."""

    def read() -> str:
        content = unpacked(shelf.get(event.blob)) if event.blob else Text(event.raw_arguments)
        return content.text

    return Item("call", event.name, shelf.words(read))


def returned(event: ToolReturned, shown: tuple[ToolOutput, Words] | None, shelf: Shelf) -> Item:
    """A tool's result with what the model saw of it, or all of it where it saw nothing."""
    ended = "" if event.ended in (None, "exited") else str(event.ended)
    notes = (
        f"exit {event.exit_code}" if event.exit_code is not None else "", ended, event.problem,
        f"blame: {event.blame}" if event.blame else "", f"{event.killed} killed" if event.killed else "",
        clock(event.seconds), f"{event.total:,} bytes",
        f"{event.shown:,} shown" if event.shown < event.total else "",
    )
    partly = event.blob is not None and (shown is None or event.shown < event.total)
    every = shelf.blob(event.blob) if partly and event.blob else None
    name, words = (shown[0].name, shown[1]) if shown else ("", None)
    return Item("output", name, words, every, event.ok, " · ".join(note for note in notes if note))


def item(event: Event, shelf: Shelf) -> tuple[Item, ...]:
    """What any other event has to say; nothing for those that only order the rest."""
    match event:
        case GradeRan():
            return (_graded(event, shelf),)
        case ModelReplied():
            return _replied(event)
        case ModelFailed() | TrialBroke() | TrialInterrupted():
            return (_said("fault", event, shelf),)
        case ViewEdited():
            return (_said("edit", event, shelf),)
        case TurnYielded():
            return _claimed(event)
        case PatchTaken() | ModelOpened():
            return (_said("note", event, shelf),)
        case AgentStopped() | LimitReached():
            return (_said("end", event, shelf),)
        case PromptRendered():
            rendered = shelf.blob(event.blob) if event.blob else None
            return (Item("note", told(event, shelf.get)[0], rendered),) if rendered or event.thinking_lost else ()
        case PromptCounted():
            return (Item("note", f"prompt counted once more: {event.tokens:,} tokens by {event.by}"),)
        case SlotWaited() if event.seconds >= _LONG_WAIT_S:
            return (Item("note", f"waited {event.seconds:.1f} s for a free model"),)
        case _:
            return () if isinstance(event, _SILENT) else (_said("note", event, shelf),)


def _said(kind: str, event: Event, shelf: Shelf) -> Item:
    head, body = told(event, shelf.get)
    return Item(kind, head, shelf.words(lambda: body) if body else None)


def _graded(event: GradeRan, shelf: Shelf) -> Item:
    head = told(msgspec.structs.replace(event, log=None), shelf.get)[0]
    return Item("grade", head, shelf.blob(event.log) if event.log else None, ok=event.ok, note=clock(event.seconds))


def _claimed(event: TurnYielded) -> tuple[Item, ...]:
    if event.claim is None:
        return (Item("note", "turn handed back without a claim"),)
    rows = (("claims done", event.claim.done), ("claims not done", event.claim.not_done))
    return tuple(Item("claim", head, Words(text)) for head, text in rows if text)


def _replied(event: ModelReplied) -> tuple[Item, ...]:
    """Only what is out of the ordinary: counts and times stand in the turn's own line."""
    lines = [f"malformed call ({blame}): {text}" for text, blame in event.malformed]
    lines += [f"{event.leaked} calls leaked into the text"] if event.leaked else []
    lines += [f"{event.repaired} calls repaired"] if event.repaired else []
    lines += [f"answered by {event.remote}"] if event.remote else []
    return tuple(Item("fault", line) for line in (*lines, *event.warnings))
