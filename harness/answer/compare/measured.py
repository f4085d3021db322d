"""What was measured of pairs of sides, as judged and in both cases of doubt, by the fixed-number or by the sequential method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from harness.answer.compare.comparison import Case, Word
from harness.answer.compare.pair import Doubt, Pair
from harness.answer.compare.word import fixed, watching
from harness.metrics.statistics.differences import Difference, paired
from harness.metrics.statistics.equivalence import Equivalence, equivalent
from harness.metrics.statistics.sequential import Look, watched
from harness.metrics.statistics.several import holm

UNKNOWN = Look(0.0, -1.0, 1.0, 0)
"""Before the first observation."""


class Measured(msgspec.Struct, frozen=True):
    """One pair. `observations`: a difference per task, A minus B; `p`: of no difference, adjusted where several pairs are asked at once.

    `rates`: of the first attempts, for the sequential method. `word`: before anybody asks whether one may be said.
    """

    observations: tuple[float, ...]
    difference: Difference | None = None
    equivalence: Equivalence | None = None
    look: Look | None = None
    p: float = 1.0
    word: Word = "undecided"
    cases: tuple[Case, ...] = ()
    rates: tuple[float, float] | None = None

    @property
    def tasks(self) -> int:
        return len(self.observations)

    @property
    def told(self) -> Difference | Look:
        """Whichever was asked for."""
        return self.difference or self.look or UNKNOWN


def counted_pairs(pairs: Sequence[Pair], margin: float) -> tuple[Measured, ...]:
    """By sign-flip and two one-sided tests; p adjusted by Holm over the pairs, case by case."""
    seen = _of_case(pairs, "seen", margin)
    sided: dict[Doubt, list[Measured]] = {}
    for doubt in ("best", "worst"):
        sided[doubt] = _of_case(pairs, doubt, margin) if any(sum(pair.doubtful) for pair in pairs) else seen
    return tuple(_with_cases(each, {doubt: held[place] for doubt, held in sided.items()}, pair) for place, (pair, each) in enumerate(zip(pairs, seen, strict=True)))


def _of_case(pairs: Sequence[Pair], doubt: Doubt, margin: float) -> list[Measured]:
    raw = [_counted(pair.differences(doubt), margin) for pair in pairs]
    return [_adjusted(each, p) for each, p in zip(raw, holm([each.p for each in raw]), strict=True)]


def _counted(differences: tuple[float, ...], margin: float) -> Measured:
    if not differences:
        return Measured(())
    difference = paired(differences)
    return Measured(differences, difference, equivalent(differences, margin), p=difference.p)


def _adjusted(raw: Measured, p: float) -> Measured:
    if raw.difference is None or raw.equivalence is None:
        return raw
    return msgspec.structs.replace(raw, p=p, word=fixed(raw.difference, raw.equivalence, p))


def watched_pairs(pairs: Sequence[Pair], margin: float) -> tuple[Measured, ...]:
    """By a confidence sequence over first attempts in the order of the plan, which may be looked at after each."""
    return tuple(_with_cases(_watched(pair, "seen", margin), {doubt: _watched(pair, doubt, margin) for doubt in ("best", "worst")}, pair) for pair in pairs)


def _watched(pair: Pair, doubt: Doubt, margin: float) -> Measured:
    ends = pair.first_attempts(doubt)
    if not ends:
        return Measured((), look=UNKNOWN)
    observations = tuple(float(one) - float(other) for one, other in ends)
    look, number = watched(observations), len(ends)
    rates = sum(one for one, _ in ends) / number, sum(other for _, other in ends) / number
    return Measured(observations, look=look, word=watching(look, margin), rates=rates)


def _with_cases(seen: Measured, sided: Mapping[Doubt, Measured], pair: Pair) -> Measured:
    """Without doubtful trials there is but one case."""
    if not sum(pair.doubtful):
        return seen
    cases = tuple(Case(name, sided[name].told, sided[name].word) for name in ("best", "worst") if sided[name].tasks)
    return msgspec.structs.replace(seen, cases=cases)
