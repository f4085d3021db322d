"""A turn as a labeller reads it: requests, what was told and holds, what was in view, calls, results and changes. No detector's word is in it.

Nothing hidden is read: no predicate, milestone, test, solution or guess, and no item that the worker had not been told yet. Names of the model,
the agent, the task and the trial are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec

from harness.answer.audit.differences import Difference, cut, differences
from harness.answer.audit.questions import QUESTIONS, YES
from harness.answer.audit.sampling import Sample
from harness.core.memory import Item
from harness.metrics.context.scene import Did, Scene, Turn

AFTER = 2
"""Turns shown after the one asked about: within them a slip may be put right."""
WORDS, OUTPUT, LINE = 6_000, 4_000, 160
PATHS = 400


class Told(msgspec.Struct, frozen=True):
    """`holds`: "holds" or "replaced or waived". `seen`: whether the model could see it at this turn, in words."""

    text: str
    holds: str
    seen: str


class Call(msgspec.Struct, frozen=True):
    name: str
    arguments: str
    output: str


class Step(msgspec.Struct, frozen=True):
    """A turn. `notes`: what else is known of it, such as tokens, clearings, or that the request was handed back."""

    number: int
    request: int
    said: str
    calls: tuple[Call, ...]
    changes: tuple[Difference, ...]
    notes: tuple[str, ...]


class Sheet(msgspec.Struct, frozen=True):
    """`earlier`: one line for each turn before. `files`: paths of the tree before this turn."""

    id: str
    question: str
    yes: str
    requests: tuple[str, ...]
    items: tuple[Told, ...]
    earlier: tuple[str, ...]
    turn: Step
    after: tuple[Step, ...]
    files: tuple[str, ...]


def sheet(scene: Scene, sample: Sample) -> Sheet:
    """Raises IndexError for a turn that the scene has not, StoreError."""
    turn = scene.turn(sample.turn)
    later = scene.turns[turn.number : turn.number + AFTER]
    return Sheet(
        sample.id, QUESTIONS[sample.asked], YES[sample.asked], tuple(_requests(scene, later[-1].number if later else turn.number)),
        tuple(_items(scene, turn)), tuple(_line(each) for each in scene.turns[: turn.number - 1]), _step(scene, turn),
        tuple(_step(scene, each) for each in later), _files(scene, turn),
    )  # fmt: skip


def _requests(scene: Scene, until: int) -> Iterator[str]:
    """Every request shown by then, in order."""
    for _, message, first in scene.requests:
        if first <= until:
            yield "\n".join(words.text for words in scene.words.values() if words.message == message)


def _items(scene: Scene, turn: Turn) -> Iterator[Told]:
    """In the order told; one that no request has stated yet is not told."""
    for item in sorted(scene.manifest.items, key=lambda one: (one.since, one.id)):
        if item.since <= turn.stage:
            yield Told(item.text, "holds" if scene.ledger.valid(item.id, turn.number) else "replaced or waived", _seen(scene, item, turn))


def _seen(scene: Scene, item: Item, turn: Turn) -> str:
    if item.id not in scene.ledger.items:
        return "not known"
    sight = scene.ledger.sight(item.id, turn.number)
    if not sight.visible:
        return "not in view" if sight.exposures else "not in view, never shown so far"
    return f"in view, last shown {sight.apart} turns before" if sight.apart else "in view, shown at this turn"


def _line(turn: Turn) -> str:
    """Short: what was called upon what, and how it went."""
    calls = ", ".join(f"{did.name} {_short(did)}{'' if did.ok else ' (failed)'}" for did in turn.calls)
    return f"{turn.number}. {calls or cut(' '.join(turn.said.split()), LINE) or 'no call'}"


def _short(did: Did) -> str:
    named = did.arguments or {}
    word = next((str(named[key]) for key in ("path", "command", "pattern", "done") if named.get(key)), did.raw)
    word = " ".join(word.split())
    return word if len(word) <= LINE else f"{word[:LINE]} ..."


def _step(scene: Scene, turn: Turn) -> Step:
    calls = tuple(Call(did.name, cut(_arguments(did), WORDS), cut(did.output, OUTPUT)) for did in turn.calls)
    return Step(
        turn.number, turn.stage, cut(turn.said, WORDS), calls, differences(scene.trees, _tree(scene, turn.number - 1), turn.tree or _tree(scene, turn.number)),
        tuple(_notes(scene, turn)),
    )  # fmt: skip


def _arguments(did: Did) -> str:
    """As sent; one JSON object in lines, so that a text of many lines can be read."""
    if did.arguments is None:
        return did.raw
    return "\n".join(f"{key}: {value if isinstance(value, str) else json.dumps(value)}" for key, value in did.arguments.items())


def _tree(scene: Scene, number: int) -> str:
    """The last one seen by the end of this turn."""
    return next((turn.tree for turn in reversed(scene.turns[:number]) if turn.tree), scene.base)


def _notes(scene: Scene, turn: Turn) -> Iterator[str]:
    yield f"tools: {', '.join(turn.tools)}"
    before = scene.turn(turn.number - 1) if turn.number > 1 else None
    told = f"; {before.prompt:,} at the turn before" if before and before.prompt is not None else ""
    if turn.prompt is not None:
        yield f"tokens of the prompt as the server told them: {turn.prompt:,} of a window of {turn.window or 0:,}{told}; {len(turn.view)} parts were sent"
    for edit in turn.edits:
        yield f"before this turn the view was changed: {edit.reason}"
    for fault in turn.failed:
        yield f"the server failed: {fault.text}"
    if turn.claim is not None:
        yield f"handed back. done: {turn.claim.done!r}; not done: {turn.claim.not_done!r}"
    if turn.number == len(scene.turns) and scene.stop is not None:
        yield f"the conversation ended here: {scene.stop}"


def _files(scene: Scene, turn: Turn) -> tuple[str, ...]:
    tree = _tree(scene, turn.number - 1)
    paths = sorted(scene.trees.files(tree)) if tree else []
    return (*paths[:PATHS], *((f"and {len(paths) - PATHS} more",) if len(paths) > PATHS else ()))
