"""C1 to C4: a standing rule broken late, from the first time on, at its one late use, or for a turn alone."""

from __future__ import annotations

from random import Random
from typing import Final

import msgspec

from harness.core.memory import Constraint, Item, Slip
from harness.core.predicates import At, Says
from harness.corpus.placing import Unfit, after, changed, drawn, lost, place, stages, tree, write
from harness.corpus.script import Base, Case, Say, Shown, Truth

KINDS: Final = ("C1", "C2", "C3", "C4")
SORT: Final = "fault"
BASES: Final = ("desk", "staged")
HONOURED: Final = 2
"""Times that a rule must have been kept before its loss is a drift."""
LATE: Final = 3
"""From the third request on every rule has been honoured twice at least."""


def plant(kind: str, base: Base, dice: Random) -> Case:
    """Raises Unfit."""
    made = {"C1": _drift, "C2": _never, "C3": _sleeper, "C4": _passing}[kind](base, dice)
    return Case("", "fault", "constraints", base.seed, made[0], made[1])


def slipped(base: Base, item: str, wanted: tuple[int, ...], how: str = "violates") -> tuple[Base, tuple[str, ...]]:
    """The base with the item lost in these stages, and the names of the turns that differ, in their order."""
    names = tuple(say.name for say in base.says if say.stage in wanted and lost(say, item, how) is not None)
    return changed(base, names, lambda say: lost(say, item, how) or say), names


def rules(base: Base) -> tuple[Item, ...]:
    """Standing rules whose keeping shows again and again, stated at the beginning and in force to the end."""
    standing = {each.item for each in base.manifest.constraints if not isinstance(each.occasion, At)}
    return tuple(item for item in base.manifest.items if item.kind == "rule" and item.id in standing and item.since <= 1 and item.until is None)


def shown(before: Base, base: Base, name: str) -> tuple[Shown, ...]:
    """Proof that this turn leaves other files than it did: a line of each that only it has."""
    now, then = tree(base, name), tree(before, name)
    found = []
    for path in sorted(set(now) | set(then)):
        new, old = set(now.get(path, "").splitlines()), set(then.get(path, "").splitlines())
        has, lacks = sorted(new - old), sorted(old - new)
        if has or lacks:
            found.append(Shown(name, path, has[0] if has else "", lacks[0] if lacks else ""))
    return tuple(found)


def _truth(kind: str, item: str, bases: tuple[Base, Base], names: tuple[str, str]) -> tuple[Truth, ...]:
    return (Truth(kind, item, names[0], names[1], proofs=shown(*bases, names[0])),)


def _drift(base: Base, dice: Random) -> tuple[Base, tuple[Truth, ...]]:
    item = drawn(dice, rules(base)).id
    stage = drawn(dice, tuple(stage for stage in stages(base) if stage >= LATE and _kept_before(base, item, stage) >= HONOURED))
    made, names = slipped(base, item, (stage,))
    first = _breaks(base, item, names)
    return made, _truth("C1", item, (base, made), (first, first))


def _kept_before(base: Base, item: str, stage: int) -> int:
    """Earlier requests whose work keeps the item."""
    return len({say.stage for say in base.says if say.stage < stage and lost(say, item) is not None})


def _never(base: Base, dice: Random) -> tuple[Base, tuple[Truth, ...]]:
    """Lost throughout, or at the first occasion alone."""
    item = drawn(dice, tuple(item for item in rules(base) if item.manner == "rehearsed")).id
    wanted = drawn(dice, (stages(base), stages(base), stages(base)[:1]))
    made, names = slipped(base, item, wanted)
    first = _breaks(base, item, names)
    return made, _truth("C2", item, (base, made), (first, first))


