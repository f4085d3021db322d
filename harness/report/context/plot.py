"""A plot of context: a drawing, or the sentence that stands where there are too few for one; with what every plot must print beneath."""

from __future__ import annotations

import msgspec

from harness.report.context.loss import Group, Loss, name
from harness.report.summary import counted


class Plot(msgspec.Struct, frozen=True):
    """`number`: as docs/context.md counts them. `svg`: markup that was made here, "" where `why` says why there is none. `legend`: (class of
    the mark, words). `foot`: n, what was censored, share of A, version of the detectors. `said`: its figures in words.
    """

    number: int
    title: str
    who: str
    svg: str
    why: str
    foot: str
    legend: tuple[tuple[str, str], ...] = ()
    said: str = ""

    @property
    def id(self) -> str:
        return f"ctx-{self.number}"


def foot(told: Loss, group: Group, n: str, censored: str = "") -> str:
    """What stands beneath every plot."""
    cut = group.cut
    share = f"A {cut.turns} of {cut.of_turns:,} turns, {cut.trials} of {cut.of_trials} trials"
    return "; ".join(filter(None, (f"n = {n}", censored or "nothing censored", share, f"detectors {', '.join(told.measure)}, {told.standing}")))


def plot(told: Loss, group: Group, number: int, title: str, n: str) -> Plot:
    """One without a drawing yet."""
    return Plot(number, title, name(group), "", "", foot(told, group, n))


def without(made: Plot, why: str) -> Plot:
    return msgspec.structs.replace(made, why=f"Not drawn: {why}.")


def censored(ended: dict[str, int]) -> str:
    """How spells ended that did not end in a violation."""
    words = {"": "still kept at a limit, a cut or its end", "finish": "finished", "crash": "broke off", "timeout": "out of time", "window": "window full", "refusal": "refused"}
    rest = ", ".join(f"{count} {words.get(cause, cause)}" for cause, count in ended.items() if cause != "drift")
    return f"censored: {rest}" if rest else ""


def items(count: int) -> str:
    return counted(count, "item")
