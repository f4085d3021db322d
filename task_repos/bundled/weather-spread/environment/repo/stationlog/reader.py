"""Observations from the CSV files that loggers write."""

import csv
import re
from collections.abc import Iterable
from datetime import datetime
from typing import cast, get_args

from stationlog.observation import Element, Observation
from stationlog.quantity import Quantity

_HEADING = re.compile(r"(?P<element>\w+) \[(?P<unit>[^\]]+)\]")


class ReadError(ValueError):
    """A CSV file that is not a logger's."""


def read_observations(lines: Iterable[str]) -> list[Observation]:
    """Read lines under the heading "at,temperature [degC],..."; an empty cell is a silent sensor."""
    rows = csv.reader(lines)
    heading = next(rows, [])
    if heading[:1] != ["at"]:
        raise ReadError('the first column must be "at"')
    columns = [_column(text) for text in heading[1:]]
    return [_observation(row, columns) for row in rows if row]


def _column(text: str) -> tuple[Element, str]:
    match = _HEADING.fullmatch(text.strip())
    if match is None or match["element"] not in get_args(Element):
        raise ReadError(f"column {text!r} is not one of {', '.join(get_args(Element))} with a unit in brackets")
    return cast(Element, match["element"]), match["unit"]


def _observation(row: list[str], columns: list[tuple[Element, str]]) -> Observation:
    cells = zip(row[1:], columns, strict=True)
    measured = {element: Quantity(float(cell), unit) for cell, (element, unit) in cells if cell.strip()}
    return Observation(datetime.fromisoformat(row[0]), **measured)
