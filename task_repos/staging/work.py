"""What a family makes: stages as data with the work they ask for, before the plan gives them their numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec

from harness.core.memory import Item, Use
from harness.core.predicates import Occasion, Predicate

Tree: TypeAlias = Mapping[str, str]
"""Path -> text of every file of the workdir."""


class Mind(msgspec.Struct, frozen=True):
    """What a worker keeps in mind: the ids of rules it honours, and what it takes each fact's value to be (None: it has none)."""

    rules: frozenset[str]
    values: Mapping[str, str | None]


class Act(msgspec.Struct, frozen=True):
    """One turn of a worker: what it says, and its tool calls."""

    text: str
    calls: tuple[Use, ...]


class Telling(msgspec.Struct, frozen=True):
    """An item first stated by a stage: `text` in the request's own words; `since` and `until` of the item are filled in by the plan.

    `checks`: (predicate, occasion) of its constraints; an occasion of None is the end of the stage in which `used` stands.
    """

    item: Item
    text: str
    checks: tuple[tuple[Predicate, Occasion | None], ...] = ()


class Mutant(msgspec.Struct, frozen=True):
    """A wrong end state: files of the oracle's tree as they should not be (None: gone)."""

    name: str
    files: tuple[tuple[str, str | None], ...]


class Point(msgspec.Struct, frozen=True):
    """What a stage asks under one number. `items`: ids it can't be met without; `after`: (key of a stage, index of its point) it builds on.

    `mutants`: from the oracle's last tree; at least two, each of which must not meet the predicate.
    """

    text: str
    predicate: Predicate
    mutants: Callable[[Tree], tuple[Mutant, ...]]
    scope: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    after: tuple[tuple[str, int], ...] = ()
    until: str = ""
    """Key of the stage from which it need not hold any more."""


class Work(msgspec.Struct, frozen=True):
    """One stage. `key`: its own for ever, whatever its place. `acts`: the worker's turns upon this tree, but for tests and finish; the same
    number of turns for every mind. `hidden`: test functions of its own module; `names`: those that must come to pass, `keeps`: those that must stay so. `tells`: items it states for the first time.
    """

    key: str
    template: str
    opening: str
    points: tuple[Point, ...]
    acts: Callable[[Mind, Tree], tuple[Act, ...]]
    hidden: str = ""
    names: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    tells: tuple[Telling, ...] = ()
    interlude: bool = False
    distance: int | None = None
    needs: tuple[str, ...] = ()
    """Ids of facts that it needs: told before, and restated by the twin in which every stage stands alone."""
    made: tuple[str, str] = ("", "")
    """(dotted module, name) of the new function that later stages may build upon."""
    closing: str = ""
    """What the worker says when it hands an interlude back."""


def use(tool: str, **arguments: object) -> Use:
    return Use(tool, json.dumps(arguments, ensure_ascii=False))


def read(path: str) -> Use:
    """The whole file."""
    return use("read", path=path, first_line=0, last_line=0)


def write(path: str, content: str) -> Use:
    return use("write", path=path, content=content)


def replace(path: str, old: str, new: str) -> Use:
    return use("replace", path=path, old=old, new=new)


def shell(command: str) -> Use:
    return use("shell", command=command, seconds=0)


def played(tree: Tree, calls: tuple[Use, ...]) -> dict[str, str]:
    """The tree after the calls that write. Raises ValueError where a passage does not stand there just once."""
    made = dict(tree)
    for call in calls:
        given = json.loads(call.arguments)
        if call.tool == "write":
            made[given["path"]] = given["content"]
        elif call.tool == "replace":
            text = made[given["path"]]
            if text.count(given["old"]) != 1:
                raise ValueError(f"{given['path']}: {text.count(given['old'])} times {given['old']!r}")
            made[given["path"]] = text.replace(given["old"], given["new"])
    return made
