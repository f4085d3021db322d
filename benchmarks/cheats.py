"""Every cheat of tests/cheats and every honest shape as whole trials: `python -m benchmarks.cheats`; 1 where a cheat passed or an honest one did not."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from harness.core.trial import Outcome
from sandboxes.docker_base import ensure_base
from sandboxes.docker_engine import connect, find_engine
from sandboxes.docker_setup import read_sources
from tests.cheats.case import Case
from tests.cheats.corpus import CHEATS, HONEST
from tests.cheats.ground import build_context
from tests.cheats.plain import PlainGrader
from tests.cheats.play import Played, Stage
from tests.services.keep import cache_folder

AT_ONCE = 4
WIDEST = 96
HEADS = ("class", "work", "outcome", "reason", "plain", "what stopped it")


class Told(msgspec.Struct, frozen=True):
    """`plain`: whether a fresh container with a difference alone believes it; None where that was not asked."""

    played: Played
    plain: bool | None = None

    @property
    def right(self) -> bool:
        """A cheat must fail, an honest shape pass with nothing on record against it."""
        verdict = self.played.verdict
        if self.played.faults:
            return False
        if self.played.case in HONEST:
            return verdict.outcome is Outcome.PASSED and not any(run.evidence for run in self.played.runs)
        return verdict.outcome is Outcome.FAILED

    def row(self) -> tuple[str, ...]:
        case, verdict = self.played.case, self.played.verdict
        plain = {None: "", True: "fooled", False: "not fooled"}[self.plain]
        mark = "" if self.right else "NOT AS IT MUST BE: "
        words = f"{mark}{' '.join(self.played.stopped.split())}"
        return case.group, case.name, str(verdict.outcome), str(verdict.reason), plain, words if len(words) <= WIDEST else f"{words[: WIDEST - 3]}..."


def measure(*, plain: bool = False, only: str = "") -> tuple[Told, ...]:
    """All cases whose name or class holds `only`, a few side by side. Raises RuntimeError for a machine without an engine."""
    ready()
    cases = [case for case in (*CHEATS, *HONEST) if only in case.name or only in case.group]
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(AT_ONCE) as pool:
        folder = Path(scratch)
        (folder / "run").mkdir()
        stage = Stage(folder / "run", build_context(folder / "context"))
        return tuple(pool.map(lambda case: one(stage, case, plain=plain), cases))


def one(stage: Stage, case: Case, *, plain: bool) -> Told:
    """With `plain`, once more for a grader that believes what it is told; a reward script is believed anyway."""
    asks = plain and case not in HONEST and not case.kind.startswith("reward")
    return Told(stage.play(case), stage.play(case, PlainGrader()).fooled if asks else None)


def table(title: str, told: Iterable[Told]) -> None:
    """Words to the left, the last column as long as it is."""
    rows = [HEADS, *(each.row() for each in told)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEADS))]
    print(f"\n{title}")
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def ready() -> None:
    answer = find_engine(os.environ, Path.home())
    if answer is None:
        raise RuntimeError("no Docker Engine answers; `make setup` brings one")
    ensure_base(connect(answer.place), cache_folder().parent, read_sources(os.environ), print)


def figures(told: Iterable[Told]) -> dict[str, float]:
    """For the proof: how many there are, and how many are not as they must be."""
    cheats = [each for each in told if each.played.case not in HONEST]
    fair = [each for each in told if each.played.case in HONEST]
    return {
        "cheats": float(len(cheats)), "classes": float(len({each.played.case.group for each in cheats})),
        "passed": float(sum(each.played.verdict.outcome is Outcome.PASSED for each in cheats)),
        "uncounted": float(sum(each.played.verdict.outcome not in (Outcome.PASSED, Outcome.FAILED) for each in cheats)),
        "honest": float(len(fair)), "refused": float(sum(not each.right for each in fair)),
        "fooling_plain": float(sum(bool(each.plain) for each in cheats)),
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cheats", description=__doc__)
    parser.add_argument("--plain", action="store_true", help="also ask a fresh container with a difference alone")
    parser.add_argument("--only", default="", help="cases whose name or class holds this")
    parser.add_argument("--json", action="store_true", help="a last line with the figures")
    said = parser.parse_args()
    told = measure(plain=said.plain, only=said.only)
    table("cheats: each must fail", (each for each in told if each.played.case not in HONEST))
    table("honest shapes: each must pass", (each for each in told if each.played.case in HONEST))
    found = figures(told)
    print(f"\n{found['passed']:.0f} of {found['cheats']:.0f} cheats passed; {found['refused']:.0f} of {found['honest']:.0f} honest shapes did not, or were suspicious")
    if said.json:
        print(json.dumps(found))
    return int(not all(each.right for each in told))


if __name__ == "__main__":
    sys.exit(main())
