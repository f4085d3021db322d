"""What of a Harbor task this reader refuses by name, or does differently and says so. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final, TypeAlias

from harness.core.errors import TaskError
from task_repos.harbor_schema import Config, Environment, Phase, Step, Verifier
from task_repos.harbor_values import LEAST_MEMORY_MB, MEMORY, folded, portable

SCHEMAS: Final = ("1.0", "1.1", "1.2", "1.3", "1.4")
STRATEGIES: Final = (None, "mean", "final")
Refusal: TypeAlias = tuple[str, object, str]
"""Field, what was found, what is expected."""


def refuse(config: Config, file: str) -> None:
    """Raise TaskError for the first thing that this reader can't hold to."""
    for field, found, expected in refusals(config):
        raise TaskError(file, field, found, expected)


def refusals(config: Config) -> Iterator[Refusal]:
    """Everything refused, in the order of the file format."""
    yield from package_refusals(config)
    yield from environment_refusals("environment", config.environment)
    yield from phase_refusals("agent", config.agent)
    yield from verifier_refusals("verifier", config.verifier, config.agent)
    yield from step_refusals(config)
    yield from artifact_refusals(config)


def package_refusals(config: Config) -> Iterator[Refusal]:
    if config.task is not None and config.task.version == "":
        yield "task.version", "an empty text", "a version, or no key"
    if config.multi_step_reward_strategy not in STRATEGIES:
        yield "multi_step_reward_strategy", repr(config.multi_step_reward_strategy), "mean or final"


def environment_refusals(at: str, environment: Environment) -> Iterator[Refusal]:
    if environment.os.lower() != "linux":
        yield f"{at}.os", repr(environment.os), "linux"
    if environment.gpus:
        yield f"{at}.gpus", environment.gpus, "0: this sandbox has no GPU"
    if environment.tpu is not None:
        yield f"{at}.tpu", "a TPU", "none: this sandbox has no TPU"
    if environment.storage is not None and MEMORY.fullmatch(environment.storage.strip()) is None:
        yield f"{at}.storage", repr(environment.storage), "a number with G, M or K, such as 4G"
    if environment.cpus is not None and not 0 < environment.cpus < 1e4:
        yield f"{at}.cpus", environment.cpus, "a number of CPUs above 0"
    if environment.memory_mb is not None and not LEAST_MEMORY_MB <= environment.memory_mb < 1 << 40:
        yield f"{at}.memory_mb", environment.memory_mb, f"at least {LEAST_MEMORY_MB}"
    if not 0 < environment.build_timeout_sec < 1e9:
        yield f"{at}.build_timeout_sec", environment.build_timeout_sec, "a number of seconds above 0"
    workdir = environment.workdir
    if workdir and (not workdir.startswith("/") or ".." in workdir.split("/") or "\0" in workdir):
        yield f"{at}.workdir", repr(workdir), "an absolute path"
    if environment.docker_image is not None and not environment.docker_image.strip():
        yield f"{at}.docker_image", "an empty name", "an image's name"


def phase_refusals(at: str, phase: Phase) -> Iterator[Refusal]:
    """Written so that NaN fails, too."""
    if phase.timeout_sec is not None and not abs(phase.timeout_sec) < 1e9:
        yield f"{at}.timeout_sec", phase.timeout_sec, "a number of seconds"


def verifier_refusals(at: str, verifier: Verifier, agent: Phase) -> Iterator[Refusal]:
    mode = verifier.environment_mode
    if not 0 < verifier.timeout_sec < 1e9:
        yield f"{at}.timeout_sec", verifier.timeout_sec, "a number of seconds above 0"
    if mode not in {None, "shared", "separate"}:
        yield f"{at}.environment_mode", repr(mode), "shared or separate"
    if verifier.environment is not None and mode == "shared":
        yield f"{at}.environment", "a table beside environment_mode shared", "one of the two"
    if verifier.environment is not None:
        yield from environment_refusals(f"{at}.environment", verifier.environment)
    for hook in verifier.collect:
        if hook.service != "main":
            yield f"{at}.collect.service", repr(hook.service), "main: there is one container per trial"
        if not 0 < hook.timeout_sec < 1e6:
            yield f"{at}.collect.timeout_sec", hook.timeout_sec, "a number of seconds above 0"
        if hook.user is not None and hook.user != agent.user:
            yield f"{at}.collect.user", repr(hook.user), "the agent's user, or none: the agent's machine has one user"


