"""The double of a server tells the figures of real versions."""

from __future__ import annotations

import pytest

from harness.core.chat import Message, ModelRequest, Origin, Role, Sampling, Text, Thinking, message
from harness.corpus.script import Over, Server
from harness.corpus.serving import TooLong, served, size

SYSTEM = message("m0", Role.SYSTEM, Origin.HARNESS, Text("s" * 400))


def asked(*messages: Message) -> ModelRequest:
    return ModelRequest((SYSTEM, *messages), (), Sampling(), 4096, 100)


def user(ident: str, tokens: int) -> Message:
    return message(ident, Role.USER, Origin.TASK, Text("w" * 4 * tokens))


@pytest.mark.parametrize(("over", "left"), [("cut_024", 4096), ("halve_034", 2050)])
def test_one_message_too_long_is_cut(over: Over, left: int) -> None:
    """Where the last message alone does not fit, tokens are cut: to the window by one version, to half of it by the other."""
    told = served(Server(window=4096, over=over), asked(user("m1", 50), user("m2", 5000)), 10, ())
    assert (told.evaluated, told.cuts) == (left, ("A1", "A3") if left == 4096 else ("A1",))
    assert told.sent > 5000


@pytest.mark.parametrize("over", ["cut_024", "halve_034"])
def test_many_messages_lose_the_oldest(over: Over) -> None:
    """Where the rest fits, whole messages go, the first request before all others and the system text never: the count is below the window."""
    last = user("m3", 1000)
    told = served(Server(window=4096, over=over), asked(user("m1", 2000), user("m2", 2000), last), 10, ())
    assert told.cuts == ("A2",)
    assert told.evaluated == size((SYSTEM, user("m2", 2000), last)) < 4096


def test_a_long_answer_shifts() -> None:
    """A prompt that fits and an answer that does not: the count is whole, and something is lost all the same."""
    told = served(Server(window=4096, over="cut_024"), asked(user("m1", 100)), 5000, ())
    assert (told.cuts, told.evaluated) == (("A3",), told.sent)


def test_a_server_that_was_asked_to_refuses() -> None:
    """Nothing is cut in silence then."""
    with pytest.raises(TooLong):
        served(Server(window=4096), asked(user("m1", 5000)), 10, ())
    assert not served(Server(window=4096), asked(user("m1", 100)), 5000, ()).cuts


def test_a_cache_takes_nothing_from_the_count() -> None:
    """What came from the cache is told beside the count, not taken from it."""
    before = asked(user("m1", 100))
    now = asked(user("m1", 100), user("m2", 100))
    told = served(Server(cached=True), now, 10, before.view)
    assert told.evaluated == told.sent == size(now.view)
    assert told.cached == size(before.view)


def test_a_template_forgets_old_reasoning_alone() -> None:
    """Reasoning before the last request is not counted, and that is told; words and later reasoning stay."""
    old = Message("m2", Role.ASSISTANT, message("m2", Role.ASSISTANT, Origin.MODEL, Thinking("t" * 400), Text("done")).parts)
    kept, forgot = (served(Server(forgets=forgets), asked(user("m1", 10), old, user("m3", 10)), 10, ()) for forgets in (False, True))
    assert (kept.thoughtful, forgot.thoughtful) == (True, False)
    assert kept.sent - forgot.sent == 100
