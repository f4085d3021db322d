"""Clears old tool results: stand-ins take their places in one block, and every one of them is confessed."""

from __future__ import annotations

import msgspec

from agents.forgetting import Step
from agents.history import History
from agents.marks import Marks
from agents.window import Fit, fit, stand_in, total
from harness.core.agent import Edit, confess

ALONE = 1
"""Newest results left alone when the model has refused the view for its length."""


def down_to_low(history: History, marks: Marks, window: int) -> Fit:
    """Which results to clear so that the low mark is reached, or all that may go."""
    budget = int(marks.low * window) - history.overhead
    return fit(history.messages, keep=history.kept, budget=budget, recent=marks.recent)


def by_half(history: History) -> Fit:
    """Which results to clear so that half of a refused view is gone, or all but the newest."""
    return fit(history.messages, keep=history.kept, budget=total(history.messages) // 2, recent=ALONE)


def cleared(history: History, found: Fit, reason: str) -> Step:
    """Put stand-ins in the places of the results found, and say so."""
    ids = {old: f"a{history.made + k}" for k, old in enumerate(found.clear, 1)}
    yield from confess(Edit("clear", replaced=tuple(ids.items()), reason=reason))
    messages = tuple(stand_in(m, ids[m.id]) if m.id in ids else m for m in history.messages)
    return msgspec.structs.replace(history, messages=messages, made=history.made + len(ids), full=False)
