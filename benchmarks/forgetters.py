"""Models whose memory is known, through the whole product: run, probe, context. Does the instrument find what is there?

python -m benchmarks.forgetters [TASKS] prints truth beside estimate, and [yes] or [no]; 1 where anything known is not found. With --json: how many of
each sort were missed. Takes Docker.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from agents.models.recollection import Curve, curve

TASKS: Final = 20
"""With 12 the longer memory's D50 is told with an open end as often as not."""
SHORT, LONG, RANDOM, NEVER = "logistic-d50=3000-slope=3", "logistic-d50=9000-slope=3", "random-p=0.5", "never"
ASKED: Final = "S,family=T6,rules=1,callers=1,seed=200"
"""Facts told in the first request and used one by one: distances from 1,500 to 18,000 tokens, and a rule that one's own code says again."""
TOLD_BY_TOOL: Final = "S,family=T6,rules=0,callers=1,exposure=tool,seed=200"
"""What a tool has said is what a masking agent takes out of the view."""
FRESH_AT: Final = 500
"""Tokens back under fresh, about: the items stand before the request and the digest."""
NEAR: Final = 0.10
WRONG: Final = 0.1
UNNAMED: Final = (LONG,)
"""Of a memory this long four re-rolls show too few failures at a point to name what they come of: nothing else may be named."""


class Line(msgspec.Struct, frozen=True):
    """One truth beside its estimate. `sort`: half, rank, cause or share."""

    sort: str
    what: str
    truth: str
    found: str
    good: bool


def main() -> int:
    """1 where something known is not found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="?", type=int, default=TASKS)
    parser.add_argument("--home", type=Path, help="keeps the runs, in a folder that has none yet")
    parser.add_argument("--json", action="store_true", help="what was missed, counted, as JSON")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="longhaul-forgetters-", ignore_cleanup_errors=True) as home:
        lines = tuple(study(said.home or Path(home), said.tasks))
    if said.json:
        print(json.dumps(missed(lines)))
    else:
        show(lines)
    return int(not all(line.good for line in lines))


def missed(lines: Iterable[Line]) -> dict[str, int]:
    """Sort -> how many of its lines are not as they must be."""
    found = dict.fromkeys(("half", "rank", "cause", "share"), 0)
    for line in lines:
        found[line.sort] += not line.good
    return found


def show(lines: Sequence[Line]) -> None:
    print(f"      {'what':<56}{'truth':>16}  found")
    for line in lines:
        print(f"[{'yes' if line.good else 'no':<3}] {line.what:<56}{line.truth:>16}  {line.found}")
    good = sum(line.good for line in lines)
    print(f"{len(lines)} known, {good} found: {'yes' if good == len(lines) else 'no'}")


def study(home: Path, tasks: int) -> Iterator[Line]:
    """Every line of the table. Raises CalledProcessError where a command fails."""
    names = (SHORT, LONG, RANDOM)
    longhaul(home, "run", "-t", f"staged:{ASKED},count={tasks}", *models(names), "-a", "tool_loop", "-n", "1", "--parallel", "2", "--forkable", "--run", "forgetters")
    probe = longhaul(home, "probe", "forgetters", "--arms", "full,fresh", "-k", "4", "--points", "30", "--parallel", "2", "--json")
    told = longhaul(home, "context", "forgetters", "--json")
    yield from memories(told, names[:2])
    yield from causes(probe, names, {SHORT: "R", LONG: "R", RANDOM: "X"})
    yield from shares(probe, names)
    longhaul(
        home, "run", "-t", f"staged:{TOLD_BY_TOOL},count=3", *models((NEVER,)), "-a", "masking", "--window", "12000", "-n", "1", "--forkable", "--run", "evicting"
    )
    masked = longhaul(home, "probe", "evicting", "--arms", "full,fresh", "-k", "4", "--points", "12", "--parallel", "2", "--json")
    yield from causes(masked, (NEVER,), {NEVER: "E"})


def models(names: Iterable[str]) -> list[str]:
    return [word for name in names for word in ("-m", f"simulated/{name}")]


def longhaul(home: Path, *words: str) -> dict[str, Any]:
    """The command as a user gives it; its JSON, {} without any. Raises CalledProcessError."""
    env = {**os.environ, "LONGHAUL_HOME": str(home), "OLLAMA_HOST": "127.0.0.1:9", "NO_COLOR": "1", "COLUMNS": "200"}
    argv = [sys.executable, "-m", "harness.cli.main", *words]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise subprocess.CalledProcessError(done.returncode, argv, done.stdout, done.stderr)
    found: dict[str, Any] = json.loads(done.stdout) if "--json" in words else {}
    return found


def memories(told: Mapping[str, Any], names: Sequence[str]) -> Iterator[Line]:
    """D50 of each, and which of them remembers longer."""
    halves = {name: half(told, name) for name in names}
    for name, found in halves.items():
        known = truth_of(name).half or 0.0
        low, high = found.get("low") or 0.0, found.get("high") or float("inf")
        words = f"{found['distance']:,.0f} ({low:,.0f} to {high:,.0f})" if found.get("distance") else f"beyond ({low:,.0f} to {high:,.0f})" if found else "nothing"
        yield Line("half", f"D50 in tokens, {name}", f"{known:,.0f}", words, bool(found) and low <= known <= high)
    ranked = sorted(names, key=lambda name: halves[name].get("distance") or float("inf"))
    truth = sorted(names, key=lambda name: truth_of(name).half or float("inf"))
    apart = (halves[truth[0]].get("high") or float("inf")) < (halves[truth[1]].get("low") or 0.0)
    yield Line("rank", "which forgets first", truth[0][:14], f"{ranked[0][:14]}, intervals {'apart' if apart else 'overlap'}", ranked == truth and bool(halves[truth[0]].get("distance")))


def half(told: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The D50 of all items of a model, {} where no curve was drawn."""
    group = next(each for each in told["groups"] if each["model"] == f"simulated/{name}" and not each["variant"])
    every = next(each for each in group["figures"]["recalled"] if each["name"] == "all")
    return dict((every["told"] or {}).get("half") or {})


