"""One side's rows to its figures: rate, pass^k, and what turns, tokens, time and money each pass took."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from harness.answer.compare.figures import Figures
from harness.answer.compare.pair import Pair
from harness.answer.side import Case, Side
from harness.metrics.row import Row
from harness.metrics.statistics.passk import AtK, pass_at_k, pass_hat_k
from harness.metrics.statistics.rates import clustered, interval, mean
from harness.metrics.statistics.tally import Tally
from harness.report import splits
from harness.report.summary import counts

DECIDED = ("passed", "failed")


def figures(side: Side, pair: Pair, paired: Collection[str], k: int, asked: int | None) -> Figures:
    """`side`: of the pair; `paired`: tasks decided on both sides, which the rates are made of; `asked`: the plan's window for the model, None for none."""
    made, met = pair.made_a if side is pair.a else pair.made_b, pair.met
    rows = [row for row in side.rows if row.task in met]
    tallies = _kept(side, "seen", paired)
    done = [row for row in rows if row.outcome in DECIDED]
    prices = [row.cost_usd for row in done if row.cost_usd is not None]
    cost, rate, bounds = splits.cost_split(rows), mean(tallies), interval(tallies)
    once = AtK(1, len(tallies), rate, bounds, rate, bounds)
    return Figures(
        side.who, side.runs, counts(side.rows), len(tallies), rate, bounds, mean(_kept(side, "best", met)),
        mean(_kept(side, "worst", met)), side.broken, (once, *((_at(k, tallies),) if k > 1 else ())),
        _mean([row.turns for row in done]), _mean([splits.tokens(row) for row in done]), _mean([splits.seconds(row) for row in done]),
        sum(prices) if prices else None, _mean(prices), cost.per_pass if cost else None, _per_pass(rows, splits.seconds), _per_pass(rows, splits.tokens),
        made.window, () if asked is None else (f"{asked:,}",), ", ".join(made.thinking), called=side.called,
    )  # fmt: skip


def _kept(side: Side, case: Case, tasks: Collection[str]) -> list[Tally]:
    return [tally for task, tally in side.tallies(case).items() if task in tasks]


def _at(k: int, tallies: Sequence[Tally]) -> AtK:
    """As `passk.at_k` for this k alone: each further one of a large run would cost the time of the whole answer."""
    held = [tally for tally in tallies if tally.decided >= k]
    if not held:
        return AtK(k, 0, None, None, None, None)
    every = [pass_hat_k(tally.decided, tally.passed, k) for tally in held]
    some = [pass_at_k(tally.decided, tally.passed, k) for tally in held]
    samples = sum(tally.decided // k for tally in held)
    return AtK(k, len(held), _mean(some), clustered(some, samples), _mean(every), clustered(every, samples))


def _mean(amounts: Sequence[float]) -> float | None:
    return sum(amounts) / len(amounts) if amounts else None


def _per_pass(rows: Sequence[Row], amount: Callable[[Row], float]) -> float | None:
    """All that was spent, on trials that failed or broke, too, over those that passed."""
    passed = sum(row.outcome == "passed" for row in rows)
    return sum(map(amount, rows)) / passed if passed else None
