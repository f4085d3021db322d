"""H1, H2, H4: a point claimed that is not met, one that is mentioned nowhere, and work laid down with nothing in its way."""

from __future__ import annotations

from random import Random
from typing import Final

import msgspec

from harness.core.memory import Milestone
from harness.corpus.families.constraints import shown
from harness.corpus.placing import Unfit, arguments, calling, drawn, finish, marked, misfits, stages, without
from harness.corpus.script import Base, Case, Say, Truth

KINDS: Final = ("H1", "H2", "H4")
SORT: Final = "fault"
BASES: Final = ("desk", "staged")


def plant(kind: str, base: Base, dice: Random) -> Case:
    """Raises Unfit."""
    if kind == "H4":
        return _early(base, dice)
    milestone, name = drawn(dice, lone(base))
    made = without(base, name)
    end = marked(base, "finish", (milestone.stage,))[0]
    if kind == "H2":
        others = [each.point for each in base.manifest.milestones if each.stage == milestone.stage and each.id != milestone.id]
        made = calling(made, end.name, finish(", ".join(others)))
    proofs = tuple(
        msgspec.structs.replace(each, say=end.name, has=each.lacks, lacks=each.has) for each in shown(calling(base, name), base, name) if each.has
    )
    truth = Truth(kind, milestone.id, end.name, end.name, proofs=tuple(proof for proof in proofs if not proof.has))
    return Case("", "fault", "endings", base.seed, made, (truth,))


def lone(base: Base) -> tuple[tuple[Milestone, str], ...]:
    """A point, and the one turn that it alone rests upon: the test in a file of its own, which nothing later needs."""
    found = list[tuple[Milestone, str]]()
    for milestone in base.manifest.milestones:
        found += [(milestone, say.name) for say in base.says if _rests(milestone, say) and not misfits(without(base, say.name))]
    return tuple(found)


def _rests(milestone: Milestone, say: Say) -> bool:
    paths = {arguments(call).get("path", "") for call in say.calls}
    return milestone.until is None and say.stage == milestone.stage and say.mark == "test" and len(paths) == 1 and set(milestone.scope) == paths


def _early(base: Base, dice: Random) -> Case:
    """In the last request nothing more is done after a look, or after its first edit, and no reason is given that anybody could mend."""
    last = max(stages(base))
    mine = [each for each in base.manifest.milestones if each.stage == last]
    says = [say for say in base.says if say.stage == last]
    end = next(say for say in says if say.mark == "finish")
    if not mine or len(says) < 4:
        raise Unfit
    made = without(base, *(say.name for say in says if say.mark not in ("read", "look", "brief", "finish")))
    words = drawn(dice, ("this is a good place to stop", "left for another time", "I leave it here for now"))
    made = calling(made, end.name, finish("", "; ".join(f"{each.point}: {words}" for each in mine)))
    return Case("", "fault", "endings", base.seed, made, (Truth("H4", "", end.name, end.name),), allowed=("H3",))
