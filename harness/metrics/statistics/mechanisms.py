"""Why a point fails: evicted, not retained, spoilt by its own slips, or not the context, from counts of re-rolls under each view."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from harness.core.findings import Mechanism
from harness.metrics.statistics.attribution import FRESH, FULL, Point
from harness.metrics.statistics.unconditional import beyond

if TYPE_CHECKING:
    from harness.metrics.statistics.clusters import Floats

REMIND, PAD, CLEAN, STATE, EVICT, NO_RULE = "remind", "pad", "clean", "state", "evict", "no-rule"
LEAST: Final = 0.35
"""A difference of failure rates that a mechanism must make; less is not told from none."""
SURE: Final = 0.8
"""Posterior probability from which a mechanism is named. With 0.9 eight re-rolls left a quarter of the points that are not the context's undecided;
docs/context-statistics.md has how often the name is right."""
LEVEL: Final = 0.05
"""Of points that are not the context's, whatever rate they fail at, so many at most are called so. Posterior odds alone called 14 of 100 so that
fail every other time under both views, with four re-rolls."""
ENOUGH: Final = 8
"""Re-rolls from which 19 of 20 points are named rightly, of agents that fail 19 of 20 times where they fail."""
AS_OFTEN: Final = 2 / 3
"""Share of FULL's failures that FRESH must reach where a point is said not to be the context's. Without it points that fail three times of ten
under FULL and once in twenty under FRESH were called so 30 times of 100 (eight re-rolls), for so seldom nothing lies 35 points apart."""
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
    it: history helps). Named from a posterior of 0.8, else U. The context must also hold against chance: no more than 5 of 100 outcomes at any
    rate common to both views may lie as far out (`unconditional.beyond`). What is not the context's must fail at least two thirds as often when
    fresh. With the item out of the view it is E (the ledger says so), and U
    where nobody knows. In the view, CLEAN asks again: if it fails as FRESH does and less than FULL the slips did it (S), if as FULL does, or
    was not rolled because there was nothing to clean, R. REMIND, PAD and EVICT say more of an R and change no name: PAD failing like FULL
    says length, not the item. Exact, by a grid of rates; no outcome of the trial itself enters, nor of any other point: names that borrow from
    the probe's other points were refused (docs/context-statistics.md). Raises ValueError for a point without re-rolls of FULL and FRESH.
    """
    counts = {arm: (sum(rolls), len(rolls)) for arm, rolls in point.rolls.items() if rolls}
    point.share(FULL)
    point.share(FRESH)
    if not counts[FULL][0]:
        return Decision(None, 1.0, 0.0, "no failure under the whole view")
    context = _context(counts[FULL], counts[FRESH])
    if _alike(counts[FULL], counts[FRESH]):
        return Decision(Mechanism.NOT_CONTEXT, 1 - context, context, "fails as often under a fresh view")
    if not more(counts[FULL], counts[FRESH]):
        return Decision(Mechanism.UNDECIDED, max(context, 1 - context), context, "too few re-rolls to tell the whole view from a fresh one")
    return _within(point.visible, counts, context)


def more(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether (failed, rolled) fails more often than another by 35 points or so: likelier than not by 4 to 1, and not by chance (5 %)."""
    posterior, p = _tables(one[1], other[1])
    return bool(posterior[one[0], other[0]] >= SURE and p[one[0], other[0]] <= LEVEL)


def _alike(full: tuple[int, int], fresh: tuple[int, int]) -> bool:
    """Whether it is not the context: likelier than the context by 4 to 1, and FRESH does fail."""
    return 1 - _context(full, fresh) >= SURE and fresh[0] / fresh[1] >= AS_OFTEN * full[0] / full[1]


def named(rolls: int, fails: float = 0.95, else_fails: float = 0.05) -> tuple[float, float]:
    """With so many re-rolls of both views, how often a point is named rightly (0..1) where it is the context's (the whole view fails `fails` of
    the time and a fresh one `else_fails`), and where it is not (both fail `fails` of the time). Exact; undecided counts as not named.
    """
    import numpy as np

    often, seldom = (_shares(rolls, rate) for rate in (fails, else_fails))
    lost, alike = (
        np.array([[failed > 0 and rule((failed, rolls), (other, rolls)) for other in range(rolls + 1)] for failed in range(rolls + 1)])
        for rule in (more, _alike)
    )
    return float(often @ lost @ seldom), float(often @ alike @ often)


def _shares(rolls: int, rate: float) -> Floats:
    """Of each number of failures."""
    import numpy as np
    from scipy.special import comb  # type: ignore[import-untyped]

    failed = np.arange(rolls + 1)
    found: Floats = comb(rolls, failed) * rate**failed * (1 - rate) ** (rolls - failed)
    return found


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
    if REMIND in counts and more(counts[FULL], counts[REMIND]):
        told.append("restating the item helps")
    if PAD in counts and more(counts[PAD], counts[FRESH]):
        told.append("length alone does as much")
    return "".join(f"; {each}" for each in told)


def _context(full: tuple[int, int], fresh: tuple[int, int]) -> float:
    """Posterior probability of p_F >= p_B + LEAST."""
    return float(_tables(full[1], fresh[1])[0][full[0], fresh[0]])


@lru_cache(maxsize=256)
def _tables(full: int, fresh: int) -> tuple[Floats, Floats]:
    """For so many re-rolls of each: the posterior of the context and the p of no difference, by failures of both."""
    import numpy as np

    high, low = (np.array([_likely(failed, rolled) for failed in range(rolled + 1)]) for rolled in (full, fresh))
    apart = np.tril(np.ones((GRID, GRID)), -round(LEAST * GRID))
    worse, better = (high @ mask @ low.T / apart.sum() for mask in (apart, apart.T))
    same = (1 - HELPS) * (high @ low.T) / GRID + HELPS * better
    posterior = worse / (worse + same)
    return posterior, beyond(posterior)


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
