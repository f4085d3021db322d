"""A number with its unit, and the arithmetic that respects units."""

from collections.abc import Callable
from dataclasses import dataclass

from stationlog.units import System, base_unit, convert, preferred_unit, unit_named


@dataclass(frozen=True)
class Quantity:
    """A number with its unit, e.g. Quantity(21.5, "degC")."""

    value: float
    unit: str

    def __post_init__(self) -> None:
        unit_named(self.unit)

    @classmethod
    def parse(cls, text: str) -> "Quantity":
        """Read "21.5 degC"; raises ValueError when a part is missing or not a number."""
        number, _, unit = text.strip().partition(" ")
        return cls(float(number), unit.strip())

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}"

    def to(self, unit: str) -> "Quantity":
        """The same quantity in another unit."""
        return Quantity(convert(self.value, self.unit, unit), unit)

    def in_base(self) -> "Quantity":
        """The same quantity in the SI unit of its dimension."""
        return self.to(base_unit(self.unit))

    def in_system(self, system: System) -> "Quantity":
        """The same quantity in the unit that a reader of `system` expects."""
        return self.to(preferred_unit(self.unit, system))

    def map(self, change: Callable[[float], float]) -> "Quantity":
        """Apply a function to the number and keep what it measures."""
        return Quantity(change(self.value), self.unit)

    def __add__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.value + other.to(self.unit).value, self.unit)

    def __sub__(self, other: "Quantity") -> "Quantity":
        return Quantity(self.value - other.to(self.unit).value, self.unit)

    def __abs__(self) -> "Quantity":
        return self.map(abs)

    def __neg__(self) -> "Quantity":
        return self.map(lambda number: -number)

    def __lt__(self, other: "Quantity") -> bool:
        return self.value < other.to(self.unit).value

    def __ge__(self, other: "Quantity") -> bool:
        return not self < other
