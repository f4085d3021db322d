"""Rows on a console of any width: a table where it fits, else one record after the other, so that no cell is ever torn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from harness.report.story import safe

Word: TypeAlias = str | Text
EMPTY = ("", "-")
INDENT = 2


def lay(
    console: Console, titles: Sequence[str], rows: Sequence[Sequence[Word]], *,
    names: int = 1, figures: Iterable[str] = (), marks: bool = False,
) -> None:
    """Print rows under titles; a column that says nothing of any row is left out.

    The first `names` columns say what a row is about; columns named in `figures` align right.

    In a record a value stands after its title; `marks` are short and their titles long, so they stand before it, on a line of their own.
    """
    if not rows:
        return
    titles, texts = [safe(title) for title in titles], [[plain(word) for word in row] for row in rows]
    told = [index for index in range(len(titles)) if index < names or any(row[index].plain not in EMPTY for row in texts)]
    titles, texts = [titles[index] for index in told], [[row[index] for index in told] for row in texts]
    table = _table(titles, texts, frozenset(figures))
    wide = console.options.update(max_width=10_000)
    if Measurement.get(console, wide, table).maximum <= console.width:
        console.print(table)
        return
    for row in texts:
        _record(console, titles, row, names, marks=marks)


def tell(console: Console, words: Word, *, indent: int = 0) -> None:
    """A sentence: broken at blanks on a terminal, one line in a file or pipe, and no markup is read in it. `indent`: of further lines."""
    if not console.is_terminal:
        console.print(plain(words), highlight=False, soft_wrap=True)
        return
    first, *more = plain(words).wrap(console, console.width - indent, overflow="fold")
    for line in (first, *(Text(" " * indent).append_text(line) for line in more)):
        line.rstrip()
        console.print(line, highlight=False, soft_wrap=True)


def plain(word: Word) -> Text:
    """Words as they are: no markup is read in them, and no control character gets through."""
    return word if isinstance(word, Text) else Text(safe(word))


def _table(titles: Sequence[str], rows: list[list[Text]], figures: frozenset[str]) -> Table:
    table = Table(box=None, padding=(0, 1), header_style="dim")
    for title in titles:
        table.add_column(Text(title), justify="right" if title in figures else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def _record(console: Console, titles: Sequence[str], row: list[Text], names: int, *, marks: bool) -> None:
    head = Text("  ").join(word for word in row[:names] if word.plain not in EMPTY)
    console.print(Text.assemble((head.plain, "bold")), overflow="fold")
    fields = [
        Text.assemble(word, (f"  {title}", "dim")) if marks else Text.assemble((f"{title} ", "dim"), word)
        for title, word in zip(titles[names:], row[names:], strict=True)
        if word.plain not in EMPTY
    ]
    width = console.width - INDENT
    for line in fields if marks else packed(fields, width):
        for piece in line.wrap(console, width, overflow="fold"):
            piece.rstrip()
            console.print(Text(" " * INDENT).append_text(piece), soft_wrap=True)


def packed(fields: list[Text], width: int) -> list[Text]:
    """Fields on as few lines as their order allows, two blanks between them; a field is broken only where it is a line too long."""
    lines: list[Text] = []
    for field in fields:
        if lines and cell_len(lines[-1].plain) + 2 + cell_len(field.plain) <= width:
            lines[-1] = Text.assemble(lines[-1], "  ", field)
        else:
            lines.append(field)
    return lines
