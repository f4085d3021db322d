"""How much the figures hang on thresholds outside the detectors: each is set to other values, and simulated studies whose truth is known are judged again.

    python -m benchmarks.sensitivity_figures [--only SURE] [--write]

Prints a Markdown table, which `--write` puts between its two marks in docs/context-loss.md: some minutes of one processor, always the same
figures. Ends with 1 where a number of these modules is on no list, or has another value now.
"""

from __future__ import annotations

import argparse
import ast
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import msgspec

from benchmarks import sensitivity_studies as study
from benchmarks.loss_page import write
from benchmarks.sensitivity_knobs import ROOT, Value, _numbers

MARK: Final = "figures"


class Row(msgspec.Struct, frozen=True):
    """`module`: below harness; `name`: its constant, then a blank and the key or field of one that has several.

    `tried`: beside the value shipped; `figures`: what is counted at each value, or, without a study, what the choice trades. `also`: modules that took
    the constant over by name. `text`: the passage of a number that stands in a function, with {} for it.
    """

    module: str
    name: str
    unit: str
    shipped: Value
    figures: str
    tried: tuple[Value, ...] = ()
    study: Callable[[Value], str] | None = None
    also: tuple[str, ...] = ()
    text: str = ""


STAT, PROBE, STUDY, PAGE = "metrics.statistics", "answer.probe", "answer.study", "report.context"
NAMING: Final = "of 8 re-rolls that fail 0.85 / 0.10: R / S / X named rightly, weak losses (0.30 / 0.05) called X; of 4 or 8 that are not the context's called so, at the worst rate"
SETTLING: Final = '20 tasks x 60 uses: "it fades near the top of its window" supported where memory falls by 0 / 25 / 50 points from 40 to 100 % of it; mean difference found at 50'
AT_FLOOR: Final = "a rate at the floor: 95 % interval holds 0.15; its half-width"

