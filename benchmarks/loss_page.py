"""Puts what commands measured where it is read: `python -m benchmarks.loss_page` writes the table of the scorecard that is kept into
docs/context-loss.md, between marks, and each detector's figures into the opening of its file.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Final

from harness.corpus.published import published
from harness.corpus.scorecard import KindFigures, Scorecard, Share, judged_alike

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "context-loss.md"
DETECTORS: Final = PAGE.parents[1] / "harness" / "metrics" / "context" / "detectors"
LINE: Final = re.compile(r"^Scorecard: .*$", re.MULTILINE)
NONE: Final = 'No full scorecard is kept yet: kinds that are held to a target stand in the tables, with "not scored yet" beside every figure.\n'
HEAD: Final = "| kind | detector | planted | recall | precision | false: with another fault + in look-alikes | onset off, middle and 95th | |\n|---|---|---:|---|---|---:|---|---|\n"


def scored(card: Scorecard | None) -> str:
    """The scorecard as Markdown."""
    if card is None:
        return NONE
    rows = "".join(f"{_row(each)}\n" for each in card.kinds)
    alike = judged_alike(card)
    told = f"{card.runs} runs, corpus {card.corpus}, seed {card.seed}{'' if card.full else ', a slice'}. In brackets: 95 % (Wilson).{f' {alike}.' if alike else ''}{_again(card)}"
    return f"{HEAD}{rows}\n{told}{f' Every figure is {card.caution}.' if card.caution else ''}\n"


def _again(card: Scorecard) -> str:
    other = f"in {len(card.unlike)} findings differ" if card.unlike else "with equal findings"
    return f" {card.again} of these runs were played in containers as well, {other}." if card.again else ""


def _row(each: KindFigures) -> str:
    onset = "-" if each.onset_median is None else f"{each.onset_median:g}, {each.onset_p95:g}"
    by = f"{each.detector} {each.version}" if each.detector else "-"
    word = each.word if each.word in ("holds", "experimental") else f"{each.word}: {each.why}"
    return f"| {each.kind} | {by} | {each.recall.of} | {_share(each.recall)} | {_share(each.precision)} | {each.false_faulty} + {each.false_alike} | {onset} | {word} |"


def _share(share: Share) -> str:
    if share.value is None or share.low is None or share.high is None:
        return "-"
    return f"{share.value:.3f} ({share.low:.3f} to {share.high:.3f})"


def between(page: str, mark: str) -> str:
    """What stands between the marks of that name. Raises ValueError where they are not there."""
    _, begin, rest = page.partition(f"<!-- {mark}: begin -->\n")
    words, end, _ = rest.partition(f"<!-- {mark}: end -->")
    if not (begin and end):
        raise ValueError(f"{PAGE.name} lacks the marks of {mark}")
    return words


def laid(page: str, mark: str, words: str) -> str:
    """The page with these words there."""
    begin, end = (f"<!-- {mark}: {which} -->" for which in ("begin", "end"))
    return page.replace(f"{begin}\n{between(page, mark)}{end}", f"{begin}\n{words}{end}")


def write(mark: str, words: str) -> None:
    PAGE.write_text(laid(PAGE.read_text("utf-8"), mark, words), "utf-8")


def opening(name: str, version: int, card: Scorecard | None) -> str:
    """The line about a detector's figures."""
    mine = [each for each in card.kinds if (each.detector, each.version) == (name, version)] if card else []
    if not mine or card is None:
        return f"Scorecard: none of version {version}."
    found = ", ".join(f"{each.kind} {each.recall.count} of {each.recall.of}" for each in mine)
    precision = min(each.precision.value or 0.0 for each in mine)
    return f"Scorecard: found {found}; precision {precision:.3f}{' at least' if len(mine) > 1 else ''}{f'; {card.caution}' if card.caution else ''}."


def openings(card: Scorecard | None) -> dict[Path, str]:
    """Each detector's file as it must be."""
    found = {}
    for path in sorted(DETECTORS.glob("[!_]*.py")):
        version: int = import_module(f"harness.metrics.context.detectors.{path.stem}").VERSION
        found[path] = LINE.sub(opening(path.stem, version, card), path.read_text("utf-8"), count=1)
    return found


def main() -> int:
    write("scorecard", scored(published()))
    for path, text in openings(published()).items():
        path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
