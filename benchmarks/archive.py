"""A run out into one file and in again: time beside plain `tar`, and memory at two sizes, which must not grow with the run."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figure, Spent, longhaul, spent, told
from benchmarks.synthetic import RUN, Scale, lay

SMALL, FULL = Scale(2, 3, 50), Scale(10, 10, 50)
QUICK = Scale(4, 4, 50)
FLAT = 1.3
PEAK_MB = 150.0


def measure(quick: bool = False) -> tuple[Figure, ...]:
    """Everything on this machine's disk, in a folder of its own."""
    small, large = moved(SMALL), moved(QUICK if quick else FULL)
    out, back, plain, size = large
    peaks = [max(out.peak, back.peak) / max(small[0].peak, small[1].peak), max(out.peak, back.peak) / 1e6]
    return (
        Figure("export_to_tar", "export, with every digest, beside plain tar", out.seconds / plain.seconds, "x"),
        Figure("export_mb_s", "export", size / 1e6 / out.seconds, "MB/s"),
        Figure("import_mb_s", "import, with every check", size / 1e6 / back.seconds, "MB/s"),
        Figure("flat", f"peak memory of {FULL.trials} trials beside {SMALL.trials}", peaks[0], "x", most=FLAT),
        Figure("peak_mb", "peak memory of the larger", peaks[1], "MB", most=PEAK_MB),
    )


def moved(scale: Scale) -> tuple[Spent, Spent, Spent, int]:
    """Export, import, plain tar, and the bytes of the run."""
    with tempfile.TemporaryDirectory() as scratch:
        home, archive = Path(scratch) / "home", Path(scratch) / "run.tar.zst"
        folder = lay(home, scale)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        plain = spent(("tar", "-C", str(folder), "-cf", f"{scratch}/plain.tar", "."), os.environ)
        out = longhaul(home, "export", RUN, "--to", str(archive))
        back = longhaul(Path(scratch) / "other", "import", str(archive))
    return out, back, plain, size


if __name__ == "__main__":
    sys.exit(told(measure, __doc__))
