"""What two labellers' answers say: how far they agree, and how often each class of findings is right; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from harness.answer.audit.questions import Label
from harness.answer.audit.sampling import Sample
from harness.metrics.statistics.agreement import ACCEPTED, kappa, scored
from harness.metrics.statistics.clusters import Estimate

SCHEMA: Final = "longhaul.audit/1"
PRECISION: Final = 0.90
"""Of findings, as both labellers have it, from which a class may stand in a headline."""
FULL: Final = 150
"""Findings, and turns by lot, of a whole audit."""


class Class(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`right`: findings that both call so; `split`: those on which they differ, counted as wrong. `missed` of `turns` by lot that both call so.

    `precision` with Wilson's bounds, None where no finding of it was in the sample. `good`: at least PRECISION.
    """

    findings: int
    right: int
    split: int
    precision: float | None
    low: float | None
    high: float | None
    turns: int
    missed: int
    good: bool


class Kappa(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`value` None where both used one label only."""

    value: float | None
    low: float | None
    high: float | None
    agreed: float
    accepted: bool


class Audit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The audit file. `measure`: version of the detectors that were looked at; `whole`: it has the size that the target asks for."""

    schema: str
    audit: str
    run: str
    measure: str
    date: str
    who: tuple[str, str]
    n: int
    findings: int
    turns: int
    whole: bool
    kappa: Kappa
    classes: dict[str, Class]
    seed: int = 0


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the sheets do not tell, kept with the run: which sample is which."""

    audit: str
    run: str
    measure: str
    seed: int
    samples: tuple[Sample, ...]


def outcome(key: Key, who: tuple[str, str], one: Mapping[str, Label], two: Mapping[str, Label], date: str) -> Audit:
    """`one`, `two`: a label for every sample."""
    ids = [sample.id for sample in key.samples]
    found = kappa([one[name] for name in ids], [two[name] for name in ids])
    told = found.kappa
    letters = sorted({sample.asked for sample in key.samples})
    by_lot = sum(sample.by_lot for sample in key.samples)
    return Audit(
        SCHEMA, key.audit, key.run, key.measure, date, who, len(ids), len(ids) - by_lot, by_lot, min(by_lot, len(ids) - by_lot) >= FULL,
        Kappa(*_three(told), found.agreed, found.accepted),
        {letter: _class([each for each in key.samples if each.asked == letter], one, two) for letter in letters}, key.seed,
    )  # fmt: skip


def _class(samples: Sequence[Sample], one: Mapping[str, Label], two: Mapping[str, Label]) -> Class:
    """A finding counts as right where both say yes, and as wrong in every other case: doubt is never on the detector's side."""
    found = [each.id for each in samples if not each.by_lot]
    lot = [each.id for each in samples if each.by_lot]
    right, missed = (sum(one[name] == two[name] == "yes" for name in names) for names in (found, lot))
    told = scored(right, len(found) - right, 0).precision
    return Class(
        len(found), right, sum(one[name] != two[name] for name in found), *_three(told), len(lot), missed,
        told is not None and told.value >= PRECISION,
    )  # fmt: skip


def _three(told: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (told.value, told.low, told.high) if told else (None, None, None)


class Standing(msgspec.Struct, frozen=True):
    """How far people have confirmed the detectors: the sentence beside every figure, and classes that fell short."""

    sentence: str
    below: frozenset[str] = frozenset()

    @property
    def confirmed(self) -> bool:
        """Two people have, of these very detectors, on a whole sample."""
        return not self.sentence.startswith(PLANTED)


PLANTED: Final = "validated on planted faults only"


def standing(audit: Audit | None, measure: str) -> Standing:
    """What an audit file, or its absence, lets be said of these detectors today. One that is too small, or whose labellers differ, takes nothing out."""
    if audit is None:
        return Standing(PLANTED)
    if audit.measure != measure:
        return Standing(f"{PLANTED}: the audit of {audit.date} looked at another version of the detectors ({audit.measure}, now {measure})")
    if not audit.whole:
        size = f"{audit.findings} findings and {audit.turns} turns, {FULL} of each needed"
        return Standing(f"{PLANTED}: the audit of {audit.date} is too small ({size})")
    if not audit.kappa.accepted:
        told = "no kappa" if audit.kappa.value is None else f"kappa {audit.kappa.value:.2f}"
        return Standing(f"{PLANTED}: two labellers agreed too little on {audit.date} ({told}, {ACCEPTED:g} needed, n = {audit.n})")
    below = frozenset(letter for letter, each in audit.classes.items() if each.findings and not each.good)
    told = f"kappa {audit.kappa.value:.2f} [{audit.kappa.low:.2f}, {audit.kappa.high:.2f}]"
    short = f"; below {PRECISION:g} precision: {', '.join(sorted(below))}" if below else ""
    return Standing(f"audited by two people on {audit.date}: n = {audit.n}, {told}{short}", below)
