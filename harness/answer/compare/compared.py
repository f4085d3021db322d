"""A question to its answer: pairs of sides are refused where they were not asked the same, else counted, and the word is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from harness.answer.compare.alike import mismatches, told
from harness.answer.compare.comparison import Answer, Comparison, Word
from harness.answer.compare.costs import figures
from harness.answer.compare.dominance import dominated
from harness.answer.compare.doubts import (
    adjusted,
    cautioned,
    fewer_attempts,
    forbidding,
    repeated,
    uncommon,
    uneven,
    weakening,
)
from harness.answer.compare.figures import Figures
from harness.answer.compare.measured import Measured, counted_pairs, watched_pairs
from harness.answer.compare.naming import called
from harness.answer.compare.pair import Pair, pair
from harness.answer.compare.question import Question
from harness.answer.compare.ranking import ranks
from harness.answer.compare.regime import regime
from harness.answer.compare.sentence import Said, sentence
from harness.answer.compare.word import SHOWN
from harness.answer.side import Side
from harness.core.errors import PlanError
from harness.metrics.statistics.foresight import further
from harness.report.summary import counted

ORDER = ("the bounds hold at every look for tasks whose order was settled beforehand and says nothing of how hard they are: the first attempt at each counts",)


class Wish(msgspec.Struct, frozen=True):
    """How to answer. `margin`: the difference that matters, 0..1. `k`: attempts of pass^k, 1 for no wish. `accept`: names of what may differ.

    `sequential`: by the method that may be looked at every night. `windows`: (run, model) -> the window that the plan asked for.
    """

    margin: float = 0.10
    k: int = 1
    accept: frozenset[str] = frozenset()
    sequential: bool = False
    windows: Mapping[tuple[str, str], int | None] = {}


def answered(question: Question, wish: Wish) -> Answer:
    """Raises PlanError for sides without common tasks, for what differs and was not accepted, for a k that no plan ran, and for a method that would not hold."""
    if wish.sequential and len(question.pairs) > 1:
        raise PlanError("", "--sequential", f"{len(question.pairs)} comparisons", "one pair, named with -a and -b: its bounds are not adjusted for several")
    pairs = [_comparable(pair(a, b), wish) for a, b in question.pairs]
    measured = watched_pairs(pairs, wish.margin) if wish.sequential else counted_pairs(pairs, wish.margin)
    made = [_comparison(each, of, wish, len(pairs)) for each, of in zip(pairs, measured, strict=True)]
    return Answer(wish.margin, tuple(made), ranks(list(zip(pairs, made, strict=True))), wish.k, wish.sequential, question.told)


def _comparable(held: Pair, wish: Wish) -> Pair:
    one, other = _called(held)
    if not held.common:
        what = "drafts alone in common" if held.drafts else "no task in common"
        raise PlanError("", "tasks", f"{what} between {one} and {other}", "two sides that were given the same tasks")
    for mismatch in mismatches(held):
        if mismatch.name not in wish.accept:
            hint = f"the same for {one} and {other}, or --accept {mismatch.name} to compare all the same"
            raise PlanError("", mismatch.name, mismatch.sentence, hint)
    for marks, name in ((held.marks_a, one), (held.marks_b, other)):
        attempts = max(len(marks[task]) for task in held.common)
        if wish.k > attempts:
            raise PlanError("", "-k", f"{wish.k}, where {name} has {counted(attempts, 'attempt')} at a task", f"a k up to {attempts}")
    return held


def _comparison(held: Pair, found: Measured, wish: Wish, count: int) -> Comparison:
    tasks, asked = held.tasks(), (_asked(held.a, wish), _asked(held.b, wish))
    sides, names = _sides(held, [each.task for each in tasks], wish, asked), _called(held)
    accepted = tuple(f"{each.name} differ and were accepted: {each.sentence}" for each in mismatches(held))
    forbidden = (*forbidding(found.tasks, sides, names, found.word, found.cases), *(uneven(tasks, names) if found.difference else ()))
    # Of a difference that several comparisons hide nobody knows it, and of the sequential method nobody can say beforehand when it will have seen enough.
    more = further(found.observations, wish.margin) if found.word == "undecided" and found.difference and found.difference.p >= SHOWN else None
    word: Word = "" if forbidden else found.word
    several = count > 1 and found.difference is not None
    return Comparison(
        regime(held, asked), *dominated(sides, held, word), tasks, found.difference, found.equivalence, found.look, word,
        sentence(Said(word, names, _rates(sides, found), wish.margin, found, more, next(iter(forbidden), ""), several)),
        (*forbidden, *weakening(held, sides, names, found), *(adjusted(found, count) if several else ()), *accepted), found.cases, more,
        tuple(each for each in tasks if each.a.passed and not each.b.passed), tuple(each for each in tasks if each.b.passed and not each.a.passed),
        _reasons(held), accepted, (*told(held), *uncommon(held, names), *fewer_attempts(sides, names), *cautioned(held), *((*repeated(held, names), *ORDER) if wish.sequential else ())), found.p if several else None,
    )  # fmt: skip


def _called(held: Pair) -> tuple[str, str]:
    return called(held.a, held.b)


def _asked(side: Side, wish: Wish) -> int | None:
    """The window that the plan asked for; of several runs the first that did."""
    return next((window for run in side.runs if (window := wish.windows.get((run, side.who.model))) is not None), None)


def _sides(held: Pair, paired: Sequence[str], wish: Wish, asked: tuple[int | None, int | None]) -> tuple[Figures, Figures]:
    return figures(held.a, held, paired, wish.k, asked[0]), figures(held.b, held, paired, wish.k, asked[1])


def _rates(sides: tuple[Figures, Figures], found: Measured) -> tuple[float | None, float | None]:
    """Those whose difference is told."""
    return found.rates or (sides[0].rate, sides[1].rate)


def _reasons(held: Pair) -> tuple[tuple[str, int, int], ...]:
    """Why trials did not pass, the most frequent first; pending ones have no reason yet."""
    one, other = (Counter(row.reason for row in side.rows if row.outcome not in ("passed", "pending")) for side in (held.a, held.b))
    names = sorted({*one, *other}, key=lambda name: (-one[name] - other[name], name))
    return tuple((name, one[name], other[name]) for name in names)