def causes(probe: Mapping[str, Any], names: Iterable[str], truths: Mapping[str, str]) -> Iterator[Line]:
    """Whether the true cause is named more often than others where four re-rolls can name any, and another for a tenth of the points that fail at most."""
    for name in names:
        found = side(probe, name)["mechanisms"]
        decided = {word: count for word, count in found.items() if word != "U"}
        right = decided.get(truths[name], 0)
        words = ", ".join(f"{word} {count}" for word, count in sorted(found.items())) or "no point fails"
        wrong = sum(decided.values()) - right
        yield Line("cause", f"why, {name}", truths[name], words, (right > wrong or name in UNNAMED) and wrong <= WRONG * sum(found.values()))


def shares(probe: Mapping[str, Any], names: Iterable[str]) -> Iterator[Line]:
    """The attributable fraction beside that of the curves at the very distances replayed."""
    for name in names:
        mine = side(probe, name)
        group = next(each for each in mine["groups"] if each["name"] == "all")
        told = (group["fraction"] or {}).get("fraction")
        truth = attributable(truth_of(name), [at["point"]["place"]["distance"] for at in mine["points"] if not at["void"]])
        if told is None:
            yield Line("share", f"attributable fraction, {name}", f"{truth:.2f}", group["why"] or "no failure", good=False)
            continue
        low, high = told["low"] or 0.0, 1.0 if told["high"] is None else told["high"]
        yield Line("share", f"attributable fraction, {name}", f"{truth:.2f}", f"{told['value']:.2f} ({low:.2f} to {high:.2f})", low - NEAR <= truth <= high + NEAR)


def side(probe: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(each for each in probe["sides"] if each["model"] == f"simulated/{name}")
    return found


def attributable(truth: Curve, distances: Iterable[float | None]) -> float:
    """As the curve has it: failures under the whole view that would not come under a fresh one, as a share of them."""
    fails = [1 - truth.kept(distance) for distance in distances if distance is not None]
    fresh = 1 - truth.kept(FRESH_AT)
    return max(0.0, sum(each - fresh for each in fails) / sum(fails)) if sum(fails) else 0.0


def truth_of(name: str) -> Curve:
    return curve(name, {})


if __name__ == "__main__":
    sys.exit(main())
