"""Reward files by Harbor's rules."""

from __future__ import annotations

import pytest

from harness.grading.reward import from_json, from_text, one


@pytest.mark.parametrize(("text", "figure"), [(b"0.5\n", 0.5), (b"1e0", 1.0), (b" -2 ", -2.0), (b"7", 7.0)])
def test_a_number_is_a_reward(text: bytes, figure: float) -> None:
    """Any finite number is believed."""
    assert from_text(text) == figure


@pytest.mark.parametrize("text", [b"", b"nan", b"yes", b"True", b"inf", b"1 2", b"\xff"])
def test_anything_else_is_an_error(text: bytes) -> None:
    """Words, nothing, and numbers without end are refused."""
    with pytest.raises(ValueError, match=r".+"):
        from_text(text)


@pytest.mark.parametrize("text", [b'{"a": null}', b'{"a": "1"}', b"0.5", b'{"a": 1e309}', b'{"a": NaN}', b'{"a": {"b": 1}}', b"{", b"[]"])
def test_a_json_reward_is_a_flat_object_of_numbers(text: bytes) -> None:
    """Null, strings, nesting, bare numbers and endless ones are refused."""
    with pytest.raises(ValueError, match=r".+"):
        from_json(text)


def test_the_key_reward_decides() -> None:
    """`reward` where there is one, else the mean; an empty object decides nothing."""
    assert one(from_json(b'{"reward": 1, "style": 0.5}')) == 1.0
    assert one(from_json(b'{"x": 1, "y": true}')) == 1.0
    with pytest.raises(ValueError, match="empty"):
        one({})
