"""A cap that would bound nothing, and a window that can't be had, are refused before anything is spent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import msgspec
import pytest

from harness.answer.probe.points import Chosen
from harness.cli.context.probe import Bounds, _possible
from harness.cli.context.probing import Laid, Read, Wish
from harness.cli.context.scenes import Asked
from harness.cli.context.widening import known_room, room_for_wide
from harness.core.errors import PlanError
from harness.core.events import Digests, Entry, Event, ModelOpened, TrialStarted
from harness.core.facts import ModelFacts, ModelSettings, Price, Window
from harness.core.probe import Place, Point
from harness.core.trial import TrialKey
from harness.plan import ModelEntry, Plan
from harness.settings import read
from tests.answer.probe.test_outlay import asked

KEY = TrialKey("r", "task", "coder", "claude/x", "", 1)
POINT = Point("p001", Place("t0001", "task", "coder", "claude/x", "rule", 9), "every")
GRUDGING = "tests.answer.probe.test_money"
WISH = Wish(("full", "fresh"), 4, 6, 40)


PRICE = Price("2026-01-01", 1.0, 1.0, 1.0, 1.0)


def found(*replies: Event, remote: bool, price: Price | None) -> Laid:
    events = (TrialStarted(KEY, 1, None, None, Digests("", "", "", ""), "{}", ""), ModelOpened(ModelFacts("claude", "x", remote=remote, price=price)), *replies)
    trace = tuple(Entry(number, 0.0, event) for number, event in enumerate(events, 1))
    one = Read(Asked("t0001", KEY, trace), None, ())  # type: ignore[arg-type]
    return Laid({"t0001": one}, Chosen((POINT,), (), 1), {})


def test_a_hosted_model_without_a_price_can_not_be_capped() -> None:
    """One sentence that names it."""
    with pytest.raises(PlanError, match=r"--max-cost: found claude/x, of which no price is known"):
        _possible(WISH, Bounds(1, 5.0, True, False, ""), found(remote=True, price=None))


@pytest.mark.parametrize(
    ("cap", "remote", "price"), [(None, True, None), (5.0, False, None), (5.0, True, PRICE)]
)
def test_others_can(cap: float | None, remote: bool, price: Price | None) -> None:
    """Without a cap, on this machine, or with a price."""
    _possible(WISH, Bounds(1, cap, True, False, ""), found(remote=remote, price=price))


def test_a_server_that_tells_no_tokens_can_not_be_capped() -> None:
    """It has a price, and no prompt that it could be put on: one sentence that names it; without a cap, and with tokens told, it can be replayed."""
    silent = found(*asked(1, None, 20), remote=True, price=PRICE)
    with pytest.raises(PlanError, match=r"--max-cost: found claude/x, whose server told no tokens of its prompts"):
        _possible(WISH, Bounds(1, 5.0, True, False, ""), silent)
    _possible(WISH, Bounds(1, None, True, False, ""), silent)
    _possible(WISH, Bounds(1, 5.0, True, False, ""), found(*asked(1, 500, 20), remote=True, price=PRICE))


@pytest.mark.parametrize(
    ("kind", "fields", "why"),
    [("claude", {"remote": True}, "is served elsewhere"), ("openai", {}, "has the window that its server gives it"), ("ollama", {"window_held": False}, "has the window that")],
)
def test_a_window_that_no_request_sets_can_not_be_widened(kind: str, fields: dict[str, bool], why: str) -> None:
    """Hosted models, servers that are started with their window, and engines that take no heed of one: one sentence, before anything is spent."""
    facts = ModelFacts(kind, "x", **fields)  # type: ignore[arg-type]
    events = (TrialStarted(KEY, 1, None, None, Digests("", "", "", ""), "{}", ""), ModelOpened(facts))
    one = Read(Asked("t0001", KEY, tuple(Entry(number, 0.0, event) for number, event in enumerate(events, 1))), None, ())  # type: ignore[arg-type]
    laid = Laid({"t0001": one}, Chosen((POINT,), (), 1), {})
    with pytest.raises(PlanError, match=f"--arms: found wide, and claude/x {why}"):
        _possible(msgspec.structs.replace(WISH, arms=("full", "wide")), Bounds(1, None, True, False, ""), laid)
    _possible(WISH, Bounds(1, None, True, False, ""), laid)


@pytest.mark.parametrize(("window", "sentence"), [(None, "whose window the run did not set"), (100_000, "was granted 131,072 tokens")])
def test_a_larger_window_must_be_granted(window: int | None, sentence: str) -> None:
    """Asked of the model itself before anything is spent; where it is granted nothing is said, nor where nobody asks for it."""
    entry = ModelEntry(f"{GRUDGING}/x", window=window)
    with pytest.raises(PlanError, match=sentence):
        room_for_wide(("full", "wide"), Plan(("bundled",), models=(entry,)), read())
    room_for_wide(("full", "wide"), Plan(("bundled",), models=(msgspec.structs.replace(entry, window=60_000),)), read())
    room_for_wide(("full", "fresh"), Plan(("bundled",), models=(entry,)), read())


@pytest.mark.parametrize(
    ("window", "trained", "sentence"),
    [(None, None, "models.window: found claude/x, whose window the run did not set"), (64_000, 100_000, "--arms: found wide, which takes 128,000 tokens of claude/x, expected at most 100,000")],
)
def test_a_window_that_the_record_rules_out_is_refused_before_any_table(window: int | None, trained: int | None, sentence: str) -> None:
    """With --estimate too, as no model is asked; what the record allows, or nobody asks for, is let through."""
    made, plan = trained_with(trained), Plan(("bundled",), models=(ModelEntry("claude/x", window=window),))
    with pytest.raises(PlanError, match=sentence):
        known_room(("full", "wide"), plan, made)
    known_room(("full", "fresh"), plan, made)
    known_room(("full", "wide"), msgspec.structs.replace(plan, models=(ModelEntry("claude/x", window=50_000), ModelEntry("claude/other"))), made)


def trained_with(window: int | None) -> Laid:
    """A point of a trial whose model was made for so many tokens."""
    events = (TrialStarted(KEY, 1, None, None, Digests("", "", "", ""), "{}", ""), ModelOpened(ModelFacts("claude", "x", window=Window(trained=window))))
    one = Read(Asked("t0001", KEY, tuple(Entry(number, 0.0, event) for number, event in enumerate(events, 1))), None, ())  # type: ignore[arg-type]
    return Laid({"t0001": one}, Chosen((POINT,), (), 1), {})


class Grudging:
    """A server that grants 131,072 tokens at most."""

    @contextmanager
    def open(self, settings: ModelSettings) -> Iterator[object]:
        yield SimpleNamespace(facts=ModelFacts("grudging", settings.name, window=Window(settings.window, min(settings.window or 0, 131_072))))


def create() -> Grudging:
    """As a plugin is made."""
    return Grudging()
