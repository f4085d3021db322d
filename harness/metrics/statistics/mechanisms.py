"""Why a point fails: evicted, not retained, spoilt by its own slips, or not the context, from counts of re-rolls under each view."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from harness.core.findings import Mechanism
from harness.metrics.statistics.attribution import FRESH, FULL, Point

if TYPE_CHECKING:
    from harness.metrics.statistics.clusters import Floats

REMIND, PAD, CLEAN, STATE, EVICT, NO_RULE = "remind", "pad", "clean", "state", "evict", "no-rule"
LEAST: Final = 0.35
"""A difference of failure rates that a mechanism must make; less is not told from none."""
SURE: Final = 0.8
"""Posterior probability from which a mechanism is named. With 0.9 eight re-rolls left a quarter of the points that are not the context's undecided;
docs/context-statistics.md has how often the name is right."""
HELPS: Final = 0.1
"""Prior share of points at which history helps: they are not the context's failures either."""
GRID: Final = 100


class Decision(msgspec.Struct, frozen=True):
    """`mechanism`: None where FULL never failed, so that there is nothing to explain. `sure`: posterior probability of what is named, of the
    likeliest where undecided. `context`: probability that FULL fails more than FRESH, by 35 points or more. `reason` in words.
    """

    mechanism: Mechanism | None
    sure: float
    context: float
    reason: str


def decided(point: Point) -> Decision:
    """E, R, S, X or U of one point, from its counts of failures under FULL, FRESH and, where they were rolled, CLEAN and REMIND.

    Two hypotheses with even odds: the context (p_F >= p_B + 0.35, any such pair alike) and not the context (p_F = p_B = q, q any; a tenth of
    it: history helps). The first with the item out of the view is E (the ledger says so). In the view, CLEAN asks again: if it fails as
    FRESH does and less than FULL the slips did it (S), if as FULL does, or was not rolled because there was nothing to clean, R. REMIND, PAD
    and EVICT say more of an R and change no name: PAD failing like FULL says length, not the item. Named from a posterior of 0.8, else U; also U
    where nobody knows whether the item was visible. Exact Bayes factors of binomial counts by a grid; no outcome of the trial itself enters.
    Raises ValueError for a point without re-rolls of FULL and FRESH.
    """
    counts = {arm: (sum(rolls), len(rolls)) for arm, rolls in point.rolls.items() if rolls}
    point.share(FULL)
    point.share(FRESH)
    if not counts[FULL][0]:
        return Decision(None, 1.0, 0.0, "no failure under the whole view")
    context = _context(counts[FULL], counts[FRESH])
    if 1 - context >= SURE:
        return Decision(Mechanism.NOT_CONTEXT, 1 - context, context, "fails as often under a fresh view")
    if context < SURE:
        return Decision(Mechanism.UNDECIDED, max(context, 1 - context), context, "too few re-rolls to tell the whole view from a fresh one")
    return _within(point.visible, counts, context)


def _within(visible: bool | None, counts: Mapping[str, tuple[int, int]], context: float) -> Decision:
    """Which of E, S and R, given that it is the context."""
    if visible is None:
        return Decision(Mechanism.UNDECIDED, context, context, "the context, but whether the item was in the view is not known")
    if not visible:
        return Decision(Mechanism.EVICTION, context, context, "the item was not in the view")
    if CLEAN not in counts:
        return Decision(Mechanism.RETENTION, context, context, "the item was in the view" + _further(counts))
    slips = _slips(counts[FULL], counts[FRESH], counts[CLEAN])
    if slips * context >= SURE:
        return Decision(Mechanism.SELF_CONDITIONING, slips * context, context, "without its own slips it fails as seldom as under a fresh view")
    if (1 - slips) * context >= SURE:
        return Decision(Mechanism.RETENTION, (1 - slips) * context, context, "in the view, and its own slips are not why" + _further(counts))
    return Decision(Mechanism.UNDECIDED, max(slips, 1 - slips) * context, context, "the context, but its own slips or not is not told")


def _further(counts: Mapping[str, tuple[int, int]]) -> str:
    """What the arms beside say of an R."""
    told = []
    if REMIND in counts and _context(counts[FULL], counts[REMIND]) >= SURE:
        told.append("restating the item helps")
    if PAD in counts and _context(counts[PAD], counts[FRESH]) >= SURE:
        told.append("length alone does as much")
    return "".join(f"; {each}" for each in told)


@lru_cache(maxsize=65_536)
def _context(full: tuple[int, int], fresh: tuple[int, int]) -> float:
    """Posterior probability of p_F >= p_B + LEAST."""
    import numpy as np

    high, low = _likely(*full), _likely(*fresh)
    steps = round(LEAST * GRID)
    pairs = np.outer(high, low)
    worse, better = (float(each.sum() / max(1, np.count_nonzero(mask))) for each, mask in _triangles(pairs, steps))
    same = (1 - HELPS) * float((high * low).mean()) + HELPS * better
    return worse / (worse + same)


def _triangles(pairs: Floats, steps: int) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    import numpy as np

    ones = np.ones_like(pairs)
    return (np.tril(pairs, -steps), np.tril(ones, -steps)), (np.triu(pairs, steps), np.triu(ones, steps))


@lru_cache(maxsize=65_536)
def _slips(full: tuple[int, int], fresh: tuple[int, int], clean: tuple[int, int]) -> float:
    """Posterior probability that CLEAN fails as FRESH does and not as FULL does, where these two differ."""
    import numpy as np

    high, low, other = _likely(*full), _likely(*fresh), _likely(*clean)
    steps = round(LEAST * GRID)
    as_fresh = float(np.tril(np.outer(high, low * other), -steps).sum())
    as_full = float(np.tril(np.outer(high * other, low), -steps).sum())
    return as_fresh / (as_fresh + as_full)


def _likely(failed: int, rolled: int) -> Floats:
    import numpy as np

    rates = (np.arange(GRID) + 0.5) / GRID
    found: Floats = rates**failed * (1 - rates) ** (rolled - failed)
    return found
