"""Which registers are asked for together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sluice.errors import MessageError
from sluice.model.stations import Point
from sluice.wire.registers import decode_value

LONGEST_BLOCK = 64
WIDEST_GAP = 4


@dataclass(frozen=True, slots=True)
class Span:
    """``count`` registers from ``start`` on."""

    start: int
    count: int

    @property
    def end(self) -> int:
        return self.start + self.count


def spans(points: Iterable[Point], longest: int = LONGEST_BLOCK, gap: int = WIDEST_GAP) -> list[Span]:
    """As few blocks as cover the points, when small gaps are read too rather than asked around."""
    found: list[Span] = []
    for point in sorted(points, key=lambda p: p.register):
        end = point.register + point.type.words
        if found and point.register - found[-1].end <= gap and end - found[-1].start <= longest:
            found[-1] = Span(found[-1].start, max(found[-1].end, end) - found[-1].start)
        else:
            found.append(Span(point.register, point.type.words))
    return found


def words_of(point: Point, memory: Mapping[int, int]) -> tuple[int, ...]:
    try:
        return tuple(memory[register] for register in point.registers)
    except KeyError as error:
        raise MessageError(f"register {error} of {point.name} was not sent") from None


def value_of(point: Point, memory: Mapping[int, int]) -> float:
    """The value of a point in words by register."""
    return decode_value(words_of(point, memory), point.type, point.scale)


def memory_of(start: int, words: Iterable[int]) -> dict[int, int]:
    return {start + n: word for n, word in enumerate(words)}
