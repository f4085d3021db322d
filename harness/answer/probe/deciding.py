"""Why an item was not honoured at one point: eviction, retention, its own slips, not the context, or not decided; pure.

A single point has a handful of re-rolls, so little can be said of it and that little must be right: "more often" takes Fisher's exact test at
5 %, one-sided, and "as often" a difference of at most one re-roll where at least half of them fail. All else is undecided.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import comb

import msgspec

from harness.core.findings import Mechanism, Status

LEVEL = 0.05
FULL, FRESH, REMIND, CLEAN = "full", "fresh", "remind", "clean"


class Count(msgspec.Struct, frozen=True):
    """Re-rolls under one arm: `failed` of `rolls` that had an opportunity, `idle` that had none, `lost` that broke or are pending."""

    failed: int
    rolls: int
    idle: int = 0
    lost: int = 0


class Decision(msgspec.Struct, frozen=True):
    """`mechanism`: None where the whole view did not fail at all; `status`: of a finding at this point."""

    mechanism: Mechanism | None
    status: Status
    why: str


def decide(counts: Mapping[str, Count], *, visible: bool | None) -> Decision:
    """`visible`: whether the item was in the view at this turn, as the ledger has it."""
    if FULL not in counts or FRESH not in counts:
        return Decision(None, Status.UNDECIDED, "full and fresh were not both replayed")
    full, fresh = counts[FULL], counts[FRESH]
    if not full.rolls or not fresh.rolls:
        return Decision(Mechanism.UNDECIDED, Status.UNDECIDED, "no opportunity under full or fresh")
    if not full.failed:
        status = Status.REJECTED if full.rolls > 1 else Status.UNDECIDED
        return Decision(None, status, f"0 of {full.rolls} re-rolls of the whole view fail")
    if more(full, fresh):
        return Decision(_lost(counts, visible), *_said(full, fresh, visible))
    if as_often(full, fresh):
        return Decision(Mechanism.NOT_CONTEXT, Status.REJECTED, f"fresh fails as often: {_of(fresh)} against {_of(full)}")
    return Decision(Mechanism.UNDECIDED, Status.UNDECIDED, f"too few re-rolls: full {_of(full)}, fresh {_of(fresh)}")


def _lost(counts: Mapping[str, Count], visible: bool | None) -> Mechanism:
    if visible is None:
        return Mechanism.UNDECIDED
    if not visible:
        return Mechanism.EVICTION
    clean = counts.get(CLEAN)
    return Mechanism.SELF_CONDITIONING if clean and clean.rolls and more(counts[FULL], clean) else Mechanism.RETENTION


def _said(full: Count, fresh: Count, visible: bool | None) -> tuple[Status, str]:
    """Whatever became of it, the loss is confirmed; which kind it is takes the ledger."""
    seen = {True: "the item was in the view", False: "the item was not in the view", None: "nobody knows what the view held"}[visible]
    return Status.CONFIRMED, f"full fails {_of(full)}, fresh {_of(fresh)}; {seen}"


def _of(count: Count) -> str:
    return f"{count.failed} of {count.rolls}"


def more(one: Count, other: Count) -> bool:
    """Whether one fails more often than the other, by Fisher's exact test (Fisher 1935), one-sided."""
    return bool(one.rolls and other.rolls) and tail(one, other) <= LEVEL


def tail(one: Count, other: Count) -> float:
    """Probability of at least so many of all failures under the first, were both alike: a hypergeometric tail."""
    failed, rolls = one.failed + other.failed, one.rolls + other.rolls
    ways = sum(comb(failed, k) * comb(rolls - failed, one.rolls - k) for k in range(one.failed, min(failed, one.rolls) + 1))
    return ways / comb(rolls, one.rolls)


def as_often(one: Count, other: Count) -> bool:
    """Shares within one re-roll of each other, and at least half of the other's fail."""
    return 2 * other.failed >= other.rolls and one.failed / one.rolls - other.failed / other.rolls <= 1 / max(one.rolls, other.rolls) + 1e-9
