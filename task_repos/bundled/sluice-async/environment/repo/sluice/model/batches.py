"""Batches of readings on their way to the collector."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sluice.errors import StoreError
from sluice.model.readings import Reading

LARGEST = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings with a number that grows; the collector takes the same number only once."""

    number: int
    readings: tuple[Reading, ...]

    def encode(self) -> bytes:
        table = {"batch": self.number, "readings": [reading.to_dict() for reading in self.readings]}
        return json.dumps(table, separators=(",", ":"), sort_keys=True).encode("utf-8")

    @classmethod
    def decode(cls, data: bytes) -> Batch:
        try:
            table = json.loads(data)
            return cls(int(table["batch"]), tuple(Reading.from_dict(each) for each in table["readings"]))
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f"not a batch: {error}") from None

    @property
    def stations(self) -> tuple[str, ...]:
        return tuple(sorted({reading.station for reading in self.readings}))


def split(readings: Iterable[Reading], largest: int = LARGEST) -> Iterator[tuple[Reading, ...]]:
    """Pieces of at most ``largest`` readings, in their order."""
    piece: list[Reading] = []
    for reading in readings:
        piece.append(reading)
        if len(piece) == largest:
            yield tuple(piece)
            piece = []
    if piece:
        yield tuple(piece)
