"""A claim as it is written down before any outcome: what is compared with what, and where the interval must lie for which word; pure data."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

Study: TypeAlias = Literal["fading", "budget", "rules"]
Word: TypeAlias = Literal["supported", "contradicted", "inconclusive", "void"]
STUDIES: Final[tuple[Study, ...]] = ("fading", "budget", "rules")
MATTERS: Final = 0.10
"""The difference in the share of opportunities honoured that counts as fading or costing."""
Labels: TypeAlias = dict[str, str]
"""What is known of an opportunity: agent, variant, window, fill, octave, kind, manner, distance, rules, exposure."""


class Claim(msgspec.Struct, frozen=True):
    """`measure`: "kept" compares the share of opportunities honoured of those with labels `a` with that of `b` (a - b), task by task, and within
    equal labels `within`; "replayed" compares failures under the whole view with those under a fresh one.

    It is supported where the whole 95 % interval lies on `side` of `threshold`, contradicted where it lies on the other, else inconclusive.
    `assumed`: the true difference that the power is told for. `primary`: counted among the endpoints written down beforehand (Holm); the rest
    are exploratory (Benjamini and Hochberg). `clean`: void where the server took anything from a view, `arms`: where replays failed their own checks.
    """

    id: str
    words: str
    measure: Literal["kept", "replayed"] = "kept"
    a: Labels = {}
    b: Labels = {}
    within: tuple[str, ...] = ()
    threshold: float = 0.0
    side: Literal["below", "above"] = "below"
    assumed: float = -0.30
    primary: bool = True
    clean: bool = True
    arms: bool = False

    @property
    def rule(self) -> str:
        """The decision rule in words."""
        bound = f"{100 * self.threshold:+.0f} points" if self.threshold else "0"
        what = "failures under the whole view less those under a fresh one" if self.measure == "replayed" else f"{told(self.a)} less {told(self.b)}"
        equal = f", at equal {', '.join(self.within)}" if self.within else ""
        return f"{what}{equal}: supported if the 95 % interval lies {self.side} {bound}, contradicted if it lies on the other side"


def told(labels: Labels) -> str:
    """Labels in words."""
    return " and ".join(f"{name} {value or 'plain'}" for name, value in labels.items()) or "all"


UNSETTLED: Final[dict[Study, tuple[tuple[str, str], ...]]] = {
    "fading": (
        ("a window of a million tokens removes the problem", "needs hosted models with windows of 200,000 to 1,000,000 tokens, at their price"),
        ("an IQ3_XXS quantisation drifts sooner than the full weights", "needs the same weights at several quantisations with equal KV types on one machine"),
    ),
    "budget": (
        ("a hosted model rarely loses the thread over long refactorings", "needs that model, and fresh sessions on its own earlier work, which are not run here"),
        ("a compacted chain keeps what matters over 1, 2, 4, 8 compactions", "compactions are counted here, not set; see `longhaul context RUN`"),
    ),
    "rules": (
        ("models over-refuse", "needs pairs of neutral and loaded wording of one task, which no family here has"),
        ("thinking removes self-conditioning", "needs histories with seeded errors; the clean arm of `longhaul probe` is the nearest here"),
    ),
}  # fmt: skip
"""Claims of the same kind that this study leaves open, and why."""
