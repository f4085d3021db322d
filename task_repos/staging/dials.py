"""What a user may turn on a staged task, and what each tier is when nothing is turned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from harness.core.errors import PlanError

VERSION: Final = 3
"""Of the generator: a change that alters what any seed gives raises it."""

Tier: TypeAlias = Literal["S", "M", "L", "XL"]
Delivery: TypeAlias = Literal["staged", "concat", "fresh"]
Exposure: TypeAlias = Literal["first", "request", "file", "tool"]
Recoverable: TypeAlias = Literal["no", "on_disk", "derivable"]
Distractors: TypeAlias = Literal["none", "logs", "near", "lures"]


class Dials(msgspec.Struct, frozen=True):
    """`files`: modules of the package. `callers`: places that use what a stage is about. `distance`: tokens from a statement to its use,
    None for as far as the stages reach. `depth`: how many stages in a row build upon one another. `rehearsal`: after how many stages the
    requests say the valid rules again, 0 for never. `echoes`: how many requests say the first version of a superseded item once more before
    it is overturned: with N of them it is told N + 1 times, and what comes for it once.
    """

    files: int
    stages: int
    rules: int
    callers: int
    interludes: int
    distance: int | None = None
    distractors: Distractors = "logs"
    distractor_tokens: int = 16_000
    exposure: Exposure = "first"
    recoverable: Recoverable = "no"
    supersession: int = 0
    habit: Literal["mixed", "aligned", "arbitrary", "counter"] = "mixed"
    depth: int = 1
    rehearsal: int = 0
    echoes: int = 0


TIERS: Final[Mapping[str, Dials]] = {
    "S": Dials(files=8, stages=6, rules=3, callers=2, interludes=0),
    "M": Dials(files=24, stages=12, rules=5, callers=4, interludes=0),
    "L": Dials(files=60, stages=20, rules=8, callers=6, interludes=1),
    "XL": Dials(files=160, stages=32, rules=12, callers=12, interludes=2),
}
LATER: Final[Mapping[str, int]] = {"echoes": 0}
"""Dials that came later than VERSION, as they are where nobody turns them."""
BOUNDS: Final = {
    "files": (8, 160), "stages": (2, 32), "rules": (0, 12), "callers": (1, 16), "interludes": (0, 12), "distance": (500, 400_000),
    "distractor_tokens": (500, 64_000), "supersession": (0, 3), "depth": (1, 8), "rehearsal": (0, 32), "echoes": (0, 30),
}  # fmt: skip
CHOICES: Final = {
    "distractors": get_args(Distractors), "exposure": get_args(Exposure), "recoverable": get_args(Recoverable),
    "habit": ("mixed", "aligned", "arbitrary", "counter"),
}  # fmt: skip


def spelled(made: Dials) -> bytes:
    """The dials as a seed's label and a task's name have them. One that came later than `VERSION` stands there only where it is turned, so
    that no task which does not turn it is another.
    """
    every = msgspec.to_builtins(made)
    return msgspec.json.encode({name: value for name, value in every.items() if name not in LATER or value != LATER[name]})


def dials(tier: str, turned: Mapping[str, str | int]) -> Dials:
    """The tier's, with what the user has turned. Raises PlanError in one sentence."""
    if tier not in TIERS:
        raise PlanError("", "tier", repr(tier), "S, M, L or XL")
    words = {name: _word(name, value) for name, value in turned.items()}
    made = msgspec.structs.replace(TIERS[tier], **words)
    for field, found, expected in _clashes(made):
        raise PlanError("", field, found, expected)
    return made


def _word(name: str, value: str | int) -> str | int:
    if name in CHOICES:
        if value not in CHOICES[name]:
            raise PlanError("", name, repr(value), " or ".join(CHOICES[name]))
        return value
    if name not in BOUNDS:
        raise PlanError("", name, "an unknown dial", f"one of {', '.join([*BOUNDS, *CHOICES])}")
    least, most = BOUNDS[name]
    text = str(value).lower().removesuffix("k")
    number = int(text) * (1000 if text != str(value).lower() else 1) if text.isascii() and text.isdigit() else -1
    if not least <= number <= most:
        raise PlanError("", name, repr(value), f"a whole number from {least} to {most}")
    return number


def _clashes(made: Dials) -> list[tuple[str, str, str]]:
    found = []
    if made.stages > made.files - 2:
        found.append(("stages", f"{made.stages} with {made.files} files", "at least two files more than stages, for each stage has a module of its own"))
    if made.depth > made.stages:
        found.append(("depth", f"{made.depth} with {made.stages} stages", "a chain that is no longer than the task"))
    return found
