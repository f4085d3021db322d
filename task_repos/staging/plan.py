"""A seed becomes a task: ground, stages in their order, what is told where, the words of each request. Nothing is written here."""

from __future__ import annotations

import hashlib

import msgspec

from harness.core.errors import PlanError
from harness.core.predicates import At
from task_repos.staging.chaining import chained
from task_repos.staging.dials import TIERS, VERSION, Dials, spelled
from task_repos.staging.distractors import distractors
from task_repos.staging.draw import Draw
from task_repos.staging.graph import graph
from task_repos.staging.ground import Family, Ground, Laying, Overturning
from task_repos.staging.honouring import House
from task_repos.staging.interludes import interludes
from task_repos.staging.repository import files
from task_repos.staging.rules import Rule, drawn
from task_repos.staging.sleepers import asked
from task_repos.staging.telling import Told, echoed, exposed, papers, places, superseded
from task_repos.staging.work import Work

PER_STAGE = {"S": 3_300, "M": 5_250, "L": 7_350, "XL": 11_500}
"""Tokens that a stage comes to, measured over oracles: what distances in tokens are turned into stages by."""


class Staged(msgspec.Struct, frozen=True):
    """A task before it is delivered. `told`: with indices into `works`, which holds the interludes too; `papers`: where the first items stand."""

    ground: Ground
    family: Family
    tier: str
    works: tuple[Work, ...]
    told: tuple[Told, ...]
    rules: tuple[Rule, ...]
    draw: Draw
    papers: tuple[str, ...]
    name: str


def staged(family: Family, tier: str, dials: Dials, seed: int) -> Staged:
    """Raises PlanError where the dials ask for what the family does not have."""
    root = Draw(f"longhaul staged {VERSION}/{family.id}/{tier}/{spelled(msgspec.structs.replace(dials, echoes=0)).decode()}/{seed}")
    asked = dials
    dials = dials if family.ruled else msgspec.structs.replace(dials, rules=0)
    made = graph(root.child("graph"), dials, family.kinds)
    rules = drawn(root.child("rules"), dials, made.package)
    base = files(made, rules, root.child("files"))
    base = family.laid(made, base, root.child("laid")) if isinstance(family, Laying) else base
    ground = Ground(seed, dials, root.child("family"), made, House(rules, made), base)
    works = _with_marks(ground, chained(ground, family.works(ground), dials.depth), rules)
    told = _told(family, works, rules, dials, tier, root)
    breaks = interludes(root.child("interludes"), dials)
    spots = [round((place + 1) * len(works) / (len(breaks) + 1)) for place in range(len(breaks))]
    written = papers(told, dials)
    extra = {each.path: each.text for each in breaks} | written | distractors(ground, root.child("distractors"))
    ground = msgspec.structs.replace(ground, base=dict(sorted({**base, **extra}.items())))
    shifted = tuple(_shifted(each, spots) for each in told)
    whole = [work for index, work in enumerate(works) for work in (*(each.work() for each, spot in zip(breaks, spots, strict=True) if spot == index), work)]
    whole += [each.work() for each, spot in zip(breaks, spots, strict=True) if spot == len(works)]
    shown = tuple(_shown(each, dials) for each in shifted)
    return Staged(
        ground, family, tier, tuple(whole), shown, rules, root.child("words"), tuple(path for path in written if not path.endswith((".txt", "codes.md"))),
        _name(family, tier, asked, seed),
    )


def _name(family: Family, tier: str, dials: Dials, seed: int) -> str:
    """The task's id; dials that were turned make it another task."""
    turned = "" if dials == TIERS[tier] else "-" + hashlib.sha256(spelled(dials)).hexdigest()[:6]
    return f"staged-{family.id.lower()}-{tier.lower()}-{seed}{turned}"


def _with_marks(ground: Ground, works: tuple[Work, ...], rules: tuple[Rule, ...]) -> tuple[Work, ...]:
    """Release marks are asked for at the end: the first in the last stage, the second in the one before."""
    made = list(works)
    marks = sorted((rule for rule in rules if rule.telling.item.manner == "sleeper"), key=lambda rule: rule.id)
    for place, rule in enumerate(marks, start=1):
        at = max(0, len(made) - place)
        made[at] = asked(ground, made[at], rule)
    return tuple(made)


def _told(family: Family, works: tuple[Work, ...], rules: tuple[Rule, ...], dials: Dials, tier: str, root: Draw) -> list[Told]:
    told = places(works, rules, dials, PER_STAGE[tier])
    if dials.supersession and not isinstance(family, Overturning):
        told = _superseded(told, dials, root.child("superseded"))
    return _echoed(family, told, dials) if dials.echoes else told


def _superseded(told: list[Told], dials: Dials, draw: Draw) -> list[Told]:
    try:
        return superseded(told, draw, dials.supersession, dials.echoes)
    except ValueError as fault:
        found = f"{dials.supersession}, with {fault} facts told early enough"
        if dials.echoes:
            raise PlanError("", "echoes", f"{dials.echoes} with supersession={found}", "fewer of either; or more stages or rules, a longer distance, family T6") from fault
        raise PlanError("", "supersession", found, "fewer; or more rules, a longer distance, family T6") from fault


def _echoed(family: Family, told: list[Told], dials: Dials) -> list[Told]:
    """What is overturned, said again before. Rules and decisions that are rehearsed as well would have another ratio than the dial says."""
    try:
        made = echoed(told, dials.echoes)
    except ValueError as fault:
        raise PlanError("", "echoes", f"{dials.echoes} with {fault} in {family.id}", "supersession of 1 or more, or family T5") from fault
    if dials.rehearsal and any(each.again and each.telling.item.kind != "fact" for each in made):
        raise PlanError("", "echoes", f"{dials.echoes} with rehearsal={dials.rehearsal} in {family.id}", "one of the two: rehearsal says the decisions again, too")
    return made


def _shift(index: int, spots: list[int]) -> int:
    """An index among the stages as one among stages and interludes."""
    return index + sum(spot <= index for spot in spots)


def _shifted(each: Told, spots: list[int]) -> Told:
    checks = tuple((ask, At(_shift(when.stage - 1, spots) + 1) if isinstance(when, At) else when) for ask, when in each.telling.checks)
    telling = msgspec.structs.replace(each.telling, checks=checks)
    return Told(telling, _shift(each.stage, spots), None if each.used is None else _shift(each.used, spots), tuple(_shift(stage, spots) for stage in each.again))


def _shown(each: Told, dials: Dials) -> Told:
    item = exposed(each.telling.item, each.stage, dials)
    return msgspec.structs.replace(each, telling=msgspec.structs.replace(each.telling, item=item))
