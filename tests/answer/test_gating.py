"""The gate's rule: what is red, green and undecided, and what is said beside the word."""

from __future__ import annotations

import pytest

from harness.answer.night.gating import Decision, Evidence, controlled, decide, night, points
from harness.metrics.statistics.stratified import Change


def change(drop: float, p: float = 0.5, *, low: float | None = None, tasks: int = 20) -> Change:
    """A rate that fell so far."""
    return Change(-drop, -drop - 0.05 if low is None else low, -drop + 0.05, p, 1 - p, tasks)


def alike(found: Change, **more: float) -> Evidence:
    """Nothing in doubt: every case is as judged."""
    return Evidence(found, found, found, **more)


@pytest.mark.parametrize(
    ("drop", "p", "word", "code"),
    [
        (0.10, 0.025, "regressed", 3), (0.30, 0.0001, "regressed", 3), (0.10, 0.026, "undecided", 4), (0.10, 0.05, "undecided", 4),
        (0.10, 0.051, "ok", 0), (0.099, 0.001, "ok", 0), (0.0, 0.5, "ok", 0), (-0.2, 1.0, "ok", 0), (0.3 - 0.2, 0.02, "regressed", 3),
    ],
)  # fmt: skip
def test_the_rule_of_one_change(drop: float, p: float, word: str, code: int) -> None:
    """Red takes a drop that matters and that is shown; nearly shown is undecided; a shown but small drop is green."""
    found = decide(alike(change(drop, p)), 0.10)
    assert (found.word, found.code) == (word, code)


def test_what_forbids_a_word() -> None:
    """Fewer than ten common tasks, none at all, and more than 5 % broken are undecided however clear the figures are, and say why."""
    clear = change(0.5, 0.0001)
    few = decide(alike(change(0.5, 0.0001, tasks=9)), 0.10)
    none = decide(Evidence(None, None, None), 0.10)
    broken = decide(alike(clear, broken=0.051), 0.10)
    assert {few.word, none.word, broken.word} == {"undecided"}
    assert "9 common tasks" in few.reasons[0]
    assert "0 common tasks" in none.reasons[0]
    assert "broke" in broken.reasons[0]
    assert decide(alike(clear, broken=0.05), 0.10).word == "regressed"


def test_a_word_that_hangs_on_doubtful_trials_is_none() -> None:
    """Red as judged and at worst, but green had the broken trials passed: undecided, with each case's word."""
    bad, good = change(0.2, 0.001), change(0.02, 0.4)
    found = decide(Evidence(bad, good, bad, 0.04), 0.10)
    assert found.word == "undecided"
    assert "regressed as judged, ok at best, regressed at worst" in found.reasons[0]
    assert decide(Evidence(good, good, bad, 0.04), 0.10).word == "undecided"


def test_strict_is_green_only_where_the_drop_is_excluded() -> None:
    """An interval that reaches the drop makes a strict night undecided and a plain one green; red stays red."""
    reaching, short = alike(change(0.02, 0.4, low=-0.12)), alike(change(0.02, 0.4, low=-0.08))
    assert decide(reaching, 0.10).word == "ok"
    strict = decide(reaching, 0.10, strict=True)
    assert strict.word == "undecided"
    assert any("not excluded" in words for words in strict.reasons)
    assert decide(short, 0.10, strict=True).word == "ok"
    assert decide(alike(change(0.2, 0.001)), 0.10, strict=True).word == "regressed"


def test_green_says_what_it_does_not_exclude() -> None:
    """The drop that is still possible, and that a plan too small to see says little; not so where the interval excludes the drop."""
    little = " ".join(decide(alike(change(0.02, 0.4, low=-0.13), detectable=0.18), 0.10).reasons)
    assert "up to 13 points is not excluded" in little
    assert "says little" in little
    assert "18 points" in little
    nothing = " ".join(decide(alike(change(0.02, 0.4, low=-0.13), detectable=1.0), 0.10).reasons)
    assert "no drop at all" in nothing
    much = " ".join(decide(alike(change(0.0, 0.6, low=-0.06), detectable=0.18), 0.10).reasons)
    assert "10 points is excluded" in much
    assert "says little" not in much
    assert "a smaller one than 10 points" in " ".join(decide(alike(change(0.06, 0.001)), 0.10).reasons)


def test_the_control_can_take_a_word_and_never_gives_red() -> None:
    """Fresh seeds that exclude the drop make red undecided; fresh seeds that clearly fell make green undecided; else fixed seeds decide."""
    red, green = Decision("regressed", ("fell",)), Decision("ok", ("fine",))
    fine, fell = alike(change(-0.01, 0.7, low=-0.08)), alike(change(0.2, 0.001))
    assert controlled(red, fine, 0.10).word == "undecided"
    assert "contradicts" in controlled(red, fine, 0.10).reasons[0]
    assert controlled(green, fell, 0.10).word == "undecided"
    assert controlled(red, fell, 0.10) == red
    assert controlled(green, fine, 0.10) == green
    assert controlled(green, alike(change(0.2, 0.002)), 0.10) == green
    assert controlled(red, alike(change(-0.01, 0.7, low=-0.2)), 0.10) == red


def test_a_control_that_failed_says_nothing() -> None:
    """Broken or too small, it neither takes red nor green."""
    red = Decision("regressed", ("fell",))
    excluding = change(-0.01, 0.7, low=-0.02)
    assert controlled(red, alike(excluding, broken=0.2), 0.10) == red
    assert controlled(red, alike(change(-0.01, 0.7, low=-0.02, tasks=9)), 0.10) == red
    assert controlled(red, Evidence(None, None, None), 0.10) == red


def test_the_night_is_as_bad_as_its_worst_side() -> None:
    """Regressed before undecided before ok; a night without a side is undecided."""
    ok, red, open_ = (Decision(word, ()) for word in ("ok", "regressed", "undecided"))
    assert [night(found) for found in ([ok, open_, red], [ok, open_], [ok], [])] == ["regressed", "undecided", "ok", "undecided"]


def test_points_read_as_people_say_them() -> None:
    """No tail of a binary number, no negative nothing."""
    assert [points(figure) for figure in (0.1, 0.125, 0.01, -0.0001, 0.3 - 0.2)] == ["10 points", "12.5 points", "1 point", "0 points", "10 points"]
