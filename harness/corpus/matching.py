"""Truths of a run against its findings: which were found, how far off, and which findings nobody planted. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import msgspec

from harness.core.findings import Finding, Status
from harness.corpus.companions import COMPANIONS
from harness.corpus.resolving import Stood
from harness.corpus.script import Case

NEAR: Final = 6
"""Turns between a truth's onset and that of a finding of it; as far as findings are linked to a root. Onset errors are measured within it."""
OF_ITEMS: Final = frozenset({"B1", "B2", "C1", "C2", "C3", "C4", "D1", "H1", "H2", "G1", "L1", "L2", "L3"})
"""Kinds whose finding must name the planted item; for the others kind and turn say enough."""
LOST_BY_MACHINE: Final = frozenset({"B1", "B2", "B3"})
"""A summary takes files, results and names out of sight that nobody planted: true, and not counted either way."""


class Hit(msgspec.Struct, frozen=True):
    """A truth with the finding of it, None where it was missed. `error`: turns between their onsets; `seen`: whether both agree on what the model saw."""

    kind: str
    found: Finding | None
    error: int | None = None
    seen: bool | None = None


class Matched(msgspec.Struct, frozen=True):
    """`linked`: follow a planted one by root or by companions.py; `false`: nobody planted them. `placed`: the onset that only the run itself decided, 0 for none."""

    case: str
    sort: str
    hits: tuple[Hit, ...]
    linked: tuple[Finding, ...]
    false: tuple[Finding, ...]
    placed: int = 0


def matched(case: Case, truths: tuple[Stood, ...], findings: tuple[Finding, ...], cuts: Collection[tuple[str, int]] = ()) -> Matched:
    """Each finding is taken by one truth at most, the nearest. `cuts`: (kind, turn) of what the server did; findings of these are true, and counted no further."""
    left, hits = list(findings), []
    for each in truths:
        best = min((one for one in left if _fits(each, one)), key=lambda one: abs(one.onset - each.onset), default=None)
        if best is None:
            hits.append(Hit(each.truth.kind, None))
            continue
        left.remove(best)
        seen = None if each.truth.visible is None or best.visible is None else best.visible == each.truth.visible
        hits.append(Hit(each.truth.kind, best, best.onset - each.onset, seen))
    names = {hit.found.name for hit in hits if hit.found is not None}
    roots = {one.name: one.root for one in findings}
    items = {item.id for item in case.base.manifest.items}
    rest = [one for one in left if (one.kind, one.turn) not in cuts and not (one.kind in LOST_BY_MACHINE and one.item not in items)]
    linked = tuple(one for one in rest if _goes_along(one, case, truths) or _led(one.name, roots) & names)
    placed = next((each.onset for each in truths if each.truth.when), 0)
    return Matched(case.name, case.sort, tuple(hits), linked, tuple(one for one in rest if one not in linked), placed)


def _fits(each: Stood, one: Finding) -> bool:
    truth = each.truth
    same = one.kind == truth.kind and abs(one.onset - each.onset) <= NEAR
    return same and (truth.kind not in OF_ITEMS or not truth.item or one.item == truth.item)


def _goes_along(one: Finding, case: Case, truths: tuple[Stood, ...]) -> bool:
    """A companion of something planted before it, the same thing told again, or what the family allows beside it; in a look-alike at any turn. A fact alone may be told."""
    earlier = [each.truth for each in truths if each.onset and each.onset <= one.turn]
    again = any(truth.kind == one.kind and truth.item == one.item for truth in earlier)
    fact = one.kind in case.facts and one.status is Status.UNDECIDED
    allowed = one.kind in case.allowed and (bool(earlier) or not truths)
    return again or fact or allowed or any(one.kind in COMPANIONS.get(truth.kind, {}) for truth in earlier)


def _led(name: str, roots: Mapping[str, str]) -> set[str]:
    """Names of the findings that this one follows from, however far."""
    found: set[str] = set()
    while (name := roots.get(name, "")) and name not in found:
        found.add(name)
    return found
