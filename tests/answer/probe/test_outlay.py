"""What a probe will cost is told from the parent's own counts: turns times tokens per arm, money only where there is a price."""

from __future__ import annotations

import pytest

from harness.answer.probe.outlay import Counts, counts, outlay
from harness.core.chat import ReplyStop, Sampling, Timing, Usage
from harness.core.events import Digests, Entry, Event, ModelAsked, ModelReplied, TrialStarted
from harness.core.facts import Price
from harness.core.probe import Place, Point
from harness.core.trial import TrialKey

POINT = Point("p001", Place("t0001", "task", "coder", "m", "rule", 9), "every")
KNOWN = Counts({1: 1_000, 9: 9_000}, 100.0)


def asked(turn: int, prompt: int | None, out: int) -> list[Event]:
    question = ModelAsked(turn, (), Sampling(), None, 100, "", "")
    return [question, ModelReplied(f"m{turn}", (), ReplyStop.END, "", Usage(input_total=prompt, output_total=out), Timing(1.0), None, 0, 0, (), (), "", None, None)]


def test_counts_are_the_providers_own() -> None:
    """Prompts by turn, replies on the average; what was not counted is not made up."""
    key = TrialKey("r", "t", "a", "m", "", 1)
    events: list[Event] = [TrialStarted(key, 1, None, None, Digests("", "", "", ""), "{}", ""), *asked(1, 500, 10), *asked(2, None, 20), *asked(3, 900, 30)]
    found = counts(tuple(Entry(number, 0.0, event) for number, event in enumerate(events, 1)))
    assert (found.prompts, found.outputs, found.growth, found.prompt(2)) == ({1: 500, 3: 900}, 20.0, 200.0, 500)


def test_a_whole_view_takes_the_whole_prompt() -> None:
    """Each turn reads the history and what came since; an arm without history reads the opening alone."""
    told = {arm.arm: arm for arm in outlay([(POINT, KNOWN)], ("full", "fresh"), 4, 2).arms}
    assert (told["full"].trials, told["full"].turns) == (4, 8)
    assert told["full"].tokens_in == 4 * (9_000 + 10_000)
    assert told["fresh"].tokens_in == 4 * (1_000 + 2_000)
    assert told["full"].tokens_out == 4 * 200


def test_who_is_only_asked_answers_twice_at_most() -> None:
    """An item's value, or one that nobody stated: the whole prompt and one reply, and both once more."""
    told = {arm.arm: arm for arm in outlay([(POINT, KNOWN)], ("full", "recall", "absent"), 4, 6).arms}
    assert [told[arm].turns for arm in ("full", "recall", "absent")] == [24, 8, 8]
    assert told["absent"].tokens_in == told["recall"].tokens_in == 4 * (9_000 + 10_000)


def test_a_local_model_has_no_price() -> None:
    """None, not 0."""
    assert outlay([(POINT, KNOWN)], ("full",), 4, 6).usd is None


def test_a_price_makes_money_of_it() -> None:
    """At most: no prompt is read from a cache; likely: three turns of six."""
    priced = Counts(KNOWN.prompts, KNOWN.outputs, Price("2026-01-01", 10.0, 50.0, 1.0, 12.0))
    told = outlay([(POINT, priced)], ("full",), 2, 6)
    (arm,) = told.arms
    assert told.usd == pytest.approx((arm.tokens_in * 10 + arm.tokens_out * 50) / 1e6)
    assert arm.likely_usd
    assert arm.usd
    assert arm.likely_usd < arm.usd
