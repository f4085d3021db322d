"""Firmware images and their versions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import total_ordering

from sluice.errors import ConfigError

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:-([a-z0-9]+))?")
CHUNK = 512


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """``2.10.3`` or ``2.10.3-rc1``; a candidate comes before its release."""

    major: int
    minor: int
    patch: int
    candidate: str = ""

    @classmethod
    def parse(cls, text: str) -> Version:
        match = _VERSION.fullmatch(text.strip())
        if match is None:
            raise ConfigError(f"not a version: {text!r}")
        return cls(int(match[1]), int(match[2]), int(match[3]), match[4] or "")

    def __str__(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        return f"{text}-{self.candidate}" if self.candidate else text

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Version):
            return NotImplemented
        return self._rank < other._rank

    @property
    def _rank(self) -> tuple[int, int, int, bool, str]:
        return self.major, self.minor, self.patch, not self.candidate, self.candidate


@dataclass(frozen=True, slots=True)
class Image:
    """The bytes of a version for one model of outstation."""

    model: str
    version: Version
    data: bytes

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.data).digest()

    @property
    def name(self) -> str:
        return f"{self.model}-{self.version}"

    def chunks(self, offset: int = 0, size: int = CHUNK) -> Iterator[tuple[int, bytes]]:
        """(offset, bytes) from an offset on."""
        for at in range(offset, len(self.data), size):
            yield at, self.data[at : at + size]


def split_name(name: str) -> tuple[str, Version]:
    """Model and version of the name of an image: ``gauge7-2.10.3``."""
    model, dash, version = name.partition("-")
    if not dash or not model:
        raise ConfigError(f"not the name of an image: {name!r}")
    return model, Version.parse(version)


def needs(installed: str, wanted: Version) -> bool:
    """Whether a station with this firmware must be given a version."""
    return Version.parse(installed) != wanted
