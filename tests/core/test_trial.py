"""Outcomes and their reasons."""

from __future__ import annotations

from harness.core.trial import ALLOWED, Outcome, Reason


def test_every_reason_belongs_to_one_outcome() -> None:
    """The closed list is divided among the outcomes without rest and without overlap."""
    listed = [reason for reasons in ALLOWED.values() for reason in reasons]
    assert sorted(listed) == sorted(Reason)
    assert set(ALLOWED) == set(Outcome)
