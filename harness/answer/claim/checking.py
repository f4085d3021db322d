"""What this machine can say of a published figure: one word, the reason, and what would decide it; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal

import msgspec

from harness.answer.claim.claims import Claim
from harness.answer.claim.observed import CASES, Observed, observed
from harness.answer.claim.protocols import Departure, departures
from harness.answer.claim.published import Sample, attempts_that_give, impossible, said, sample
from harness.answer.side import Case, Side
from harness.metrics.statistics.exact import binomial, clopper_pearson, fisher
from harness.metrics.statistics.refuting import LEVEL, to_confirm, to_refute
from harness.metrics.statistics.tally import Tally
from harness.report.cells import BROKEN_BOUND
from harness.report.summary import percent

Word = Literal["reproduced", "not reproduced", "underpowered", "not comparable", "impossible"]
WORDS: Final[tuple[Word, ...]] = ("reproduced", "not reproduced", "underpowered", "not comparable", "impossible")
TOLERANCE: Final = 0.05
"""How near a figure must be pinned down to count as reproduced, as a share; half of the difference that a plan calls one that matters."""
MATTERS: Final = 0.10
"""The difference that a check with no trial yet is planned for: a plan's margin."""
FEWEST: Final = 10
"""Tasks below which no word is given, as in a comparison."""
Warned = Callable[[Observed], Iterable[str]]
"""What the sources said of the tasks behind a side."""


class Reckoning(msgspec.Struct, frozen=True):
    """Passed of trials in one of the cases. `low`, `high`: exact 95 % interval.

    `p_exact`: the claim is taken as true to the digit, `p_sample`: as a sample of its own; both one-sided, small where it is too high.
    `p_above`: as `p_sample`, for a claim that is too low, which takes half the level: nobody doubts a figure for that first.
    """

    case: Case
    passed: int
    trials: int
    rate: float
    low: float
    high: float
    p_exact: float
    p_sample: float
    p_above: float
    word: Word


class Check(msgspec.Struct, frozen=True):
    """A claim beside one run's model, agent and variant. `reckonings`: one for each case with a trial that counts."""

    observed: Observed
    reckonings: tuple[Reckoning, ...]
    departures: tuple[Departure, ...]
    word: Word
    reason: str


class Needed(msgspec.Struct, frozen=True):
    """Trials, one for each task first: `confirm` pins the rate down to the tolerance where the claim holds; `refute` shows a rate of `rate` to be too low
    with 80 % power. None: more than nights can give, or nothing to show.
    """

    confirm: int | None
    refute: int | None
    rate: float


class Checked(msgspec.Struct, frozen=True):
    """`counted`: what counting tells of the figure; `attempts`: numbers of attempts that could have given it, () where unknown."""

    claim: Claim
    word: Word
    reason: str
    counted: str
    attempts: tuple[int, ...]
    behind: Sample | None
    checks: tuple[Check, ...]
    needed: Needed | None


class Terms(msgspec.Struct, frozen=True):
    """`attempts`: those to take for granted where none are published; `tolerance`: 0..0.5."""

    attempts: int | None = None
    tolerance: float = TOLERANCE


def checked(claim: Claim, sides: Sequence[Side], warned: Warned = lambda _: (), terms: Terms = Terms()) -> Checked:  # noqa: B008 (frozen)
    """The word on a claim; of several sides the one with the most tasks, then trials, speaks, whatever it says."""
    found = observed(claim, sides)
    behind = sample(claim, terms.attempts) if claim.counts else None
    checks = tuple(_check(claim, each, behind, tuple(warned(each)), terms) for each in found) if claim.counts else ()
    word, reason = _word(claim, found, checks, terms)
    return Checked(claim, word, reason, said(claim, terms.attempts), attempts_that_give(claim), behind, checks, _needed(claim, checks, terms))


def _word(claim: Claim, found: Sequence[Observed], checks: Sequence[Check], terms: Terms) -> tuple[Word, str]:
    if impossible(claim, terms.attempts):
        return "impossible", said(claim, terms.attempts) + (f"; {claim.entry.note}" if claim.entry.note else "")
    if not claim.benchmark.sources:
        return "not comparable", f"the tasks of {claim.benchmark.name} can't be run here: {claim.benchmark.lacking}"
    if not claim.counts:
        return "not comparable", "the figure is no share of passed trials, so nothing can be counted against it"
    if not found:
        kinds = " or ".join(f"{kind}:..." for kind in claim.benchmark.sources)
        return "not comparable", f"not run yet: no run that was looked at has {claim.model.name} on tasks of {claim.benchmark.name} ({kinds})"
    return checks[0].word, checks[0].reason


