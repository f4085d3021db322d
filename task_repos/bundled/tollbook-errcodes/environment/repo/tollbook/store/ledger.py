"""The account of a guarantee: duties are held until they are paid."""

from __future__ import annotations

from dataclasses import dataclass, field

from tollbook.money import Amount, total


@dataclass
class Ledger:
    """A guarantee over `limit` and the duties that are held on it, by their references."""

    guarantee: str
    limit: Amount
    held: dict[str, Amount] = field(default_factory=dict)
    closed: bool = False

    @property
    def free(self) -> Amount:
        """What is not held yet."""
        return self.limit - total(list(self.held.values()), self.limit.currency)

    def hold(self, reference: str, amount: Amount) -> None:
        """Hold a duty; what was held under the reference before is replaced."""
        self._open()
        self.held[reference] = amount

    def release(self, reference: str) -> Amount:
        """Give back what is held under a reference; nothing where there is nothing."""
        self._open()
        return self.held.pop(reference, Amount(self.limit.value * 0, self.limit.currency))

    def close(self) -> None:
        """End the account; it can't be opened again."""
        self.closed = True

    def _open(self) -> None:
        if self.closed:
            raise RuntimeError("ledger of %s is closed" % (self.guarantee,))
