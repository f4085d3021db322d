"""Movement reference numbers: year, country, signs, a check character."""

from __future__ import annotations

from datetime import date

from tollbook.errors import MrnError

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LENGTH = 18


def check_character(signs: str) -> str:
    """The character that follows the 17 signs: their values times their places, modulo 36."""
    total = sum(SIGNS.index(sign) * place for place, sign in enumerate(signs, start=1))
    return SIGNS[total % 36]


def make(day: date, country: str, serial: int) -> str:
    """The number for a serial number of a day's year."""
    signs = f"{day:%y}{country}{serial:013d}"
    return signs + check_character(signs)


def check(mrn: str) -> str:
    """The number itself if it is right."""
    text = mrn.replace(" ", "").upper()
    if len(text) != LENGTH or any(sign not in SIGNS for sign in text) or check_character(text[:-1]) != text[-1]:
        raise MrnError(f"MRN {mrn!r} fails its check character")
    return text


def year_of(mrn: str) -> int:
    """The year that a number was given in."""
    return 2000 + int(check(mrn)[:2])
