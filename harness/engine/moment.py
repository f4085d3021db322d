"""Where a recorded try stood at the end of a turn: what it had lived through, its shell, its machine, and what no fresh machine has."""

from __future__ import annotations

import msgspec

from harness.core.agent import Aid
from harness.core.blob import Blob
from harness.core.chat import ToolCall
from harness.core.errors import Fault
from harness.core.events import (
    AgentStopped,
    Event,
    ModelAsked,
    ModelFailed,
    ModelReplied,
    PartAdded,
    ToolCalled,
    ToolReturned,
    Trace,
    TreeSeen,
    TurnYielded,
    ViewEdited,
)
from harness.core.lived import OutsideKept, OutsideSeen, PastLived, StepEnded
from harness.core.machine import ShellKept
from harness.engine.steps import Get
from harness.metrics.spend import total
from harness.metrics.tries import last, lived, of, upto

NAMED = 20
"""Paths outside the workspace that a sentence names."""


class Lived(msgspec.Struct, frozen=True):
    """A past as a fork's own record keeps it: the parent's entries up to the fork, the view it goes on under, and what that view needs."""

    entries: Trace
    view: str
    digest: str
    aid: Aid = Aid()


def packed(past: Lived) -> bytes:
    return msgspec.json.encode(past)


def unpacked(data: bytes) -> Lived:
    """What `packed` packed."""
    return msgspec.json.decode(data, type=Lived)


def parent_of(entries: Trace, get: Get) -> Lived | None:
    """The past of another record that these entries go on from."""
    kept = next((event.past for event in of(entries, PastLived) if event.past), None)
    return unpacked(get(kept)) if kept else None


def root(entries: Trace, get: Get) -> Trace:
    """The entries in which the agent began."""
    before = parent_of(entries, get)
    return root(before.entries, get) if before else entries


def entries_at(trace: Trace, turn: int) -> Trace:
    """The latest try with its life in this trial, up to the end of `turn`."""
    return upto(lived(trace), turn)


def turns(trace: Trace) -> range:
    """The turns of the latest try at whose ends it can be gone on from; empty where its agent never began.

    None after a graded step's end: then the machine was changed by another hand than the agent's, which no tree tells.
    """
    now = lived(trace)
    now = now[: next((index for index, entry in enumerate(now) if isinstance(entry.event, StepEnded)), len(now))]
    led, asked = last(now, PastLived), of(now, ModelAsked)
    first = led.turn if led else 0
    if not of(now, TreeSeen):
        return range(0)
    if not asked:
        return range(first, first + 1)
    newest = asked[-1].turn
    return range(first, newest + (1 if _whole(now, newest) else 0))


def _whole(now: Trace, turn: int) -> bool:
    """Whether the last turn's question had an answer, and all that this asked for has happened: something came after, or every call has its result."""
    at = max(index for index, entry in enumerate(now) if isinstance(entry.event, ModelAsked) and entry.event.turn == turn)
    rest = [entry.event for entry in now[at:]]
    if not any(map(_answers, rest)):
        return False
    if any(isinstance(event, (AgentStopped, TurnYielded, ViewEdited)) for event in rest):
        return True
    replied = [event for event in rest if isinstance(event, ModelReplied)]
    returned = sum(isinstance(event, ToolReturned) for event in rest)
    return bool(replied) and 0 < returned == _calls(now, replied[-1]) and not isinstance(rest[-1], (ToolReturned, TreeSeen))


def _answers(event: Event) -> bool:
    """A reply, or an overflow, which the agent hears of; for any other failure for good there is nothing to tell it again."""
    return isinstance(event, ModelReplied) or (isinstance(event, ModelFailed) and event.fault is Fault.OVERFLOW and not event.will_retry)


def _calls(now: Trace, replied: ModelReplied) -> int:
    return sum(event.id in replied.parts and isinstance(event.content, ToolCall) for event in of(now, PartAdded))


