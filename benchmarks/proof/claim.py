"""What is promised and how it is decided: claims read from the TOML files beside, answers as values."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from pathlib import Path

import msgspec

FOLDER = Path(__file__).with_name("claims")


class Answer(StrEnum):
    """`open`: what the claim needs is not on this machine, and is named."""

    YES = "yes"
    NO = "no"
    OPEN = "open"


class Claim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sentence, decided by tests, by a figure within bounds, by a command, or by nothing yet (`missing` says what lacks).

    `tests`: node ids or beginnings of them; each must select at least one test. `figure`: MEASURE.KEY with `most`, `least` or `equals`.
    `command`: words of the longhaul command line, run in a scratch folder that holds `files`; `exit` and a part of what it `says`.
    """

    text: str
    tests: tuple[str, ...] = ()
    figure: str = ""
    most: float | None = None
    least: float | None = None
    equals: float | None = None
    unit: str = ""
    command: tuple[str, ...] = ()
    exit: int = 0
    says: str = ""
    files: dict[str, str] = {}
    missing: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError for a claim that is decided by nothing."""
        if not (self.tests or self.figure or self.command or self.missing):
            raise ValueError(f"{self.text!r}: no tests, figure, command or missing")
        if self.figure and (self.most, self.least, self.equals) == (None, None, None):
            raise ValueError(f"{self.text!r}: a figure without a bound")


class Decided(msgspec.Struct, frozen=True):
    """`figure` is what was counted or measured, `how` where it comes from and, for a no, why."""

    claim: Claim
    answer: Answer
    figure: str
    how: str


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of claims. `title` heads their lines."""

    title: str
    claim: tuple[Claim, ...]


def parts() -> tuple[Part, ...]:
    """All files in the order of the numbers that their names begin with. Raises msgspec.ValidationError, ValueError."""
    paths = sorted(FOLDER.glob("*.toml"), key=lambda path: int(path.stem.partition("_")[0]))
    return tuple(msgspec.convert(tomllib.loads(path.read_text("utf-8")), Part) for path in paths)
