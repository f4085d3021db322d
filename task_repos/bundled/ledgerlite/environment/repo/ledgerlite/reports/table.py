"""Plain text tables with aligned figures, and the same rows as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ledgerlite.money import format_amount

Cell = str | Decimal | int | None


@dataclass(slots=True)
class Table:
    """A titled table; rows named in ``rules`` get a line drawn above them."""

    title: str
    columns: Sequence[str]
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    rules: set[int] = field(default_factory=set)
    places: int = 2

    def add(self, *cells: Cell) -> None:
        self.rows.append(cells)

    def total(self, *cells: Cell) -> None:
        """A row with a rule above it."""
        self.rules.add(len(self.rows))
        self.rows.append(cells)

    def text(self) -> str:
        cells = [tuple(self._show(cell) for cell in row) for row in self.rows]
        widths = [
            max([len(name), *(len(row[i]) for row in cells)]) for i, name in enumerate(self.columns)
        ]
        out = [self.title, "  ".join(n.ljust(w) for n, w in zip(self.columns, widths, strict=True)).rstrip()]
        out.append("-" * (sum(widths) + 2 * (len(widths) - 1)))
        for index, (row, shown) in enumerate(zip(self.rows, cells, strict=True)):
            if index in self.rules:
                out.append(out[2])
            out.append(_join(row, shown, widths))
        return "\n".join(out) + "\n"

    def csv(self) -> str:
        sink = io.StringIO()
        writer = csv.writer(sink, lineterminator="\n")
        writer.writerow(self.columns)
        for row in self.rows:
            writer.writerow([self._plain(cell) for cell in row])
        return sink.getvalue()

    def _show(self, cell: Cell) -> str:
        if cell is None:
            return ""
        return format_amount(cell, self.places) if isinstance(cell, Decimal) else str(cell)

    def _plain(self, cell: Cell) -> str:
        if isinstance(cell, Decimal):
            return format_amount(cell, self.places, grouping=False)
        return "" if cell is None else str(cell)


def _join(row: tuple[Cell, ...], shown: tuple[str, ...], widths: list[int]) -> str:
    parts = [
        text.rjust(width) if isinstance(cell, Decimal | int) else text.ljust(width)
        for cell, text, width in zip(row, shown, widths, strict=True)
    ]
    return "  ".join(parts).rstrip()
