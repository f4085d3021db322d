"""What a view may use beside the digest, made by machine: items that hold, points still open, the agent's own edits and its own slips; pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

import msgspec

from harness.core.agent import Aid, Answered, Given, Mended, Use, Used
from harness.core.chat import Thinking, ToolCall
from harness.core.events import Trace
from harness.core.memory import Item, Manifest, Move
from harness.engine.fork import Layer, layers
from harness.engine.moment import Lived
from harness.engine.steps import Get, Step

EDITING = frozenset({"write", "replace"})
"""Tools whose failure is a slip of the agent's own: a command that ends with another status than 0 may have told what was asked of it."""


class Knowledge(msgspec.Struct, frozen=True):
    """What is known of a task and of one moment in a try. `violating`: turns that violated the item; `edits`, `tokens`, `question`: as of Aid."""

    manifest: Manifest | None = None
    moves: tuple[Move, ...] = ()
    item: str = ""
    violating: frozenset[int] = frozenset()
    edits: tuple[str, ...] = ()
    tokens: int | None = None
    question: tuple[str, ...] = ()


def holding(manifest: Manifest | None, stage: int) -> tuple[Item, ...]:
    """The items that a request of this number must heed: stated by then, neither superseded nor waived, and written by an author."""
    items = manifest.items if manifest and not manifest.derived else ()
    return tuple(item for item in items if item.validated and item.since <= stage and (item.until is None or stage < item.until))


def open_points(manifest: Manifest | None, stage: int, held: Collection[str]) -> tuple[str, ...]:
    """The public numbers of the milestones of the requests so far that must hold and are not among `held`, in the manifest's order."""
    milestones = manifest.milestones if manifest else ()
    wanted = (each for each in milestones if each.stage <= stage and (each.until is None or stage < each.until))
    return tuple(dict.fromkeys(each.point for each in wanted if each.id not in held))


def stage_at(entries: Trace, get: Get) -> int:
    """The request that is worked on where these entries end, from 1."""
    return 1 + sum(isinstance(step.answer, Given) for step in lived_steps(entries, get))


def lived_steps(entries: Trace, get: Get) -> tuple[Step, ...]:
    """Every wish of the try and of the past that it goes on from."""
    every: tuple[Layer, ...] = layers(Lived(entries, "", ""), get)
    return tuple(step for layer in every for step in layer.steps)


def aid(entries: Trace, get: Get, known: Knowledge) -> Aid:
    """Raises KeyError for an item that the manifest does not have."""
    past = lived_steps(entries, get)
    stage, manifest = stage_at(entries, get), known.manifest
    standing = tuple((item.id, item.text) for item in holding(manifest, stage))
    items = {item.id: item for item in manifest.items} if manifest else {}
    one = items[known.item] if known.item else None
    foreign = tuple(dict.fromkeys(word for item in items.values() for word in item.fingerprints))
    return Aid(
        standing, known.item, one.text if one else "", one.fingerprints if one else (), foreign, known.edits,
        mended(past, known.violating, known.item, known.moves), known.tokens, signed(past), known.question,
    )  # fmt: skip


def signed(past: Iterable[Step]) -> bool:
    """Whether any reply of the past holds reasoning that its provider signed."""
    replies = (step.answer.message for step in past if isinstance(step.answer, Answered))
    return any(isinstance(part.content, Thinking) and part.content.opaque for each in replies for part in each.parts)


def mended(past: Iterable[Step], violating: Collection[int], item: str, moves: tuple[Move, ...]) -> tuple[Mended, ...]:
    """The replies whose calls could not be read or failed as calls, and those of turns that violated the item; the latter with the calls of
    a worker who forgets nothing where he has one for the same file, so that only what was wrong is another.
    """
    found: dict[str, Mended] = {}
    reply: Answered | None = None
    for step in past:
        if isinstance(step.answer, Answered):
            reply = step.answer
            if reply.malformed:
                found[reply.message.id] = Mended(reply.message.id)
            elif step.turn in violating:
                found[reply.message.id] = Mended(reply.message.id, _better(reply.message.calls, item, moves))
        if reply and isinstance(step.wish, Use) and isinstance(step.answer, Used) and not step.answer.ok and step.wish.call.name in EDITING:
            found.setdefault(reply.message.id, Mended(reply.message.id))
    return tuple(found.values())


def _better(calls: Iterable[ToolCall], item: str, moves: tuple[Move, ...]) -> tuple[tuple[str, str], ...]:
    """For each call of an editing tool the like one of a move that rests upon the item; () where one has none."""
    like = {(use.tool, _path(use.arguments)): use.arguments for move in moves if item in move.items for use in move.calls}
    editing = [call for call in calls if call.name in EDITING]
    pairs = [(call.id, like.get((call.name, _path(call.raw_arguments)), "")) for call in editing]
    return tuple(pairs) if pairs and all(raw for _, raw in pairs) else ()


def _path(raw: str) -> str:
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError):
        return ""
    return str(given.get("path", "")).removeprefix("./") if isinstance(given, dict) else ""
