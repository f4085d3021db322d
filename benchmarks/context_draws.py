"""Studies of context loss whose truth is known: simulated forgetters, drifters, failing points and calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from benchmarks.validate_draws import generator
from harness.metrics.statistics.attribution import FRESH, FULL, Point
from harness.metrics.statistics.continuity import Leg
from harness.metrics.statistics.depth import Call
from harness.metrics.statistics.hazard import Chance
from harness.metrics.statistics.retention import Probe

Floats = NDArray[np.float64]
DEPTHS: Final = np.geomspace(1_000, 160_000, 8)
APART: Final = 0.5
"""Standard deviation over tasks of the log odds of keeping an item."""

FORGETTERS: Final[dict[str, Callable[[Floats], Floats]]] = {
    "logistic": lambda d: 0.96 / (1 + (d / 30_000) ** 2),
    "threshold": lambda d: np.where(d < 30_000, 0.95, 0.08),
    "plateau": lambda d: 0.55 + 0.40 / (1 + (d / 8_000) ** 2),
    "recency only (exponential)": lambda d: 0.95 * 2 ** (-d / 24_000),
    "linear": lambda d: 0.95 * np.maximum(0.0, 1 - d / 100_000),
    "never forgets (flat)": lambda d: np.full_like(d, 0.95),
    "slow bend (logistic)": lambda d: 0.96 / (1 + (d / 30_000) ** 1.6),
    "low plateau (plateau)": lambda d: 0.30 + 0.60 / (1 + (d / 12_000) ** 2),
    "fast (exponential)": lambda d: 0.90 * 2 ** (-d / 8_000),
    "far (linear)": lambda d: 0.98 * np.maximum(0.0, 1 - d / 200_000),
}
"""Share that a middling task keeps at so many tokens."""


def named(forgetter: str) -> str:
    """The word of `shapes.SHAPES` for it."""
    return forgetter.rsplit("(", maxsplit=1)[-1].rstrip(")").split()[0]


def probes(forgetter: str, per: int, tasks: int, run: int) -> list[Probe]:
    """`per` probes at each of eight depths, dealt out to the tasks in turn."""
    chance = generator("retention", forgetter, per, tasks, run)
    off, owner = chance.normal(0, APART, tasks), np.arange(per) % tasks
    told = []
    for distance in DEPTHS:
        kept = chance.random(per) < expit(_odds(forgetter, np.array([distance])) + off[owner])
        told += [Probe(f"t{task:03d}", float(distance), bool(each)) for task, each in zip(owner, kept, strict=True)]
    return told


def marks(forgetter: str) -> tuple[float, float]:
    """True D50 and D85 of the mean over tasks; infinite beyond the longest depth."""
    off = np.random.default_rng(1).normal(0, APART, 4_000)
    along = np.geomspace(DEPTHS[0], DEPTHS[-1], 2_000)
    curve = expit(_odds(forgetter, along)[:, None] + off).mean(axis=1)
    half, effective = (along[(curve < share * curve[0]).argmax()] if curve[-1] < share * curve[0] else np.inf for share in (0.5, 0.85))
    return float(half), float(effective)


def _odds(forgetter: str, at: Floats) -> Floats:
    return logit(np.clip(FORGETTERS[forgetter](at), 0.002, 0.998))  # type: ignore[no-any-return]


STEPS: Final = 30
"""Opportunities of a simulated trial, the later the harder where there is a ramp."""


def chances(ramp: bool, effect: float, off: Floats) -> tuple[Floats, Floats]:
    """Failure rates under FULL and FRESH, tasks x steps: `effect` in logits grows with depth from nothing to twice its mean."""
    depth = np.linspace(0, 1, STEPS)
    fresh = -1.5 + off[:, None] + 2.0 * ramp * (depth - 0.5)
    return expit(fresh + effect * 2 * depth), expit(fresh)


def replayed(ramp: bool, effect: float, tasks: int, run: int) -> tuple[list[Point], Floats]:
    """Points at every fifth opportunity, four re-rolls of each arm; and the outcomes of the one trial per task that they were taken from."""
    chance = generator("points", ramp, effect, tasks, run)
    full, fresh = chances(ramp, effect, chance.normal(0, 1, tasks))
    failed = (chance.random(full.shape) < full).astype(float)
    points = [
        Point(f"t{task:03d}", {arm: tuple((chance.random(4) < p[task, step]).tolist()) for arm, p in ((FULL, full), (FRESH, fresh))}, f"{step:02d}")
        for task in range(tasks) for step in range(2, STEPS, 5)
    ]  # fmt: skip
    return points, failed


def fraction(ramp: bool, effect: float) -> float:
    """The true AF at these points, over all tasks."""
    full, fresh = (each[:, 2::5] for each in chances(ramp, effect, np.random.default_rng(1).normal(0, 1, 100_000)))
    return float((full - fresh).sum() / full.sum())


def opportunities(tasks: int, off: str, run: int) -> list[Chance]:
    """Two models (hazard ratio 2), three trials each, twelve opportunities; `off`: how tasks differ ("gamma", "normal", "trials differ, too")."""
    chance = generator("hazard", tasks, off, run)
    level = np.log(chance.gamma(4, 0.25, tasks)) if off == "gamma" else chance.normal(0, 0.5, tasks)
    told = []
    for task in range(tasks):
        for trial in range(6):
            model = "ab"[trial % 2]
            own = level[task] + (chance.normal(0, 0.4) if off == "trials differ, too" else 0.0)
            for _ in range(12):
                octave, fill, stage = chance.uniform(10, 17), chance.uniform(0.05, 0.95), "xyz"[chance.integers(3)]
                eta = -3.2 + own + 0.3 * (octave - 13) + 0.5 * fill + np.log(2) * (model == "b") + 0.4 * (stage == "y")
                told.append(Chance(f"t{task:03d}", model, bool(chance.random() < -np.expm1(-np.exp(eta))), 2**octave, fill, stage))
    return told


def legs(ratio: float, level: float, tasks: int, run: int) -> list[Leg]:
    """Twelve milestones a task, one session of each mode; the true ratio continuous / own is `ratio`, tasks differ."""
    chance = generator("continuity", ratio, level, tasks, run)
    own = chance.beta(8 * level, 8 * (1 - level), (tasks, 1)) if level < 1 else np.ones((tasks, 1))
    told = []
    for mode, rate in (("continuous", own * ratio), ("own", own)):
        passed = chance.random((tasks, 12)) < rate
        told += [Leg(f"t{a:03d}", f"m{b}", mode, int(passed[a, b]), 1) for a in range(tasks) for b in range(12)]  # type: ignore[arg-type]
    return told


def labels(share: float, right: float, items: int, run: int) -> tuple[list[str], list[str]]:
    """Two labellers of so many items, of which `share` hold: each sees each item rightly with a chance of `right`, apart from the other."""
    chance = generator("labels", share, right, items, run)
    truth = chance.random(items) < share
    return tuple([str(bool(each)) for each in truth ^ (chance.random(items) >= right)] for _ in range(2))  # type: ignore[return-value]


def agreed(share: float, right: float) -> float:
    """Their true kappa."""
    yes = share * right + (1 - share) * (1 - right)
    by_chance = yes**2 + (1 - yes) ** 2
    return (right**2 + (1 - right) ** 2 - by_chance) / (1 - by_chance)


def calls(slope: float, spreads: float, apart: float, tasks: int, run: int) -> list[Call]:
    """Three trials a task, 40 calls each; `slope` per octave of depth, `spreads`: log odds that one in view adds, `apart`: of trials."""
    chance = generator("calls", slope, spreads, apart, tasks, run)
    told = []
    for trial in range(3 * tasks):
        seen, own = False, chance.normal(0, apart)
        for turn in range(40):
            depth = 1_000.0 * (turn + 1)
            bad = bool(chance.random() < expit(-3.2 + own + slope * (np.log2(depth) - 14) + spreads * seen))
            told.append(Call(f"t{trial // 3:03d}", str(trial), depth, bad, seen))
            seen |= bad
    return told
