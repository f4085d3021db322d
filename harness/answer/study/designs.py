"""The three studies as data: which tasks, windows and agents are run, under which labels, and which claims they were made to settle; pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from harness.answer.study.claims import MATTERS, Claim, Labels, Study
from harness.core.trial import AS_USERS_RUN_IT

MANNERS: Final = ("rehearsed", "prohibition", "procedure", "sleeper", "fact")
LOW, HIGH = 0.40, 0.80
"""Shares of the window up to which it counts as empty, and from which as full."""


class Sizes(msgspec.Struct, frozen=True):
    """What a plan asks for. `tasks`: seeds of each family; `policies`: agents, the first is what the others are held against."""

    tier: str
    families: tuple[str, ...]
    tasks: int
    attempts: int
    seed: int
    policies: tuple[str, ...]
    dials: Mapping[str, str | int] = {}
    distances: tuple[str | int, ...] = ()
    budgets: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()
    exposures: tuple[str, ...] = ()
    users: bool = False
    rolls: int = 4
    points: int = 40

    @property
    def pairs(self) -> int:
        """Tasks that a comparison is paired over."""
        return self.tasks * len(self.families)


class Leg(msgspec.Struct, frozen=True):
    """One run. `words`: source -> labels of its tasks; `window`: tokens for every model, None as the plan has it; `probed`: replays follow."""

    name: str
    words: dict[str, Labels]
    window: int | None = None
    users: bool = False
    probed: bool = False


def legs(study: Study, sizes: Sizes) -> tuple[Leg, ...]:
    """The runs that a study is made of."""
    if study == "fading":
        words = {word: {"distance": str(distance)} for distance in sizes.distances for word in _words(sizes, {"interludes": 0, "distance": distance})}
        return (Leg("fading", words, probed=True),)
    if study == "budget":
        plain: dict[str, Labels] = {word: {} for word in _words(sizes, {})}
        return tuple(Leg(f"budget {window}", plain, window) for window in sizes.budgets)
    cells = itertools.product(sizes.counts, sizes.exposures)
    each = {word: {"rules": str(count), "exposure": shown} for count, shown in cells for word in _words(sizes, {"rules": count, "exposure": shown})}
    return (Leg("rules", each, users=sizes.users, probed=True),)


def _words(sizes: Sizes, dials: Mapping[str, str | int]) -> Iterator[str]:
    for family in sizes.families:
        turned = ",".join(f"{name}={value}" for name, value in {**sizes.dials, **dials}.items())
        yield f"staged:{sizes.tier},family={family},count={sizes.tasks},seed={sizes.seed}{',' if turned else ''}{turned}"


def claims(study: Study, sizes: Sizes) -> tuple[Claim, ...]:
    """Primary endpoints first; each of them is in the record before any outcome."""
    made = tuple({"fading": _fading, "budget": _budget, "rules": _rules}[study](sizes))
    return (*(each for each in made if each.primary), *(each for each in made if not each.primary))


def _fading(_: Sizes) -> Sequence[Claim]:
    near = Claim("near-full", "it fades near the top of its window", a={"fill": "high"}, b={"fill": "low"}, within=("octave",), threshold=-MATTERS, arms=True)
    return (near, _replayed(), *_by_manner(near, MANNERS))


def _budget(sizes: Sizes) -> Iterator[Claim]:
    first, *others = sizes.policies
    for policy in others:
        words = f"{policy} keeps more than {first}"
        yield Claim(f"{policy}", words, a={"agent": policy}, b={"agent": first}, within=("window",), side="above", assumed=0.15)
    if len(sizes.budgets) > 1:
        small, large = str(min(sizes.budgets)), str(max(sizes.budgets))
        yield Claim("small-budget", "a small context budget costs", a={"window": small}, b={"window": large}, within=("agent",), threshold=-MATTERS)
    for policy, window in itertools.product(others, sizes.budgets):
        at = {"window": str(window)}
        words = f"{policy} keeps more than {first} at {window:,} tokens"
        yield Claim(f"{policy}@{window}", words, a={"agent": policy, **at}, b={"agent": first, **at}, side="above", assumed=0.15, primary=False)


def _rules(sizes: Sizes) -> Sequence[Claim]:
    made = [_replayed(), *_compared(sizes)]
    return (*made, *(each for claim in made if claim.measure == "kept" for each in _by_manner(claim, MANNERS[:-1])))


def _compared(sizes: Sizes) -> Iterator[Claim]:
    plain = {"variant": ""}
    rule = {"kind": "rule", **plain}
    if sizes.users:
        yield Claim("defaults", "what the server does by default to what is too long costs", a={"variant": AS_USERS_RUN_IT}, b=plain, threshold=-MATTERS, clean=False)
    if len(sizes.counts) > 1:
        many, few = str(max(sizes.counts)), str(min(sizes.counts))
        yield Claim("many-rules", f"each rule is kept less often among {many} than among {few}", a={"rules": many, **rule}, b={"rules": few, **rule}, within=("exposure",), threshold=-MATTERS)
    first, *others = sizes.exposures
    for shown in others:
        words = f"what is told by {shown} is kept less often than by {first}"
        yield Claim(f"told-by-{shown}", words, a={"exposure": shown, **plain}, b={"exposure": first, **plain}, within=("rules",), threshold=-MATTERS)


def _replayed() -> Claim:
    return Claim("context", "what is not honoured is lost to the context", measure="replayed", side="above", assumed=0.15, arms=True)


def _by_manner(claim: Claim, manners: Sequence[str]) -> Iterator[Claim]:
    """The same for each class of items, exploratory."""
    for manner in manners:
        a, b = ({**labels, "manner": manner} for labels in (claim.a, claim.b))
        yield msgspec.structs.replace(claim, id=f"{claim.id}/{manner}", words=f"{claim.words}: {manner}", a=a, b=b, primary=False)
