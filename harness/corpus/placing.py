"""Puts turns into a script and takes them out: the hands of the mutator. Pure; places count from 1."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from random import Random

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


def after(base: Base, place: int, *says: Say) -> Base:
    """With these turns after that place (0: at the beginning)."""
    return msgspec.structs.replace(base, says=(*base.says[:place], *says, *base.says[place:]))


def instead(base: Base, place: int, *says: Say) -> Base:
    """With these turns in that place; none takes it out."""
    return msgspec.structs.replace(base, says=(*base.says[: place - 1], *says, *base.says[place:]))


def changed(base: Base, places: Iterable[int], change: Callable[[Say], Say]) -> Base:
    """With `change` made to the turns at these places."""
    wanted = set(places)
    return msgspec.structs.replace(base, says=tuple(change(say) if place in wanted else say for place, say in enumerate(base.says, 1)))


def reworded(base: Base, places: Iterable[int], old: str, new: str) -> Base:
    """With `old` written as `new` in the calls of these turns."""

    def change(say: Say) -> Say:
        a, b = json.dumps(old)[1:-1], json.dumps(new)[1:-1]
        return msgspec.structs.replace(say, calls=tuple(Use(call.tool, call.arguments.replace(a, b)) for call in say.calls))

    return changed(base, places, change)


def marked(base: Base, mark: str) -> tuple[int, ...]:
    """Places of the turns that are for this."""
    return tuple(place for place, say in enumerate(base.says, 1) if say.mark == mark)


def of_stage(base: Base, stage: int) -> tuple[int, ...]:
    return tuple(place for place, say in enumerate(base.says, 1) if say.stage == stage)


def tree(base: Base, place: int) -> dict[str, str]:
    """The files at the end of that turn, as the calls that write leave them; shell commands are not run."""
    made = dict(base.files)
    for say in base.says[:place]:
        for call in say.calls:
            given = arguments(call)
            if call.tool == "write":
                made[given["path"]] = given["content"]
            elif call.tool == "replace" and made.get(given["path"], "").count(given["old"]) == 1:
                made[given["path"]] = made[given["path"]].replace(given["old"], given["new"])
    return made


def drawn(dice: Random, places: tuple[int, ...]) -> int:
    """One of them. Raises IndexError for none."""
    return places[dice.randrange(len(places))]
