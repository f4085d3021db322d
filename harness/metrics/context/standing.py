"""What the recorded trees show of a manifest: every opportunity to honour an item, and at which turns each milestone held.

An occasion is honoured where the turn brought no new breach of the constraint's predicate about its subject. A breach that is gone by the
end of the grace is a transient one: honoured, with the turn of the repair. The grace ends GRACE turns later, or before that where work
settles (tests, a commit, `finish`, the turn handed back). Where the turns end before a grace does, nothing is known yet, and nothing is told.

What was in breach before the turn: a turn that edits a file and leaves that same file in breach violates as well, whoever first broke it or
never met it (a frozen file changed once more, a value still missing from the module that should have it); where that is gone by the end of
the grace the work was only under way, honoured without a repair. A breach elsewhere, and a name of the file that was in breach already, is
not the turn's: neither for nor against it. What is added has no before. At the end of a stage and at a run the state itself is judged.
A violation that stands and is undone after its grace stays one, with the turn that mended it: what comes next may be a relapse.

Only the agent's own calls count: what a formatter, a run of tests, the harness or the user changed is no opportunity and no violation. A file that does not
parse counts, for a constraint that parsing decides, as it was when it last did: nothing is added by it, broken or mended, until it parses again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.core.findings import Opportunity, Reached
from harness.core.memory import Constraint, Manifest
from harness.core.predicates import Adds, Edits
from harness.metrics.context.done.doings import settles
from harness.metrics.context.kept.occasions import Watch, course
from harness.metrics.context.kept.whole import Whole
from harness.metrics.context.predicates.footprint import needed, parses, touches
from harness.metrics.context.predicates.judge import judged
from harness.metrics.context.predicates.sources import Sources
from harness.metrics.context.scene import Trees, Turn

GRACE: Final = 2
"""Turns in which a slip may be repaired; a refactoring passes through broken states on its way."""
Tests = Mapping[tuple[str, tuple[str, ...]], bool | None]


def standing(
    manifest: Manifest, turns: tuple[Turn, ...], base: str, trees: Trees, tested: Tests, grace: int = GRACE
) -> tuple[tuple[Opportunity, ...], tuple[Reached, ...]]:
    """Opportunities by turn, then in the manifest's order; milestones likewise. `tested`: see settle_points. Raises StoreError."""
    plain = Sources(trees, tested)
    both = {False: course(turns, base, plain, grace), True: course(turns, base, Sources(Whole(plain, turns, base), tested, plain), grace)}
    items = {item.id: item for item in manifest.items}
    watches = [Watch(each, items[each.item], both[_parsed(each)]) for each in manifest.constraints if each.item in items]
    found = [one for watch in watches for one in watch.opportunities()]
    found.sort(key=lambda one: one.turn)
    return tuple(found), reached(manifest, turns, base, plain)


def unsettled(manifest: Manifest, turns: tuple[Turn, ...], one: Opportunity, grace: int = GRACE) -> bool:
    """Whether the turns end before a violation there could have been told, whatever came. What is honoured is told at once: counted where a
    violation is not, the ends of trials would hold honoured opportunities alone.
    """
    if not any(each.item == one.item and isinstance(each.occasion, Adds | Edits) for each in manifest.constraints) or one.begun is not None:
        return False
    rest, last = turns[one.turn - 1 :], max(one.evidence, default=0)
    if len(rest) > grace or any(turn.yielded for turn in rest):
        return False
    return not any(settles(call) and (turn.number > one.turn or call.seq > last) for turn in rest for call in turn.calls)


def _parsed(constraint: Constraint) -> bool:
    """Whether it asks for what only parsing tells; one that asks for bytes and lines is judged by them, whether they parse or not."""
    occasion = constraint.occasion
    return parses(constraint.predicate) or (isinstance(occasion, Adds) and occasion.kind != "file")


def reached(manifest: Manifest, turns: tuple[Turn, ...], base: str, sources: Sources) -> tuple[Reached, ...]:
    """Each milestone at the first turn of its stage, wherever a turn changed what it depends on, at every end of a stage, and at the last turn.

    From its own stage on, until the request that overturns it.
    """
    found: list[Reached] = []
    ends, before = {turn.number for turn in stage_ends(turns)}, base
    begun: set[str] = set()
    for turn in turns:
        tree = turn.tree or before
        changed = sources.changed(before, tree)
        for one in manifest.milestones:
            if turn.stage < one.stage or (one.until is not None and turn.stage >= one.until):
                continue
            if one.id not in begun or turn.number in ends or (changed and touches(one.predicate, changed)):
                begun.add(one.id)
                found.append(Reached(one.id, turn.number, judged(one.predicate, tree, base, sources).held))
        before = tree
    return tuple(found)


def stage_ends(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """The last turn of each stage: handed back, or followed by one of a later stage; and the very last."""
    return tuple(turn for turn, after in zip(turns, [*turns[1:], None], strict=False) if after is None or turn.yielded or after.stage > turn.stage)


def settle_points(manifest: Manifest, turns: tuple[Turn, ...], base: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(tree, test ids) that `standing` asks `tested` about: at ends of stages, of milestones and constraints that stand then. Each once."""
    found: dict[tuple[str, tuple[str, ...]], None] = {}
    for turn in stage_ends(turns):
        tree = next((one.tree for one in reversed(turns[: turn.number]) if one.tree), base)
        open_ = [one.predicate for one in manifest.milestones if one.stage <= turn.stage and (one.until is None or turn.stage < one.until)]
        open_ += [one.predicate for one in manifest.constraints]
        found |= dict.fromkeys((tree, ids) for predicate in open_ for ids in needed(predicate))
    return tuple(found)
