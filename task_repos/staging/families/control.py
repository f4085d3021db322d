"""T0, the control: the stages of T1 and T6 in turn, each saying all that it needs; no rules, and nothing to keep in mind."""

from __future__ import annotations

from task_repos.staging.families import rename, thread
from task_repos.staging.ground import Ground, turned
from task_repos.staging.work import Work


class Control:
    """What the work alone asks of a model, whatever its memory."""

    id, about, ruled, kinds = "T0", "control: the same stages, all independent, without rules", False, thread.WORDED

    def works(self, ground: Ground) -> tuple[Work, ...]:
        made = [
            thread.work(ground, target, told=True) if target.index % 2 else rename.work(ground, target) for target in ground.graph.targets
        ]
        return turned(tuple(made), ground.seed)


FAMILY = Control()
