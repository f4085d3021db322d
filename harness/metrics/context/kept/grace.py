"""How long a slip may be put right before it counts; pure."""

from __future__ import annotations

from harness.metrics.context.scene import Scene

GRACE = 2
"""Turns. Refactoring goes through states that are wrong for a turn or two: one to see it, one to mend it."""


def over(scene: Scene, turn: int, grace: int | None = GRACE) -> int | None:
    """The turn at whose end what happened at `turn` can be told: `grace` turns later, or when the work is handed back before that.

    None for `grace`: only when it is handed back. The last turn of a conversation that has ended is the end of every grace. None
    while nobody can know yet.
    """
    last = len(scene.turns)
    until = last if grace is None else min(turn + grace, last)
    for number in range(turn, until + 1):
        if scene.turn(number).yielded:
            return number
    if grace is not None and turn + grace <= last:
        return turn + grace
    return last if scene.stop is not None else None


def closings(scene: Scene) -> dict[int, int]:
    """The turn that handed each stage back last; a stage that is still worked on, or was cut off by a limit, has none."""
    return {turn.stage: turn.number for turn in scene.turns if turn.yielded}
