"""In which order trials are given out, and when: blocks that keep a run balanced wherever it stops, and lanes that keep a server from swapping models; pure.

A block is one attempt of a handful of tasks with every combination of agent and model. Inside a block all trials of one local model
stand together, and each block begins with the model that the last one ended with, so that a model is loaded as rarely as blocks allow.
Refused: all trials of a model in a row, which loads each model once and leaves a run stopped at midnight with one half of its question.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, zip_longest
from typing import TypeAlias

import msgspec

from harness.core.trial import AS_USERS_RUN_IT, WIDE, TrialKey

HANDFUL = 4
"""Tasks in a block. Loading a large local model takes up to a minute or two and a trial many minutes, so with four trials between
two loads loading stays a few percent of a night; and a run stopped at any moment has at most four trials more of one combination than of another."""


class Place(msgspec.Struct, frozen=True):
    """A trial in line. `model`: as its server must be set up for it; `lane`: the server that must not serve another model meanwhile, or ""."""

    short: str
    model: str
    lane: str = ""


Block: TypeAlias = Sequence[Place]


def lined_up(keys: Mapping[str, TrialKey], lanes: Mapping[str, str], handful: int = HANDFUL) -> tuple[Place, ...]:
    """`keys`: short id -> key in plan order, of what is left to do.

    `lanes`: model -> its server, for models that have one, in the order in which they were asked what they are: the last is loaded still.
    """
    blocks = list(_blocks(keys, lanes, handful))
    loaded = {lane: model for model, lane in lanes.items()}
    orders = {lane: iter(_orders(lane, blocks, model)) for lane, model in loaded.items()}
    return tuple(place for block in blocks for place in _braided(_strands(block, orders)))


def _blocks(keys: Mapping[str, TrialKey], lanes: Mapping[str, str], handful: int) -> Iterator[Block]:
    """Attempt by attempt, a handful of tasks at a time, in the plan's order."""
    tasks = {task: index // handful for index, task in enumerate(dict.fromkeys(key.task for key in keys.values()))}

    def block(item: tuple[str, TrialKey]) -> tuple[int, int]:
        return item[1].attempt, tasks[item[1].task]

    for _, items in groupby(sorted(keys.items(), key=block), block):
        yield [Place(short, served(key.model, key.variant), lanes.get(key.model, "")) for short, key in items]


def served(model: str, variant: str) -> str:
    """The model as its server has it loaded: with another window, and from Ollama 0.30 on as users run it, its engine is started otherwise."""
    return f"{model} {variant}" if variant in (AS_USERS_RUN_IT, WIDE) else model


def _strands(block: Block, orders: Mapping[str, Iterator[Sequence[str]]]) -> list[Block]:
    """A block as one strand per lane, its models one after the other, and one of all that has no lane."""
    strands: list[Block] = []
    for lane in dict.fromkeys(place.lane for place in block):
        own = [place for place in block if place.lane == lane]
        strands.append([place for model in next(orders[lane]) for place in own if place.model == model] if lane else own)
    return strands


def _braided(strands: Iterable[Block]) -> list[Place]:
    """One of each strand in turn, so that a hosted model is asked while the local one works."""
    return [place for turn in zip_longest(*strands) for place in turn if place is not None]


def _orders(lane: str, blocks: Iterable[Block], loaded: str) -> list[list[str]]:
    """The order of a lane's models in each block that holds any, with as few changes of model as there can be."""
    sets = [models for block in blocks if (models := list(dict.fromkeys(place.model for place in block if place.lane == lane)))]
    ways: dict[str, tuple[int, tuple[str, ...]]] = {loaded: (0, ())}  # last model -> changes so far, the last model of each block
    for models in sets:
        ways = {model: min(_ways(ways, models, model), key=lambda way: way[0]) for model in models}
    ends = min(ways.values(), key=lambda way: way[0])[1]
    return [_order(models, before, end) for models, before, end in zip(sets, (loaded, *ends), ends, strict=False)]


def _ways(ways: Mapping[str, tuple[int, tuple[str, ...]]], models: Sequence[str], end: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """How a block can be reached that ends with `end`: for free where it can begin with the model that is loaded."""
    for before, (changes, ends) in ways.items():
        free = before in models and (before != end or len(models) == 1)
        yield changes + (not free), (*ends, end)


def _order(models: Sequence[str], before: str, end: str) -> list[str]:
    first = [before] if before in models and before != end else []
    return [*first, *(model for model in models if model not in (*first, end)), end]


class Lineup:
    """Gives out places: the first in line whose server is free for its model; in one lane nobody overtakes, so nobody starves."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._lines: dict[str, deque[tuple[int, Place]]] = {}
        self._out: dict[str, tuple[int, Place]] = {}
        for number, place in enumerate(places):
            self._lines.setdefault(place.lane, deque()).append((number, place))

    def __len__(self) -> int:
        """How many wait."""
        return sum(map(len, self._lines.values()))

    def lease(self) -> str | None:
        """A trial to run now; None where none waits, or each waits for its server."""
        heads = [line[0] for line in self._lines.values() if line and self._free(line[0][1])]
        if not heads:
            return None
        first = min(heads)
        self._lines[first[1].lane].popleft()
        self._out[first[1].short] = first
        return first[1].short

    def done(self, short: str) -> None:
        """Its server may be wanted by another."""
        del self._out[short]

    def shut(self, short: str) -> None:
        """Nobody opens the model of this trial any more: what waits for it is given out to nobody."""
        model = self._out[short][1].model
        for lane, line in self._lines.items():
            self._lines[lane] = deque(held for held in line if held[1].model != model)

    def again(self, short: str) -> None:
        """Back to the place in line that it had."""
        held = self._out.pop(short)
        line = self._lines[held[1].lane]
        line.append(held)
        self._lines[held[1].lane] = deque(sorted(line))

    def _free(self, place: Place) -> bool:
        return not place.lane or all(out.model == place.model for _, out in self._out.values() if out.lane == place.lane)
