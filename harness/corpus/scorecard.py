"""The scorecard: what detectors found of what was planted, and of what was not; with bounds, onset errors and versions. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from harness.corpus.matching import Hit, Matched
from harness.corpus.targets import ALIKE_RUNS, FALSE_PER_100, ONSET_MEDIAN, ONSET_P95, STATE, TARGETS, Target
from harness.metrics.statistics.intervals import wilson

SCHEMA: Final = "longhaul.scorecard/1"
CAUTION: Final = "validated on planted faults only"
Word = Literal["holds", "below", "too few", "experimental"]


class Share(msgspec.Struct, frozen=True):
    """`of` 0: nothing to tell. Bounds: Wilson, 95 %."""

    count: int
    of: int
    value: float | None
    low: float | None
    high: float | None


class Detected(msgspec.Struct, frozen=True):
    """A detector as it stands: the version that was scored, and whether this kind is held to a target."""

    name: str
    version: int
    held: bool


class KindFigures(msgspec.Struct, frozen=True):
    """`false_faulty`, `false_alike`: findings of this kind that nobody planted, in runs with another fault and in look-alikes. `seen`: where
    both tell it, how often truth and finding agree on whether the model could see the item. `why`: of a word other than "holds".
    """

    kind: str
    detector: str
    version: int
    held: bool
    recall: Share
    precision: Share
    false_faulty: int
    false_alike: int
    onset_median: float | None
    onset_p95: float | None
    seen: Share
    word: Word
    why: str = ""


class Scorecard(msgspec.Struct, frozen=True):
    """`alike`: clean and look-alike runs with a false finding among all of them; `false_per_100`: false findings in a hundred of them.

    `faults`: sentences about runs that were not what their case says; figures without those runs. `audited`: a human audit stands behind it.
    """

    schema: str
    corpus: int
    seed: int
    full: bool
    runs: int
    kinds: tuple[KindFigures, ...]
    alike: Share
    false_per_100: float | None
    faults: tuple[str, ...] = ()
    audited: bool = False
    again: int = 0
    """Runs that were played in a container as well."""
    unlike: tuple[str, ...] = ()
    """Sentences about those whose findings there were others."""

    @property
    def caution(self) -> str:
        """What every figure must say of itself; "" once it need not."""
        return "" if self.audited else CAUTION

    @property
    def below(self) -> tuple[str, ...]:
        """Kinds held to a target that do not reach it."""
        return tuple(each.kind for each in self.kinds if each.held and each.word == "below")

    @property
    def noisy(self) -> bool:
        """More false findings in clean and look-alike runs than there may be."""
        return self.false_per_100 is not None and self.false_per_100 > FALSE_PER_100


class Scored(msgspec.Struct, frozen=True):
    """What is kept of one run. `faults`: in what it was not what its case says."""

    run: Matched
    faults: tuple[str, ...] = ()


def scorecard(runs: Sequence[Scored], detectors: Mapping[str, Detected], *, corpus: int, seed: int, full: bool) -> Scorecard:
    """`detectors`: kind -> who reports it. The order of runs has no effect."""
    good = [each.run for each in runs if not each.faults]
    alike = [run for run in good if run.sort in ("alike", "clean")]
    false = sum(len(run.false) for run in alike)
    planted = {hit.kind for run in good for hit in run.hits}
    told = {one.kind for run in good for one in run.false}
    kinds = sorted(planted | (told & set(detectors)))
    return Scorecard(
        SCHEMA, corpus, seed, full, len(runs), tuple(_kind(kind, good, detectors.get(kind), full=full) for kind in kinds),
        share(sum(bool(run.false) for run in alike), len(alike)), 100 * false / len(alike) if alike else None,
        tuple(f"{each.run.case}: {sentence}" for each in sorted(runs, key=lambda each: each.run.case) for sentence in each.faults),
    )  # fmt: skip


def share(count: int, of: int) -> Share:
    """A rate with its bounds; one of a single run has none worth the name."""
    if not of:
        return Share(count, of, None, None, None)
    if of < 2:
        return Share(count, of, count / of, 0.0, 1.0)
    bounds = wilson(count, of)
    return Share(count, of, count / of, bounds.low, bounds.high)


def _kind(kind: str, runs: Sequence[Matched], by: Detected | None, *, full: bool) -> KindFigures:
    hits = [hit for run in runs for hit in run.hits if hit.kind == kind]
    found = [hit for hit in hits if hit.found is not None]
    faulty = sum(one.kind == kind for run in runs if run.sort in ("fault", "mix") for one in run.false)
    alike = sum(one.kind == kind for run in runs if run.sort in ("alike", "clean") for one in run.false)
    errors = sorted(abs(hit.error) for hit in found if hit.error is not None)
    agreed = [hit for hit in found if hit.seen is not None]
    recall, precision = share(len(found), len(hits)), share(len(found), len(found) + faulty + alike)
    median, far = _quantile(errors, 0.5), _quantile(errors, 0.95)
    word, why = _judged(kind, by, (recall, precision), (median, far), full=full)
    return KindFigures(
        kind, by.name if by else "", by.version if by else 0, bool(by and by.held), recall, precision, faulty, alike, median, far,
        share(sum(bool(hit.seen) for hit in agreed), len(agreed)), word, why,
    )  # fmt: skip


def _judged(
    kind: str, by: Detected | None, shares: tuple[Share, Share], onset: tuple[float | None, float | None], *, full: bool
) -> tuple[Word, str]:
    """Held kinds hold or are below; a slice is judged by what is observed, because its bounds can't be narrow enough."""
    if by is None:
        return "experimental", "nothing detects it"
    if not by.held:
        return "experimental", "not held to a target"
    target, (recall, precision) = TARGETS.get(kind, STATE), shares
    if not recall.of:
        return "too few", "none was planted"
    why = "; ".join((*_short(target, recall, precision, full=full), *_late(*onset)))
    if why:
        return "below", why
    if full and recall.of < target.runs:
        return "too few", f"{recall.of} planted, {target.runs} needed"
    return "holds", ""


