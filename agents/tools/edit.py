"""Replaces the one occurrence of a passage in a file's bytes and keeps its line endings; pure."""

from __future__ import annotations

import re

import msgspec

CRLF, LF = b"\r\n", b"\n"
COUNTED = 20
"""Occurrences named in a refusal; more help nobody."""


class Edited(msgspec.Struct, frozen=True):
    """The new bytes; `line` is where the passage began, from 1; `taken` and `put` count its lines before and after."""

    data: bytes
    line: int
    taken: int
    put: int


class Missed(msgspec.Struct, frozen=True):
    """Lines at which the passage begins: none, or more than one."""

    lines: tuple[int, ...]


def substitute(data: bytes, old: bytes, new: bytes) -> Edited | Missed:
    """`old` must occur once, overlaps counted. In a file with CRLF endings both passages may be written with LF."""
    if CRLF in data:
        plain, sought, wanted = (text.replace(CRLF, LF) for text in (data, old, new))
    else:
        plain, sought, wanted = data, old, new
    places = occurrences(plain, sought)
    if len(places) != 1:
        return Missed(tuple(plain.count(LF, 0, place) + 1 for place in places))
    start, end = _original(data, places[0]), _original(data, places[0] + len(sought))
    endings = re.findall(rb"\r?\n", data[start:end])
    put = wanted if plain is data else _with_endings(wanted, endings, _usual(data))
    return Edited(data[:start] + put + data[end:], data.count(LF, 0, start) + 1, _height(sought), _height(wanted))


def occurrences(text: bytes, sought: bytes) -> list[int]:
    """Where it begins, overlapping ones too, at most COUNTED."""
    places: list[int] = []
    place = text.find(sought)
    while place >= 0 and len(places) < COUNTED:
        places.append(place)
        place = text.find(sought, place + 1)
    return places


def _original(data: bytes, index: int) -> int:
    """The place in `data` of a place in the same text with every CRLF written as LF."""
    if CRLF not in data:
        return index
    plain = before = 0
    for piece in data.split(CRLF):
        if index <= plain + len(piece):
            return before + index - plain
        plain += len(piece) + 1
        before += len(piece) + 2
    raise IndexError(index)


def _usual(data: bytes) -> bytes:
    return CRLF if data.count(CRLF) * 2 >= data.count(LF) else LF


def _with_endings(text: bytes, endings: list[bytes], usual: bytes) -> bytes:
    """The k-th line gets the ending of the k-th line it replaces; further lines that of the last, or the file's usual one."""
    pieces = text.split(LF)
    last = endings[-1] if endings else usual
    padded = endings + [last] * (len(pieces) - 1 - len(endings))
    return b"".join(piece + end for piece, end in zip(pieces, [*padded[: len(pieces) - 1], b""], strict=True))


def _height(text: bytes) -> int:
    return text.count(LF) + (not text.endswith(LF) and bool(text))
