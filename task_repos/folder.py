"""Harbor task folders: one task, or a folder of tasks; a bad one is a complaint and never hides the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from harness.core.errors import HarnessError, TaskError
from harness.core.task import (
    Brief,
    Check,
    ImageBuild,
    ImageSource,
    ImageTag,
    Limits,
    Place,
    Provenance,
    Request,
    RewardScript,
    Solution,
    SolveScript,
    TaskSpec,
    TestIds,
)
from task_repos import harbor_policy as policy
from task_repos.harbor_files import contained, copied, digest, read_text, without_canary
from task_repos.harbor_grade import parse_toml, read_grade
from task_repos.harbor_schema import Config, Metadata, config_of, metadata_of

CONFIG: Final = "task.toml"
SIGNS: Final = (CONFIG, "instruction.md", "environment", "steps")
"""One of these in one of its folders, and a folder is meant to hold tasks."""
COMPOSE: Final = "docker-compose.yaml"
UNFIT_NAMES: Final = frozenset("/\\:#\0\n\r\t ")


class FolderTasks:
    """The tasks under a path, in the order of their names."""

    def __init__(self, path: Path, host: Mapping[str, str], source: str) -> None:
        self._path, self._host, self._source = path.absolute(), host, source
        self._faults: list[Exception] = []

    @property
    def faults(self) -> tuple[Exception, ...]:
        return tuple(self._faults)

    def __iter__(self) -> Iterator[TaskSpec]:
        self._faults = []
        seen: dict[str, Path] = {}
        for folder in self._folders():
            try:
                task = read_task(folder, self._host, self._source)
            except HarnessError as fault:
                self._faults.append(fault)
            except OSError as fault:
                self._faults.append(TaskError(str(folder), "files", str(fault), "files that can be read"))
            else:
                if task.id in seen:
                    found = f"{task.id!r} in {seen[task.id]} and in {folder}"
                    self._faults.append(TaskError(str(folder), "task.name", found, "different ids"))
                    continue
                seen[task.id] = folder
                yield task

    def _folders(self) -> tuple[Path, ...]:
        """The task folders; anything that is a folder counts, since a silently skipped task would be one too few."""
        if (self._path / CONFIG).exists():
            return (self._path,)
        try:
            children = sorted(self._path.iterdir())
        except OSError as fault:
            self._faults.append(TaskError(str(self._path), "path", str(fault.strerror), "a folder of tasks"))
            return ()
        found = tuple(path for path in children if path.is_dir() and not path.name.startswith((".", "__")))
        if not any((path / sign).exists() for path in found for sign in SIGNS):
            self._faults.append(TaskError(str(self._path), "path", "no task", f"a folder with {CONFIG}, or a folder of such"))
            return ()
        return found


def create(*, path: str, environment: Mapping[str, str] | None = None, source: str = "") -> FolderTasks:
    """Tasks under `path`. `environment`: where ${VAR} of a task is looked up; `source`: how the plan names this."""
    return FolderTasks(Path(path), environment or {}, source or f"harbor:{path}")


def read_task(folder: Path, host: Mapping[str, str], source: str) -> TaskSpec:
    """One task folder; raises TaskError in one sentence."""
    path = folder / CONFIG
    config, warnings = config_of(parse_toml(path), str(path))
    metadata = metadata_of(config, str(path))
    policy.refuse(config, str(path))
    if (folder / "trajectory.json").exists():
        raise TaskError(str(folder / "trajectory.json"), "file", "a prior trajectory", "none: the agents here begin anew")
    contained(folder)
    grade = read_grade(folder, metadata.file, config.verifier.timeout_sec)
    told = (*warnings, *policy.warnings(config))
    check = grade or reward_script(folder, config, host)
    if grade is None:
        told = (*told, "tests run as uid 1000, in Harbor as the image's user")
    return TaskSpec(
        id=name_of(folder, config), digest=digest(folder), brief=Brief(requests(folder, config, grade), metadata.test_command),
        place=place(folder, config, host, foreign=not source.startswith("bundled")), check=check, provenance=provenance(metadata, source, told),
        limits=Limits(tool_seconds=config.agent.timeout_sec), solution=solution(folder, config, host),
    )  # fmt: skip


def name_of(folder: Path, config: Config) -> str:
    """The id: the task's own name without its organisation, else the folder's name. Raises TaskError."""
    name = config.task.name.rpartition("/")[2] if config.task else folder.resolve().name
    if not name or name.startswith(".") or UNFIT_NAMES & set(name):
        raise TaskError(str(folder / CONFIG), "task.name", repr(name), "a name without separators and spaces")
    return name


def requests(folder: Path, config: Config, grade: TestIds | None) -> tuple[Request, ...]:
    """What is asked, step by step; raises TaskError."""
    if not config.steps:
        return (Request("task", instruction(folder / "instruction.md")),)
    if grade is None:
        found, expected = f"{len(config.steps)} steps graded one by one", "one step, or tests/longhaul.toml that grades the end"
        raise TaskError(str(folder / CONFIG), "steps", found, expected)
    names = [step.name for step in config.steps]
    for step in config.steps:
        if {"/", "\\", "\0"} & set(step.name) or step.name in {"", ".", ".."} or names.count(step.name) > 1:
            raise TaskError(str(folder / CONFIG), "steps.name", repr(step.name), "different folder names")
        for part in ("workdir", "tests", "solution"):
            if (folder / "steps" / step.name / part).exists():
                raise TaskError(str(folder / "steps" / step.name / part), "steps", f"{part}/", "instructions only: not supported yet")
    return tuple(Request(name, instruction(folder / "steps" / name / "instruction.md")) for name in names)


def instruction(path: Path) -> str:
    text = without_canary(read_text(path, "instruction"))
    if not text.strip():
        raise TaskError(str(path), "instruction", "an empty text", "a request")
    return text


def place(folder: Path, config: Config, host: Mapping[str, str], *, foreign: bool) -> Place:
    """Where the work happens; raises TaskError."""
    file, environment = str(folder / CONFIG), config.environment
    image, upload = image_of(folder, config, foreign=foreign)
    default = Place(image=image)
    workdir = environment.workdir or ""
    if workdir and (not workdir.startswith("/") or ".." in workdir.split("/")):
        raise TaskError(file, "environment.workdir", repr(workdir), "an absolute path")
    return Place(
        image=image, workdir=workdir, upload=upload, cpus=environment.cpus or default.cpus,
        memory_mb=policy.memory_mb(environment, file) or default.memory_mb, network=policy.network(config, file),
        environment=tuple(variables(folder, config, host).items()),
    )  # fmt: skip


def image_of(folder: Path, config: Config, *, foreign: bool) -> tuple[ImageSource, str]:
    """The image, and the folder laid into it: a named image wins over a Dockerfile, as in Harbor. Raises TaskError."""
    context = folder / "environment"
    if (context / COMPOSE).exists():
        raise TaskError(str(context / COMPOSE), "file", "a compose file", "a Dockerfile or docker_image: one container per trial")
    built = (context / "Dockerfile").is_file()
    name = config.environment.docker_image
    if name is not None:
        if not name.strip():
            raise TaskError(str(folder / CONFIG), "environment.docker_image", "an empty name", "an image's name")
        upload = str(context) if not built and context.is_dir() and any(context.iterdir()) else ""
        return ImageTag(name), upload
    if not built:
        raise TaskError(str(context), "image", "neither Dockerfile nor environment.docker_image", "one of them")
    return ImageBuild(str(context), foreign=foreign, deadline=config.environment.build_timeout_sec), ""


def reward_script(folder: Path, config: Config, host: Mapping[str, str]) -> Check:
    """tests/test.sh, whose reward is believed; raises TaskError."""
    files = copied(folder, "tests")
    if not any(file.path == "test.sh" for file in files):
        raise TaskError(str(folder / "tests" / "test.sh"), "file", "no such file", "the script that writes the reward")
    environment = variables(folder, config, host) | own(config.verifier.env, host, folder, "verifier.env")
    return RewardScript(files, environment=tuple(environment.items()), deadline=config.verifier.timeout_sec)


def solution(folder: Path, config: Config, host: Mapping[str, str]) -> Solution | None:
    """solution/solve.sh for the oracle; None without one."""
    if not (folder / "solution" / "solve.sh").is_file():
        return None
    environment = {"DEBIAN_FRONTEND": "noninteractive"} | variables(folder, config, host)
    environment |= own(config.solution.env, host, folder, "solution.env")
    return SolveScript(copied(folder, "solution"), environment=tuple(environment.items()))


def variables(folder: Path, config: Config, host: Mapping[str, str]) -> dict[str, str]:
    """The environment's own variables; raises TaskError."""
    return own(config.environment.env, host, folder, "environment.env")


def own(values: Mapping[str, str], host: Mapping[str, str], folder: Path, field: str) -> dict[str, str]:
    return dict(policy.resolved(values, host, str(folder / CONFIG), field))


def provenance(metadata: Metadata, source: str, warnings: tuple[str, ...]) -> Provenance:
    languages = (metadata.language,) if isinstance(metadata.language, str) else tuple(metadata.language)
    kind: Any = metadata.source
    return Provenance(source, metadata.created, kind, tuple(word for word in languages if word), warnings)
