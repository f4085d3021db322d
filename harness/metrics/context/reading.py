"""A trial's trace made into the scene that detectors read: one pass over its life, every blob read once."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from harness.core.chat import Origin, PartId
from harness.core.errors import HarnessError
from harness.core.events import Trace, TrialStarted
from harness.core.facts import ModelFacts
from harness.core.memory import Item
from harness.core.task import Limits, TaskSpec
from harness.metrics.context.cuts import LOSSES
from harness.metrics.context.cuts import cuts as cuts_of
from harness.metrics.context.kept.derived import derived, observed, requested
from harness.metrics.context.ledger import Cut
from harness.metrics.context.scene import Did, Scene, Trees, Words
from harness.metrics.context.seen.exposing import Exposing
from harness.metrics.context.seen.life import Get, life
from harness.metrics.context.seen.looks import WORKDIR
from harness.metrics.context.seen.seeing import Seeing, Showing
from harness.metrics.context.seen.spoken import message_of
from harness.metrics.context.seen.tokens import Shares
from harness.metrics.context.seen.turns import Told, told
from harness.metrics.context.standing import Tests, standing

HOSTED = frozenset({"claude"})
"""Kinds of models whose servers may change what was sent without a word."""


def scene(trial: str, task: TaskSpec, trace: Trace, get: Get, trees: Trees, tested: Tests | None = None) -> Scene:
    """`get`: a blob's bytes; `tested`: what tests said at settle points, where they were run.

    Of a fork, turns of its past come first; entries of another record have their `seq` with a minus. Raises StoreError where words are gone from the record, HarnessError where the trial never began.
    """
    whole = life(trace, get)
    if not whole.entries:
        raise HarnessError("a trial that never began has no scene")
    read = _aliased(told(whole.entries, get))
    requests = tuple(_requests(read))
    manifest = task.memory or derived(requests)
    found = observed(read.turns, read.parts, task.place.workdir or WORKDIR)
    named = requested((index, text) for _, index, text in requests)
    items = {**found.items, **named, **{item.id: item for item in manifest.items}}
    cuts = cuts_of(whole.entries)
    shares = _shares(read, cuts)
    ledger = _seeing(read, items, Exposing(items, read.parts, found), shares, cuts, found.born)
    limits = _limits(read.started)
    opportunities, reached = standing(manifest, read.turns, read.base, trees, tested or {})
    return Scene(
        trial, task.id, _model(read), manifest, read.facts, _words(read, shares, ledger), read.turns,
        tuple((index, name, _first(read, name, ledger)) for index, name in read.given), ledger, trees, read.base, read.stop,
        opportunities, reached, turn_limit=limits.turns, token_limit=limits.tokens, past=whole.past,
    )  # fmt: skip


def _shares(read: Told, cuts: tuple[Cut, ...]) -> Shares:
    thoughts = {ident: part.kind == "thinking" for ident, part in read.parts.items()}
    shares = Shares({ident: len(part.text) for ident, part in read.parts.items()}, thoughts)
    cut = {each.turn for each in cuts if each.kind in LOSSES}
    for turn in read.turns:
        shares.turn(turn, cut=turn.number in cut)
    return shares


def _seeing(
    read: Told, items: Mapping[str, Item], exposing: Exposing, shares: Shares, cuts: tuple[Cut, ...], born: Mapping[str, int]
) -> Seeing:
    def tail(item: str, part: PartId) -> int:
        return round(shares.tokens[part] * exposing.after(item, part))

    ledger = Seeing(items, exposing.items, shares.tokens.__getitem__, tail, born, inferred=_inferred(read), cuts=cuts)
    hidden: dict[int, set[PartId]] = {}
    for cut in cuts:
        hidden.setdefault(cut.turn, set()).update(cut.parts)
    thoughts: set[PartId] = set()
    for turn, kept in zip(read.turns, read.thoughts, strict=True):
        gone = frozenset(hidden.get(turn.number, ())) | (frozenset(thoughts) if kept is False else frozenset())
        ledger.show(Showing(turn.view, turn.stage, turn.fill, gone, frozenset(thoughts) if kept is None else frozenset()))
        thoughts |= {ident for ident in turn.parts if read.parts[ident].kind == "thinking"}
    return ledger


def _inferred(read: Told) -> bool:
    """Whether nobody but the server knows what became of a view."""
    facts: ModelFacts = read.facts
    elsewhere = any(turn.replied is not None and turn.replied.remote for turn in read.turns)
    return not facts.truncation_excluded or facts.remote or facts.kind in HOSTED or not facts.kind or elsewhere


def _words(read: Told, shares: Shares, ledger: Seeing) -> dict[PartId, Words]:
    def turn(ident: PartId, added: int) -> int:
        return read.made.get(ident) or ledger.first(ident) or added + 1

    return {
        ident: Words(
            ident, message_of(ident), part.role, part.origin, part.kind, part.text,
            shares.tokens[ident] if ident in shares.tokens else shares.estimate(ident), turn(ident, part.added), part.name, part.call,
        )
        for ident, part in read.parts.items()
    }  # fmt: skip


def _requests(read: Told) -> list[tuple[str, int, str]]:
    """(id, index, words) of each request given."""
    texts: dict[str, list[str]] = {}
    for ident, part in read.parts.items():
        texts.setdefault(message_of(ident), []).append(part.text)
    return [(request, index, "\n".join(texts.get(name, ()))) for (index, name), request in zip(read.given, read.requests, strict=True)]


def _first(read: Told, message: str, ledger: Seeing) -> int:
    """The turn that first showed a message; of one that never was, the one after the last."""
    shown = [ledger.first(ident) for ident in read.parts if message_of(ident) == message]
    return min((turn for turn in shown if turn), default=len(read.turns) + 1)


def _model(read: Told) -> str:
    return read.started.key.model if read.started else f"{read.facts.kind}/{read.facts.name}"


def _limits(started: TrialStarted | None) -> Limits:
    try:
        return msgspec.json.decode(started.limits, type=Limits) if started else Limits()
    except msgspec.DecodeError:
        return Limits()


def _aliased(read: Told) -> Told:
    """An output that an agent shows in a message of its own is known by that message's part: no view holds the other one."""
    shown = {ident for turn in read.turns for ident in turn.view}
    texts: dict[str, PartId] = {}
    for ident, part in read.parts.items():
        if part.origin is Origin.TOOL and part.kind == "text":
            texts.setdefault(f"{part.added}\0{part.text}", ident)

    def alias(did: Did, turn: int) -> Did:
        other = texts.get(f"{turn + 1}\0{did.output}") or texts.get(f"{turn}\0{did.output}")
        return did if did.part in shown or other is None else msgspec.structs.replace(did, part=other)

    if not texts:
        return read
    turns = tuple(msgspec.structs.replace(turn, calls=tuple(alias(did, turn.number) for did in turn.calls)) for turn in read.turns)
    return msgspec.structs.replace(read, turns=turns)
