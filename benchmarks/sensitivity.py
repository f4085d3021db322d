"""How much the detectors hang on their thresholds: each is set to other values, and the same recorded runs of the corpus are judged again.

    python -m benchmarks.sensitivity [--runs 20] [--only CLOSE] [--jobs 1] [--tapes DIR] [--json FILE] [--write]

Runs are played once (`--runs` of each planted kind, a quarter as many of each look-alike) and judged at every value. Prints a Markdown table;
`--write` puts it between the two marks in docs/context-loss.md. Ends with 1 where a constant of the detectors is on no list.
"""

from __future__ import annotations

import argparse
import json
import pickle
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.loss_page import write
from benchmarks.sensitivity_judge import Filed, Tape
from benchmarks.sensitivity_knobs import KNOBS, ROOT, Knob, Value, misplaced, unlisted
from harness.cli.context.corpus_ground import ground, on_this_machine, staged
from harness.cli.context.corpus_running import CHUNK, folder_for
from harness.core.blob import Blob
from harness.core.events import TreeSeen
from harness.corpus.deck import VERSION, drawn_case, draws
from harness.corpus.playing import Ground, Played, play, task_of
from harness.corpus.proving import faults
from harness.corpus.resolving import cuts, stood
from harness.corpus.script import Case
from harness.metrics.context.all import version
from harness.metrics.context.predicates.sources import linked
from harness.metrics.context.reading import scene
from harness.settings import read

SEED = 1
INDEX = "runs.json"
ALIKE = 4
"""A look-alike of each sort for so many planted runs."""


class Run(msgspec.Struct, frozen=True):
    """A played run. `kinds`: planted, () for a look-alike, whose sort is `word`."""

    number: int
    word: str
    kinds: tuple[str, ...]


class Judged(msgspec.Struct, frozen=True):
    """What the runs of a knob came to at one value. `planted`: kind -> (found, planted); `false`: what nobody planted."""

    value: Value
    planted: dict[str, tuple[int, int]]
    false: tuple[str, ...]

    @property
    def found(self) -> int:
        return sum(found for found, _ in self.planted.values())

    @property
    def of(self) -> int:
        return sum(of for _, of in self.planted.values())


