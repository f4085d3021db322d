"""EORI numbers: a country, then signs with a check digit at the end."""

from __future__ import annotations

from tollbook.countries import known
from tollbook.errors import EoriError

_WEIGHTS = (7, 3, 1)


def check_digit(signs: str) -> int:
    """The digit that makes the weighted sum of a number end in nought; letters count from 10."""
    values = [int(sign, 36) for sign in signs]
    return -sum(value * _WEIGHTS[place % 3] for place, value in enumerate(values)) % 10


def check(text: str) -> str:
    """An EORI number without spaces, in capitals."""
    eori = text.replace(" ", "").upper()
    if len(eori) < 4 or not known(eori[:2]) or not eori.isalnum():
        raise EoriError(f"EORI {text!r} does not begin with a country")
    wanted = check_digit(eori[2:-1])
    if eori[-1] != str(wanted):
        raise EoriError("EORI %s has check digit %s, not %s" % (eori, eori[-1], wanted), 503)
    return eori


def complete(text: str) -> str:
    """A number that has no check digit yet, with it."""
    eori = text.replace(" ", "").upper()
    return f"{eori}{check_digit(eori[2:])}"


def country_of(eori: str) -> str:
    """The country that gave a number."""
    return check(eori)[:2]
