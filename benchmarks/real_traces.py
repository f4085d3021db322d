"""Detectors over traces that no mutator made: what each run showed, and every finding judged true or false by a table that a reader of the traces wrote.

`python -m benchmarks.real_traces` runs every case (about twenty minutes), tells each, and writes docs/context-false-events.md. It ends with 1 where a
finding is not judged, or a judgement is about a finding that is there no more: then the table, benchmarks/real_verdicts.toml, is to be seen to first.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from benchmarks.real_cases import Case, bundled, run, served, staged
from harness.cli.context.scenes import asked, judged
from harness.cli.record.runs import held
from harness.core.findings import Finding
from harness.metrics.context.all import findings, version
from harness.settings import read
from harness.wiring.trees import trees

VERDICTS = Path(__file__).with_name("real_verdicts.toml")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "context-false-events.md"


class Verdict(msgspec.Struct, frozen=True):
    """Of all findings of this kind in this case: are they true, and why. `items`: those it is about, () for all; `cases`: names of cases."""

    cases: tuple[str, ...]
    kind: str
    verdict: Literal["true", "false"]
    why: str
    items: tuple[str, ...] = ()

    def about(self, case: str, finding: Finding) -> bool:
        return case in self.cases and finding.kind == self.kind and (not self.items or finding.item in self.items)


class Shown(msgspec.Struct, frozen=True):
    """One trial as the detectors saw it."""

    case: str
    task: str
    agent: str
    turns: int
    opportunities: int
    violated: int
    found: tuple[Finding, ...]


def shown(case: str, home: Path) -> Iterator[Shown]:
    """Of the home's run of this name, the trials that asked a model."""
    opened = held(case, msgspec.structs.replace(read(), home=home))
    for each in asked(opened):
        with trees(opened.store.folder) as recorded:
            made = judged(opened, each, recorded)
            missed = sum(not one.honoured for one in made.opportunities)
            yield Shown(case, each.key.task, each.key.agent, len(made.turns), len(made.opportunities), missed, findings(made))


def verdicts() -> tuple[Verdict, ...]:
    return msgspec.convert(tomllib.loads(VERDICTS.read_text(encoding="utf-8"))["event"], tuple[Verdict, ...])


def verdict(case: str, finding: Finding, table: Iterable[Verdict]) -> Verdict | None:
    return next((each for each in table if each.about(case, finding)), None)


def everything(home: Path, only: str) -> Iterator[Shown]:
    """Runs each case that is not in the home yet, and reads it."""
    folder = home / "scripts"
    folder.mkdir(parents=True, exist_ok=True)
    with served(folder) as hosted:
        for case in (*bundled(folder), *staged(folder), *hosted):
            if only in case.name:
                _once(case, home)
                yield from shown(case.name, home)


def _once(case: Case, home: Path) -> None:
    mark = home / f"{case.name}.ran"
    if not mark.exists():
        run(case, home)
        mark.touch()


def page(all_: tuple[Shown, ...], table: tuple[Verdict, ...]) -> str:
    """The page of docs, in Markdown."""
    pairs = [(each, finding, verdict(each.case, finding, table)) for each in all_ for finding in each.found]
    false = [(each, finding, said) for each, finding, said in pairs if said and said.verdict == "false"]
    turns, chances = sum(each.turns for each in all_), sum(each.opportunities for each in all_)
    lines = [
        "# Events in traces that nobody planted", "",
        "Made by `python -m benchmarks.real_traces`; do not edit. Each finding was judged by reading its trace; the judgements are in",
        "benchmarks/real_verdicts.toml.", "",
        f"Detectors {version()}. {len(all_)} trials, {turns:,} turns, {chances:,} opportunities: {len(pairs)} findings, {len(false)} of them false.", "",
        "## False events", "",
        *([_row("case", "task", "kind", "item", "turn", "why it is false, and why it stays"), _row(*["---"] * 6)] if false else ["None."]),
        *(_row(each.case, each.task, finding.kind, finding.item, str(finding.turn), said.why) for each, finding, said in false), "",
        "## Every trial", "",
        _row("case", "task", "agent", "turns", "opportunities", "violated", "findings"), _row(*["---"] * 7), *map(_trial, all_), "",
        "## True events", "", _row("cases", "kind", "what happened"), _row(*["---"] * 3),
        *(_row(", ".join(each.cases), each.kind, each.why) for each in table if each.verdict == "true"), "",
    ]  # fmt: skip
    return "\n".join(lines)


def _trial(each: Shown) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(Counter(one.kind for one in each.found).items()))
    return _row(each.case, each.task, each.agent, str(each.turns), str(each.opportunities), str(each.violated), kinds or "none")


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/').replace(chr(10), ' ') for cell in cells)} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="keeps the runs; those that are there already are only read again")
    parser.add_argument("--only", default="", help="cases whose name holds these letters; no page is written then")
    said = parser.parse_args()
    table = verdicts()
    with tempfile.TemporaryDirectory() as scratch:
        all_ = tuple(_told(each, table) for each in everything(said.home or Path(scratch), said.only))
    open_ = [f"{each.case}: {one.name}" for each in all_ for one in each.found if verdict(each.case, one, table) is None]
    here = {each.case for each in all_}
    stale = [each for each in table if here & set(each.cases) and not any(each.about(s.case, one) for s in all_ for one in s.found)]
    print(*(f"not judged: {one}" for one in open_), *(f"judged, but not found: {each.kind} of {', '.join(each.cases)}" for each in stale), sep="\n")
    if not said.only:
        PAGE.write_text(page(all_, table), encoding="utf-8")
    return int(bool(open_ or stale))


def _told(each: Shown, table: tuple[Verdict, ...]) -> Shown:
    print(f"{each.case:<28} {each.task:<22} {each.agent:<10} {each.turns:>4} turns {each.opportunities:>4} opportunities {len(each.found):>3} findings", flush=True)
    for one in each.found:
        known = verdict(each.case, one, table)
        print(f"    {known.verdict if known else '?':<6} {one.name}: {one.detail[:140]}", flush=True)
    return each


if __name__ == "__main__":
    sys.exit(main())
