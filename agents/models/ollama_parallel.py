"""How many requests a server answers at the same time: found by asking, because it tells nobody, and some models are held to one whatever is set."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import datetime

import msgspec

from agents.models import ollama_wire
from agents.models.ollama_link import Link
from harness.core.chat import ModelRequest, Origin, Role, Text, message
from harness.core.errors import ModelError

WORDS = "Count from 1 to 500, one number a line, without a word between them."
LENGTHS = (64, 256, 1024, 4096)
"""Tokens of a stream: a few seconds of a slow model; more for one that is through before a second request can reach it."""
LONG_ENOUGH_S = 0.5
SILENCE_S = 300.0


def places(link: Link, name: str, request: ModelRequest, keep_alive: str, wanted: int) -> int:
    """At most `wanted`, at least 1: so many streams at once, and how many of them were under way at the same time.

    What counts is the order of the chunks by the server's own stamps; how long they took only decides whether to ask once more, at length.
    """
    most = 1
    for tokens in LENGTHS:
        longest = min(tokens, 3 * (request.window or 2 * tokens) // 4)
        question = msgspec.structs.replace(
            request, view=(message("p1", Role.USER, Origin.HARNESS, Text(WORDS)),), tools=(), max_output=longest, thinking=""
        )
        streams = streamed(link.url, ollama_wire.body(name, question, keep_alive), wanted)
        most = max(most, overlapping(streams))
        if most >= wanted or not streams or max(stream[-1] - stream[0] for stream in streams) > LONG_ENOUGH_S:
            break
    return most


def overlapping(streams: Sequence[Sequence[float]]) -> int:
    """The most streams under way at once; each is given as the seconds of its chunks.

    The last quarter of a stream does not count: stamps of two streams may change places by a few chunks, and one that was made to wait
    begins at another's end.
    """
    spans = [(stream[0], stream[3 * (len(stream) - 1) // 4]) for stream in streams if len(stream) > 1]
    return max((sum(begin <= at < end for begin, end in spans) for at, _ in spans), default=0)


def streamed(url: str, body: dict[str, object], count: int) -> list[list[float]]:
    """So many requests at once: for each that was answered, when the server made each chunk."""
    found: list[list[float]] = [[] for _ in range(count)]
    threads = [threading.Thread(target=_one, args=(url, body, stamps)) for stamps in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [stamps for stamps in found if stamps]


def _one(url: str, body: dict[str, object], stamps: list[float]) -> None:
    link = Link(url)
    try:
        with suppress(ModelError, ValueError), closing(link.stream("/api/chat", body, SILENCE_S, bytearray())) as lines:
            stamps.extend(stamp(str(line.get("created_at", ""))) for line in lines)
    finally:
        link.close()


def stamp(text: str) -> float:
    """Seconds of a stamp such as 2026-01-02T03:04:05.123456789Z, whose last digits Python can't read. Raises ValueError."""
    whole, _, rest = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{rest or 0}")
