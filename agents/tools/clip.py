"""Head and tail of what is too long to show, and how much lies between; pure."""

from __future__ import annotations

import msgspec

SHOWN_BYTES = 16_000
"""About 4,000 tokens: a quarter of the smallest window that is ever granted."""
LINE_SLACK = 2_000
"""Bytes given up so that a cut falls between lines; lines longer than this are cut inside."""


class Cut(msgspec.Struct, frozen=True):
    """`hidden` bytes between head and tail, with `lines` line ends in them; 0 when the head is all there is."""

    head: bytes
    tail: bytes
    hidden: int
    lines: int


def cut(data: bytes, shown: int = SHOWN_BYTES) -> Cut:
    """At most `shown` bytes of data, half from each end, at line ends where there are any near, never inside a character."""
    if len(data) <= shown:
        return Cut(data, b"", 0, 0)
    head = data[: _head_end(data, shown // 2)]
    tail = data[_tail_start(data, len(data) - shown // 2) :]
    between = data[len(head) : len(data) - len(tail)]
    return Cut(head, tail, len(between), between.count(b"\n"))


def clip(data: bytes, *, hint: str, total: int | None = None, shown: int = SHOWN_BYTES) -> str:
    """What a model is shown of `data`, of which `total` bytes were written; the hint says how to see the rest."""
    part, lost = cut(data, shown), max(0, (total or 0) - len(data))
    if not part.hidden and not lost:
        return decoded(part.head)
    least = "at least " if lost else ""
    notice = f"[... {part.hidden + lost} bytes in {least}{part.lines} lines left out; {hint} ...]"
    return "\n".join(text for text in (decoded(part.head).rstrip("\n"), notice, decoded(part.tail)) if text)


def decoded(data: bytes) -> str:
    """UTF-8 with U+FFFD for what is none, and U+2400 for NUL, at which some model servers would end the text."""
    return data.decode("utf-8", "replace").replace("\0", "\u2400")


def _head_end(data: bytes, end: int) -> int:
    line = data.rfind(b"\n", max(0, end - LINE_SLACK), end)
    if line >= 0:
        return line + 1
    while end > 0 and _continues(data, end):
        end -= 1
    return end


def _tail_start(data: bytes, start: int) -> int:
    line = data.find(b"\n", start - 1, min(len(data) - 1, start + LINE_SLACK))
    if line >= 0:
        return line + 1
    while start < len(data) and _continues(data, start):
        start += 1
    return start


def _continues(data: bytes, at: int) -> bool:
    """Whether the byte is inside a UTF-8 character that began at most three bytes before."""
    inside = data[at] & 0xC0 == 0x80
    return inside and any(byte & 0xC0 == 0xC0 for byte in data[max(0, at - 3) : at])