ROWS: Final = (
    Row(f"{STAT}.mechanisms", "SURE", "posterior", 0.8, NAMING, (0.6, 0.7, 0.9, 0.95), study.mechanism),
    Row(f"{STAT}.mechanisms", "LEAST", "difference of failure rates", 0.35, NAMING, (0.2, 0.5), study.mechanism),
    Row(f"{STAT}.mechanisms", "LEVEL", "p", 0.05, NAMING, (0.01, 0.1, 1), study.mechanism),
    Row(f"{STAT}.mechanisms", "AS_OFTEN", "share of full's failures", 2 / 3, NAMING, (0, 0.5, 1), study.mechanism),
    Row(f"{STAT}.mechanisms", "HELPS", "prior share", 0.1, NAMING, (0.01, 0.3), study.mechanism),
    Row(f"{STAT}.mechanisms", "ENOUGH", "re-rolls", 8, "named rightly at 0.95 / 0.05: the context's / not", (4, 6, 12), study.enough),
    Row(f"{STAT}.attribution", "VOID", "p", 0.05, "probes void (20 tasks x 6 points x 4): sound ones, and ones whose later re-rolls lose an effect of half a logit", (0.01, 0.1), study.voided),
    Row(f"{PROBE}.attribution", "NEAR_GATE", "difference of failure rates", 0.10, "gate `evict is as no-rule` holds (40 points x 4): both fail 0.9, and 0.7 against 0.9", (0.05, 0.15, 0.2), study.gated),
    Row(f"{PROBE}.attribution", "LEAST_POINTS", "points", 30, "AF of 10 tasks at the floor: 95 % interval holds it; said above 0 (true AF 0.39)", (15, 60), partial(study.fractions, tasks=10, few=True)),
    Row(f"{PROBE}.attribution", "LEAST_TASKS", "tasks", 10, "AF of 6 points a task at the floor: as LEAST_POINTS", (3, 5, 20), study.fractions),
    Row(f"{PROBE}.attribution", "mostly", "one part in", 2, "recall's table calls an item kept that is honoured by more than half of its re-rolls; a tie is not kept, so with two or four re-rolls doubt goes against the model", text="{} * (count.failed - count.unreadable) < count.readable"),
    Row(f"{PROBE}.deciding", "LEVEL", "p", 0.05, "gate `remind is no worse than full` fails (160 re-rolls each): equal, and worse by 10 points", (0.01, 0.1), study.reminded),
    Row(f"{PROBE}.points", "BINS", "bins of distance", 4, "of 40 points of 600 places, most of them near: those beyond 32k tokens; weighed failure rate off by, and its spread", (1, 2, 8), study.binned),
    Row(f"{PROBE}.points", "POINTS", "points of a model", 40, "AF said above 0 (20 tasks, 4 re-rolls, 0.3 fail): true AF 0, 0.3", (20, 80, 160), study.pointed),
    Row(f"{PROBE}.outlay", "LIKELY_TURNS", "turns of a replay", 3, "only the likely cost of an estimate; its upper bound takes the whole window"),
    Row(f"{PROBE}.outlay", "QUESTIONS", "requests of recall", 2, "only the cost of an estimate; follows TRIES"),
    Row("cli.context.probe", "WINDOW", "turns of a replay", 6, "longer sees slower consequences and costs as many turns more; shorter leaves more re-rolls without an opportunity, which count on neither side and are told. `--window`"),
    Row(f"{STAT}.floors", "OPPORTUNITIES", "opportunities", 30, f"{AT_FLOOR} (10 tasks)", (10, 20, 60), partial(study.rated, tasks=10)),
    Row(f"{STAT}.floors", "TASKS", "tasks", 10, f"{AT_FLOOR} (12 opportunities each)", (3, 5, 20), partial(study.rated, each=12)),
    Row(f"{STAT}.floors", "VARIED", "tasks that differ", 10, "BCa from so many on, else Wilson: interval holds a rate of 0.03 (15 tasks of 4); its half-width", (1, 5, 20), lambda _: study.rated(0, 15, 4, 0.03)),
    Row(f"{STAT}.retention", "GUESSABLE", "rate of guesses", 0.5, "items of which a third is guessed 0.1, 0.4, 0.6: interval holds D50; from end to end", (0.3, 0.8), study.guessed),
    Row(f"{STAT}.retention", "SETTLED", "share of votes", 0.7, "ten forgetters, 40 probes a depth, 20 tasks: shape settled and right; settled and wrong", (0.5, 0.6, 0.8, 0.9), study.settled),
    Row(f"{STAT}.retention", "OCTAVE", "octaves of a cell", 0.5, "drawn only: narrower cells follow the curve and hold fewer probes each, in wider bands"),
    Row(f"{STAT}.forgetting", "HALF", "of the share kept at once", 0.5, "what D50 means"),
    Row(f"{STAT}.forgetting", "EFFECTIVE", "of the share kept at once", 0.85, "what D85 means, as in NoLiMa"),
    Row(f"{STAT}.shapes", "DEEPEST", "of its level", 0.8, "what a step must lose to be called one; a smaller one is called a plateau or flat"),
    Row(f"{STAT}.survival", "FEW_PAIRS", "common tasks", 6, "least p that flips of signs can give", (4, 5, 7), study.least),
    Row(f"{STAT}.parametric", "FEW", "items lost", 5, "Weibull of 12 items in 12 tasks with so many lost: interval holds the shape; its ends apart by", (3, 4, 9), study.shaped),
    Row(f"{STAT}.continuity", "VARIED", "tasks that differ", 5, "BCa from so many on, else MOVER-R: interval holds a ratio of 0.9 (10 tasks, 0.95 pass); its width", (2, 8, 11), study.ratios),
    Row(f"{STAT}.depth", "STRATA", "strata of depth", 5, "plain excess said above 0 (10 tasks): with a slope and no contagion; with contagion alone", (1, 2, 10), study.excess),
    Row(f"{STAT}.depth", "FEW", "malformed calls", 10, "so many malformed of 1,200: interval holds a slope of 1; said above 0", (5, 20), study.sloped),
    Row(f"{STAT}.hazard", "FEW_TASKS", "tasks", 10, "so many tasks: interval holds a hazard ratio of 2 between models; bias of its log", (5, 20), study.hazarded),
    Row(f"{STAT}.hazard", "FEW", "events a coefficient", 10, "20 tasks, so many events for each of 5 coefficients: as FEW_TASKS", (3, 5), partial(study.hazarded, tasks=20, columns=5)),
    Row(f"{STAT}.hazard", "INFLATED", "variance inflation", 10, "a warning only: lower warns where columns still can be told apart, higher is silent where they can't"),
    Row(f"{STAT}.paired_power", "KEPT", "share kept", 0.85, "power told of 25 points beyond 10 (14 tasks x 6)", (0.7, 0.95), study.promised),
    Row(f"{STAT}.paired_power", "SPREAD", "of tasks, standard deviation", 0.15, "as KEPT", (0.05, 0.3), study.promised),
    Row(f"{STAT}.study_power", "HALF_BY", "turns", 60, "power told of a hazard ratio of 2 (20 tasks x 3)", (30, 120), study.survived),
    Row(f"{STAT}.study_power", "HORIZON", "turns", 80, "mean time kept, compared up to there (20 tasks x 3): a difference said of two alike, of a hazard ratio of 2", (40, 160), study.watched),
    Row(f"{STAT}.study_power", "FRAILTY", "of tasks, coefficient of variation", 0.5, "as HALF_BY", (0.25, 1), study.survived),
    Row(f"{STAT}.study_power", "HOPELESS", "power", 0.3, "fewest tasks (x 3) not called hopeless: hazard ratio 2 / 1.5", (0.1, 0.5), study.refused),
    Row(f"{STAT}.study_power", "OCTAVES", "octaves either way", 1, "what counts as a D50 that was found, in `retention_power` alone"),
    Row(f"{STAT}.agreement", "ACCEPTED", "kappa", 0.8, "accepted (300 samples): labellers right 99 / 95 / 90 times of 100", (0.6, 0.9), study.labelled),
    Row("answer.audit.outcome", "FULL", "findings, and turns", 150, "width of kappa's interval (true 0.81)", (50, 300), study.audited),
    Row("answer.audit.outcome", "PRECISION", "share right", 0.9, "class of 20 findings called good: true precision 0.99 / 0.95 / 0.80", (0.8, 0.95), study.good),
    Row(f"{STUDY}.chances", "GUESSABLE", "rate of guesses", 0.5, SETTLING, (0.3, 0.8), study.faded),
    Row(f"{STUDY}.designs", "LOW", "share of the window", 0.4, SETTLING, (0.2, 0.6), study.faded, (f"{STUDY}.chances",)),
    Row(f"{STUDY}.designs", "HIGH", "share of the window", 0.8, SETTLING, (0.65, 0.9), study.faded, (f"{STUDY}.chances",)),
    Row(f"{STUDY}.claims", "MATTERS", "difference of shares", 0.1, SETTLING, (0, 0.05, 0.2), study.faded, (f"{STUDY}.designs",)),
    Row(f"{STUDY}.judging", "LEVEL", "p, adjusted", 0.05, f"{SETTLING} (one endpoint: the interval binds)", (0.01, 0.1), study.faded),
    Row(f"{STUDY}.promise", "WANTED", "power", 0.8, "tasks said to be needed for 30 / 20 points beyond 10 (12 uses a task)", (0.7, 0.9), study.needed),
    Row(f"{STUDY}.promise", "FAILING", "share of re-rolls", 0.3, "power told of the claim about replays (20 tasks x 8)", (0.15, 0.6), study.failing),
    Row(f"{STUDY}.curves", "HORIZON", "turns", 80, "as `study_power` HORIZON; fewer where nobody was watched so long, and it says so"),
    Row(f"{PAGE}.figures", "HORIZON turns", "turns", 80, "as `study_power` HORIZON"),
    Row(f"{PAGE}.figures", "HORIZON tokens", "tokens", 128_000, "as HORIZON turns, on another clock: later takes in what few were watched to"),
    Row(f"{PAGE}.figures", "HORIZON distance", "tokens back", 128_000, "as HORIZON tokens"),
    Row(f"{PAGE}.figures", "CALLS", "calls", 10_000, "speed: more say no more and take minutes; whole trials are taken, by name"),
    Row(f"{PAGE}.figures", "CHANCES", "opportunities", 100_000, "as CALLS"),
    Row(f"{PAGE}.factors", "CHANCES", "opportunities", 10_000, "as CALLS"),
    Row(f"{PAGE}.watching", "STEPS", "distinct times", 200, "speed: a time is rounded up by at most a 200th of the longest"),
    Row(f"{PAGE}.loss", "NEAR", "of the longest horizon", 0.9, "when a note says that means reach differently far; means up to 90 and 100 % of a horizon differ by a tenth at most"),
    Row("metrics.context.accounting", "aside", "interludes", 0, "an opportunity with a request between that only takes up room is told apart and in no rate: that room was made to be far, and is not how work goes", text="stages[max({}, since - 1) : turn.stage]"),
    Row("metrics.context.recalled", "TRIES", "requests", 2, "a second asks for readable JSON only; more would teach the form and ask what was not known again"),
    Row("corpus.targets", "STATE low", "lower bound", 0.97, "kind of 200 runs held: true recall 1 / 0.995 / 0.98", (0.95, 0.98), study.bounded),
    Row("corpus.targets", "SEQUENCE low", "lower bound", 0.95, "as STATE low", (0.9, 0.97), study.bounded),
    Row("corpus.targets", "FALSE_PER_100", "false findings", 0.5, "1,000 clean runs called noisy: 0.1 / 0.5 / 1.5 of 100 are false", (0.2, 1), study.noisy),
    Row("corpus.targets", "ONSET_P95", "turns", 1, "a convention: a finding one turn off leads a reader to the place"),
    Row("corpus.matching", "NEAR", "turns", 6, "a finding farther from the planted onset is another one and counts as false; as far as REACH of `roots`"),
)  # fmt: skip

