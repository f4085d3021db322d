"""Where a Harbor task is worked on and where it is graded: images, networks, users, resources."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from harness.core.errors import TaskError
from harness.core.task import ImageBuild, ImageSource, ImageTag, Place
from task_repos.harbor_network import network
from task_repos.harbor_schema import Config, Environment, Step, Verifier
from task_repos.harbor_values import health, memory_mb, resolved, user

CONFIG: Final = "task.toml"
COMPOSE: Final = "docker-compose.yaml"
ROOT: Final = ("root", "0")


class Reading(msgspec.Struct, frozen=True):
    """A task folder being read. `foreign`: its Dockerfiles are not ours; `host`: where ${VAR} is looked up."""

    folder: Path
    config: Config
    host: Mapping[str, str]
    foreign: bool

    @property
    def file(self) -> str:
        """The task.toml, for complaints."""
        return str(self.folder / CONFIG)

    def variables(self, values: Mapping[str, str], field: str) -> dict[str, str]:
        """Raises TaskError for a template that can't be filled in."""
        return resolved(values, self.host, self.file, field)


def agent_place(read: Reading) -> Place:
    """Where the agent works; raises TaskError."""
    image, upload = image_of(read)
    environment, phases = read.config.environment, (("agent", read.config.agent),)
    mode, asked = network(environment, phases, read.file)
    return msgspec.structs.replace(
        sized(Place(image=image, upload=upload, network=mode, network_asked=asked), environment, read.file),
        environment=tuple(read.variables(environment.env, "environment.env").items()),
        user=user(read.config.agent.user, read.file, "agent.user"),
        health=health(environment.healthcheck, read.file, "environment.healthcheck"),
    )


def sized(place: Place, environment: Environment, file: str) -> Place:
    """The place with what a table says of its workdir and resources; what it says nothing of stays. Raises TaskError."""
    return msgspec.structs.replace(
        place, workdir=environment.workdir or place.workdir, cpus=environment.cpus or place.cpus,
        memory_mb=memory_mb(environment, file) or place.memory_mb,
    )  # fmt: skip


def image_of(read: Reading) -> tuple[ImageSource, str]:
    """The image, and the folder laid into it: a named image wins over a Dockerfile, as in Harbor. Raises TaskError."""
    context = read.folder / "environment"
    no_compose(context)
    built = (context / "Dockerfile").is_file()
    name = read.config.environment.docker_image
    if name is not None:
        upload = str(context) if not built and context.is_dir() and any(context.iterdir()) else ""
        return ImageTag(name), upload
    if not built:
        raise TaskError(str(context), "image", "neither Dockerfile nor environment.docker_image", "one of them")
    return dockerfile(read, context), ""


def no_compose(context: Path) -> None:
    """One container per trial; raises TaskError."""
    if (context / COMPOSE).exists():
        raise TaskError(str(context / COMPOSE), "file", "a compose file", "a Dockerfile or docker_image: one container per trial")


def dockerfile(read: Reading, context: Path) -> ImageBuild:
    return ImageBuild(str(context), foreign=read.foreign, deadline=read.config.environment.build_timeout_sec)


def separate(read: Reading, step: Step | None) -> bool:
    """Whether the grading happens apart from all that the agent left: the step's word, else the task's."""
    for table in (step.verifier if step else None, read.config.verifier):
        if table is not None and (table.environment_mode or table.environment is not None):
            return table.environment_mode != "shared"
    return False


def own_image(read: Reading, step: Step | None) -> ImageSource | None:
    """The verifier's own image, which brings the tests along; None where it is the task's. Raises TaskError."""
    sides: list[tuple[Verifier, Path]] = [(read.config.verifier, read.folder / "tests")]
    if step is not None:
        sides.insert(0, (step.verifier, read.folder / "steps" / step.name / "tests"))
    for table, tests in sides:
        if table.environment is not None and table.environment.docker_image is not None:
            return ImageTag(table.environment.docker_image)
        no_compose(tests)
        if (tests / "Dockerfile").is_file():
            return dockerfile(read, tests)
    return None


def grading_place(read: Reading, agent: Place, step: Step | None) -> Place | None:
    """The machine of the verifier, None where it is a fresh one of the agent's place. Raises TaskError."""
    apart = separate(read, step)
    named, own = tables(read, step)
    place = msgspec.structs.replace(agent, health=None, user=verifier_user(own, agent, read.file))
    environment = next((table.environment for _, table in reversed(named) if table.environment is not None), None) if apart else None
    if apart and (image := own_image(read, step)) is not None:
        place = Place(image=image, user=place.user, otherwise="/tests")
    if environment is not None:
        extra = read.variables(environment.env, "verifier.environment.env")
        place = msgspec.structs.replace(sized(place, environment, read.file), environment=tuple((dict(place.environment) | extra).items()))
    mode, asked = network(environment or read.config.environment, named, read.file)
    place = msgspec.structs.replace(place, network=mode, network_asked=asked)
    return None if not apart and place == msgspec.structs.replace(agent, health=None) else place


def tables(read: Reading, step: Step | None) -> tuple[tuple[tuple[str, Verifier], ...], tuple[Verifier, ...]]:
    """The [verifier] tables that count, farthest first: with their names, and alone."""
    named = [("verifier", read.config.verifier)]
    if step is not None:
        named.append((f"steps.{step.name}.verifier", step.verifier))
    return tuple(named), tuple(table for _, table in named)


def verifier_user(found: tuple[Verifier, ...], agent: Place, file: str) -> str:
    """Without a word of the task's: uid 1000, or root where the agent is root, since tests of such work may need it."""
    said = [table.user for table in found if table.user is not None]
    if not said:
        return agent.user if agent.user in ROOT else ""
    return user(said[-1], file, "verifier.user")
