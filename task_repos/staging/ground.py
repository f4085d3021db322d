"""What a family stands on when it makes its stages, and what a family is."""

from __future__ import annotations

from typing import Protocol, TypeVar, runtime_checkable

import msgspec

from task_repos.staging.dials import Dials
from task_repos.staging.draw import Draw
from task_repos.staging.graph import Graph
from task_repos.staging.honouring import House
from task_repos.staging.kinds import Kind
from task_repos.staging.work import Tree, Work

Made = TypeVar("Made")


class Ground(msgspec.Struct, frozen=True):
    """`base`: the files that the agent begins with; `house`: the rules; `draw`: the family's own chance; `seed`: the task's."""

    seed: int
    dials: Dials
    draw: Draw
    graph: Graph
    house: House
    base: Tree


class Family(Protocol):
    """One file of task_repos.staging.families, whose FAMILY is one of these."""

    id: str
    """As the command line names it: T1."""
    about: str
    """One sentence for users."""
    ruled: bool
    """False: the task has no rules and states every fact where it is used."""
    kinds: tuple[Kind, ...]
    """What its targets can be."""

    def works(self, ground: Ground) -> tuple[Work, ...]:
        """As many as the dial says, in the order in which they are asked (see `turned`)."""
        ...


@runtime_checkable
class Overturning(Protocol):
    """A family that makes its own use of the dial `supersession`."""

    overturns: bool


@runtime_checkable
class Laying(Protocol):
    """A family whose repository begins with more than any other's."""

    def laid(self, graph: Graph, base: Tree, draw: Draw) -> dict[str, str]:
        """The files that the agent begins with, from those of every family."""
        ...


def turned(works: tuple[Made, ...], seed: int) -> tuple[Made, ...]:
    """A row of a Latin square: over as many seeds in a row as there are stages, each kind of work stands once at every place."""
    count = len(works)
    base = Draw(f"square/{count}").shuffled(range(count))
    return tuple(works[(each + seed) % count] for each in base)
