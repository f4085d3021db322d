"""What parsing a module tells, as data: definitions, imports, calls, words and literals. The syntax tree itself is not kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec


class Call(msgspec.Struct, frozen=True):
    """`name` dotted as written ("" of a computed function); `arguments`: names that stand in its arguments; `awaited`: some `await`,
    `async with` or `async for` encloses it; `inner`: the innermost function around it is an `async def`.
    """

    name: str
    arguments: tuple[str, ...] = ()
    awaited: bool = False
    inner: bool = False


class Definition(msgspec.Struct, frozen=True):
    """`name` dotted inside the module. `parameters` in order with "*", "/", "*args", "**kwargs" as written. `value`: a canonical literal
    (see literals.py) of an assigned name, None where it is none. `calls`: also those of functions inside it.
    """

    name: str
    kind: Literal["function", "class", "method", "value"]
    parameters: tuple[str, ...] = ()
    asynchronous: bool = False
    decorators: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    value: str | None = None
    calls: tuple[Call, ...] = ()


class Import(msgspec.Struct, frozen=True):
    """`import module` (`name` "") or `from module import name`; `level` dots before it. `bound`: the name it has here. `inside`: a function
    runs it; `typing`: only type checkers do.
    """

    module: str
    name: str
    level: int
    bound: str
    inside: bool = False
    typing: bool = False


class Module(msgspec.Struct, frozen=True):
    """`words`: every identifier that is defined, imported, called or read; `chains`: dotted reads as written. `literals`: canonical, of code alone.

    `offered`: what `__all__` lists, None where it can't be told. `blocking`: calls whose innermost function is an `async def`.
    """

    definitions: Mapping[str, tuple[Definition, ...]]
    imports: tuple[Import, ...]
    words: frozenset[str]
    chains: frozenset[str]
    literals: frozenset[str]
    offered: tuple[str, ...] | None
    calls: tuple[Call, ...]

    def last(self, name: str) -> Definition | None:
        """The definition that stands in the end: the last that is no overload."""
        every = self.definitions.get(name, ())
        real = [one for one in every if not any(word.rpartition(".")[2] == "overload" for word in one.decorators)]
        return real[-1] if real else every[-1] if every else None

    def dotted(self, name: str) -> str:
        """A dotted name with the import that its head comes from in the head's place."""
        head, dot, rest = name.partition(".")
        for one in reversed(self.imports):
            if one.bound == head:
                return f"{origin(one)}{dot}{rest}"
        return name


def origin(one: Import) -> str:
    """What a bound name stands for, dots of a relative import in front; `import a.b` binds `a` and stands for it."""
    if one.name:
        return f"{'.' * one.level}{one.module}.{one.name}" if one.module else f"{'.' * one.level}{one.name}"
    return one.module if one.bound != one.module.partition(".")[0] else one.bound


def ending(name: str) -> str:
    """The last name of a dotted one."""
    return name.rpartition(".")[2]
