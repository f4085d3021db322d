"""Which kinds truly go along with a planted one, each for a reason: such a finding is no false alarm."""

from __future__ import annotations

from typing import Final

_ASKED_FOR: Final = "later work of the script imports the name that the rule asks for, which the slip did not give"
COMPANIONS: Final[dict[str, dict[str, str]]] = {
    "C1": {"I1": _ASKED_FOR},
    "C2": {
        "H1": "a milestone of a generated task is met only by work that keeps its rules, and the points of later requests were claimed, too",
        "I1": _ASKED_FOR,
        "I3": "a generated task's slip of a naming rule may import an earlier name in the style that it slipped into",
    },
    "C3": {"I1": _ASKED_FOR},
    "G2": {"G1": "what was put back had met a milestone, which is told as the cause of both", "H1": "the point that was claimed holds no more, by that same cause"},
    "F1": {"E1": "what is looked at over and over is also seen already"},
    "F3": {"E1": "as for F1"},
    "H4": {"C3": "what needs the late item is laid down with the rest", "C1": "as C3"},
}
"""Planted kind -> kind that goes along without following from it by root -> why."""
