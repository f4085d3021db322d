"""Text for paper: tables, paragraphs and letters of a fixed width."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 72


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], right: Iterable[int] = ()) -> list[str]:
    """Columns as wide as they need to be, two blanks apart; `right` numbers those that are flushed right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[number]) for line in [list(heads), *cells]) for number in range(len(heads))]
    flushed = set(right)

    def line(row: Sequence[str]) -> str:
        parts = [c.rjust(w) if n in flushed else c.ljust(w) for n, (c, w) in enumerate(zip(row, widths, strict=True))]
        return "  ".join(parts).rstrip()

    return [line(list(heads)), "  ".join("-" * width for width in widths), *(line(row) for row in cells)]


def paragraph(text: str, width: int = WIDTH) -> list[str]:
    """A paragraph in lines; an empty one stays one empty line."""
    return textwrap.wrap(" ".join(text.split()), width) or [""]


def letter(greeting: str, paragraphs: Iterable[str], closing: str) -> str:
    """A letter as it is mailed: greeting, paragraphs with blank lines between them, closing."""
    body = [greeting, ""]
    for each in paragraphs:
        body += [*paragraph(each), ""]
    return "\n".join([*body, closing]) + "\n"


def headed(title: str, lines: Iterable[str]) -> list[str]:
    """Lines under an underlined title."""
    return [title, "=" * len(title), *lines]


def csv_line(cells: Iterable[object]) -> str:
    """One line of a comma-separated file; quotes where they are needed."""
    return ",".join(_quoted("" if cell is None else str(cell)) for cell in cells)


def _quoted(text: str) -> str:
    if any(sign in text for sign in ',"\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