def _short(target: Target, recall: Share, precision: Share, *, full: bool) -> list[str]:
    found = []
    for name, share, least in (("recall", recall, target.recall), ("precision", precision, target.precision)):
        if (share.value or 0.0) < least:
            found.append(f"{name} {share.value or 0.0:.3f} under {least:.2f}")
        elif full and recall.of >= target.runs and (share.low or 0.0) < target.low:
            found.append(f"lower bound of {name} {share.low or 0.0:.3f} under {target.low:.2f}")
    return found


def _late(median: float | None, far: float | None) -> list[str]:
    words = []
    if median is not None and median > ONSET_MEDIAN:
        words.append(f"onset off by {median:g} turns in the middle")
    if far is not None and far > ONSET_P95:
        words.append(f"onset off by {far:g} turns at the 95th percentile")
    return words


def _quantile(ordered: Sequence[int], at: float) -> float | None:
    """The smallest of the values that at least this share of them does not exceed."""
    if not ordered:
        return None
    rank = max(1, -(-round(at * len(ordered) * 1_000_000) // 1_000_000))
    return float(ordered[min(len(ordered), rank) - 1])


def judged_alike(card: Scorecard) -> str:
    """A sentence on clean and look-alike runs; "" where there are none."""
    if card.false_per_100 is None:
        return ""
    few = "" if card.alike.of >= ALIKE_RUNS else f" (the target wants {ALIKE_RUNS} runs)"
    return f"{card.false_per_100:.2f} false findings per 100 of {card.alike.of} clean and look-alike runs, at most {FALSE_PER_100:g} wanted{few}"


def missed(runs: Sequence[Scored]) -> tuple[tuple[str, Hit], ...]:
    """(case, hit) of what was planted and not found."""
    return tuple((each.run.case, hit) for each in runs for hit in each.run.hits if hit.found is None and not each.faults)
