"""Rows of a Parquet file as plain objects, a piece at a time; pyarrow is an extra, imported only when such a file is named."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from harness.core.errors import MissingError, TaskError

AT_ONCE: Final = 64
"""Rows unfolded at a time."""
LARGEST: Final = 4 << 30
"""Bytes that all rows may unfold to: more is a bomb, or no file of tasks."""


def read_parquet(file: Path) -> Iterator[dict[str, object]]:
    """Each row, its columns by name; dates as ISO text. Raises TaskError for a file that can't be read, MissingError without pyarrow."""
    try:
        arrow, parquet = importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as fault:
        raise MissingError(f"the package pyarrow, which reads {file.name}", "pip install 'longhaul[parquet]'") from fault
    try:
        # Refused: the package's own reader, which writes an Arrow copy into a cache in the user's home.
        with parquet.ParquetFile(file) as opened:
            _bounded(file, opened)
            for batch in opened.iter_batches(batch_size=AT_ONCE):
                yield from map(_plain, batch.to_pylist())
    except (arrow.ArrowException, OSError, ValueError, KeyError, OverflowError) as fault:
        raise TaskError(str(file), "", str(fault).partition("\n")[0], "a Parquet file of rows") from fault


def _bounded(file: Path, opened: Any) -> None:
    """By what the file says of itself, before a row is unfolded. Raises TaskError."""
    told = opened.metadata
    size = sum(told.row_group(number).total_byte_size for number in range(told.num_row_groups))
    if size > LARGEST:
        raise TaskError(str(file), "", f"rows that unfold to {size:,} bytes", f"at most {LARGEST:,}")


def _plain(row: dict[str, object]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
