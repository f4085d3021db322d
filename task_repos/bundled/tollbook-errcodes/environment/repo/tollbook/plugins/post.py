"""The post's own tariffs and lines, by the authors of the post's plugin."""

from __future__ import annotations

from tollbook.errors import SpoolError, TollbookError, TransmissionError, UnknownTariff

LETTERS = {"49119900": "printed matter", "49070030": "stamps"}


class PostStrike(TransmissionError):
    """Nobody carries anything."""

    code = "TX-01"


class PostBoxFull(SpoolError):
    """The box in the yard is full."""

    code = 3


def letter_tariff(number: str) -> str:
    """What a tariff for letters covers."""
    if number not in LETTERS:
        raise UnknownTariff(f"the post knows no tariff {number}")
    return LETTERS[number]


def carry(weekday: int, letters: int) -> int:
    """How many letters are carried."""
    if weekday == 6:
        raise PostStrike("the post rests on Sundays")
    if letters > 1000:
        raise PostBoxFull("the box in the yard is full")
    if letters < 0:
        raise TollbookError("letters can't be carried back", 199)
    return letters


def receipt(error: TollbookError) -> str:
    """What the counter prints about an error."""
    return f"{error.label}/{error.code}/{error.message}"
