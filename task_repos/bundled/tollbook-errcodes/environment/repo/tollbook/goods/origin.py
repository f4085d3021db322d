"""Where goods come from, and the papers that prove it where that makes them cheaper."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tollbook.errors import OriginError
from tollbook.goods.lines import GoodsLine


@dataclass(frozen=True)
class Agreement:
    """Goods of `country` with `proof` pay `factor` of the duty; a proof holds `days` days."""

    country: str
    proof: str
    form: str
    days: int
    factor: Decimal


AGREEMENTS = {
    each.country: each
    for each in (
        Agreement("CH", "EUR.1", "EUR1-NNNNNN-YYMMDD", 120, Decimal(0)),
        Agreement("GB", "REX", "REX-AANNNN-YYMMDD", 365, Decimal(0)),
        Agreement("JP", "SOO", "SOO-NNNN-YYMMDD", 365, Decimal("0.25")),
        Agreement("NO", "EUR.1", "EUR1-NNNNNN-YYMMDD", 120, Decimal(0)),
        Agreement("TR", "A.TR", "ATR-ANNNNN-YYMMDD", 120, Decimal("0.5")),
    )
}


def _pattern(form: str) -> re.Pattern[str]:
    head, middle, _ = form.split("-")
    signs = middle.replace("N", r"\d").replace("A", "[A-Z]")
    return re.compile(rf"{head}-{signs}-(\d\d)(\d\d)(\d\d)")


def proof_day(number: str, agreement: Agreement) -> date:
    """The day that a proof was given on."""
    found = _pattern(agreement.form).fullmatch(number)
    if found is None:
        raise OriginError("proof %r is not of the form %s" % (number, agreement.form), 221)
    year, month, day = (int(part) for part in found.groups())
    try:
        return date(2000 + year, month, day)
    except ValueError:
        raise OriginError(f"proof {number!r} is not of the form {agreement.form}", 221) from None


def factor(line: GoodsLine, day: date) -> Decimal:
    """How much of the duty goods pay by their origin; 1 without an agreement."""
    agreement = AGREEMENTS.get(line.origin)
    if agreement is None:
        return Decimal(1)
    if not line.proof:
        return Decimal(1)
    end = proof_day(line.proof, agreement) + timedelta(days=agreement.days)
    if end < day:
        raise OriginError(
            "proof {} ended on {}, {} days before the declaration".format(line.proof, end, (day - end).days), 222
        )
    return agreement.factor


def demand_proof(line: GoodsLine) -> None:
    """Refuse goods that would be cheaper with a proof that isn't there."""
    agreement = AGREEMENTS.get(line.origin)
    if agreement is not None and not line.proof:
        raise OriginError(f"goods line {line.number}: origin {line.origin} needs proof {agreement.proof}")