def _check(claim: Claim, found: Observed, behind: Sample | None, warnings: tuple[str, ...], terms: Terms) -> Check:
    pairs = zip(CASES, found.tallies, strict=True)
    reckonings = tuple(reckoned(claim, case, tally, behind, terms.tolerance) for case, tally in pairs if tally is not None)
    apart = departures(claim, found, warnings)
    word, reason = _judged(claim, found, reckonings, behind, terms)
    return Check(found, reckonings, apart, word, reason)


def reckoned(claim: Claim, case: Case, tally: Tally, behind: Sample | None, tolerance: float = TOLERANCE) -> Reckoning:
    """Passed of trials beside the claim and the trials behind it (None: unknown), with the word that they alone give."""
    bounds = clopper_pearson(tally.passed, tally.decided)
    exact = told = binomial(tally.passed, tally.decided, claim.share, "less")
    above = binomial(tally.passed, tally.decided, claim.share, "greater")
    if behind is not None:
        told = fisher(tally.passed, tally.decided, behind.passed, behind.trials, "less")
        above = fisher(tally.passed, tally.decided, behind.passed, behind.trials, "greater")
    near = bounds.low <= claim.share <= bounds.high and (bounds.high - bounds.low) / 2 <= tolerance
    word: Word = "not reproduced" if told <= LEVEL or above <= LEVEL / 2 else "reproduced" if near else "underpowered"
    return Reckoning(case, tally.passed, tally.decided, tally.share, bounds.low, bounds.high, exact, told, above, word)


def _judged(claim: Claim, found: Observed, cases: Sequence[Reckoning], behind: Sample | None, terms: Terms) -> tuple[Word, str]:
    seen = next((each for each in cases if each.case == "seen"), None)
    if seen is None:
        return "underpowered", "no trial was passed or failed yet"
    figures = f"{seen.passed:,} of {seen.trials:,} trials passed here, {percent(seen.rate, 1)} [{percent(seen.low, 1)}, {percent(seen.high, 1)}]"
    if found.tasks < FEWEST:
        return "underpowered", f"{figures}: fewer than {FEWEST} tasks give no word"
    if found.side.broken > BROKEN_BOUND:
        return "underpowered", f"{figures}, but {percent(found.side.broken)} of the trials broke: no word above {percent(BROKEN_BOUND)}"
    if len({each.word for each in cases}) > 1:
        spread = "; ".join(f"{each.case}: {percent(each.rate, 1)}, {each.word}" for each in cases)
        return "underpowered", f"{figures}, but broken, disputed or suspicious trials decide the word ({spread})"
    return seen.word, f"{figures}; {_because(claim, seen, behind, terms)}"


def _because(claim: Claim, seen: Reckoning, behind: Sample | None, terms: Terms) -> str:
    value, within = f"{claim.entry.value} %", percent(terms.tolerance, 1)
    if seen.word == "reproduced":
        return f"the interval holds {value} and reaches no further than {within} each way, whatever the listed differences"
    if seen.word == "not reproduced":
        lower = seen.rate < claim.share
        p = f"p {seen.p_sample if lower else seen.p_above:.2g}{f' beside a sample of {behind.trials:,}' if behind else ''}"
        return f"{'lower' if lower else 'higher'} than {value} under the listed differences ({p}, one-sided)"
    if seen.p_exact <= LEVEL and behind is not None:
        return f"{value} would be too high if it were true to the digit (p {seen.p_exact:.2g}), but not as a sample of {behind.trials:,} (p {seen.p_sample:.2g})"
    return f"neither shown to be below {value} nor pinned down to {within} each way"


def _needed(claim: Claim, checks: Sequence[Check], terms: Terms) -> Needed | None:
    """None where nothing can be counted against the figure, or where the word is there."""
    if not claim.counts or impossible(claim, terms.attempts) or (checks and checks[0].word in ("reproduced", "not reproduced")):
        return None
    seen = checks[0].observed.seen if checks else None
    below = seen is not None and seen.share < claim.share
    rate = seen.share if seen is not None and below else max(claim.share - MATTERS, 0.0)
    return Needed(to_confirm(claim.share, terms.tolerance), to_refute(claim.share, rate), rate)
