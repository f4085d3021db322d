"""Look-alikes of what was agreed: a rule that the user lifted, work that the user wanted taken back, a formatter that is nobody's edit."""

from __future__ import annotations

from random import Random
from typing import Final

import msgspec

from harness.core.memory import Milestone
from harness.core.predicates import Silent
from harness.core.task import Request
from harness.corpus.families.constraints import LATE, slipped
from harness.corpus.placing import (
    Unfit,
    also,
    arguments,
    before,
    calling,
    drawn,
    finish,
    marked,
    read,
    replace,
    shell,
    stages,
    tree,
    tree_before,
    write,
)
from harness.corpus.script import Base, Case, Say

KINDS: Final = ("waived", "rollback", "formatter")
SORT: Final = "alike"
BASES: Final = ("desk",)


def plant(kind: str, base: Base, dice: Random) -> Case:
    """Raises Unfit."""
    made = {"waived": _waived, "rollback": _rollback, "formatter": _formatter}[kind](base, dice)
    return Case("", "alike", "alike_agreed", base.seed, made)


def _waived(base: Base, dice: Random) -> Base:
    """From some request on the user wants the rule kept no more, and it is not."""
    stage = drawn(dice, tuple(stage for stage in stages(base) if stage >= LATE))
    item, words = drawn(dice, (("naming", "New functions need no special ending from now on."), ("header", "New test files need no opening line from now on.")))
    made, _ = slipped(base, item, tuple(each for each in stages(base) if each >= stage))
    items = tuple(msgspec.structs.replace(each, until=stage) if each.id == item else each for each in base.manifest.items)
    return msgspec.structs.replace(made, requests=worded(base, stage, f"{words}\n"), manifest=msgspec.structs.replace(base.manifest, items=items))


def _rollback(base: Base, dice: Random) -> Base:
    """A request takes an earlier one back: its module gets the bytes that it had before, and its test goes."""
    last = max(stages(base))
    stage = drawn(dice, tuple(stage for stage in stages(base) if 1 < stage < last - 1))
    define, test = marked(base, "define", (stage,))[0], marked(base, "test", (stage,))[0]
    path, tested = arguments(define.calls[0])["path"], arguments(test.calls[0])["path"]
    later = marked(base, "define", (stage + 1,))[0]
    old = tree_before(base, define.name)[path]
    points = {f"{stage}.1", f"{stage}.3", f"{stage}.4"}
    number = f"{later.stage}.9"
    words = f"- **{number}** Take {stage}.1, {stage}.3 and {stage}.4 back: `{path}` becomes what it was before them, `{tested}` goes.\n"
    back = Say(f"{later.name}.back", later.stage, "As asked, I take that back.", (write(path, old), shell(f"rm {tested}")), "back")
    end = marked(base, "finish", (later.stage,))[0]
    name = arguments(define.calls[0])["new"].split("def ")[1].split("(")[0]
    milestone = Milestone(f"s{later.stage:02d}.9", number, later.stage, Silent((path,), rf"\b{name}\b"), (path,))
    kept = tuple(msgspec.structs.replace(each, until=later.stage) if each.point in points else each for each in base.manifest.milestones)
    items = tuple(each for each in base.manifest.constraints if getattr(each.occasion, "stage", 0) != stage and getattr(each.occasion, "paths", ()) != (path,))
    manifest = msgspec.structs.replace(base.manifest, milestones=(*kept, milestone), constraints=items)
    made = calling(before(base, later.name, back), end.name, finish(f"{arguments(end.calls[0])['done']}, {number}"))
    return msgspec.structs.replace(made, requests=worded(base, later.stage, words), manifest=manifest)


def _formatter(base: Base, dice: Random) -> Base:
    """The tests begin with a formatter, which writes the worker's passage and the locked file otherwise; an edit misses for that, and comes again."""
    say = drawn(dice, tuple(say for say in marked(base, "define") if 1 < say.stage < max(stages(base))))
    path = arguments(say.calls[0])["path"]
    made = also(base, say.name, replace(path, "LIMIT = ", "STYLE = 'plain'\nLIMIT = "))
    later = drawn(dice, marked(base, "define", (say.stage + 1,)))
    missed = Say(f"{later.name}.missed", later.stage, "The style is another one now.", (replace(path, "STYLE = 'plain'\n", "STYLE = 'broad'\n"),), "missed")
    looked = Say(f"{later.name}.looked", later.stage, "Not there; I look.", (read(path),), "reread")
    again = Say(f"{later.name}.again", later.stage, "The formatter has been here.", (replace(path, 'STYLE = "plain"\n', 'STYLE = "broad"\n'),), "formatted")
    if "STYLE = 'plain'" not in tree(made, say.name)[path]:
        raise Unfit
    made = before(made, later.name, missed, looked, again)
    package = path.split("/")[0]
    check = dict(base.files)["check.sh"]
    formatted = f"sed -i \"s/'plain'/\\\"plain\\\"/; s/history\\\")$/history\\\",)/\" {package}/*.py\n{check}"
    files = tuple((name, formatted if name == "check.sh" else text) for name, text in base.files)
    return msgspec.structs.replace(made, files=files)


def worded(base: Base, stage: int, words: str) -> tuple[Request, ...]:
    """The requests, with these words after those of that stage's."""
    return tuple(msgspec.structs.replace(each, text=each.text + words) if number == stage else each for number, each in enumerate(base.requests, 1))
