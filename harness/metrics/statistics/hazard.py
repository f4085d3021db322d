"""Discrete hazard of a violation at an opportunity: what distance, fullness, stage, kind of rule and model each add."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from harness.metrics.statistics import clusters, mixed
from harness.metrics.statistics.mixed import Fitted, Rows

if TYPE_CHECKING:
    import numpy as np

    from harness.metrics.statistics.clusters import Floats

INFLATED: Final = 10.0
"""Variance inflation above which a column says little of its own (Marquardt 1970, Technometrics 12:591-612)."""
FEW: Final = 10
"""Events per coefficient below which estimates lean away from 0 (Peduzzi et al. 1996, J Clin Epidemiol 49:1373-1379)."""
FEW_TASKS: Final = 10
SAME: Final = 1e-8


class Chance(msgspec.Struct, frozen=True):
    """One opportunity. `distance`: tokens since the last visible exposure (> 0); `fill`: prompt / window, 0..1; `exposures`: counted so far.

    `stage`: template of the stage; `rule`: class of the rule; `compacted`: after a compaction; `task`: the cluster.
    """

    task: str
    model: str
    violated: bool
    distance: float
    fill: float
    stage: str = ""
    rule: str = ""
    exposures: int = 0
    compacted: bool = False


class Effect(msgspec.Struct, frozen=True):
    """`estimate`: of the log hazard per unit of the column, 95 % `low`..`high`; `ratio`: hazard ratio. `column`: such as "log2 distance"."""

    column: str
    estimate: float
    low: float
    high: float
    p: float

    @property
    def ratio(self) -> tuple[float, float, float]:
        """The hazard ratio with its interval."""
        import math

        estimate, low, high = (math.exp(min(700.0, each)) for each in (self.estimate, self.low, self.high))
        return estimate, low, high


class Hazards(msgspec.Struct, frozen=True):
    """`spread`: standard deviation over tasks of the log hazard. `warnings`: what cannot be told apart, each column by name."""

    effects: tuple[Effect, ...]
    spread: float
    opportunities: int
    violations: int
    tasks: int
    warnings: tuple[str, ...]


def hazards(chances: Sequence[Chance]) -> Hazards:
    """Complementary log-log of P(violated) on log2 distance, fill, stage template, class of rule, exposures, compaction and model.

    Coefficients are log hazard ratios (Prentice and Gloeckler 1978, Biometrics 34:57-67) for one and the same task, which has a normal level
    of its own; errors are robust over tasks, Student's quantile of tasks - 1. Categories are told against their commonest; a column that never
    differs is left out. Distance and fill are told apart only by an assignment that crosses them: `warnings` names columns that others tell
    nearly whole, and one that others tell wholly is left out. Raises ValueError for no opportunity, or outcomes that are all alike.
    """
    _lawful(chances)
    names, x = _columns(chances)
    names, x, warnings = _sound(names, x)
    import numpy as np

    order = np.lexsort((x.sum(axis=1), [chance.violated for chance in chances], [chance.task for chance in chances]))
    tasks = clusters.numbered(chance.task for chance in chances)
    place = np.array([tasks[chances[row].task] for row in order])
    y = np.array([chances[row].violated for row in order], dtype=float)
    found = mixed.fit(Rows(x[order], y, place, place), "cloglog")
    warnings += _thin(int(min(y.sum(), len(y) - y.sum())), len(names), len(tasks)) + (() if found.converged else ("the fit did not settle",))
    return Hazards(effects(names, found), found.spread, len(y), int(y.sum()), len(tasks), warnings)


def effects(names: Sequence[str], found: Fitted) -> tuple[Effect, ...]:
    """Every column but the constant, by Student's distribution."""
    import numpy as np
    from scipy.special import stdtr, stdtrit  # type: ignore[import-untyped]

    wide = float(stdtrit(found.freedom, 0.975))
    told = []
    for place, name in list(enumerate(names))[1:]:
        value, error = float(found.beta[place]), float(np.sqrt(max(0.0, found.covariance[place, place])))
        p = 2 * float(stdtr(found.freedom, -abs(value) / error)) if error else 1.0
        told.append(Effect(name, value, value - wide * error, value + wide * error, p))
    return tuple(told)


def _columns(chances: Sequence[Chance]) -> tuple[list[str], Floats]:
    import numpy as np

    columns: dict[str, Floats] = {
        "constant": np.ones(len(chances)),
        "log2 distance": np.log2([chance.distance for chance in chances]),
        "fill": np.array([chance.fill for chance in chances]),
        "exposures": np.log2([1.0 + chance.exposures for chance in chances]),
        "after compaction": np.array([float(chance.compacted) for chance in chances]),
    }
    for word in ("stage", "rule", "model"):
        columns |= _told(word, [getattr(chance, word) for chance in chances])
    return list(columns), np.array(list(columns.values())).T


def _told(word: str, values: Sequence[str]) -> dict[str, Floats]:
    """A column of 0 and 1 for each category but the commonest."""
    import numpy as np

    commonest, *others = sorted(set(values), key=lambda each: (-values.count(each), each))
    return {f"{word} {other} (against {commonest})": np.array([float(each == other) for each in values]) for other in others}


def _sound(names: Sequence[str], x: Floats) -> tuple[list[str], Floats, tuple[str, ...]]:
    """Without columns that never differ or that those before tell wholly; warnings for these and for those told nearly whole."""
    import numpy as np

    keep, warnings = [0], []
    for place in range(1, len(names)):
        if np.ptp(x[:, place]) < SAME:
            continue
        left = 1 - _explained(x[:, place], x[:, keep])
        if left < SAME:
            others = [names[each] for each in keep[1:] if abs(_correlation(x[:, place], x[:, each])) > 0.5]
            warnings.append(f"{names[place]}: told wholly by {', '.join(others) or 'the other columns'}; left out")
            continue
        keep.append(place)
    for place in keep[1:]:
        rest = [each for each in keep if each != place]
        if 1 / max(SAME, 1 - _explained(x[:, place], x[:, rest])) > INFLATED:
            twin = max(rest[1:], key=lambda each: abs(_correlation(x[:, place], x[:, each])))
            warnings.append(f"{names[place]} and {names[twin]} can hardly be told apart")
    return [names[each] for each in keep], x[:, keep], tuple(warnings)


def _explained(column: Floats, others: Floats) -> float:
    """R squared of a column on others, which hold the constant."""
    import numpy as np

    rest = column - others @ np.linalg.lstsq(others, column, rcond=None)[0]
    return float(1 - rest @ rest / max(1e-300, float(((column - column.mean()) ** 2).sum())))


def _correlation(one: np.ndarray, two: np.ndarray) -> float:
    import numpy as np

    return float(np.corrcoef(one, two)[0, 1])


def _thin(events: int, columns: int, tasks: int) -> tuple[str, ...]:
    few = f"{events} events for {columns} coefficients: expected {FEW} each"
    clusters = f"{tasks} tasks: intervals are sure from {FEW_TASKS} on"
    return (*((few,) if events < FEW * columns else ()), *((clusters,) if tasks < FEW_TASKS else ()))


def _lawful(chances: Sequence[Chance]) -> None:
    if not chances:
        raise ValueError("no opportunity")
    if len({chance.violated for chance in chances}) < 2:
        raise ValueError("every opportunity ended alike: no hazard can be told from another")
    for chance in chances:
        if not 0 < chance.distance < float("inf"):
            raise ValueError(f"distance {chance.distance}: expected above 0")
