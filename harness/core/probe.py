"""A probe as its run keeps it: which points of another run's trials are replayed, under which arms, and what was left out before any outcome."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from harness.core.blob import Blob
from harness.core.memory import Manner
from harness.core.trial import TrialKey

How: TypeAlias = Literal["every", "distance", "failure"]
"""Why a point was chosen: one of every m opportunities of its item, to fill its bin of distance, or because it had failed."""


class Place(msgspec.Struct, frozen=True):
    """An opportunity without its outcome: `item` could be honoured at `turn` of a trial (its short id in the parent run).

    `stage`: the request worked on, from 1; `distance`: tokens since the item was last seen, `fill`: share of the window, `visible`: whether
    it was in the view at all; None where nobody can tell.
    """

    trial: str
    task: str
    agent: str
    model: str
    item: str
    turn: int
    stage: int = 1
    distance: int | None = None
    fill: float | None = None
    visible: bool | None = None
    kind: str = "rule"
    manner: Manner = "fact"
    shows: int = 0
    """The turn at which its outcome showed, where that was a later one than `turn`; 0 elsewhere."""


class Point(msgspec.Struct, frozen=True):
    """A place that is replayed from the end of the turn before. `weight`: opportunities that it stands for. `attempts`: numbers of its
    re-rolls among the trials of its task, agent and model, the same under every arm.
    """

    name: str
    place: Place
    how: How
    weight: float = 1.0
    attempts: tuple[int, ...] = ()

    @property
    def on_failure(self) -> bool:
        """Whether its outcome had a say in its being chosen: then it is in no share of anything."""
        return self.how == "failure"


class Excluded(msgspec.Struct, frozen=True):
    """A place that can't be replayed, and why."""

    place: Place
    why: str


class Probe(msgspec.Struct, frozen=True):
    """`run`: the parent's id. `window`: turns at most. `pasts`: "POINT ARM" -> the blob of that Fork. `offered`: places before any choice.
    `images`: kept machines that replays start from. `questions`: as JSON text, by "POINT" what the arm recall asks, by "POINT ARM" what another.
    """

    run: str
    arms: tuple[str, ...]
    rolls: int
    window: int
    points: tuple[Point, ...]
    excluded: tuple[Excluded, ...] = ()
    offered: int = 0
    pasts: dict[str, Blob] = {}
    images: tuple[str, ...] = ()
    questions: dict[str, str] = {}

    def of(self, key: TrialKey) -> Point | None:
        """The point that a trial of this probe's run replays."""
        found = (each for each in self.points if (each.place.task, each.place.agent, each.place.model) == (key.task, key.agent, key.model))
        return next((each for each in found if key.attempt in each.attempts), None)

    def past(self, key: TrialKey) -> Blob | None:
        """Where the Fork of a trial is kept."""
        point = self.of(key)
        return self.pasts.get(f"{point.name} {key.variant}") if point else None