def cases(knobs: Sequence[Knob], runs: int) -> tuple[Case, ...]:
    """All that these knobs are judged on; a run of several faults where each of them is wanted."""
    kinds = {kind for knob in knobs for kind in knob.kinds}
    alikes = {word for knob in knobs for word in knob.alikes}
    bases = staged(read().cache / "corpus")
    sorts = sum(draw.number == 0 for draw in draws(0, 10_000, 0))
    wanted = [draw for draw in draws(runs, sorts * max(1, runs // ALIKE), runs) if draw.kind in kinds | alikes | {"mixes"}]
    made = (drawn_case(draw, SEED, bases) for draw in wanted)
    return tuple(case for case in made if case.sort in ("alike", "clean") or kinds.issuperset(truth.kind for truth in case.truths))


def played(every: Sequence[Case], folder: Path) -> Iterator[Run]:
    """Plays them chunk by chunk and keeps a tape of each; those that are not what their case says are told and left out."""
    for start in range(0, len(every), CHUNK):
        chunk = tuple(every[start : start + CHUNK])
        with folder_for() as place, ground(place, chunk, on_this_machine()) as at:
            for number, case in enumerate(chunk, start):
                run = play(case, at)
                if wrong := faults(run):
                    sys.stderr.write(f"{case.name}: {wrong[0]}\n")
                    continue
                (folder / f"{number}.tape").write_bytes(pickle.dumps(_tape(run, at)))
                yield Run(number, case.name.partition("-")[0], tuple(truth.kind for truth in case.truths))
        sys.stderr.write(f"{start + len(chunk)} of {len(every)} played\n")


def _tape(run: Played, at: Ground) -> Tape:
    tape = Tape(run.case, stood(run), cuts(run), task_of(run.case, at.folder), run.trace)

    def get(blob: Blob) -> bytes:
        tape.blobs[blob.sha256] = at.store.blobs.get(blob)
        return tape.blobs[blob.sha256]

    made = scene(run.case.name, tape.task, run.trace, get, at.trees)
    seen = {entry.event.tree for entry in run.trace if isinstance(entry.event, TreeSeen)} | {made.base}
    for tree in sorted(seen - {""}):
        files = at.trees.files(tree)
        tape.listed[tree] = Filed(files)
        tape.listed[tree].links = linked(files)
        tape.contents |= {oid: at.trees.content(oid) for oid in files.values() if oid not in tape.contents}
    return tape


def taped(folder: Path, knobs: Sequence[Knob], runs: int) -> tuple[Run, ...]:
    """The runs of a folder, played first where there are none."""
    index = folder / INDEX
    if not index.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        index.write_bytes(msgspec.json.encode(tuple(played(cases(knobs, runs), folder))))
    return msgspec.json.decode(index.read_bytes(), type=tuple[Run, ...])


def some(every: Sequence[Run], runs: int) -> tuple[Run, ...]:
    """So many of each, where a folder has more."""
    count: Counter[object] = Counter()
    chosen = []
    for run in every:
        count[run.kinds or run.word] += 1
        if count[run.kinds or run.word] <= (runs if run.kinds else max(1, runs // ALIKE)):
            chosen.append(run)
    return tuple(chosen)


def judge(folder: Path, numbers: Sequence[int], changes: Sequence[Sequence[Any]]) -> list[dict[int, Any]]:
    """What was found of each run, for each change; in a process of its own. Raises RuntimeError."""
    command = [sys.executable, "-m", "benchmarks.sensitivity_judge", str(folder)]
    given = json.dumps({"numbers": list(numbers), "changes": changes})
    done = subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise RuntimeError(f"judging failed: {changes}")
    return [dict(zip(numbers, json.loads(line), strict=True)) for line in done.stdout.splitlines()]


def judged(value: Value, told: Iterable[dict[str, Any]]) -> Judged:
    """Of all runs together."""
    planted: dict[str, tuple[int, int]] = {}
    false: list[str] = []
    for run in told:
        for kind, hit in run["hits"]:
            found, of = planted.get(kind, (0, 0))
            planted[kind] = (found + hit, of + 1)
        false += run["false"]
    return Judged(value, planted, tuple(false))


def told_of(knobs: Sequence[Knob], runs: Sequence[Run], folder: Path) -> Iterator[tuple[Knob, tuple[Judged, ...]]]:
    """At each value, in order, of knobs that are judged on the same runs."""
    numbers = [run.number for run in runs]
    changes = [[knob.module, knob.name, value, knob.text, str(knob.shipped)] for knob in knobs for value in knob.tried]
    shipped, *others = judge(folder, numbers, [["", "", 0, "", ""], *changes])
    rest = iter(others)
    for knob in knobs:
        found = {value: next(rest) for value in knob.tried} | {knob.shipped: shipped}
        yield knob, tuple(judged(value, found[value].values()) for value in knob.values)


def concerned(knob: Knob, run: Run) -> bool:
    """Whether a knob is judged on this run: all that is planted there is its kind, or the look-alike is."""
    return set(run.kinds) <= set(knob.kinds) if run.kinds else run.word in knob.alikes


def row(knob: Knob, told: Sequence[Judged], alike: int) -> str:
    """Of the table."""
    base = next(one for one in told if one.value == knob.shipped)
    cells = "; ".join(_cell(one, base) for one in told)
    return f"| `{knob.module.removeprefix('context.')}` {knob.name} | {knob.unit} | {' '.join(knob.kinds)} | {base.of} + {alike} | {cells} |"


def _cell(one: Judged, base: Judged) -> str:
    """`value: recall, false`; kinds that are found less or more often than at the value shipped by name."""
    share = f"{one.found / one.of:.3f}" if one.of else "-"
    off = [f"{kind} {found}/{of}" for kind, (found, of) in sorted(one.planted.items()) if found != base.planted[kind][0]]
    words = f"{one.value:g}: {share}{' (' + ', '.join(off) + ')' if off else ''}, {len(one.false)}"
    return f"**{words}**" if one is base else words


def table(rows: Sequence[str], runs: int) -> str:
    head = "| constant | counted in | planted | n + look-alikes | value: recall, false findings |\n|---|---|---|---:|---|\n"
    return f"{head}{chr(10).join(rows)}\n\nDetectors {version()}, corpus {VERSION}, seed {SEED}, {runs} runs of each planted kind.\n"


def options() -> argparse.ArgumentParser:
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    told.add_argument("--runs", type=int, default=20)
    told.add_argument("--only", default="", help="knobs whose module and name hold these words")
    told.add_argument("--jobs", type=int, default=1)
    told.add_argument("--tapes", type=Path, help="keep the runs in this folder, or judge those that it has")
    told.add_argument("--json", type=Path, help="every figure, and what nobody planted, into this file")
    told.add_argument("--write", action="store_true")
    return told


def main() -> int:
    asked = options().parse_args()
    missing = [*unlisted(), *misplaced()]
    sys.stderr.write("".join(f"on no list, or not as listed: {name}\n" for name in missing))
    knobs = [knob for knob in KNOBS if asked.only in f"{knob.module} {knob.name}"]
    with tempfile.TemporaryDirectory(prefix="longhaul-sensitivity-") as place, ThreadPoolExecutor(asked.jobs) as pool:
        every = some(taped(asked.tapes or Path(place), knobs, asked.runs), asked.runs)
        alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Knob]] = {}
        for knob in knobs:
            alike.setdefault((knob.kinds, knob.alikes), []).append(knob)

        def told(group: list[Knob]) -> list[tuple[Knob, tuple[Judged, ...], str]]:
            runs = [run for run in every if concerned(group[0], run)]
            silent = sum(not run.kinds for run in runs)
            return [(knob, found, row(knob, found, silent)) for knob, found in told_of(group, runs, asked.tapes or Path(place))]

        figures, rows = {}, {}
        for group in pool.map(told, alike.values()):
            for knob, found, words in group:
                rows[knob], figures[f"{knob.module}.{knob.name}"] = words, found
                sys.stderr.write(words + "\n")
    words = table([rows[knob] for knob in knobs], max(Counter(run.kinds for run in every if run.kinds).values()))
    if asked.json:
        asked.json.write_bytes(msgspec.json.format(msgspec.json.encode(figures)))
    if asked.write:
        write("sensitivity", words)
    sys.stdout.write(words)
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
