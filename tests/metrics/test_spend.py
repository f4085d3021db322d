"""The fold that stops a live agent and fills the report."""

from __future__ import annotations

import pytest

from harness.core.agent import Stop
from harness.core.blob import Blob
from harness.core.chat import ReplyStop, Sampling, Timing, Usage
from harness.core.errors import Blame, Fault
from harness.core.events import (
    AgentStopped,
    Digests,
    Entry,
    Event,
    GradeRan,
    ModelAsked,
    ModelFailed,
    ModelOpened,
    ModelReplied,
    PatchTaken,
    RequestGiven,
    SlotWaited,
    ToolCalled,
    ToolReturned,
    TrialStarted,
)
from harness.core.facts import ModelFacts, Price
from harness.core.lived import PastLived
from harness.core.task import Limits
from harness.core.trial import TrialKey
from harness.metrics.spend import BEFORE_ASK, BEFORE_USE, cost, exceeded, paid, total

PRICE = Price("2026-10", 5.0, 25.0, 0.5, 6.25)
STARTED = TrialStarted(TrialKey("r", "t", "a", "m", "", 1), 1, None, 7, Digests("", "", "", ""), "{}", "host")
ASKED = ModelAsked(1, (), Sampling(), None, 100, "", "")
RETURNED = ToolReturned("c", ok=True, exit_code=0, ended=None, seconds=1.0, shown=1, total=1, blob=None)
TAKEN = PatchTaken("", (), (), (), (), (), Blob("0" * 64, 0))


def replied(usage: Usage) -> ModelReplied:
    return ModelReplied("m2", (), ReplyStop.END, "stop", usage, Timing(1.0, prefill=0.5, decode=0.25), None, 0, 0, (), (), "", None, None)


def trace(*rows: tuple[float, Event]) -> tuple[Entry, ...]:
    return tuple(Entry(seq, at, event) for seq, (at, event) in enumerate(rows, 1))


def test_a_lived_past_counts_against_the_limits_alone() -> None:
    """Turns, calls, tokens, seconds and, within a trial, money of the past fill the bounds; the figures of the try are its own."""
    led = PastLived(7, 3, 500, 60.0, 20.0, 0.25)
    spent = total(trace((0, STARTED), (0, ModelOpened(ModelFacts("k", "n", price=PRICE))), (1, led), (2, AgentStopped(Stop.ANSWERED))))
    assert (spent.turns, spent.tool_calls, spent.tokens, spent.cost_usd) == (7, 0, 0, 0.0)
    rows = (
        (Limits(turns=7), Stop.TURNS, 7), (Limits(tool_calls=3), Stop.TOOL_CALLS, 3), (Limits(tokens=500), Stop.TOKENS, 500),
        (Limits(cost_usd=0.25), Stop.COST, 0.25), (Limits(seconds=60.0), Stop.TIME, 61.0), (Limits(tool_seconds=20.0), Stop.TIME, 20.0),
    )
    for limits, stop, used in rows:
        assert exceeded(spent, limits, BEFORE_ASK | BEFORE_USE) == (stop, used, 60.0 if used == 61.0 else used)
    assert exceeded(spent, Limits(turns=8), BEFORE_ASK) is None


def test_a_model_opened_once_more_keeps_what_was_paid() -> None:
    """A try that goes on opens its model anew; what the first part cost stays counted."""
    opened = ModelOpened(ModelFacts("k", "n", price=PRICE))
    spent = total(trace((0, STARTED), (0, opened), (1, ASKED), (2, replied(Usage(1_000_000, None, None, 0))), (3, opened)))
    assert spent.cost_usd == pytest.approx(5.0)


