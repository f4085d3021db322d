"""Every case of the Harbor format as a row: what a folder must be read as, refused for, or earn when it is run, and what came of it here.

    python -m benchmarks.conformance [NUMBER ...] [--json]
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.task_repos.conformance_reading import READING, Case
from tests.task_repos.conformance_running import RUNNING
from tests.task_repos.harbor_trials import Ground

AT_ONCE = 4


def found(case: Case, folder: Path) -> str:
    """What came of it; a fault of ours is told in its place, for one row must not hide the others."""
    folder.mkdir()
    try:
        return case.found(Ground(folder))
    except Exception as fault:  # noqa: BLE001
        return f"{type(fault).__name__}: {fault}"


def rows(numbers: frozenset[str]) -> list[tuple[Case, str]]:
    """The chosen cases (all, where none is chosen) with what came of them, a few at a time."""
    chosen = [case for case in (*READING, *RUNNING) if not numbers or case.number in numbers]
    with tempfile.TemporaryDirectory(prefix="longhaul-conformance-") as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        places = [Path(folder) / str(number) for number in range(len(chosen))]
        return sorted(zip(chosen, pool.map(found, chosen, places), strict=True), key=_place)


def _place(row: tuple[Case, str]) -> tuple[int, str]:
    number = row[0].number
    return (int(number.rstrip("b")) if number != "-" else 1000, number)


def main(argv: list[str]) -> int:
    """Print the table; 1 where a case is not as it must be."""
    began = time.monotonic()
    as_json = "--json" in argv
    made = rows(frozenset(argv) - {"--json"})
    table = Table("case", "what", "expected", "found", "as it must be")
    for case, told in made:
        table.add_row(case.number, case.what, case.expected, told, "yes" if told == case.expected else "NO")
    console = Console(width=200)
    console.print(table)
    wrong = sum(told != case.expected for case, told in made)
    console.print(f"{len(made)} cases, {len(made) - wrong} as they must be, in {time.monotonic() - began:.0f} s")
    if as_json:
        print(json.dumps({"cases": len(made), "wrong": wrong}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
