"""The skeleton of a repository: modules in layers, the functions that stages are about, and who calls them. No import ever points upwards."""

from __future__ import annotations

from typing import Final

import msgspec

from task_repos.staging.dials import Dials
from task_repos.staging.draw import Draw
from task_repos.staging.kinds import KINDS, LINKS, Body, Kind, Link, body
from task_repos.staging.lexicon import DOMAINS, Domain, pairs
from task_repos.staging.shapes.thing import Thing

SHAPES: Final = ("record", "policy", "history", "parser", "store", "report", "service", "console")
"""By layer: each shape imports only shapes before it."""
TAIL: Final = 2
"""Modules at the end that hold no target, so that every target has somebody above it."""


class Module(msgspec.Struct, frozen=True):
    """A module of the package; `index`: its place in the order of imports."""

    index: int
    thing: Thing
    shape: str

    @property
    def dotted(self) -> str:
        return f"{self.thing.home}.{self.shape}"

    @property
    def path(self) -> str:
        return f"{self.dotted.replace('.', '/')}.py"


class Target(msgspec.Struct, frozen=True):
    """A function that a stage is about. `fresh`: verb and thing of a name that the repository does not have yet."""

    index: int
    module: int
    body: Body
    name: str
    fresh: tuple[str, str]

    @property
    def text(self) -> str:
        return self.body.text(self.name)


class Caller(msgspec.Struct, frozen=True):
    """A function of `module` that calls a target."""

    target: int
    module: int
    link: Link
    name: str
    noun: str


class Graph(msgspec.Struct, frozen=True):
    """`spare`: further (verb, thing) that nothing is called by."""

    domain: Domain
    modules: tuple[Module, ...]
    targets: tuple[Target, ...]
    callers: tuple[Caller, ...]
    spare: tuple[tuple[str, str], ...]

    @property
    def package(self) -> str:
        return self.domain.package

    def home(self, target: Target) -> Module:
        return self.modules[target.module]

    def calling(self, target: Target) -> tuple[Caller, ...]:
        return tuple(caller for caller in self.callers if caller.target == target.index)


def graph(draw: Draw, dials: Dials, kinds: tuple[Kind, ...] = KINDS) -> Graph:
    """`kinds`: those that a family's stages can be about."""
    domain = draw.pick(DOMAINS)
    modules = _modules(draw.child("modules"), domain, dials.files)
    wanted = dials.stages * (2 + dials.callers) + dials.stages
    names = pairs(draw.child("names"), wanted)
    targets = _targets(draw.child("targets"), modules, names, kinds, dials.stages)
    rest = names[2 * dials.stages :]
    count = dials.stages * dials.callers
    callers = _callers(draw.child("callers"), modules, targets, rest[:count], dials.callers)
    return Graph(domain, modules, targets, callers, tuple(rest[count:]))


def _modules(draw: Draw, domain: Domain, files: int) -> tuple[Module, ...]:
    count = -(-files // len(SHAPES))
    things = [_thing(draw, domain, noun) for noun in draw.sample(domain.nouns, count)]
    every = [(SHAPES.index(shape), place, thing, shape) for place, thing in enumerate(things) for shape in SHAPES][:files]
    ordered = sorted(every, key=lambda each: each[:2])
    return tuple(Module(index, thing, shape) for index, (_, _, thing, shape) in enumerate(ordered))


def _thing(draw: Draw, domain: Domain, noun: str) -> Thing:
    texts, numbers = draw.sample(domain.texts, draw.between(2, 4)), draw.sample(domain.numbers, draw.between(1, 3))
    return Thing(domain.package, noun, tuple(texts), tuple(numbers), draw.below(6), draw.between(20, 90))


def _targets(draw: Draw, modules: tuple[Module, ...], names: list[tuple[str, str]], kinds: tuple[Kind, ...], count: int) -> tuple[Target, ...]:
    places = draw.sample(range(len(modules) - TAIL), count)
    deck = [kind for _ in range(-(-count // len(kinds))) for kind in draw.shuffled(kinds)]
    return tuple(
        Target(index, place, body(deck[index], modules[place].thing.noun, draw), "_".join(names[2 * index]), names[2 * index + 1])
        for index, place in enumerate(places)
    )


def _callers(draw: Draw, modules: tuple[Module, ...], targets: tuple[Target, ...], names: list[tuple[str, str]], each: int) -> tuple[Caller, ...]:
    """As many for each target; modules with few calls first, and a target's own module where too few lie above it."""
    load = dict.fromkeys(range(len(modules)), 0)
    made: list[Caller] = []
    for target in sorted(targets, key=lambda one: -one.module):
        above = draw.shuffled(range(target.module + 1, len(modules)))
        chosen = sorted(above, key=lambda place: load[place])[:each]
        deck = draw.shuffled([link for link in LINKS if link.takes == target.body.kind.takes])
        for place, module in enumerate([*chosen, *[target.module] * (each - len(chosen))]):
            load[module] += 1
            verb, thing = names[len(made)]
            noun = modules[module].thing.noun
            made.append(Caller(target.index, module, deck[place % len(deck)], f"{verb}_{noun}_{thing}", noun))
    return tuple(made)
