"""Which tasks of a run belong to a benchmark: by where they come from and by their ids, as the registry says; pure but for reading the package's lists."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Final

import msgspec

from harness.answer.claim.claims import Benchmark

LISTS: Final = "members.toml"


class Roll(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`numbered`: prefix -> numbers, for ids of the form PREFIX-NUMBER; `named`: whole ids."""

    id: str
    title: str
    numbered: dict[str, tuple[int, ...]] = msgspec.field(default_factory=dict)
    named: tuple[str, ...] = ()


class Rolls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The package's lists as they are written."""

    format: int
    date: str
    list: tuple[Roll, ...]


@cache
def rolls() -> dict[str, frozenset[str]]:
    """Name of a list of the package -> its ids."""
    data = tomllib.loads(resources.files("harness.answer.claim").joinpath(LISTS).read_text(encoding="utf-8"))
    return {each.id: frozenset(_ids(each)) for each in msgspec.convert(data, Rolls).list}


def _ids(roll: Roll) -> Iterator[str]:
    yield from roll.named
    for prefix, numbers in roll.numbered.items():
        yield from (f"{prefix}-{number}" for number in numbers)


def kind(source: str) -> str:
    """The kind of a SOURCE word: what stands before its argument and glob, a module's own name for a dotted one."""
    word = source.partition("#")[0].partition(":")[0].rpartition(".")[2].replace("_", "-")
    return "harbor" if word == "folder" else word


def belongs(benchmark: Benchmark, task: str, source: str) -> bool:
    """Whether a task of a source is one of the benchmark's."""
    if kind(source) not in benchmark.sources:
        return False
    if benchmark.pattern:
        return re.fullmatch(benchmark.pattern, task) is not None
    return task in (benchmark.named or rolls()[benchmark.members])
