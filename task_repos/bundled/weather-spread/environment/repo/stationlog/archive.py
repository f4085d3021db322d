"""Day summaries on disk: one JSON object per line, every quantity in SI units."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from stationlog.quantity import Quantity
from stationlog.summary import DaySummary
from stationlog.units import UnitError, base_unit, convert

FORMAT = 1
_FIELDS = ("low", "high", "mean", "spread", "deviation", "departure", "steepest")


class ArchiveError(ValueError):
    """A line of an archive that cannot be read."""


def save_summaries(path: Path, summaries: Iterable[DaySummary]) -> None:
    """Write the summaries to `path`, replacing what was there."""
    lines = [json.dumps(_record(each), ensure_ascii=False) for each in summaries]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def load_summaries(path: Path) -> list[DaySummary]:
    """Read summaries back, each quantity in the unit it was given in; raises ArchiveError with the line's number."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(_summary(json.loads(line)))
        except (KeyError, TypeError, ValueError) as error:
            raise ArchiveError(f"{path}, line {number}: {error}") from error
    return found


def _record(summary: DaySummary) -> dict[str, Any]:
    fields = {name: _packed(getattr(summary, name)) for name in _FIELDS}
    return {"format": FORMAT, "day": summary.day.isoformat(), **fields}


def _summary(record: dict[str, Any]) -> DaySummary:
    if record["format"] != FORMAT:
        raise UnitError(f"format {record['format']!r} is not known")
    return DaySummary(date.fromisoformat(record["day"]), **{name: _unpacked(record[name]) for name in _FIELDS})


def _packed(quantity: Quantity | None) -> dict[str, Any] | None:
    if quantity is None:
        return None
    si = base_unit(quantity.unit)
    return {"si": convert(quantity.value, quantity.unit, si), "unit": quantity.unit}


def _unpacked(packed: dict[str, Any] | None) -> Quantity | None:
    if packed is None:
        return None
    unit = packed["unit"]
    return Quantity(round(convert(packed["si"], base_unit(unit), unit), 9), unit)
