"""Goods lines: what a sender says is in the parcel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from tollbook.errors import GoodsLineError
from tollbook.money import Amount, parse
from tollbook.weights import kilograms

NEEDED = ("goods", "quantity", "value", "net", "origin")


@dataclass(frozen=True)
class GoodsLine:
    """`net` and `gross` in kilograms; `tariff` is "" until it is known, `proof` where none is there."""

    number: int
    goods: str
    quantity: int
    value: Amount
    net: Decimal
    gross: Decimal
    origin: str
    tariff: str = ""
    proof: str = ""

    def with_tariff(self, number: str) -> GoodsLine:
        """The same goods under a tariff."""
        return replace(self, tariff=number)

    @property
    def unit_value(self) -> Decimal:
        return self.value.value / self.quantity

    @property
    def value_per_kilogram(self) -> Decimal:
        """What a kilogram is worth; goods without weight are worth nothing."""
        return self.value.value / self.net if self.net else Decimal(0)


def goods_line(number: int, cells: Mapping[str, str]) -> GoodsLine:
    """A goods line from cells by the names of their columns."""
    for column in NEEDED:
        if not cells.get(column, "").strip():
            raise GoodsLineError(f"goods line {number}: column {column} is empty", 232)
    net = kilograms(cells["net"])
    gross = kilograms(cells.get("gross") or cells["net"])
    if net > gross:
        raise GoodsLineError(f"goods line {number}: net weight {net:.3f} kg is above gross weight {gross:.3f} kg", 231)
    return GoodsLine(
        number=number,
        goods=cells["goods"].strip(),
        quantity=_quantity(number, cells["quantity"]),
        value=parse(cells["value"]),
        net=net,
        gross=gross,
        origin=cells["origin"].strip().upper(),
        tariff=cells.get("tariff", "").strip(),
        proof=cells.get("proof", "").strip(),
    )


def _quantity(number: int, text: str) -> int:
    try:
        quantity = int(text)
    except ValueError:
        quantity = 0
    if quantity < 1:
        raise GoodsLineError("goods line %s: quantity %s is not positive" % (number, text))
    return quantity


def merged(lines: list[GoodsLine]) -> list[GoodsLine]:
    """Lines of equal goods put together, numbered anew; values of equal goods are in one currency."""
    found: dict[tuple[str, str, str], GoodsLine] = {}
    for line in lines:
        key = (line.tariff, line.goods.lower(), line.origin)
        before = found.get(key)
        found[key] = line if before is None else _sum(before, line)
    return [replace(line, number=number) for number, line in enumerate(found.values(), start=1)]


def _sum(one: GoodsLine, other: GoodsLine) -> GoodsLine:
    return replace(
        one,
        quantity=one.quantity + other.quantity,
        value=one.value + other.value,
        net=one.net + other.net,
        gross=one.gross + other.gross,
        proof=one.proof or other.proof,
    )
