"""A trial's cost cut by what was paid for adds up, and what a try cost that does not count is lost, not forgotten."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.chat import ReplyStop, Timing, Usage
from harness.core.events import Digests, Entry, Event, ModelOpened, ModelReplied, Trace, TrialBroke, TrialStarted
from harness.core.facts import ModelFacts, Price
from harness.core.trial import TrialKey
from harness.metrics.environment import Environment, Machine, environment
from harness.metrics.money import Money, money
from harness.metrics.spend import total

PRICE = Price("2026-01-01", 3.0, 15.0, 0.3, 3.75)
STARTED = TrialStarted(TrialKey("r", "t", "a", "m", "", 1), 1, None, 7, Digests("", "", "", "0.1.0 h"), '{"turns":9}', "host")
OPENED = ModelOpened(ModelFacts("k", "m", price=PRICE))
COUNT = st.one_of(st.none(), st.integers(0, 1_000_000))


def replied(*counts: int | None) -> ModelReplied:
    return ModelReplied("m1", (), ReplyStop.END, "", Usage(*counts), Timing(1.0), None, 0, 0, (), (), "", None, None)


def traced(*events: Event) -> Trace:
    return tuple(Entry(seq, float(seq), event) for seq, event in enumerate(events, 1))


@given(st.lists(st.tuples(COUNT, COUNT, COUNT, COUNT), max_size=5))
def test_the_pieces_are_the_cost(usages: list[tuple[int | None, ...]]) -> None:
    """Uncached prompt, cache reads and writes and output are what the running spend counts, whatever the provider leaves out."""
    trace = traced(STARTED, OPENED, *(replied(*usage) for usage in usages))
    told = money(trace, trace)
    assert told is not None
    assert told.input + told.cache_read + told.cache_write + told.output == pytest.approx(total(trace).cost_usd)
    assert told.lost == pytest.approx(0, abs=1e-9)


def test_what_a_broken_try_cost_is_lost() -> None:
    """Two tries of the same reply: one is paid for nothing."""
    first = (STARTED, OPENED, replied(1_000_000, 0, 0, 0), TrialBroke("model", "gone", will_retry=True))
    again = traced(STARTED, OPENED, replied(0, 0, 0, 1_000_000))
    assert money(again, traced(*first, *(entry.event for entry in again))) == Money(0, 0, 0, 15.0, 3.0)


def test_what_a_try_cost_is_not_forgotten_by_one_that_opened_nothing() -> None:
    """The latest try broke before its model was open: all that was paid is lost."""
    first = (STARTED, OPENED, replied(1_000_000, 0, 0, 0), TrialBroke("model", "gone", will_retry=True))
    again = traced(STARTED, TrialBroke("sandbox", "gone", will_retry=False))
    assert money(again, traced(*first, *(entry.event for entry in again))) == Money(lost=3.0)


def test_a_local_price_is_none() -> None:
    """Not 0."""
    assert money(traced(STARTED, ModelOpened(ModelFacts("k", "m")), replied(1)), ()) is None
    assert money((), ()) is None


def test_the_environment_is_what_was_opened() -> None:
    """A try that never opened anything has none."""
    told = environment(traced(STARTED, OPENED))
    assert (told.harness, told.limits, told.seed, told.model, told.machine) == ("0.1.0 h", '{"turns":9}', 7, OPENED.facts, Machine())
    assert environment(()) == Environment()
