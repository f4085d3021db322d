"""Where a planted truth stands in the run as it was played: turns of the trial in place of turns of the script."""

from __future__ import annotations

import msgspec

from harness.corpus.playing import Played
from harness.corpus.script import Truth
from harness.corpus.worker import Answer


class Stood(msgspec.Struct, frozen=True):
    """A truth with the turns of its trial. `onset` 0: it never came about, which is a fault of the corpus."""

    truth: Truth
    onset: int
    turn: int


def stood(played: Played) -> tuple[Stood, ...]:
    """All truths of a run, in the order of the case."""
    return tuple(_stood(truth, played) for truth in played.case.truths)


def cuts(played: Played) -> frozenset[tuple[str, int]]:
    """(kind, turn) of everything that the server did to a prompt or an answer, planted or because the work had grown to its window by itself."""
    return frozenset((kind, answer.turn) for answer in played.answers for kind in _of_server(answer))


def _of_server(answer: Answer) -> tuple[str, ...]:
    return answer.told.cuts if answer.told is not None else ()


def _stood(truth: Truth, played: Played) -> Stood:
    if not truth.when:
        return Stood(truth, played.turns.get(truth.onset, 0), played.turns.get(truth.turn, 0))
    turn = {"cut": _cut, "refused": _refused, "summed": _summed}[truth.when](truth, played)
    return Stood(truth, turn, turn)


def _cut(truth: Truth, played: Played) -> int:
    return next((answer.turn for answer in played.answers if truth.kind in _of_server(answer)), 0)


def _refused(_truth: Truth, played: Played) -> int:
    return next((answer.turn for answer in played.answers if answer.refused), 0)


def _summed(_truth: Truth, played: Played) -> int:
    """The first question after the first summary."""
    summed = next((answer.turn for answer in played.answers if not answer.say), 0)
    return next((answer.turn for answer in played.answers if summed and answer.turn > summed), 0)
