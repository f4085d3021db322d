"""Puts turns into a script and takes them out: the hands of the mutator. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import TypeVar

import msgspec

from harness.core.memory import Use
from harness.corpus.script import Base, Say


def use(tool: str, **arguments: object) -> Use:
    return Use(tool, json.dumps(arguments))


def read(path: str, first: int = 0, last: int = 0) -> Use:
    return use("read", path=path, first_line=first, last_line=last)


def shell(command: str) -> Use:
    return use("shell", command=command, seconds=0)


def replace(path: str, old: str, new: str) -> Use:
    return use("replace", path=path, old=old, new=new)


def write(path: str, content: str) -> Use:
    return use("write", path=path, content=content)


def finish(done: str, not_done: str = "") -> Use:
    return use("finish", done=done, not_done=not_done)


def arguments(call: Use) -> dict[str, str]:
    """What the call was given; {} where that is no object."""
    try:
        found = json.loads(call.arguments)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def place(base: Base, name: str) -> int:
    """From 1. Raises KeyError."""
    for number, say in enumerate(base.says, 1):
        if say.name == name:
            return number
    raise KeyError(name)


def after(base: Base, name: str, *says: Say) -> Base:
    """With these turns after that one; before all others where it is ""."""
    at = place(base, name) if name else 0
    return msgspec.structs.replace(base, says=(*base.says[:at], *says, *base.says[at:]))


def before(base: Base, name: str, *says: Say) -> Base:
    at = place(base, name) - 1
    return msgspec.structs.replace(base, says=(*base.says[:at], *says, *base.says[at:]))


def without(base: Base, *names: str) -> Base:
    return msgspec.structs.replace(base, says=tuple(say for say in base.says if say.name not in names))


def changed(base: Base, names: Iterable[str], change: Callable[[Say], Say]) -> Base:
    """With `change` made to these turns."""
    wanted = set(names)
    return msgspec.structs.replace(base, says=tuple(change(say) if say.name in wanted else say for say in base.says))


def calling(base: Base, name: str, *calls: Use) -> Base:
    """With these calls in that turn, in place of its own."""
    return changed(base, (name,), lambda say: msgspec.structs.replace(say, calls=calls))


def also(base: Base, name: str, *calls: Use) -> Base:
    """With these calls after those that the turn makes."""
    return changed(base, (name,), lambda say: msgspec.structs.replace(say, calls=(*say.calls, *calls)))


def marked(base: Base, mark: str, stages: Iterable[int] | None = None) -> tuple[Say, ...]:
    """The turns that are for this, of these stages."""
    wanted = None if stages is None else set(stages)
    return tuple(say for say in base.says if say.mark == mark and (wanted is None or say.stage in wanted))


def stages(base: Base) -> tuple[int, ...]:
    return tuple(sorted({say.stage for say in base.says}))


def tree(base: Base, name: str) -> dict[str, str]:
    """The files at the end of that turn ("" for the beginning), as the calls that write leave them; shell commands are not run."""
    made = dict(base.files)
    for say in base.says[: place(base, name) if name else 0]:
        for call in say.calls:
            _lay(made, call)
    return made


def tree_before(base: Base, name: str) -> dict[str, str]:
    """The files when that turn begins."""
    at = place(base, name)
    return tree(base, base.says[at - 2].name if at > 1 else "")


def misfits(base: Base) -> tuple[str, ...]:
    """Names of the turns with an edit that does not find its passage just once."""
    made, found = dict(base.files), list[str]()
    for say in base.says:
        found += [say.name for call in say.calls if not _lay(made, call)]
    return tuple(dict.fromkeys(found))


def _lay(made: dict[str, str], call: Use) -> bool:
    given = arguments(call)
    if call.tool == "write":
        made[given["path"]] = given["content"]
    elif call.tool == "replace":
        if made.get(given["path"], "").count(given["old"]) != 1:
            return False
        made[given["path"]] = made[given["path"]].replace(given["old"], given["new"])
    return True


def lost(say: Say, item: str, how: str = "violates") -> Say | None:
    """The turn as somebody makes it who has lost the item; None where that is no other."""
    found = next((slip for slip in say.slips if slip.item == item and slip.how == how), None)
    return None if found is None else msgspec.structs.replace(say, calls=found.calls)


class Unfit(Exception):
    """A family finds no legal place in this base."""


Drawn = TypeVar("Drawn")


def drawn(dice: Random, among: Sequence[Drawn]) -> Drawn:
    """One of them. Raises Unfit where there is none."""
    if not among:
        raise Unfit
    return among[dice.randrange(len(among))]
