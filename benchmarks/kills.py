"""A scripted run killed at more than two hundred points, resumed, and compared with one that nobody disturbed: `python -m benchmarks.kills`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

from benchmarks.sandbox_measure import show
from sandboxes.docker_base import ensure_base
from sandboxes.docker_engine import connect, find_engine
from sandboxes.docker_setup import read_sources
from tests.crash.ground import ground
from tests.crash.points import EACH, everyday, long
from tests.crash.rounds import AT_ONCE, Reference, Round, play, reference
from tests.services.keep import cache_folder

HEADS = ("killed", "at", "points", "struck", "before a record", "tries cut", "settled before", "with complaints")


def measure(folder: Path, *, quick: bool = False, at_once: int = AT_ONCE, only: str = "") -> tuple[Reference, tuple[Round, ...]]:
    """Every round of the everyday points (`quick`) or of the long ones whose name holds `only`, a few side by side. Raises RuntimeError for a machine without an engine."""
    found = find_engine(os.environ, Path.home())
    if found is None:
        raise RuntimeError("no Docker Engine answers")
    client = connect(found.place)
    ensure_base(client, cache_folder().parent, read_sources(os.environ), print)
    client.close()
    points = [point for point in (everyday() if quick else long()) if only in point.name]
    place = ground(folder)
    whole = reference(place)
    with ThreadPoolExecutor(at_once) as pool:
        return whole, tuple(pool.map(lambda point: play(place, whole, point), points))


def rows(rounds: Iterable[Round]) -> Iterator[tuple[object, ...]]:
    """One row for each kind of point; tries and settlements are sums over its points."""

    def kind(one: Round) -> tuple[str, str]:
        return {"all": "harness and workers", "parent": "harness alone", "worker": "one worker"}[one.point.who], one.point.when

    for (who, when), group in groupby(sorted(rounds, key=kind), kind):
        own = list(group)
        struck = [one for one in own if one.hit]
        yield (
            who, {"time": "a random time", "start": "before a container starts"}.get(when, f"{when} a commit"), len(own), len(struck), sum(not one.began for one in struck),
            sum(one.cut for one in struck), sum(one.settled for one in struck), sum(bool(one.complaints) for one in own),
        )


def main() -> int:
    """1 where a round had a complaint, or where the commits are more than the points know."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the 40 points of every day")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help=f"rounds side by side ({AT_ONCE})")
    parser.add_argument("--only", default="", help="points whose name holds this word")
    said = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        whole, rounds = measure(Path(folder), quick=said.quick, at_once=said.at_once, only=said.only)
    bad = [one for one in rounds if one.complaints]
    struck = sum(one.hit for one in rounds)
    show(f"Killed at {struck} of {len(rounds)} points, resumed, compared with an undisturbed run", HEADS, list(rows(rounds)))
    print(f"an undisturbed run: {len(whole.side.rows)} trials, {sum(map(len, whole.side.traces.values()))} events, {whole.commits} commits, {whole.seconds:.1f} s")
    print(f"all rounds: {time.monotonic() - began:.0f} s, {said.at_once} side by side; unequal or unclean: {len(bad)}")
    for one in bad:
        print(f"{one.point.name}: {'; '.join(one.complaints)}")
    return int(bool(bad) or whole.commits > EACH)


if __name__ == "__main__":
    sys.exit(main())
