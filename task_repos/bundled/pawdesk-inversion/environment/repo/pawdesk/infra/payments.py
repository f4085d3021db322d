"""The card terminal: charges and refunds, kept in the file that the bank collects at night."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from pawdesk.errors import Declined, NotOpen

BLOCKED = "0000"


class CardTerminal:
    """A terminal with a limit; cards whose number ends in 0000 are blocked."""

    def __init__(self, path: Path | None, limit: Decimal) -> None:
        self._path = path
        self._limit = limit
        self._lines: list[str] = []

    def charge(self, amount: Decimal, card: str, reference: str) -> str:
        """Takes money and gives the number of the receipt."""
        if card.endswith(BLOCKED):
            raise Declined(f"card *{card[-4:]} is blocked")
        if amount > self._limit:
            raise Declined(f"{amount} is over the limit of {self._limit}")
        return self._note({"kind": "charge", "amount": str(amount), "card": card[-4:], "reference": reference})

    def refund(self, receipt: str, amount: Decimal) -> str:
        """Gives money back on an earlier receipt."""
        charged = [each for each in self.slips() if each["receipt"] == receipt and each["kind"] == "charge"]
        if not charged:
            raise Declined(f"no receipt {receipt}")
        back = sum(Decimal(each["amount"]) for each in self.slips() if each.get("of") == receipt)
        if back + amount > Decimal(charged[0]["amount"]):
            raise Declined(f"more than was charged on {receipt}")
        return self._note({"kind": "refund", "amount": str(amount), "of": receipt})

    def slips(self) -> list[dict[str, Any]]:
        if self._path is None:
            return [json.loads(line) for line in self._lines]
        lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        return [json.loads(line) for line in lines]

    def _note(self, slip: dict[str, Any]) -> str:
        receipt = f"R{len(self.slips()) + 1:05d}"
        line = json.dumps({**slip, "receipt": receipt}, sort_keys=True)
        if self._path is None:
            self._lines.append(line)
        else:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        return receipt


_terminal: CardTerminal | None = None


def install(terminal: CardTerminal | None) -> None:
    global _terminal
    _terminal = terminal


def terminal() -> CardTerminal:
    """The terminal of the process."""
    if _terminal is None:
        raise NotOpen("no practice is open")
    return _terminal
