"""The page of 500 trials of 100 turns: how long it takes to make, its memory, its size, and its first paint in Chromium from a file."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figure, longhaul, told
from benchmarks.synthetic import RUN, Scale, lay

FULL, QUICK = Scale(25, 10, 100), Scale(5, 2, 100)
ROUNDS = 3
MAKING_S, PEAK_MB, PAINT_S, FILE_MB = 20.0, 1000.0, 2.0, 30.0
PAINTED = "() => performance.getEntriesByName('first-contentful-paint').map(entry => entry.startTime)[0]"


def measure(quick: bool = False) -> tuple[Figure, ...]:
    """The run is made by hand first, then read by `report --html` as a user's would be."""
    scale = QUICK if quick else FULL
    with tempfile.TemporaryDirectory() as scratch:
        home, page = Path(scratch), Path(scratch) / "page" / "run.html"
        page.parent.mkdir()
        lay(home, scale)
        made = longhaul(home, "report", RUN, "--html", str(page))
        size = sum(path.stat().st_size for path in page.parent.rglob("*") if path.is_file())
        paints = [paint(page) for _ in range(ROUNDS)]
        first = page.stat().st_size
    return (
        Figure("seconds", f"page of {scale.trials} trials x {scale.turns} turns", made.seconds, "s", most=MAKING_S),
        Figure("cpu_s", "its processor seconds", made.cpu, "s"),
        Figure("peak_mb", "its peak memory", made.peak / 1e6, "MB", most=PEAK_MB),
        Figure("paint_s", "first paint in Chromium from a file, median", statistics.median(paints), "s", most=PAINT_S),
        Figure("file_mb", "the page itself; the rest is beside it", first / 1e6, "MB", most=FILE_MB),
        Figure("all_mb", "all its files", size / 1e6, "MB"),
    )


def paint(page: Path) -> float:
    """Seconds until the first content is painted, in a browser started for it. Raises RuntimeError for an error in the page's scripts."""
    from playwright.sync_api import sync_playwright

    faults: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page()
        tab.on("pageerror", lambda fault: faults.append(str(fault)))
        tab.goto(page.absolute().as_uri())
        tab.wait_for_function(PAINTED)
        milliseconds = float(tab.evaluate(PAINTED))
        browser.close()
    if faults:
        raise RuntimeError(faults[0])
    return milliseconds / 1e3


if __name__ == "__main__":
    sys.exit(told(measure, __doc__))