def step_refusals(config: Config) -> Iterator[Refusal]:
    seen: dict[str, str] = {}
    for number, step in enumerate(config.steps):
        if not portable(step.name):
            yield "steps.name", repr(step.name), "a folder name that every system takes"
        if folded(step.name) in seen:
            yield "steps.name", f"{seen[folded(step.name)]!r} and {step.name!r}", "names that differ by more than case"
        seen[folded(step.name)] = step.name
        yield from phase_refusals(f"steps.{number}.agent", step.agent)
        yield from verifier_refusals(f"steps.{number}.verifier", step.verifier, config.agent)
        yield from machine_refusals(step, config, f"steps.{number}")


def machine_refusals(step: Step, config: Config, at: str) -> Iterator[Refusal]:
    """All steps are worked on in one machine, which has one user and one network."""
    if step.agent.user is not None and step.agent.user != config.agent.user:
        yield f"{at}.agent.user", repr(step.agent.user), "the task's own agent.user: one machine serves all steps"
    mode = step.agent.network_mode
    if mode is not None and mode != (config.agent.network_mode or config.environment.network_mode):
        yield f"{at}.agent.network_mode", repr(mode), "the task's own: one machine serves all steps"


def artifact_refusals(config: Config) -> Iterator[Refusal]:
    listed = chain((("artifacts", each) for each in config.artifacts), *(((f"steps.{step.name}.artifacts", each) for each in step.artifacts) for step in config.steps))
    for at, each in listed:
        source = each if isinstance(each, str) else each.source
        if not isinstance(each, str) and each.service != "main":
            yield f"{at}.service", repr(each.service), "main: there is one container per trial"
        if not source.startswith("/") or ".." in source.split("/") or "\0" in source or not source.strip("/"):
            yield at, repr(source), "an absolute path below / without .."


def warnings(config: Config) -> Iterator[str]:
    """What is done differently, for the record."""
    environment, schema = config.environment, config.schema_version or config.version
    if schema is not None and schema not in SCHEMAS:
        yield f"schema_version: {schema!r} is not one of {', '.join(SCHEMAS)}; read as 1.4"
    if config.task is not None and "/" not in config.task.name:
        yield f"task.name: {config.task.name!r} without an organisation; Harbor wants org/name"
    if environment.network_mode is None and environment.allow_internet is None and config.agent.network_mode is None:
        yield "environment.network_mode: not given; none here, public in Harbor"
    if environment.docker_image is not None and "@sha256:" not in environment.docker_image:
        yield f"environment.docker_image: {environment.docker_image} without a digest can change"
    if config.agent.timeout_sec is not None or any(step.agent.timeout_sec is not None for step in config.steps):
        yield "agent.timeout_sec: bounds the time of tools, not the model's; the official clock is computed and shown beside"
    if config.steps:
        yield "steps: one conversation (in Harbor each step is a new one); the processes of a step end with it; missing steps count 0 in the mean"
    yield from unheeded(config)


def unheeded(config: Config) -> Iterator[str]:
    """Keys that change nothing here, or are on their way out."""
    environment, apart = config.environment, config.verifier.environment
    if config.multi_step_reward_strategy is not None and not config.steps:
        yield "multi_step_reward_strategy: ignored without steps, as in Harbor"
    if environment.storage_mb is not None or environment.storage is not None:
        yield "environment.storage_mb: not enforced"
    if environment.gpu_types:
        yield "environment.gpu_types: ignored"
    for key in ("memory", "storage", "allow_internet"):
        if getattr(environment, key) is not None:
            yield f"environment.{key}: deprecated"
    if any(not isinstance(each, str) and each.destination for each in (*config.artifacts, *(each for step in config.steps for each in step.artifacts))):
        yield "artifacts.destination: ignored; artifacts are re-created at their source"
    if apart is not None and apart.healthcheck is not None:
        yield "verifier.environment.healthcheck: never run, as in Harbor"