NONE: Final = {
    "SEED": "of draws", "RESAMPLES": "of tasks", "PLANS": "simulated studies", "PLANS_RETENTION": "simulated studies", "FLIPS": "of signs", "GRID": "of rates, or of shapes", "RATES": "that are tried",
    "NORMAL": "quantile of 95 %", "TIED": "rounding", "SAME": "rounding", "HAIR": "rounding", "statistics.clusters.NEAR": "rounding", "ROUNDED": "distances that are one", "BLOCK": "memory", "FINE": "points of a curve",
    "FAR": "speed: curves that can't win", "LEVELS": "grid", "FLOORS": "grid", "shapes.SETTLED": "grid", "SLOPES": "grid", "SETTLING": "what a plateau is", "OUTSIDE": "grid",
    "NODES": "quadrature", "mixed.REACH": "quadrature", "RIDGE": "for convergence", "mixed.LEAST": "for convergence", "mixed.STEPS": "of a fit at most", "parametric.LEAST": "grid", "parametric.MOST": "grid", "paired_power.STEPS": "sizes told",
    "FIFTHS": "drawn", "QUARTERS": "drawn", "STRETCH": "drawn", "STRETCHES": "drawn", "SHOWN": "drawn", "OPEN": "drawn", "plot_curves.ROOM": "drawn", "MOST_ROLLS": "asked for at most",
    "MOST_POINTS": "asked for at most", "LONGEST": "characters kept", "FORMAT": "of a file", "ALIKE_RUNS": "size of a whole scorecard", "ONSET_MEDIAN": "none: 0",
}  # fmt: skip
"""Numbers of these modules that are no thresholds, by name or by the end of module and name; thresholds of the detectors are in `sensitivity_knobs`."""


