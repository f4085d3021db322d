"""All measurements one after the other, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

SCRIPTS = (
    "sandbox_roundtrip", "sandbox_kills", "sandbox_snapshots", "trials", "help_start", "many", "resume", "page", "events", "archive", "memory", "replay", "rows", "compare",
    "context", "staged",
)  # fmt: skip


def main() -> int:
    """1 where a script failed; the others run all the same."""
    codes = [subprocess.run((sys.executable, "-m", f"benchmarks.{name}"), check=False).returncode for name in SCRIPTS]
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
