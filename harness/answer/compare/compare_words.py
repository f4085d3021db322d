"""A comparison in words that terminal and summary say alike: titles, cells of the table of sides, tasks and reasons."""

from __future__ import annotations

import msgspec

from harness.answer.compare.comparison import Answer, Comparison, Rank
from harness.answer.compare.figures import Figures, TrialMark
from harness.answer.compare.naming import called, runs
from harness.answer.compare.question import names
from harness.answer.compare.sentence import span
from harness.metrics.statistics.tally import Tally
from harness.report import summary
from harness.report.summary import counted, dollars, figure, percent

FIGURES = (
    "tasks", "trials", "rate", "interval", "worst-best", "broken", "turns", "tokens", "seconds", "cost", "tokens/pass", "seconds/pass", "cost/pass",
)  # fmt: skip
ONLY = ("task", "solved", "solved in", "failed in")
LEGEND = "rate: mean over tasks with its 95 % interval; turns, tokens, seconds: means over trials; cost: per priced trial; per pass: all that was spent over what passed"
DOMINATED = "{} is beaten in {} by {}, which is as good or better and takes at least 5 % less of it (sign-flip test over tasks, p < 0.05)"


def sides(told: Comparison) -> tuple[str, str]:
    """What A and B are called."""
    return called(told.a, told.b)


def title(told: Comparison) -> str:
    """Windows and runs."""
    return f"{told.regime} ({runs(told.a, told.b)})"


def ks(told: Answer) -> tuple[str, ...]:
    """Titles of the columns that -k asks for."""
    return (f"pass@{told.k}", f"pass^{told.k}") if told.k > 1 else ()


def row(side: Figures, k: int) -> tuple[str, ...]:
    """In the order of FIGURES, then of `ks`."""
    at = side.at_k[-1] if k > 1 else None
    return (
        str(side.tasks), str(side.counts.planned), percent(side.rate), summary.span(side.interval.low, side.interval.high) if side.interval else "-",
        summary.span(side.worst, side.best) if side.worst != side.best else "-", percent(side.broken, 1) if side.broken else "-", figure(side.turns), figure(side.tokens),
        figure(side.seconds, 1), dollars(side.cost_per_trial), figure(side.tokens_per_pass), figure(side.seconds_per_pass, 1), dollars(side.cost_per_pass),
        *((percent(at.pass_at_k), percent(at.pass_hat_k)) if at else ()),
    )  # fmt: skip


def dominated(told: Comparison) -> tuple[str, ...]:
    """Who pays more and gets no more."""
    a, b = sides(told)
    held = ((a, told.a, b), (b, told.b, a))
    return tuple(DOMINATED.format(name, " and ".join(side.dominated), other) for name, side, other in held if side.dominated)


def cases(told: Comparison) -> tuple[str, ...]:
    """Both ends of what doubtful trials leave open."""
    name = sides(told)[0]
    return tuple(f"{case.name} case of {name}: {span(case.difference.low, case.difference.high)} points, {case.word}" for case in told.cases)


class Only(msgspec.Struct, frozen=True):
    """Tasks that one side alone solves, under a `title`; each task with its share, a trial that solved it, and one of the other that did not."""

    title: str
    tasks: tuple[tuple[str, str, TrialMark, TrialMark], ...]


def only(told: Comparison) -> tuple[Only, ...]:
    """Of A, then of B, where there are any."""
    a, b = sides(told)
    groups = (
        (a, b, [(pair.task, pair.a, pair.a_trials, pair.b_trials) for pair in told.only_a]),
        (b, a, [(pair.task, pair.b, pair.b_trials, pair.a_trials) for pair in told.only_b]),
    )
    return tuple(
        Only(f"{counted(len(tasks), 'task')} that {one} solves and {other} never does", tuple((task, _share(tally), _one(its, "passed"), _one(others, "failed")) for task, tally, its, others in tasks))
        for one, other, tasks in groups if tasks
    )  # fmt: skip


def _share(tally: Tally) -> str:
    return f"{tally.passed} of {tally.decided}"


def _one(trials: tuple[TrialMark, ...], outcome: str) -> TrialMark:
    """A task in this list has one: a side that is decided and never passed has failed."""
    return next(each for each in trials if each.outcome == outcome)


def address(told: Comparison, mark: TrialMark) -> str:
    """What `longhaul show` is given: the trial, after its run where there are several."""
    words = mark.trial if len({*told.a.runs, *told.b.runs}) == 1 else f"{mark.run} {mark.trial}"
    return words if mark.outcome == "passed" else f"{words} {mark.reason}"


def rank(place: Rank) -> str:
    """A place, or the places that nothing tells apart."""
    return str(place.rank) if place.rank == place.to else f"{place.rank}-{place.to}"


def ranked(place: Rank, others: tuple[Rank, ...]) -> str:
    """A side in the table of ranks: its run only where another one is called the same."""
    name = names(place.who, full=len({each.who.agent for each in others}) > 1)
    twice = sum(each.who == place.who and each.regime == place.regime for each in others) > 1
    return f"{name}@{' '.join(place.runs)}" if twice else name
