"""In which waves a fleet is given new firmware, and when to stop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from sluice.errors import RolloutError


class Step(Enum):
    """How far one station is in a rollout."""

    WAITING = "waiting"
    SENDING = "sending"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Plan:
    """Waves of station names; more than ``tolerated`` failures in one wave end the rollout."""

    image: str
    waves: tuple[tuple[str, ...], ...]
    tolerated: int = 0

    @property
    def stations(self) -> tuple[str, ...]:
        return tuple(name for wave in self.waves for name in wave)


def plan(image: str, stations: Sequence[str], sizes: Sequence[int] = (1, 5), tolerated: int = 0) -> Plan:
    """Waves of the given sizes; the last size serves for all further waves."""
    if not stations:
        raise RolloutError("a rollout needs stations")
    if len(set(stations)) != len(stations):
        raise RolloutError("a station is named twice")
    if not sizes or min(sizes) < 1:
        raise RolloutError("waves have at least one station")
    waves, at, number = [], 0, 0
    while at < len(stations):
        size = sizes[min(number, len(sizes) - 1)]
        waves.append(tuple(stations[at : at + size]))
        at, number = at + size, number + 1
    return Plan(image, tuple(waves), tolerated)


def failures(wave: Iterable[str], steps: Mapping[str, Step]) -> int:
    return sum(steps.get(name, Step.WAITING) is Step.FAILED for name in wave)


def is_halted(found: Plan, steps: Mapping[str, Step]) -> bool:
    return any(failures(wave, steps) > found.tolerated for wave in found.waves)


def open_wave(found: Plan, steps: Mapping[str, Step]) -> tuple[str, ...]:
    """What is left of the first wave that is not over; empty when the rollout is done or halted."""
    for wave in found.waves:
        if failures(wave, steps) > found.tolerated:
            return ()
        left = tuple(n for n in wave if steps.get(n, Step.WAITING) in (Step.WAITING, Step.SENDING))
        if left:
            return left
    return ()


def summary(found: Plan, steps: Mapping[str, Step]) -> dict[str, int]:
    """How many stations are at each step."""
    counts = {step.value: 0 for step in Step}
    for name in found.stations:
        counts[steps.get(name, Step.WAITING).value] += 1
    return counts
