"""Regression of yes and no on what stood around them, each task (or trial) with an own level: likelihood, fit, robust errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    import numpy as np

    from harness.metrics.statistics.clusters import Floats

Link: TypeAlias = Literal["cloglog", "logit"]
NODES: Final = 41
REACH: Final = 5.0
"""Levels of a group are summed over so many evenly spaced points to so many standard deviations either way: for a smooth function over its whole
range the plain sum errs less than any power of the spacing. Gauss-Hermite was refused: with hundreds of opportunities a task's level is known
more closely than those nodes lie."""
RIDGE: Final = 1e-3
"""Weak pull to 0 in standardised columns: what no violation tells apart stays finite."""
LEAST: Final = -4.0
"""Log of the least standard deviation of the levels: below it they are none."""
STEPS: Final = 200


class Rows(msgspec.Struct, frozen=True):
    """`x`: rows x columns with the constant first; `y`: 0 or 1; `group`: whose level a row has; `cluster`: what is drawn independently."""

    x: Floats
    y: Floats
    group: np.ndarray
    cluster: np.ndarray


class Fitted(msgspec.Struct, frozen=True):
    """`beta`: per column; `spread`: standard deviation of the groups' levels; `covariance` of beta, robust; `freedom`: of Student's distribution."""

    beta: Floats
    spread: float
    covariance: Floats
    freedom: int
    converged: bool


def fit(rows: Rows, link: Link) -> Fitted:
    """Maximum likelihood with one normal level per group, integrated out; errors robust over clusters (sandwich, times g / (g - 1)).

    Liang and Zeger 1986, Biometrika 73:13-22 for the sandwich; it holds when a cluster's rows depend on each other in more ways than by
    their level. Read with
    Student's distribution of clusters - 1 degrees of freedom; docs/context-statistics.md has how often such intervals hold the truth.
    """
    import numpy as np
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    columns = rows.x.shape[1]
    centre, scale = _scales(rows.x)
    scaled = Rows((rows.x - centre) / scale, rows.y, rows.group, rows.cluster)
    start = np.append(np.zeros(columns), -0.7)
    start[0] = _started(float(rows.y.mean()), link)
    found = minimize(_loss, start, args=(scaled, link), jac=True, method="L-BFGS-B", bounds=[(None, None)] * columns + [(LEAST, 1.5)], options={"maxiter": STEPS})
    bread = np.linalg.pinv(_information(found.x, scaled, link))
    scores = _by_cluster(_scores(found.x, scaled, link)[1], scaled)
    count = len(scores)
    meat = scores.T @ scores * count / max(1, count - 1)
    back = _back(centre, scale, columns)
    covariance = back @ (bread @ meat @ bread)[:columns, :columns] @ back.T
    return Fitted(back @ found.x[:columns], float(np.exp(found.x[-1])), covariance, max(1, count - 1), bool(found.success))


def level(rows: Rows, found: Fitted, link: Link) -> Floats:
    """Each row's chance, its group's level integrated out."""
    import numpy as np

    nodes, weights = _nodes()
    told, _ = _told((rows.x @ found.beta)[:, None] + found.spread * nodes, np.ones(len(rows.x), bool), link)
    chance: Floats = np.exp(told) @ weights
    return chance


def _scales(x: Floats) -> tuple[Floats, Floats]:
    """Centres and widths of the columns; the constant stays."""
    import numpy as np

    centre, scale = x.mean(axis=0), x.std(axis=0)
    centre[0] = 0.0
    return centre, np.where(scale > 0, scale, 1.0)


def _back(centre: Floats, scale: Floats, columns: int) -> Floats:
    """From coefficients of standardised columns to those of the columns as given."""
    import numpy as np

    back = np.diag(1 / scale)
    back[0, 1:] = -(centre / scale)[1:columns]
    return back


def _started(rate: float, link: Link) -> float:
    import numpy as np

    rate = min(0.99, max(0.01, rate))
    return float(np.log(-np.log1p(-rate)) if link == "cloglog" else np.log(rate / (1 - rate)))


def _nodes() -> tuple[Floats, Floats]:
    import numpy as np

    nodes = np.linspace(-REACH, REACH, NODES)
    weights = np.exp(-(nodes**2) / 2)
    return nodes, weights / weights.sum()


def _told(eta: Floats, yes: np.ndarray, link: Link) -> tuple[Floats, Floats]:
    """Each row's log-likelihood at its linear predictors (rows x nodes), and its slope in them."""
    import numpy as np

    if link == "logit":
        sign = np.where(yes, 1.0, -1.0)[:, None]
        odds = np.exp(-np.clip(sign * eta, -30, 30))
        return -np.log1p(odds), sign * odds / (1 + odds)
    rate = np.exp(np.clip(eta, -30, 5))
    told, slope = -rate, -rate
    told[yes] = np.log(-np.expm1(-rate[yes]))
    slope[yes] = rate[yes] / np.expm1(rate[yes])
    return told, slope


def _loss(told: Floats, rows: Rows, link: Link) -> tuple[float, Floats]:
    import numpy as np

    total, scores = _scores(told, rows, link)
    pull = np.append(told[:-1], 0.0) * RIDGE
    pull[0] = 0.0
    return float(-total + pull @ told / 2), -scores.sum(axis=0) + pull


def _scores(told: Floats, rows: Rows, link: Link) -> tuple[float, Floats]:
    """The log-likelihood, and its slope in (beta, log spread) as one part for each group."""
    import numpy as np

    nodes, weights = _nodes()
    spread, groups = np.exp(told[-1]), int(rows.group.max()) + 1
    eta = (rows.x @ told[:-1])[:, None] + spread * nodes
    each, slope = _told(eta, rows.y > 0, link)
    joint = np.zeros((groups, NODES))
    np.add.at(joint, rows.group, each)
    joint += np.log(weights)
    top = joint.max(axis=1, keepdims=True)
    likely = np.exp(joint - top)
    total = float(np.sum(np.log(likely.sum(axis=1)) + top[:, 0]))
    likely /= likely.sum(axis=1, keepdims=True)
    pulled = slope * likely[rows.group]
    scores = np.zeros((groups, len(told)))
    np.add.at(scores, rows.group, np.hstack([pulled.sum(axis=1)[:, None] * rows.x, (pulled @ nodes)[:, None] * spread]))
    return total, scores


def _information(told: Floats, rows: Rows, link: Link) -> Floats:
    """The observed information by central differences of the slope."""
    import numpy as np

    size, step = len(told), 1e-4
    found = np.zeros((size, size))
    for place in range(size):
        off = np.zeros(size)
        off[place] = step
        found[place] = (_loss(told + off, rows, link)[1] - _loss(told - off, rows, link)[1]) / (2 * step)
    return (found + found.T) / 2


def _by_cluster(scores: Floats, rows: Rows) -> Floats:
    """Groups lie within clusters: their parts are added."""
    import numpy as np

    owner = np.zeros(len(scores), dtype=int)
    owner[rows.group] = rows.cluster
    found = np.zeros((int(rows.cluster.max()) + 1, scores.shape[1]))
    np.add.at(found, owner, scores)
    return found
