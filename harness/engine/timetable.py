"""When each trial of a plan would end: the shipped line-up, its workers and its places at models, played with given durations; pure.

A trial is an alternation of asking its model and of everything else. Only asking takes a place, first come, first served, so a run with more
trials at a time than places waits where the real one would. Left out: how much slower a server answers several requests at once than one,
and the loading of models in turn, except for what of both is in the durations.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Mapping

import msgspec

from harness.engine.lineup import Lineup, Place

ROUNDS = 6
"""A trial asks its model so often here: waiting for a place comes out alike from a few rounds on, and a night of thousands of trials stays cheap."""


class Duration(msgspec.Struct, frozen=True):
    """Of one trial, in seconds: at the model, and elsewhere (tools, harness, grading)."""

    model: float
    other: float


def timetable(places: Iterable[Place], durations: Mapping[str, Duration], parallel: int, limits: Mapping[str, int]) -> dict[str, float]:
    """Short id -> seconds from the start to its end, in the order of their ends. `limits`: model -> requests at a time; a model that is not there has no bound."""
    return _Night(places, durations, parallel, limits).played()


class _Night:
    """The clock is the heap of what happens next; equal times go in the order in which they were said."""

    def __init__(self, places: Iterable[Place], durations: Mapping[str, Duration], parallel: int, limits: Mapping[str, int]) -> None:
        queue = tuple(places)
        self._lineup, self._durations = Lineup(queue), durations
        self._models = {place.short: place.model for place in queue}
        self._parallel, self._free = parallel, dict(limits)
        self._waiting: dict[str, deque[str]] = {}
        self._next: list[tuple[float, int, str, int]] = []  # at, order, trial, half rounds done: odd ones end a question
        self._said, self._running = 0, 0
        self._halves: dict[str, int] = {}
        self._ends: dict[str, float] = {}

    def played(self) -> dict[str, float]:
        self._begin(0.0)
        while self._next:
            at, _, short, halves = heapq.heappop(self._next)
            self._step(at, short, halves)
        return self._ends

    def _begin(self, now: float) -> None:
        while self._running < self._parallel and (short := self._lineup.lease()) is not None:
            self._running += 1
            self._halves[short] = 0
            self._ask(now, short)

    def _step(self, now: float, short: str, halves: int) -> None:
        self._halves[short] = halves
        if halves % 2:
            self._leave(now, self._models[short])
            self._say(now + self._durations[short].other / ROUNDS, short)
        elif halves < 2 * ROUNDS:
            self._ask(now, short)
        else:
            self._ends[short] = now
            self._running -= 1
            self._lineup.done(short)
            self._begin(now)

    def _ask(self, now: float, short: str) -> None:
        model = self._models[short]
        if self._free.get(model, 1) <= 0:
            self._waiting.setdefault(model, deque()).append(short)
            return
        if model in self._free:
            self._free[model] -= 1
        self._say(now + self._durations[short].model / ROUNDS, short)

    def _leave(self, now: float, model: str) -> None:
        if model not in self._free:
            return
        self._free[model] += 1
        if line := self._waiting.get(model):
            self._ask(now, line.popleft())

    def _say(self, at: float, short: str) -> None:
        self._said += 1
        heapq.heappush(self._next, (at, self._said, short, self._halves[short] + 1))
