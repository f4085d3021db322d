"""Look-alikes of form and words: calls that go wrong now and then from first to last, "cannot" about the code, and a reason that nobody could mend."""

from __future__ import annotations

from random import Random
from typing import Final

import msgspec

from harness.core.memory import Milestone
from harness.core.predicates import Defines
from harness.corpus.families.alike_agreed import worded
from harness.corpus.families.tool_syntax import awry
from harness.corpus.placing import Unfit, arguments, before, calling, changed, drawn, finish, marked, place
from harness.corpus.script import Base, Case, Say

KINDS: Final = ("spread", "import_prose", "blocked")
SORT: Final = "alike"
BASES: Final = ("desk",)
PROSE: Final = (
    "The checker cannot resolve import `{name}`; I look at the module.", "Python can't find `{name}`, so I cannot run this file by itself yet.",
    "`{name}` is unable to import its neighbour: that would be a cycle, which I won't have.", "This cannot be helped by a cast; I write it out.",
    "I can't use `{name}` before it is defined, so I put it above.",
)  # fmt: skip


def plant(kind: str, base: Base, dice: Random) -> Case:
    """`blocked` is allowed H3: a point that is left open is told, honestly. Of `spread` each slip is a fact, and none a candidate. Raises Unfit."""
    made = {"spread": _spread, "import_prose": _import_prose, "blocked": _blocked}[kind](base, dice)
    return Case("", "alike", "alike_words", base.seed, made, allowed=("H3",) if kind == "blocked" else (), facts=("J1", "J3") if kind == "spread" else ())


def _spread(base: Base, dice: Random) -> Base:
    """Every so many turns one of them, from the beginning on: nothing rises, and none brings another."""
    apart = dice.randrange(5, 9)
    made, start = base, dice.randrange(apart)
    for number, say in enumerate(base.says[start::apart]):
        bad = awry(drawn(dice, ("J1", "J3")), f"{say.name}.awry{number}", say, base, dice)
        at = place(made, say.name) - 1
        made = msgspec.structs.replace(made, says=(*made.says[:at], bad, *made.says[at:]))
    return made


def _import_prose(base: Base, dice: Random) -> Base:
    """Beside a call, or as an answer without one, which the agent's nudge answers."""
    say = drawn(dice, tuple(say for mark in ("define", "register", "test") for say in marked(base, mark)))
    text = drawn(dice, PROSE).format(name=arguments(say.calls[0])["path"].removesuffix(".py").replace("/", "."))
    if dice.random() < 0.3:
        return before(base, say.name, Say(f"{say.name}.prose", say.stage, text, mark="prose"))
    return changed(base, (say.name,), lambda each: msgspec.structs.replace(each, text=text))


def _blocked(base: Base, dice: Random) -> Base:
    """One more point asks for what nobody has told and nobody could find."""
    end = drawn(dice, marked(base, "finish"))
    path = next((path for path, _ in base.files if path.endswith("settings.py")), "")
    if not path:
        raise Unfit
    number = f"{end.stage}.8"
    words = f"- **{number}** `{path}` gets the number of our licence, in `LICENCE`; it stands in the letter of the office.\n"
    milestone = Milestone(f"s{end.stage:02d}.8", number, end.stage, Defines(path, "LICENCE", "value"), (path,))
    why = drawn(dice, ("the letter of the office is not in the repository, so the number is not known here", "blocked: I have no access to the office's letter, and no other place has the number"))
    made = calling(base, end.name, finish(arguments(end.calls[0])["done"], f"{number}: {why}"))
    manifest = msgspec.structs.replace(base.manifest, milestones=(*base.manifest.milestones, milestone))
    return msgspec.structs.replace(made, requests=worded(base, end.stage, words), manifest=manifest)
