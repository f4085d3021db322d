"""Requests and replies as they went over the wire, each told by what differs from the one before it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from harness.core.blob import Blob
from harness.core.events import ModelAsked, ModelFailed, ModelReplied, Trace, TrialStarted
from harness.report.page_words import WHOLE, Get, readable


class Sent(msgspec.Struct, frozen=True):
    """One body: the first `head` characters of the one before it of its kind, then `text`, then its last `tail` characters.

    Counted in UTF-16 units, as a browser counts.
    A request holds the whole conversation so far: told so, a trial's bodies grow with its length, not with its square.
    """

    number: int
    turn: int
    kind: str
    head: int
    tail: int
    text: str


def sent(trace: Trace, get: Get) -> Iterator[Sent]:
    """Every body on record, in order; `number` is the try it belongs to."""
    before = {"request": "", "reply": ""}
    for number, turn, kind, blob in bodies(trace):
        text = readable(get(blob))[:WHOLE]
        head, tail = shared(before[kind], text)
        yield Sent(number, turn, kind, units(text[:head]), units(text[len(text) - tail :]), text[head : len(text) - tail])
        before[kind] = text


def bodies(trace: Trace) -> Iterator[tuple[int, int, str, Blob]]:
    """Try, turn, kind and blob of each body."""
    number = turn = 0
    for entry in trace:
        match entry.event:
            case TrialStarted() as event:
                number, turn = event.number, 0
            case ModelAsked() as event:
                turn = event.turn
            case ModelReplied(body=body, bytes=reply) | ModelFailed(body=body, bytes=reply):
                yield from ((number, turn, kind, blob) for kind, blob in (("request", body), ("reply", reply)) if blob)
            case _:
                pass


def shared(old: str, new: str) -> tuple[int, int]:
    """How many characters two texts have in common at the front, and behind that at the end."""
    head = _front(old, new, min(len(old), len(new)))
    return head, _back(old, new, min(len(old), len(new)) - head)


def _front(old: str, new: str, most: int) -> int:
    """By halving: slices are compared by the machine, characters would be compared by us."""
    low = 0
    while low < most:
        middle = (low + most + 1) // 2
        low, most = (middle, most) if old.startswith(new[low:middle], low) else (low, middle - 1)
    return low


def _back(old: str, new: str, most: int) -> int:
    low = 0
    while low < most:
        middle = (low + most + 1) // 2
        same = old.startswith(new[len(new) - middle : len(new) - low], len(old) - middle)
        low, most = (middle, most) if same else (low, middle - 1)
    return low


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
