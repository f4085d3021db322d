"""The one shape into which every bank format is read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from ledgerlite.errors import ImportFailed
from ledgerlite.money import ZERO


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement on a bank account; the amount is positive for money that came in."""

    day: date
    amount: Decimal
    text: str
    partner: str = ""
    bank_id: str = ""

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that name the line; the bank's own id counts when it gives one."""
        basis = self.bank_id or f"{self.day}|{self.amount}|{self.partner}|{self.text}"
        return hashlib.sha256(basis.encode()).hexdigest()[:16]


def number_twins(lines: Iterable[StatementLine]) -> Iterator[StatementLine]:
    """Give equal lines without a bank id one, so that two coffees a day stay two."""
    seen: dict[str, int] = {}
    for line in lines:
        count = seen.get(line.fingerprint, 0)
        seen[line.fingerprint] = count + 1
        if count and not line.bank_id:
            yield replace(line, bank_id=f"{line.fingerprint}#{count}")
        else:
            yield line


def check_balances(lines: Iterable[StatementLine], opening: Decimal, closing: Decimal) -> None:
    """Raise ImportFailed unless the lines lead from the opening to the closing balance."""
    moved = sum((line.amount for line in lines), ZERO)
    if opening + moved != closing:
        raise ImportFailed(f"lines add up to {opening + moved}, the statement closes at {closing}")
