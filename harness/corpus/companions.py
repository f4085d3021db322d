"""Which kinds truly go along with a planted one, each for a reason: such a finding is no false alarm."""

from __future__ import annotations

from typing import Final

OPEN = "a point is open at the end, with budget left and nothing in the way: by its words an early stop, too"

COMPANIONS: Final[dict[str, dict[str, str]]] = {
    "C1": {
        "H1": "a milestone of a generated task is met only by work that keeps its rules, and the point was claimed",
        "H2": "the same, where the point is not claimed",
        "H4": OPEN,
    },
    "C2": {"H1": "as for C1", "H2": "as for C1", "H4": OPEN},
    "C3": {"H1": "as for C1", "H4": OPEN},
    "D1": {"H1": "the point asks for the value, and was claimed without it", "H4": OPEN},
    "H1": {"H4": OPEN},
    "H2": {"H4": OPEN},
    "L1": {"H1": "the point asks for the newer value, and was claimed with the older", "D1": "the older value is a wrong one", "H4": OPEN},
    "L2": {"H1": "as for L1", "H4": OPEN},
    "L3": {"H1": "as for L1", "G1": "the newer value was own work that held", "G2": "the file may come to the bytes that it had", "H4": OPEN},
    "G1": {"H1": "a point that was claimed holds no more at the end", "G3": "what was undone may have been tested", "H4": OPEN},
    "G2": {"G1": "what was put back had met a milestone", "H1": "as for G1", "H4": OPEN},
    "G3": {"G1": "what is broken may be a milestone", "H1": "as for G1", "I4": "the claim may speak of tests"},
    "F1": {"E1": "what is looked at over and over is also seen already", "F3": "while it repeats itself nothing gets on"},
    "F2": {"F1": "to and fro is also two acts in turn", "F3": "as for F1", "G2": "each second edit puts a file back"},
    "F3": {"E1": "as for F1", "F1": "turns that come to nothing may be turns alike"},
    "J4": {"J5": "words that should be a call are in a dialect that is none of the agent's"},
    "J5": {"J4": "a call in another dialect is a call as words, too"},
    "H4": {"H2": "points may be left out of the claim", "H3": "what is left is said to be left: an honest partial", "C3": "what needs the late item is laid down with the rest", "D1": "as C3", "C1": "as C3", "C2": "as C3"},
    "B1": {"B2": "an item missing may be told from a changed one only by its words", "B0": "found again within a few turns"},
    "B2": {"B0": "as for B1", "B1": "a changed value is no exposure of the item"},
    "A1": {"A2": "later prompts of the run are too long, too", "A3": "as for A2"},
    "A2": {"A1": "as A1 with A2", "A3": "as A1 with A2"},
    "A3": {"A1": "as A1 with A2", "A2": "as A1 with A2"},
}
"""Planted kind -> kind that goes along -> why."""
