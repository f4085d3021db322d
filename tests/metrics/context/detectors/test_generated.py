"""Over generated tasks: whoever forgets nothing is told of nothing, and a slip is found at the turn that made it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
import pytest

from harness.core.memory import Manifest, Move, Slip
from harness.metrics.context.scene import Scene
from task_repos.staging.generating import Generated, generate
from task_repos.staging.manifesting import manifest
from tests.metrics.context.detectors.played import Play
from tests.metrics.context.detectors.test_invariances import told

Stages = tuple[tuple[Move, ...], ...]


def played(made: Generated, memory: Manifest, stages: Stages) -> Scene:
    """The moves on files in memory; shell commands of the solution only look."""
    play = Play(memory, dict(made.task.ground.base))
    for move in (move for stage in stages for move in stage):
        claim = None
        for call in move.calls:
            given = json.loads(call.arguments)
            match call.tool:
                case "write":
                    play.write(given["path"], given["content"])
                case "replace":
                    play.replace(given["path"], given["old"], given["new"])
                case "read":
                    play.read(given["path"])
                case "shell":
                    play.shell(given["command"])
                case "run_tests":
                    play.test()
                case "finish":
                    claim = given
        play.finish(**claim) if claim else play.over(move.text)
    return play.scene()


def slipped(stages: Stages) -> Iterator[tuple[int, Slip, Stages]]:
    """(turn, slip, moves with it) for the first slip of every item."""
    first: dict[str, tuple[int, Slip, Stages]] = {}
    turn = 0
    for index, stage in enumerate(stages):
        for place, move in enumerate(stage):
            turn += 1
            for slip in move.slips:
                other = (*stage[:place], msgspec.structs.replace(move, calls=slip.calls), *stage[place + 1 :])
                first.setdefault(slip.item, (turn, slip, (*stages[:index], other, *stages[index + 1 :])))
    yield from first.values()


@pytest.mark.parametrize("family", ["T1", "T6"])
def test_a_generated_task(family: str) -> None:
    """The solution is silent; each item's first slip is a C or D at its own turn, and of nothing else of these classes.

    A breach that stands when its file is edited again is no loss of its own.
    """
    made = generate("S", 1, family)
    memory, moves = manifest(made.task), made.played.moves
    assert told(played(made, memory, moves)) == ()
    found = 0
    for turn, slip, stages in slipped(moves):
        mine = [one for one in told(played(made, memory, stages)) if one.kind[0] in "CDL" and one.kind != "C4"]
        assert {(one.item, one.onset) for one in mine} <= {(slip.item, turn)}, slip.item
        found += bool(mine)
    assert found >= 2