def rooms() -> tuple[str, ...]:
    """Modules whose numbers must all be on a list: those of the rows, and all of the rooms of probe and study."""
    named = {row.module for row in ROWS} | {f"{STAT}.{name}" for name in ("clusters", "competing", "mixed", "unconditional")} | {"metrics.context.account", f"{PAGE}.plot_curves"}
    held = {f"{room}.{path.stem}" for room in (PROBE, STUDY) for path in (ROOT / "harness").joinpath(*room.split(".")).glob("[a-z]*.py")}
    return tuple(sorted(named | held))


def numbers(module: str) -> Iterator[str]:
    """Names of the numbers that are constants of it."""
    for node in ast.parse(_file(module).read_text("utf-8")).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            yield from (name for name, _ in _numbers(node.targets[0] if isinstance(node, ast.Assign) else node.target, node.value))


def _file(module: str) -> Path:
    return (ROOT / "harness").joinpath(*module.split(".")).with_suffix(".py")


def unlisted(rows: Iterable[Row] = ROWS) -> list[str]:
    """Numbers that are neither a row nor told to be none."""
    listed = {f"{row.module}.{row.name.partition(' ')[0]}" for row in rows}
    found = dict.fromkeys(f"{module}.{name}" for module in rooms() for name in numbers(module))
    return [full for full in found if full not in listed and not any(full.endswith(f".{none}") for none in NONE)]


