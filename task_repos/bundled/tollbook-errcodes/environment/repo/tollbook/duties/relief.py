"""Reliefs: goods for which less is due, such as samples, returned goods and household removals."""

from __future__ import annotations

from dataclasses import dataclass, field

from tollbook.errors import ReliefError
from tollbook.goods.lines import GoodsLine
from tollbook.money import Amount, zero


@dataclass(frozen=True)
class Relief:
    """`headings` that are covered, all when empty; `limit` of duty that may be left away; `per_line` a fixed sum."""

    key: str
    headings: tuple[str, ...]
    limit: Amount
    per_line: Amount | None = None


@dataclass
class Reliefs:
    """Reliefs by their keys, with what has been used of them."""

    known: dict[str, Relief]
    used: dict[str, Amount] = field(default_factory=dict)

    def covered(self, key: str, line: GoodsLine) -> Relief:
        """The relief of a key, if it covers the goods."""
        relief = self.known.get(key)
        number = line.tariff.replace(".", "")
        if relief is None or (relief.headings and not number.startswith(relief.headings)):
            raise ReliefError(f"relief {key} does not cover {line.tariff}")
        return relief

    def apply(self, key: str, line: GoodsLine, duty: Amount) -> Amount:
        """What is left of a duty after the relief."""
        relief = self.covered(key, line)
        taken = relief.per_line or duty
        left = duty - taken
        if left.value < 0:
            raise ReliefError("duty of %.2f is negative after relief %s" % (left.value, key), 407)
        used = self.used.get(key, zero(duty.currency)) + taken
        if relief.limit < used:
            raise ReliefError(f"relief {key} is used up: {used.value:.2f} of {relief.limit.value:.2f}", 405)
        self.used[key] = used
        return left
