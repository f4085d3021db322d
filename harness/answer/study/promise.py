"""What a study can show before anything is spent: the power of each primary endpoint, and which plan is hopeless; pure and seeded."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from harness.answer.study.claims import Claim, Study
from harness.answer.study.designs import Sizes
from harness.metrics.statistics.floors import OPPORTUNITIES, TASKS
from harness.metrics.statistics.paired_power import difference_power, wanted
from harness.metrics.statistics.study_power import HOPELESS
from harness.report.summary import counted

WANTED = 0.80
FAILING = 0.30
"""Of replays under the whole view, taken for granted before any has run; half of it from the context is what should be found."""


class Promise(msgspec.Struct, frozen=True):
    """`power`: chance to settle the claim if the truth is as `assumed`; `needed`: tasks that would have 80 %, None for more than 200.

    `chances`: opportunities of a task on each side, `made` of what, as a reader can multiply it.
    """

    claim: str
    words: str
    assumed: str
    power: float
    tasks: int
    chances: int
    needed: int | None
    made: str = ""

    @property
    def hopeless(self) -> bool:
        return self.power < HOPELESS


def promises(study: Study, claims: Sequence[Claim], sizes: Sizes, opportunities: float) -> tuple[Promise, ...]:
    """Of the primary endpoints. `opportunities`: that a trial of these tasks has when its solution is played."""
    return tuple(_promise(study, claim, sizes, opportunities) for claim in claims if claim.primary)


def _promise(study: Study, claim: Claim, sizes: Sizes, opportunities: float) -> Promise:
    if claim.measure == "replayed":
        points = max(1, round(sizes.points / sizes.pairs))
        chances, made = points * sizes.rolls, f"{counted(points, 'point')} x {counted(sizes.rolls, 're-roll')}"
        tasks = min(sizes.pairs, sizes.points)
        true, assumed = FAILING / 2, f"{100 * FAILING / 2:.0f} more failures per 100 opportunities under the whole view"
    else:
        share = 0.25 if study == "fading" else 1.0  # a quarter of a trial's uses stand near the top of the window, a quarter low in it
        runs = len(sizes.distances) if study == "fading" else 1
        chances = max(1, round(opportunities * share * runs * sizes.attempts))
        quarter, distances = "x 1/4 " if share < 1 else "", f"x {counted(runs, 'distance')} " if study == "fading" else ""
        made = f"{opportunities:.1f} {quarter}{distances}x {counted(sizes.attempts, 'attempt')}"
        tasks, true, assumed = sizes.pairs, claim.assumed, f"{100 * claim.assumed:+.0f} points"
    told = tasks >= TASKS and tasks * chances >= OPPORTUNITIES  # below the floors there is no word, whatever is true
    power = difference_power(true, claim.threshold, tasks, chances).power if told else 0.0
    return Promise(claim.id, claim.words, assumed, power, tasks, chances, wanted(true, claim.threshold, chances, WANTED), made)
