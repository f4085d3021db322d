"""A plan's night played beforehand with the shipped line-up: likely durations once, and drawn ones often enough to tell a range."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import msgspec

from harness.answer.outlook.sizes import DOUBT, Cell, Pool, Size
from harness.core.trial import TrialKey
from harness.engine.lineup import HANDFUL, lined_up
from harness.engine.timetable import Duration, timetable
from harness.plan import Combination, Plan, keys

TRIALS_DRAWN, FEWEST_DRAWS, MOST_DRAWS = 30_000, 20, 200
"""So many trials are drawn in all, a large plan's whole night at least so often and a small one's no oftener: two seconds at most for thousands."""


class Ground(msgspec.Struct, frozen=True):
    """What a night is played on. `tasks`: ids in their order; `pools` by (agent, model, task); `lanes` and `limits` by model."""

    plan: Plan
    tasks: tuple[str, ...]
    combinations: tuple[Combination, ...]
    cells: tuple[Cell, ...]
    pools: Mapping[tuple[str, str, str], Pool]
    lanes: Mapping[str, str]
    limits: Mapping[str, int]

    @property
    def block(self) -> int:
        """Tasks in a block, as the run gives them out."""
        return max(HANDFUL, self.plan.parallel)


class Night(msgspec.Struct, frozen=True):
    """`ends`: trial -> seconds to its end, in the order of the ends; `usd`: trial -> what it costs, None without a price."""

    ends: dict[str, float]
    usd: dict[str, float | None]

    @property
    def hours(self) -> float:
        return max(self.ends.values(), default=0.0) / 3600

    @property
    def cost(self) -> float | None:
        paid = [each for each in self.usd.values() if each is not None]
        return sum(paid) if paid else None


def trials(ground: Ground, tasks: Sequence[str], attempts: int) -> dict[str, TrialKey]:
    """The trials of so much of the plan, numbered as a run numbers them."""
    every = keys("", attempts, tuple(tasks), ground.combinations, min(ground.plan.fresh, attempts), ground.plan.counted)
    return {f"t{number:04}": key for number, key in enumerate(every, 1)}


def likely(ground: Ground, tasks: Sequence[str], attempts: int) -> Night:
    """Every trial as long as its like on the average."""
    means = {name: pool.mean for name, pool in ground.pools.items()}
    planned = trials(ground, tasks, attempts)
    return _played(ground, planned, {short: means[key.agent, key.model, key.task] for short, key in planned.items()})


def drawn(ground: Ground, tasks: Sequence[str], attempts: int) -> list[Night]:
    """Nights as they may be: each trial like one of its like by lot, and each cell faster or slower as a whole by the doubt of its basis. Seeded by the plan."""
    planned, lot = trials(ground, tasks, attempts), random.Random(ground.plan.seed)  # noqa: S311  no secret is made of it
    count = min(MOST_DRAWS, max(FEWEST_DRAWS, TRIALS_DRAWN // max(1, len(planned))))
    return [_played(ground, planned, _sizes(ground, planned, lot)) for _ in range(count)]


def _sizes(ground: Ground, planned: Mapping[str, TrialKey], lot: random.Random) -> dict[str, Size]:
    factors = {(pair.agent, pair.model, basis): lot.lognormvariate(0.0, doubt) for pair in ground.combinations for basis, doubt in DOUBT.items()}
    found = {}
    for short, key in planned.items():
        pool = ground.pools[key.agent, key.model, key.task]
        found[short] = _times(lot.choice(pool.sizes), factors[key.agent, key.model, pool.basis])
    return found


def _times(size: Size, factor: float) -> Size:
    return Size(factor * size.model_s, factor * size.other_s, None if size.usd is None else factor * size.usd)


def _played(ground: Ground, planned: Mapping[str, TrialKey], sizes: Mapping[str, Size]) -> Night:
    places = lined_up(planned, ground.lanes, ground.block)
    durations = {short: Duration(size.model_s, size.other_s) for short, size in sizes.items()}
    ends = timetable(places, durations, ground.plan.parallel, ground.limits)
    return Night(ends, {short: size.usd for short, size in sizes.items()})
