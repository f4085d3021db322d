"""Tokens of parts are the provider's where it counted them, and never made up from what came later."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.metrics.context.reading import scene
from harness.metrics.context.scene import Scene
from harness.metrics.context.seen.tokens import split
from tests.metrics.context.telling import Forest, Telling, a_task


def read(told: Telling) -> Scene:
    return scene("x", a_task(), told.trace, told.get, Forest())


def test_the_growth_of_a_prompt_is_shared_out_by_length() -> None:
    """What the reply had is told by its own count, the rest belongs to what came with it."""
    told = Telling()
    told.request("Do it.")
    told.ask()
    said = told.reply("", ("shell", {"command": "a" * 80, "seconds": 0}), ("shell", {"command": "b", "seconds": 0}), prompt=1000, output=60)
    for call, size in zip(said.calls, (900, 300), strict=True):
        told.use(call, "x" * size)
    told.ask()
    told.reply("ok", prompt=1460, output=1)
    words = read(told).words
    assert sum(words[part.id].tokens for part in said.parts) == 60
    assert [words[f"m{number}.1"].tokens for number in (3, 4)] == [300, 100]


def test_without_counts_the_trial_s_own_ratio_holds() -> None:
    """Learnt from what was counted before; four characters a token before anything was."""
    told = Telling()
    told.request("x" * 400)
    told.turn("y" * 600, prompt=500)
    told.turn("z" * 800, prompt=500 + 300 + 20)
    told.ask()
    told.reply("done", prompt=None)
    words = read(told).words
    assert words["m1.1"].tokens == 100
    assert 290 <= words["m3.1"].tokens <= 315
    assert 380 <= words["m5.1"].tokens <= 420


def test_a_count_that_can_not_be_of_these_words_is_not_taken() -> None:
    """One that left the cached part out, or fell: the words keep their estimate."""
    told = Telling()
    told.request("Do it.")
    told.turn("y" * 4000, prompt=5000)
    told.turn("z" * 4000, prompt=90)
    assert 900 <= read(told).words["m3.1"].tokens <= 1100


def test_an_opening_has_no_more_tokens_than_its_prompt() -> None:
    """Spaces cost less than four characters make believe."""
    told = Telling()
    told.system(" " * 4000)
    told.request(" " * 4000)
    told.ask()
    told.reply("ok", prompt=200)
    words = read(told).words
    assert words["a1.1"].tokens + words["m1.1"].tokens == 200


def test_reasoning_that_is_counted_apart_takes_its_own_share() -> None:
    """Words and thoughts of one reply."""
    told = Telling()
    told.request("Do it.")
    told.ask()
    told.reply("short", thinking="long " * 400, output=510)
    words = read(told).words
    assert words["m2.1"].tokens + words["m2.2"].tokens == 510
    assert words["m2.1"].tokens > 480


@given(st.integers(0, 10_000), st.lists(st.integers(0, 500), min_size=1, max_size=30))
def test_shares_sum_to_the_whole(total: int, weights: list[int]) -> None:
    """None is below 0, and none is a token away from its due."""
    shares = split(total, weights)
    assert sum(shares) == total
    assert min(shares) >= 0
    dues = weights if sum(weights) else [1] * len(weights)
    assert all(abs(share - total * due / sum(dues)) < 1 + 1e-9 for share, due in zip(shares, dues, strict=True))