def shell(entries: Trace, get: Get) -> ShellKept | None:
    """Directory and variables of the keeping shell at the end; None where no command has told any."""
    states = [event.state for event in of(entries, ToolReturned) if event.state]
    rows = [state.environment for state in states if state.environment]
    if not rows:
        before = parent_of(entries, get)
        inner = shell(before.entries, get) if before else None
        return msgspec.structs.replace(inner, cwd=_bytes(states[-1].cwd, inner.environment)) if inner and states else inner
    environment = tuple(get(rows[-1]).split(b"\0"))
    return ShellKept(_bytes(states[-1].cwd, environment), environment)


def _bytes(cwd: str, environment: tuple[bytes, ...]) -> bytes:
    """An event can hold a directory's name only as text; one that is no UTF-8 stands among the variables."""
    pwd = next((row[4:] for row in environment if row.startswith(b"PWD=")), b"")
    return pwd if "\ufffd" in cwd and pwd.decode(errors="replace") == cwd else cwd.encode()


def image(entries: Trace, get: Get) -> str:
    """The latest machine kept in these entries, or in those they go on from; ""."""
    kept, before = last(entries, OutsideKept), parent_of(entries, get)
    return kept.image if kept and kept.image else image(before.entries, get) if before else ""


def unrestored(trace: Trace, turn: int, *, watched: bool) -> tuple[str, ...]:
    """A sentence for each thing beside the workspace that the latest try had by the end of `turn` and that a fresh machine has not.

    `watched`: machines were kept whenever something outside the workspace had changed.
    """
    now = lived(trace)
    entries = upto(now, turn)
    seen, led = last(entries, TreeSeen), last(entries, PastLived)
    found = [*led.lost] if led else []
    if seen and seen.alive:
        found.append("1 process that was alive" if seen.alive == 1 else f"{seen.alive} processes that were alive")
    if seen and seen.truncated:
        found.append("the part of the workspace that could not be seen then")
    states = [event.state for event in of(entries, ToolReturned) if event.state]
    if states and not any(state.environment for state in states) and not led:
        found.append("the shell's exported variables: they are not on record")
    worked = bool(of(entries, ToolReturned))
    return (*found, *(_outside(last(now, OutsideSeen)) if worked and not watched else ()))


def _outside(seen: OutsideSeen | None) -> tuple[str, ...]:
    if seen is None:
        return ("what was changed outside the workspace: it is not on record",)
    if not seen.total:
        return ()
    return (f"what was changed outside the workspace by the end of the trial: {', '.join(grouped(seen))}",)


def grouped(seen: OutsideSeen) -> tuple[str, ...]:
    """Paths alone in their place by name, many under one folder of a system folder as that folder with their number."""
    places: dict[str, list[str]] = {}
    for path in seen.paths:
        places.setdefault("/".join(path.split("/")[:3]), []).append(path)
    told = [paths[0] if len(paths) == 1 else f"{place} ({len(paths)} paths)" for place, paths in places.items()]
    left = seen.total - sum(len(paths) for paths in [*places.values()][:NAMED])
    return (*told[:NAMED], *((f"and {left} more",) if left else ()))


def needed(past: Lived, get: Get) -> tuple[Blob, ...]:
    """The blobs without which the past can't be lived: words of parts and calls, variables, and an earlier past with its own."""
    found: list[Blob] = []
    for event in (entry.event for entry in past.entries):
        match event:
            case PartAdded(blob=blob) | ToolCalled(blob=blob):
                found += [blob] if blob else []
            case ToolReturned(state=state):
                found += [state.environment] if state and state.environment else []
            case PastLived(past=before) if before:
                found += [before, *needed(unpacked(get(before)), get)]
            case _:
                pass
    return tuple(dict.fromkeys(found))


def spent(entries: Trace, turn: int, *, own: bool) -> dict[str, int | float | None]:
    """What a past had used up, as PastLived tells it; its money counts only within its own trial."""
    now = total(entries)
    before = now.past or PastLived(0, 0, 0, 0.0, 0.0)
    return {
        "turn": turn, "tool_calls": now.tool_calls + before.tool_calls, "tokens": now.tokens + before.tokens,
        "seconds": round(now.seconds + before.seconds, 6), "tool_seconds": round(now.tool_s + before.tool_seconds, 6),
        "cost_usd": now.cost_usd if own else None,
    }