def _sleeper(base: Base, dice: Random) -> tuple[Base, tuple[Truth, ...]]:
    """A fact told early and needed once, late; or a rule with one late occasion, which `sealed` gives the desk."""
    late = tuple(item.id for item in base.manifest.items if item.manner == "sleeper")
    if base.manifest.family == "desk" and dice.random() < 0.5:
        base, late = sealed(base, dice), ("seal",)
    item = drawn(dice, late)
    made, names = slipped(base, item, stages(base))
    first = drawn(dice, names[:1])
    return made, (Truth("C3", item, first, _settled(made, first), proofs=shown(base, made, first)),)


def _passing(base: Base, dice: Random) -> tuple[Base, tuple[Truth, ...]]:
    """Broken by one turn and made good by the next, before anything settles."""
    item = drawn(dice, rules(base)).id
    made, name = passing(base, item, dice)
    return made, _truth("C4", item, (base, made), (name, name))


def passing(base: Base, item: str, dice: Random) -> tuple[Base, str]:
    """The base with the item lost for one turn, which the next one writes as it should be; and the name of that turn. Raises Unfit."""
    legal = [say for say in base.says if say.stage >= LATE and lost(say, item) is not None and _first_of_stage(base, say, item)]
    say = drawn(dice, legal)
    made = changed(base, (say.name,), lambda each: lost(each, item) or each)
    right, wrong = tree(base, say.name), tree(made, say.name)
    mends = tuple(write(path, right[path]) for path in sorted(right) if wrong.get(path) != right[path])
    if not mends or set(wrong) - set(right):
        raise Unfit
    return after(made, say.name, Say(f"{say.name}.mend", say.stage, "That was not as it should be; I put it right.", mends, "mend")), say.name


def sealed(base: Base, dice: Random) -> Base:
    """With one more rule, which has its one occasion in the last request."""
    settle = next((say for say in base.says if say.mark == "settle"), None)
    if settle is None:
        raise Unfit
    word, path, stage = f"sealed by {dice.randrange(10_000, 99_999)}", f"{base.manifest.family}.txt", settle.stage
    sentence = f"The last request of all also makes a file `{path}` with the line `{word}`; it will not be named again."
    item = Item("seal", "rule", sentence, (word,), manner="sleeper", exposure="first_request")
    constraint = Constraint("seal", Says((path,), f"^{word}$"), At(stage))
    first = msgspec.structs.replace(base.requests[0], text=f"{base.requests[0].text}- {sentence}\n")
    manifest = msgspec.structs.replace(base.manifest, items=(*base.manifest.items, item), constraints=(*base.manifest.constraints, constraint))
    kept = (*settle.calls, write(path, f"{word}\n"))
    slips = (*settle.slips, Slip("seal", "violates", settle.calls))
    says = tuple(msgspec.structs.replace(say, calls=kept, items=(*say.items, "seal"), slips=slips) if say is settle else say for say in base.says)
    return msgspec.structs.replace(base, requests=(first, *base.requests[1:]), manifest=manifest, says=says)


def _breaks(base: Base, item: str, names: tuple[str, ...]) -> str:
    """The first of these turns at which the rule's own files come out otherwise: an added test that only calls by the wrong name breaks no naming rule."""
    globs = next(each.predicate for each in base.manifest.constraints if each.item == item)
    folders = tuple(path.split("*")[0] for path in getattr(globs, "paths", ()))
    for name in names:
        say = base.says[place(base, name) - 1]
        other = lost(say, item)
        if other is not None and any(f'"path": "{folder}' in call.arguments for call in other.calls if call not in say.calls for folder in folders):
            return name
    raise Unfit


def _first_of_stage(base: Base, say: Say, item: str) -> bool:
    names = tuple(each.name for each in base.says if each.stage == say.stage and lost(each, item) is not None)
    try:
        return _breaks(base, item, names) == say.name
    except Unfit:
        return False


def _settled(base: Base, name: str) -> str:
    """The end of the stage in which that turn stands."""
    stage = base.says[place(base, name) - 1].stage
    return next(say.name for say in base.says if say.stage == stage and say.mark == "finish")

