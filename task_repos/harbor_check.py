"""How a Harbor task is graded: by the reward of its script, step by step where it has steps, and by what solution."""

from __future__ import annotations

from typing import Final

from harness.core.errors import TaskError
from harness.core.phases import Artifact, Hook
from harness.core.task import CopiedFile, GradedStep, Place, RewardScript, Solution, SolveScript, SolveSteps, Steps
from task_repos.harbor_files import copied
from task_repos.harbor_place import Reading, grading_place, own_image, separate, tables
from task_repos.harbor_schema import Step
from task_repos.harbor_values import health

SCRIPT: Final = "test.sh"
SETUP: Final = "setup.sh"


def reward_check(read: Reading, agent: Place) -> RewardScript | Steps:
    """Raises TaskError."""
    if not read.config.steps:
        return reward_script(read, agent, None)
    steps = tuple(graded_step(read, agent, step) for step in read.config.steps)
    return Steps(steps, "final" if read.config.multi_step_reward_strategy == "final" else "mean")


def graded_step(read: Reading, agent: Place, step: Step) -> GradedStep:
    """Raises TaskError."""
    folder = f"steps/{step.name}/workdir"
    files = copied(read.folder, folder)
    least = step.min_reward
    bound = step.agent.timeout_sec if step.agent.timeout_sec is not None else read.config.agent.timeout_sec
    return GradedStep(
        step.name, reward_script(read, agent, step), files, f"bash {SETUP}" if any(file.path == SETUP for file in files) else "",
        health(step.healthcheck, read.file, f"steps.{step.name}.healthcheck"),
        () if least is None else tuple(least.items()) if isinstance(least, dict) else (("reward", least),), bound,
    )  # fmt: skip


def reward_script(read: Reading, agent: Place, step: Step | None) -> RewardScript:
    """tests/test.sh, a step's over the task's, whose reward is believed; raises TaskError."""
    apart = separate(read, step)
    brings = apart and own_image(read, step) is not None
    files = () if brings else tests(read, step)
    verifier = step.verifier if step else read.config.verifier
    _, found = tables(read, step)
    said = {name: value for table in found for name, value in read.variables(table.env, "verifier.env").items()}
    environment = said if apart else read.variables(read.config.environment.env, "environment.env") | said
    return RewardScript(
        files, environment=tuple(environment.items()), deadline=verifier.timeout_sec, place=grading_place(read, agent, step),
        separate=apart, upload=not brings, collect=tuple(Hook(hook.command, hook.timeout_sec) for table in found for hook in table.collect),
        artifacts=artifacts(read, step),
    )  # fmt: skip


def tests(read: Reading, step: Step | None) -> tuple[CopiedFile, ...]:
    """The task's own files, then the step's over them; raises TaskError without a script."""
    files = {file.path: file for file in copied(read.folder, "tests")}
    if step is not None:
        files |= {file.path: file for file in copied(read.folder, f"steps/{step.name}/tests")}
    if SCRIPT not in files:
        raise TaskError(str(read.folder / "tests" / SCRIPT), "file", "no such file", "the script that writes the reward")
    return tuple(files[path] for path in sorted(files))


def artifacts(read: Reading, step: Step | None) -> tuple[Artifact, ...]:
    """The task's own, then the step's."""
    listed = (*read.config.artifacts, *(step.artifacts if step else ()))
    return tuple(Artifact(each) if isinstance(each, str) else Artifact(each.source, tuple(each.exclude)) for each in listed)


def solution(read: Reading) -> Solution | None:
    """solve.sh for the oracle, of each step where there are steps; None where one is missing. Raises TaskError."""
    if not read.config.steps:
        return solve_script(read, "solution")
    made = []
    for step in read.config.steps:
        own = f"steps/{step.name}/solution"
        script = solve_script(read, own if (read.folder / own).is_dir() else "solution")
        if script is None:
            return None
        made.append((step.name, script))
    return SolveSteps(tuple(made))


def solve_script(read: Reading, part: str) -> SolveScript | None:
    """The folder with its script; None without one. Raises TaskError."""
    if not (read.folder / part / "solve.sh").is_file():
        return None
    environment = {"DEBIAN_FRONTEND": "noninteractive"} | read.variables(read.config.environment.env, "environment.env")
    environment |= read.variables(read.config.solution.env, "solution.env")
    return SolveScript(copied(read.folder, part), environment=tuple(environment.items()))