def test_time_goes_to_whoever_spent_it() -> None:
    """Model, tool, waiting, grading and harness seconds each get their own, and together they are all the time there was."""
    failed = ModelFailed(Fault.RATE, Blame.SERVER, "slow down", 429, will_retry=True, wait_s=4, number=1)
    graded = GradeRan("test", "fresh", ok=True, exit_code=0, ended=None, seconds=3)
    spent = total(
        trace(
            (0, STARTED), (1, ASKED), (3, failed), (7, ASKED), (8, replied(Usage(10, None, None, 5))), (8.5, ToolCalled("c", "shell", "{}")),
            (10.5, RETURNED), (11, SlotWaited(0.5)), (11, ASKED), (12, replied(Usage(20, None, None, 5))), (12, AgentStopped(Stop.ANSWERED)),
            (12.25, TAKEN), (16, graded),
        )
    )
    assert (spent.model_s, spent.waiting_s, spent.tool_s, spent.grading_s) == (4.0, 4.5, 2.0, 3.75)
    assert spent.harness_s == pytest.approx(1.75)
    assert spent.seconds + spent.waiting_s + spent.grading_s == 16


def test_a_wall_clock_counts_neither_opening_nor_waiting() -> None:
    """A limit in seconds bounds the agent: what image, model and machine took before the first request, and waiting for a place, are not its doing."""
    spent = total(trace((0, STARTED), (60, RequestGiven("r1", "m1", 1)), (90, SlotWaited(30)), (90, ASKED), (92, replied(Usage(9, None, None, 9)))))
    assert (spent.seconds, spent.harness_s, spent.waiting_s) == (2.0, 60.0, 30.0)
    assert exceeded(spent, Limits(seconds=3), BEFORE_ASK) is None


def test_counts_are_the_providers_own() -> None:
    """Tokens are summed as told; thinking stays None where nobody told it."""
    spent = total(trace((0, STARTED), (1, ASKED), (2, replied(Usage(100, 60, None, 7)))))
    assert (spent.turns, spent.tokens_in, spent.tokens_cached, spent.tokens_out, spent.tokens_thinking) == (1, 100, 60, 7, None)


def test_a_new_try_begins_at_zero() -> None:
    """What a broken try spent is not charged to the next one."""
    again = TrialStarted(STARTED.key, 2, None, 7, STARTED.digests, "{}", "host")
    assert total(trace((0, STARTED), (1, ASKED), (5, replied(Usage(9, None, None, 9))), (6, again))).tokens == 0


def test_cost_prices_each_kind_of_token() -> None:
    """Uncached input, cache reads, cache writes and output each have their own price."""
    assert cost(Usage(1_000_000, 200_000, 100_000, 10_000), PRICE) == pytest.approx(0.7 * 5 + 0.2 * 0.5 + 0.1 * 6.25 + 0.01 * 25)


def test_what_broke_was_paid_for_too() -> None:
    """Money counts over all tries, figures of a row only the latest."""
    opened = ModelOpened(ModelFacts("claude", "opus", price=PRICE))
    again = TrialStarted(STARTED.key, 2, None, 7, STARTED.digests, "{}", "host")
    one = (ASKED, replied(Usage(1_000_000, 0, 0, 0)))
    told = trace(*((0, event) for event in (STARTED, opened, *one, again, opened, *one)))
    assert paid(told) == pytest.approx(10.0)
    assert total(told).cost_usd == pytest.approx(5.0)


def test_a_local_price_is_none() -> None:
    """No price is not a price of zero."""
    opened = ModelOpened(ModelFacts("ollama", "tiny"))
    assert total(trace((0, STARTED), (0, opened), (1, ASKED), (2, replied(Usage(9, None, None, 9))))).cost_usd is None


def test_a_priced_model_costs() -> None:
    """The price on record is the one that is used."""
    opened = ModelOpened(ModelFacts("claude", "opus", price=PRICE))
    spent = total(trace((0, STARTED), (0, opened), (1, ASKED), (2, replied(Usage(1_000_000, 0, 0, 0)))))
    assert spent.cost_usd == pytest.approx(5.0)


def test_the_last_turns_calls_still_run() -> None:
    """Turns bound questions: at the limit the next question is refused, the calls of the answer are not."""
    spent = total(trace((0, STARTED), (1, ASKED)))
    limits = Limits(turns=1)
    assert exceeded(spent, limits, BEFORE_USE) is None
    assert exceeded(spent, limits, BEFORE_ASK) == (Stop.TURNS, 1.0, 1.0)


def test_no_bound_never_stops() -> None:
    """None is no bound."""
    spent = total(trace((0, STARTED), (1, ASKED)))
    assert exceeded(spent, Limits(turns=None), BEFORE_ASK | BEFORE_USE) is None
