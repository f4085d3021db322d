"""What a detector must reach on the corpus before its figure may stand in a headline."""

from __future__ import annotations

from typing import Final

import msgspec


class Target(msgspec.Struct, frozen=True):
    """`precision`, `recall`: as observed; `low`: what the lower 95 % bounds of both must reach; `runs`: positives without which the bound can't be reached."""

    precision: float
    recall: float
    low: float
    runs: int


STATE: Final = Target(0.99, 0.99, 0.97, 200)
"""Pure state and format."""
SEQUENCE: Final = Target(0.97, 0.97, 0.95, 200)
WORDS: Final = Target(0.95, 0.90, 0.0, 150)

TARGETS: Final = {
    **dict.fromkeys(("A1", "A2", "A3", "A4", "B1", "C1", "C2", "C3", "C4", "D1", "G1", "G4", "H1", "H2", "I1", "J1", "J2", "J3", "K1"), STATE),
    **dict.fromkeys(("E1", "F1", "F2", "G2", "G5", "I2", "J4", "J5", "L1", "L2", "L3"), SEQUENCE),
    **dict.fromkeys(("K2", "K3", "B2", "H4"), WORDS),
}
"""Kinds without a row have no target, and are experimental."""
FALSE_PER_100: Final = 0.5
"""False findings in a hundred clean or look-alike runs, at most."""
ALIKE_RUNS: Final = 1_000
ONSET_MEDIAN: Final = 0.0
ONSET_P95: Final = 1.0
"""Turns between the planted onset and the one found."""
