"""Fixed assets: purchase, depreciation by three methods, disposal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum

from ledgerlite.book import Book
from ledgerlite.dates import add_months, month_end, months_between
from ledgerlite.errors import InvalidAmount, LedgerError
from ledgerlite.money import ZERO, allocate, percent, round_money, total

COST = "1500"
ACCUMULATED = "1590"
EXPENSE = "6400"
GAIN = "4900"
LOSS = "6900"


class Method(str, Enum):
    STRAIGHT = "straight"
    DECLINING = "declining"
    UNITS = "units"


@dataclass(frozen=True, slots=True)
class Asset:
    """A thing with a cost that wears off.  ``life`` is in months."""

    tag: str
    name: str
    bought: date
    cost: Decimal
    life: int
    salvage: Decimal = ZERO
    method: Method = Method.STRAIGHT
    rate: Decimal = ZERO
    units: int = 0
    disposed: date | None = None

    def __post_init__(self) -> None:
        if self.cost <= 0 or self.salvage < 0 or self.salvage > self.cost:
            raise InvalidAmount(f"{self.tag}: cost and salvage value do not fit")
        if self.life <= 0:
            raise LedgerError(f"{self.tag}: life must be at least one month")

    @property
    def base(self) -> Decimal:
        """The part of the cost that is written off over the life."""
        return self.cost - self.salvage


@dataclass(frozen=True, slots=True)
class Charge:
    """Depreciation of one asset for one month."""

    tag: str
    day: date
    amount: Decimal

    @property
    def ref(self) -> str:
        return f"depr:{self.tag}:{self.day:%Y-%m}"


def straight_line(asset: Asset) -> list[Charge]:
    """Equal monthly charges from the month of purchase on."""
    parts = allocate(asset.base, [1] * asset.life)
    return _charges(asset, parts)


def declining_balance(asset: Asset) -> list[Charge]:
    """A yearly rate on what is left, switching to straight line when that gives more."""
    if asset.rate <= 0:
        raise LedgerError(f"{asset.tag}: declining balance needs a rate")
    parts: list[Decimal] = []
    left = asset.base
    while len(parts) < asset.life:
        months_left = asset.life - len(parts)
        span = min(12, months_left)
        declining = percent(left, asset.rate) * span / 12
        straight = left * span / months_left
        year = round_money(max(declining, straight))
        year = min(year, left)
        parts.extend(allocate(year, [1] * span))
        left -= year
    if left:
        parts[-1] += left
    return _charges(asset, parts)


def by_units(asset: Asset, used: dict[date, int]) -> list[Charge]:
    """Charges by use; ``used`` gives the units of a month by any day in it."""
    if asset.units <= 0:
        raise LedgerError(f"{asset.tag}: depreciation by units needs the number of units")
    charges, spent = [], ZERO
    for day, units in sorted(used.items()):
        amount = min(round_money(asset.base * units / asset.units), asset.base - spent)
        if amount > 0:
            charges.append(Charge(asset.tag, month_end(day), amount))
            spent += amount
    return charges


def plan(asset: Asset, used: dict[date, int] | None = None) -> list[Charge]:
    """All charges of an asset by its own method, cut at its disposal."""
    if asset.method is Method.UNITS:
        charges = by_units(asset, used or {})
    elif asset.method is Method.DECLINING:
        charges = declining_balance(asset)
    else:
        charges = straight_line(asset)
    if asset.disposed is None:
        return charges
    return [charge for charge in charges if charge.day < asset.disposed]


def _charges(asset: Asset, parts: list[Decimal]) -> list[Charge]:
    first = asset.bought.replace(day=1)
    return [
        Charge(asset.tag, month_end(add_months(first, index)), part)
        for index, part in enumerate(parts)
        if part
    ]


class AssetRegister:
    """The assets of a book and their entries."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._assets: dict[str, Asset] = {}
        self._used: dict[str, dict[date, int]] = {}

    def buy(self, asset: Asset, against: str = "1020") -> int:
        """Enter the purchase and take the asset into the register."""
        if asset.tag in self._assets:
            raise LedgerError(f"asset {asset.tag} exists")
        number = self.book.post(
            asset.bought, COST, against, asset.cost, f"Purchase {asset.name}", f"asset:{asset.tag}"
        )
        self._assets[asset.tag] = asset
        return number

    def use(self, tag: str, day: date, units: int) -> None:
        """Record units of use for an asset that depreciates by units."""
        used = self._used.setdefault(self.get(tag).tag, {})
        used[day] = used.get(day, 0) + units

    def get(self, tag: str) -> Asset:
        try:
            return self._assets[tag]
        except KeyError:
            raise LedgerError(f"no asset {tag!r}") from None

    def charge_until(self, day: date) -> list[int]:
        """Enter all charges due by a day that have not been entered yet, month by month."""
        due = [
            charge
            for asset in self._assets.values()
            for charge in plan(asset, self._used.get(asset.tag))
            if charge.day <= day and self.book.find_ref(charge.ref) is None
        ]
        due.sort(key=lambda charge: (charge.day, charge.tag))
        return [
            self.book.post(
                date=charge.day,
                debit=EXPENSE,
                credit=ACCUMULATED,
                amount=charge.amount,
                memo=f"Depreciation {self.get(charge.tag).name}",
                ref=charge.ref,
            )
            for charge in due
        ]

    def charged(self, tag: str) -> Decimal:
        """Depreciation of an asset that has been entered and not been reversed."""
        found = [self.book.find_ref(charge.ref) for charge in plan(self.get(tag), self._used.get(tag))]
        live = [e for e in found if e is not None and self.book.reversal_of(e.number) is None]
        return total(entry.total for entry in live)

    def book_value(self, tag: str) -> Decimal:
        return self.get(tag).cost - self.charged(tag)

    def dispose(self, tag: str, day: date, proceeds: Decimal, against: str = "1020") -> int:
        """Sell or scrap an asset; the difference to its book value is gain or loss."""
        asset = self.get(tag)
        if asset.disposed is not None:
            raise LedgerError(f"asset {tag} was disposed of on {asset.disposed}")
        written = self.charged(tag)
        result = proceeds - (asset.cost - written)
        legs = [(COST, -asset.cost), (ACCUMULATED, written), (against, proceeds)]
        if result > 0:
            legs.append((GAIN, -result))
        elif result < 0:
            legs.append((LOSS, -result))
        number = self.book.post_split(day, legs, f"Disposal {asset.name}", f"disposal:{tag}")
        self._assets[tag] = replace(asset, disposed=day)
        return number

    def impair(self, tag: str, day: date, value: Decimal) -> int:
        """Write an asset down to a value below its book value, outside its plan."""
        excess = self.book_value(tag) - value
        if excess <= 0:
            raise InvalidAmount(f"{tag} is not worth more than {value} in the books")
        memo = f"Impairment {self.get(tag).name}"
        return self.book.post(day, EXPENSE, ACCUMULATED, excess, memo=memo)

    def age(self, tag: str, day: date) -> int:
        """Months since purchase."""
        return months_between(self.get(tag).bought, day)
