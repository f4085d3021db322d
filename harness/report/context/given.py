"""What figures of context take from elsewhere: how far each detector may be trusted, and what replays decided."""

from __future__ import annotations

import msgspec

from harness.metrics.statistics.clusters import Estimate

UNSCORED = "not scored yet: no scorecard stands behind these detectors"
PLANTED = "validated on planted faults only"


class Score(msgspec.Struct, frozen=True):
    """Of one kind over a labelled corpus: precision and recall (0..1, with Wilson's bounds; None: nothing to tell it from), and of how many. `why`: of one that is not good."""

    kind: str
    version: int
    precision: float | None
    precision_low: float | None
    recall: float | None
    recall_low: float | None
    positives: int
    negatives: int
    good: bool
    why: str = ""


class Trust(msgspec.Struct, frozen=True):
    """`good`: kinds in good standing; the others are experimental and in no headline. `sentence`: what stands beside every figure."""

    good: frozenset[str]
    sentence: str = UNSCORED
    scores: tuple[Score, ...] = ()
    version: str = ""


class Probed(msgspec.Struct, frozen=True):
    """What a probe's replays came to for one model and agent. `fraction`, `per_hundred`: attributable share of failures, and failures per 100
    opportunities; None with `why`. `mechanisms`: points by E, R, S, X, U; `knows`: points by cells of knowing and doing, {} where nobody asked.
    `absent`: of questions about what nobody stated (abstained, asked, named one, no readable answer), None where none was asked.
    """

    run: str
    model: str
    agent: str
    points: int
    tasks: int
    fraction: Estimate | None
    per_hundred: Estimate | None
    why: str
    mechanisms: dict[str, int]
    void: str = ""
    knows: dict[str, int] = {}
    absent: tuple[int, int, int, int] | None = None


class Untold(msgspec.Struct, frozen=True):
    """Re-rolls of one place under a view that never told its item: `honoured` of `rolls`, those that had an opportunity. `turn`: at which the
    outcome shows.
    """

    model: str
    agent: str
    trial: str
    item: str
    turn: int
    honoured: int
    rolls: int
