"""What measurements say: figures with their bounds, one line each, or all of them as JSON for the proof."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[1]
COMMAND = (sys.executable, "-P", "-c", f"import sys; sys.path[:] = {[str(ROOT), *sys.path]!r}; from harness.cli.main import main; main()")
HIDDEN = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL")


class Figure(msgspec.Struct, frozen=True):
    """`most` and `least` are bounds; a figure without either is told for what it is."""

    key: str
    text: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def kept(self) -> bool:
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    def line(self) -> str:
        bounds = [f"{word} {bound:,g}" for word, bound in (("at most", self.most), ("at least", self.least)) if bound is not None]
        mark = ("yes" if self.kept else "no") if bounds else "-"
        return f"[{mark:<3}] {self.value:>12,.4g} {self.unit:<12} {self.text}{f' ({bounds[0]})' if bounds else ''}"


def told(measure: Callable[[bool], tuple[Figure, ...]], doc: str | None) -> int:
    """A measurement's own program: 1 where a bound is not kept."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--quick", action="store_true", help="a smaller case; its bounds are those of the whole one")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    said = parser.parse_args()
    figures = measure(said.quick)
    if said.json:
        print(json.dumps({figure.key: figure.value for figure in figures}))
    else:
        print("\n".join(figure.line() for figure in figures))
    return int(not all(figure.kept for figure in figures))


class Spent(msgspec.Struct, frozen=True):
    """Of one process: wall and processor seconds, peak resident bytes, exit code, and what it wrote."""

    seconds: float
    cpu: float
    peak: int
    code: int
    out: str


def spent(argv: tuple[str, ...], env: Mapping[str, str]) -> Spent:
    """Run it; its peak is that of the largest process among it and those it waited for."""
    began = time.perf_counter()
    process = subprocess.Popen(argv, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout
    out = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.stdout.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    return Spent(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, process.returncode, out)


def longhaul(home: Path, *words: str) -> Spent:
    """The command with a home of its own. Raises RuntimeError where it does not end with 0 or 1."""
    mine = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    done = spent((*COMMAND, *words), mine | {"LONGHAUL_HOME": str(home), "OLLAMA_HOST": "127.0.0.1:9", "NO_COLOR": "1", "COLUMNS": "200"})
    if done.code not in (0, 1):
        raise RuntimeError(f"longhaul {' '.join(words)}: exit {done.code}: {done.out[-400:]}")
    return done