def now(row: Row) -> Value | None:
    """The value that the code has; None where it is not there."""
    module = _module(row.module)
    if row.text:
        source = _file(row.module).read_text("utf-8")
        return row.shipped if source.count(row.text.format(row.shipped)) == 1 else None
    name, _, key = row.name.partition(" ")
    found: Any = getattr(module, name, None)
    return found.get(key) if isinstance(found, dict) else getattr(found, key) if key else found


def _module(name: str) -> ModuleType:
    return import_module(f"harness.{name}")


@contextmanager
def set_to(row: Row, value: Value) -> Iterator[None]:
    """The constant has this value meanwhile, and nothing that was computed with another is remembered. A field of several stays: its study is given the value."""
    modules = [_module(name) for name in (row.module, *row.also)] if " " not in row.name else []
    try:
        _put(modules, row.name, value)
        yield
    finally:
        _put(modules, row.name, row.shipped)


def _put(modules: Iterable[ModuleType], name: str, value: Value) -> None:
    for module in modules:
        setattr(module, name, value)
        for each in vars(module).values():
            if hasattr(each, "cache_clear"):
                each.cache_clear()


def said(value: Value) -> str:
    """A value as the table has it."""
    return f"{round(value, 3):,g}"


def begin(row: Row) -> str:
    """What its line begins with, whatever was measured."""
    where = row.module.removeprefix("metrics.").removeprefix("answer.")
    return f"| `{where}` {row.name} | {row.unit} | {'' if row.study else 'not measured: '}{row.figures} |"


def values(row: Row) -> list[Value]:
    """In order."""
    return sorted({row.shipped, *row.tried})


def line(row: Row) -> str:
    """Of the table; takes seconds."""
    cells = []
    for value in values(row):
        told = said(value)
        if row.study:
            with set_to(row, value):
                told = f"{told}: {row.study(value)}"
        cells.append(f"**{told}**" if value == row.shipped else told)
    return f"{begin(row)} {'; '.join(cells)} |"


def table(rows: Iterable[Row] = ROWS) -> str:
    told = []
    for row in rows:
        begun = time.process_time()
        told.append(f"{line(row)}\n")
        sys.stderr.write(f"{row.module} {row.name}: {time.process_time() - begun:.1f} s\n")
    return f"| threshold | counted in | what is told of each value | value: figures, percent |\n|---|---|---|---|\n{''.join(told)}\n{study.DRAWN}\n"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--only", default="", help="rows whose module and name hold these words; not with --write")
    options.add_argument("--write", action="store_true")
    asked = options.parse_args()
    if asked.only and asked.write:
        options.error("--write takes the whole table")
    missing = [*unlisted(), *(f"{row.module} {row.name}" for row in ROWS if now(row) != row.shipped)]
    sys.stderr.write("".join(f"on no list, or not as listed: {name}\n" for name in missing))
    words = table([row for row in ROWS if asked.only in f"{row.module} {row.name}"])
    if asked.write:
        write(MARK, words)
    sys.stdout.write(words)
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
