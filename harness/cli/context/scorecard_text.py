"""A scorecard on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from harness.cli.screen.layout import lay, tell
from harness.corpus.scorecard import KindFigures, Scorecard, Scored, Share, judged_alike, missed

TITLES = ("kind", "detector", "n", "recall", "precision", "false", "onset", "it")
FIGURES = TITLES[2:7]
MOST = 12
"""Single runs that are named; --json and --keep have them all."""


def show(card: Scorecard, runs: Sequence[Scored], unlike: Sequence[str], console: Console) -> None:
    """The table, then what is under its target, then single runs to look at."""
    lay(console, TITLES, [_row(each) for each in card.kinds], figures=FIGURES)
    tell(console, f"{card.runs} runs, corpus {card.corpus}, seed {card.seed}; n: planted; after >: lower bound (Wilson, 95 %); false: findings that nobody planted, with another fault + in look-alikes; onset: turns off, in the middle and at the 95th percentile.")
    if words := judged_alike(card):
        tell(console, f"{words}.")
    for each in card.kinds:
        if each.held and each.word == "below":
            tell(console, f"{each.kind} is under its target: {each.why}.", indent=2)
    held = {each.kind for each in card.kinds if each.held}
    for name, hit in sorted(missed(runs), key=lambda one: (one[1].kind not in held, one[0]))[:MOST]:
        tell(console, f"missed: {hit.kind} in {name}", indent=2)
    for name, words in _false(runs)[:MOST]:
        tell(console, f"nobody planted: {words} in {name}", indent=2)
    for sentence in (*card.faults[:MOST], *unlike[:MOST]):
        tell(console, sentence, indent=2)
    if card.caution:
        tell(console, f"Every figure here is {card.caution}.")


def _false(runs: Sequence[Scored]) -> list[tuple[str, str]]:
    return [(each.run.case, f"{one.name} ({one.detail})") for each in runs if not each.faults for one in each.run.false]


def _row(each: KindFigures) -> tuple[str, ...]:
    detector = f"{each.detector} {each.version}" if each.detector else "-"
    onset = "-" if each.onset_median is None else f"{each.onset_median:g}, {each.onset_p95:g}"
    false = f"{each.false_faulty}+{each.false_alike}"
    return each.kind, detector, str(each.recall.of), _bounded(each.recall), _bounded(each.precision), false, onset, each.word


def _bounded(share: Share) -> str:
    """The rate and its lower bound."""
    return "-" if share.value is None or share.low is None else f"{share.value:.3f}>{share.low:.3f}"
