"""The windows of two sides in words: a difference at equal windows is another one than at native ones."""

from __future__ import annotations

from harness.answer.compare.pair import Pair


def regime(pair: Pair, asked: tuple[int | None, int | None]) -> str:
    """Such as "equal window 32,768" or "native windows 131,072 and 200,000". `asked`: what the plan asks of A and of B, None where it leaves it open."""
    one, other = pair.made_a.window, pair.made_b.window
    if one == other and len(one) == 1:
        return f"equal window {one[0]:,}"
    if not one and not other:
        return "windows unknown"
    first, second = _words(one), _words(other)
    if asked == (None, None):
        return f"native windows {first} and {second}"
    if None not in asked:
        return f"windows {first} and {second}"
    return f"windows {first} ({_by(asked[0])}) and {second} ({_by(asked[1])})"


def _words(granted: tuple[int, ...]) -> str:
    return " or ".join(f"{each:,}" for each in granted) or "unknown"


def _by(asked: int | None) -> str:
    return "native" if asked is None else "asked for"
