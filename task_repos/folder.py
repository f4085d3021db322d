"""Harbor task folders: one task, or a folder of tasks; a bad one is a complaint and never hides the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from harness.core.errors import HarnessError, TaskError
from harness.core.task import Brief, Check, Limits, Place, Provenance, Request, Steps, TaskSpec, TestIds
from task_repos import harbor_policy as policy
from task_repos.harbor_check import reward_check, solution, solve_script
from task_repos.harbor_files import contained, digest, read_text, without_canary
from task_repos.harbor_grade import inside, newest, parse_toml, read_grade
from task_repos.harbor_network import network
from task_repos.harbor_place import CONFIG, ROOT, Reading, agent_place
from task_repos.harbor_schema import Config, Metadata, config_of, metadata_of
from task_repos.memory_table import read_memory
from task_repos.moves import read_moves

SIGNS: Final = (CONFIG, "instruction.md", "environment", "steps")
"""One of these in one of its folders, and a folder is meant to hold tasks."""
OWN: Final = ("bundled", "catalogue", "mined", "staged")
"""Sources whose Dockerfiles are ours or were written by us for the user's own repository."""
UNFIT_NAMES: Final = frozenset("/\\:#\0\n\r\t ")
LONGEST_NAME: Final = 150
TURNS_PER_REQUEST: Final = 30
"""A bound that only a worker gone astray meets: solutions take some seven. The format has no key for it."""


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
            except (OSError, RecursionError) as fault:
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
    contained(folder)
    config, warnings = config_of(parse_toml(path), str(path))
    metadata = metadata_of(config, str(path))
    policy.refuse(config, str(path))
    inside(folder, metadata.file, path, "metadata.longhaul.file")
    read = Reading(folder, config, host, foreign=not source.startswith(OWN))
    grade = read_grade(folder, metadata.file, config.verifier.timeout_sec)
    place = msgspec.structs.replace(agent_place(read), newest=newest(folder, metadata.file))
    check = grade or reward_check(read, place)
    by_tests = in_place(read, place) if grade else users(config)
    told = (*warnings, *policy.warnings(config), *by_tests)
    asked = requests(folder, config, grade)
    memory = read_memory(folder, metadata.file, asked)
    return TaskSpec(
        id=name_of(folder, config), digest=digest(folder),
        brief=Brief(asked, metadata.test_command, needs(folder, config)),
        place=place, check=check, provenance=provenance(metadata, source, told),
        limits=limits(config, check, len(asked)), solution=solve_script(read, "solution") if grade else solution(read),
        memory=memory, moves=read_moves(folder, len(asked), memory),
    )  # fmt: skip


def limits(config: Config, check: Check, requests: int) -> Limits:
    """The task's clock over the whole of the agent's work; steps have each their own, and together the sum. Turns grow with the requests."""
    turns = max(Limits().turns or 0, TURNS_PER_REQUEST * requests)
    if not isinstance(check, Steps):
        return Limits(turns=turns, tool_seconds=config.agent.timeout_sec, official_seconds=config.agent.timeout_sec)
    each = [step.seconds for step in check.steps]
    return Limits(turns=turns, official_seconds=None if None in each else sum(second for second in each if second is not None))


def needs(folder: Path, config: Config) -> tuple[str, ...]:
    """What only an agent with the ability for it can use; agents that ask no model leave it alone, as in Harbor."""
    environment = config.environment
    files = (folder / "trajectory.json", *(folder / "steps" / step.name / "trajectory.json" for step in config.steps[:1]))
    held = {
        "mcp_servers": bool(environment.mcp_servers), "skills_dir": environment.skills_dir is not None,
        "trajectory.json": any(path.exists() for path in files),
    }  # fmt: skip
    return tuple(name for name, there in held.items() if there)


def in_place(read: Reading, place: Place) -> tuple[str, ...]:
    """Named tests are run in a fresh machine of the agent's place; what [verifier] says otherwise is for Harbor. Raises TaskError."""
    verifier = read.config.verifier
    mode, _ = network(read.config.environment, (("verifier", verifier),), read.file)
    if mode != place.network:
        raise TaskError(read.file, "verifier.network_mode", f"{mode} beside {place.network} for the agent", "one network for both phases")
    unused = [key for key in ("environment", "environment_mode", "collect", "user", "env") if getattr(verifier, key) not in (None, [], {})]
    return tuple(f"verifier.{key}: for Harbor alone; here the tests of longhaul.toml decide, in the task's own place" for key in unused)


def users(config: Config) -> tuple[str, ...]:
    """The deviation of a task that names no user."""
    tables = [("agent", config.agent.user), ("verifier", config.verifier.user or (config.agent.user if str(config.agent.user) in ROOT else None))]
    missing = [f"{name}.user" for name, user in tables if user is None]
    return (f"{', '.join(missing)}: not given; uid 1000 here, the image's user in Harbor",) if missing else ()


def name_of(folder: Path, config: Config) -> str:
    """The id: the task's own name without its organisation, else the folder's name. Raises TaskError."""
    name = config.task.name.rpartition("/")[2] if config.task else folder.resolve().name
    if not name or name.startswith(".") or UNFIT_NAMES & set(name) or not name.isprintable():
        raise TaskError(str(folder / CONFIG), "task.name", repr(name[:80]), "a name without separators and spaces")
    if len(name.encode()) > LONGEST_NAME:
        raise TaskError(str(folder / CONFIG), "task.name", f"{len(name.encode())} bytes", f"at most {LONGEST_NAME}, for files are named by it")
    return name


def requests(folder: Path, config: Config, grade: TestIds | None) -> tuple[Request, ...]:
    """What is asked, step by step; raises TaskError."""
    if not config.steps:
        return (Request("task", instruction(folder / "instruction.md")),)
    for step in config.steps if grade else ():
        for part in ("workdir", "tests", "solution"):
            if (folder / "steps" / step.name / part).exists():
                raise TaskError(str(folder / "steps" / step.name / part), "steps", f"{part}/ beside tests/longhaul.toml, which grades the end", "instructions only")
    return tuple(Request(step.name, instruction(folder / "steps" / step.name / "instruction.md")) for step in config.steps)


def instruction(path: Path) -> str:
    text = without_canary(read_text(path, "instruction"))
    if not text.strip():
        raise TaskError(str(path), "instruction", "an empty text", "a request")
    return text


def provenance(metadata: Metadata, source: str, warnings: tuple[str, ...]) -> Provenance:
    languages = (metadata.language,) if isinstance(metadata.language, str) else tuple(metadata.language)
    kind: Any = metadata.source
    return Provenance(source, metadata.created, kind, tuple(word for word in languages if word), warnings)
