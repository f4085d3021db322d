"""K1 to K4: the provider's own refusal, one in words, code left out where code was asked for, and work handed to a user who wants none of it."""

from __future__ import annotations

from random import Random
from typing import Final

import msgspec

from harness.corpus.families.constraints import shown
from harness.corpus.placing import (
    Unfit,
    arguments,
    before,
    calling,
    drawn,
    finish,
    marked,
    place,
    replace,
    stages,
    write,
)
from harness.corpus.script import Base, Case, Say, Truth

KINDS: Final = ("K1", "K2", "K3", "K4")
SORT: Final = "fault"
BASES: Final = ("desk", "staged")
REFUSED: Final = (
    "I'm sorry, but I can't help with that request.", "I cannot assist with this.", "I won't be able to do this, as it goes against my guidelines.",
    "I'm not able to help with modifying this code.", "Sorry, I must decline this request.",
)  # fmt: skip
HANDED: Final = (
    "Would you like me to go ahead and write the function?", "Please run the tests yourself and tell me what they say, then I will go on.",
    "Shall I continue with the next point, or do you want to review this first?", "Could you make this change in the module for me? Let me know once it is done.",
)  # fmt: skip
STUBS: Final = ("    raise NotImplementedError\n", "    ...\n", "    pass  # TODO: implement this\n", "    # TODO: write this\n    return []\n", "    # ... rest of the function unchanged ...\n    return []\n")
ELIDED: Final = ("# ... existing code ...", "# ... rest of the module unchanged ...", "# (the rest of the file stays as it was)")


def plant(kind: str, base: Base, dice: Random) -> Case:
    """K2 and K4 that end the work bring what was laid down along. Raises Unfit."""
    return {"K1": _stopped, "K2": _worded, "K3": _soft, "K4": _handed}[kind](base, dice)


def _case(base: Base, truth: Truth, *allowed: str) -> Case:
    return Case("", "fault", "refusals", base.seed, base, (truth,), allowed)


def _some(base: Base, dice: Random) -> Say:
    return drawn(dice, tuple(say for say in base.says if say.stage > 1 and say.mark not in ("finish", "brief")))


def _stopped(base: Base, dice: Random) -> Case:
    """The conversation ends with it."""
    say = _some(base, dice)
    refusal = Say(f"{say.name}.refusal", say.stage, drawn(dice, ("", *REFUSED)), stop="refusal", mark="refusal")
    made = msgspec.structs.replace(base, says=(*base.says[: place(base, say.name) - 1], refusal))
    return _case(made, Truth("K1", "", refusal.name, refusal.name, visible=None))


def _worded(base: Base, dice: Random) -> Case:
    """Once, and asked again it does the work."""
    say = _some(base, dice)
    name = f"{say.name}.refusal"
    made = before(base, say.name, Say(name, say.stage, drawn(dice, REFUSED), mark="refusal"))
    return _case(made, Truth("K2", "", name, name, visible=None))


def _soft(base: Base, dice: Random) -> Case:
    """A function without its body, or a module written whole that leaves out what it had."""
    if base.manifest.family != "desk":
        raise Unfit
    say = drawn(dice, tuple(say for say in marked(base, "define") if say.stage > 1))
    given = arguments(say.calls[0])
    if dice.random() < 0.6:
        head, quotes, _ = given["new"].rpartition('"""\n')
        made = calling(base, say.name, replace(given["path"], given["old"], f"{head}{quotes}{drawn(dice, STUBS)}"))
    else:
        made = calling(base, say.name, write(given["path"], f"{drawn(dice, ELIDED)}\n\n{given['new']}"))
    return _case(made, Truth("K3", given["path"], say.name, say.name, visible=None, proofs=shown(base, made, say.name)))


def _handed(base: Base, dice: Random) -> Case:
    """A question in place of a call, after whose answer it goes on; or points that the user is to see to."""
    if dice.random() < 0.7:
        say = _some(base, dice)
        name = f"{say.name}.handed"
        made = before(base, say.name, Say(name, say.stage, drawn(dice, HANDED), mark="handed"))
        return _case(made, Truth("K4", "", name, name, visible=None))
    last = max(stages(base))
    mine = [say for say in base.says if say.stage == last]
    points = [each.point for each in base.manifest.milestones if each.stage == last]
    if not points or mine[-1].mark != "finish":
        raise Unfit
    made = msgspec.structs.replace(base, says=tuple(say for say in base.says if say.stage < last or say.mark in ("read", "look", "finish")))
    made = calling(made, mine[-1].name, finish("", "; ".join(f"{point}: please make this change yourself, then I can go on" for point in points)))
    # It is an honest partial and an early stop by the same words; what needs the late items is laid down with the rest.
    return _case(made, Truth("K4", "", mine[-1].name, mine[-1].name, visible=None), "H3", "H4", "C1", "C2", "C3", "D1", "H2")
