"""How often a point of a probe is named rightly, wrongly or not at all, by the rule that the probe goes by: every outcome of its re-rolls, weighed.

    python -m benchmarks.validate_points [--write]

Exact, no draws. A point fails with one chance under the whole view and with another under a fresh one; of a point that is not the context's
both are the first. Prints a Markdown table, which `--write` puts into docs/context-loss.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from itertools import product
from math import comb

from benchmarks.loss_page import write
from harness.answer.probe.deciding import CLEAN, FRESH, FULL, Count, decide
from harness.core.findings import Mechanism

PAIRS = ((0.95, 0.05), (0.85, 0.10), (0.60, 0.20), (0.30, 0.05))
ROLLS = (4, 8, 12, 16)
NAMED = (Mechanism.RETENTION, Mechanism.SELF_CONDITIONING, Mechanism.NOT_CONTEXT)


def outcomes(rates: Mapping[str, float], rolls: int) -> Iterator[tuple[float, dict[str, Count]]]:
    """Chance and counts of every outcome of so many re-rolls under each arm."""
    for failed in product(range(rolls + 1), repeat=len(rates)):
        chance = 1.0
        for count, rate in zip(failed, rates.values(), strict=True):
            chance *= comb(rolls, count) * rate**count * (1 - rate) ** (rolls - count)
        yield chance, {arm: Count(count, rolls) for arm, count in zip(rates, failed, strict=True)}


def shares(rates: Mapping[str, float], rolls: int, truth: Mechanism) -> tuple[float, float, float]:
    """Rightly, wrongly, not at all (undecided, or nothing failed); sums to 1."""
    right = wrong = 0.0
    for chance, counts in outcomes(rates, rolls):
        named = decide(counts, visible=True).mechanism
        right += chance * (named is truth)
        wrong += chance * (named in NAMED and named is not truth)
    return right, wrong, 1 - right - wrong


def cells(high: float, low: float, rolls: int) -> list[str]:
    """Of R (or E, which differs in the ledger's word alone), of S with a clean arm, of X."""
    truths = (
        (Mechanism.RETENTION, {FULL: high, FRESH: low}), (Mechanism.SELF_CONDITIONING, {FULL: high, FRESH: low, CLEAN: low}),
        (Mechanism.NOT_CONTEXT, {FULL: high, FRESH: high}),
    )  # fmt: skip
    return [" / ".join(f"{100 * share:.0f}" for share in shares(rates, rolls, truth)) for truth, rates in truths]


def table() -> str:
    rows = (f"| {high:.2f} / {low:.2f} | {rolls} | {' | '.join(cells(high, low, rolls))} |\n" for high, low in PAIRS for rolls in ROLLS)
    return f"| fails so often: full / fresh | re-rolls | E or R | S | X |\n|---|---:|---|---|---|\n{''.join(rows)}"


def main() -> int:
    words = table()
    if "--write" in sys.argv[1:]:
        write("points", words)
    sys.stdout.write(words)
    return 0


if __name__ == "__main__":
    sys.exit(main())
