"""Why an item was not honoured at one point: eviction, retention, its own slips, not the context, or not decided; pure.

A single point has a handful of re-rolls, so little can be said of it and that little must be right: the rule is `statistics.mechanisms.decided`,
whose figures are in docs/context-statistics.md. Sums over many points go by Fisher's exact test, one-sided, at 5 % (`more`).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import comb

import msgspec

from harness.core.findings import Mechanism, Status
from harness.metrics.statistics import mechanisms
from harness.metrics.statistics.attribution import Point

LEVEL = 0.05
FULL, FRESH, REMIND, CLEAN = "full", "fresh", "remind", "clean"


class Count(msgspec.Struct, frozen=True):
    """Re-rolls under one arm: `failed` of `rolls` that had an opportunity, `idle` that had none, `lost` that broke or are pending; `held` that are
    not rolled, because full differs from itself. `unreadable`: those of `failed` that answered a question in another form than asked for.
    """

    failed: int
    rolls: int
    idle: int = 0
    lost: int = 0
    held: int = 0
    unreadable: int = 0

    @property
    def readable(self) -> int:
        """Of `rolls` those that say something."""
        return self.rolls - self.unreadable


class Decision(msgspec.Struct, frozen=True):
    """`mechanism`: None where the whole view did not fail at all; `status`: of a finding at this point. `sure`: posterior probability of what is
    named, of the likeliest where undecided; 0 where nothing was held against anything.
    """

    mechanism: Mechanism | None
    status: Status
    why: str
    sure: float = 0.0


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
    arms = {arm: (True,) * count.failed + (False,) * (count.rolls - count.failed) for arm, count in counts.items() if count.rolls}
    found = mechanisms.decided(Point("", arms, visible=visible))
    return Decision(found.mechanism, _status(found, full, fresh), f"full fails {_of(full)}, fresh {_of(fresh)}; {found.reason}", found.sure)


def _status(found: mechanisms.Decision, full: Count, fresh: Count) -> Status:
    """A loss to the context is confirmed even where nobody can tell which kind it is."""
    if found.mechanism is Mechanism.NOT_CONTEXT:
        return Status.REJECTED
    return Status.CONFIRMED if mechanisms.more((full.failed, full.rolls), (fresh.failed, fresh.rolls)) else Status.UNDECIDED


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
