"""The tables of a Harbor task.toml as values: types and refused keys. Pure; policy is in harbor_policy."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from harness.core.errors import TaskError

UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*?)`(?: - at `\$\.?(.*)`)?", re.DOTALL)
WRONG: Final = re.compile(r"(.*?)(?: - at `\$\.?(.*)`)?", re.DOTALL)
DAY: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?(?!\d)")
TYPED: Final = re.compile(r"Expected `(.*)`, got `(.*)`")


class Phase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[agent]: a key that is unknown here could be a policy, so it is refused."""

    timeout_sec: float | None = None
    user: str | int | None = None
    network_mode: str | None = None
    allowed_hosts: list[str] | None = None


class CollectHook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    command: str
    service: str = "main"
    timeout_sec: float = 60.0
    user: str | int | None = None


class HealthTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    command: str
    interval_sec: float = 5.0
    timeout_sec: float = 30.0
    start_period_sec: float = 0.0
    start_interval_sec: float = 5.0
    retries: int = 3


class Environment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    docker_image: str | None = None
    build_timeout_sec: float = 600.0
    os: str = "linux"
    cpus: float | None = None
    memory_mb: int | None = None
    storage_mb: int | None = None
    gpus: int | None = None
    gpu_types: list[str] | None = None
    tpu: dict[str, Any] | None = None
    network_mode: str | None = None
    allowed_hosts: list[str] | None = None
    env: dict[str, str] = {}
    workdir: str | None = None
    skills_dir: str | None = None
    mcp_servers: list[dict[str, Any]] = []
    healthcheck: HealthTable | None = None
    memory: str | None = None
    storage: str | None = None
    allow_internet: bool | None = None


class Verifier(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[verifier], of the task or of a step; a step's time-out is 600 s where it names none, whatever the task says."""

    timeout_sec: float = 600.0
    user: str | int | None = None
    env: dict[str, str] = {}
    network_mode: str | None = None
    allowed_hosts: list[str] | None = None
    environment_mode: str | None = None
    environment: Environment | None = None
    collect: list[CollectHook] = []


class Solution(msgspec.Struct, frozen=True):
    env: dict[str, str] = {}


class ArtifactTable(msgspec.Struct, frozen=True):
    source: str
    destination: str | None = None
    exclude: list[str] = []
    service: str = "main"


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    agent: Phase = Phase()
    verifier: Verifier = Verifier()
    min_reward: float | dict[str, float] | None = None
    healthcheck: HealthTable | None = None
    artifacts: list[str | ArtifactTable] = []


class Author(msgspec.Struct, frozen=True):
    name: str
    email: str | None = None


class Package(msgspec.Struct, frozen=True):
    name: str
    version: str | None = None
    description: str = ""
    authors: list[Author] = []
    keywords: list[str] = []


class Metadata(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[metadata.longhaul]: our own public facts, so an unknown key is a mistake."""

    format: int = 1
    file: str = "tests/longhaul.toml"
    language: str | list[str] = ""
    created: str = ""
    source: str = "private"
    test_command: str = ""


class Config(msgspec.Struct, frozen=True):
    """A whole task.toml."""

    schema_version: str | None = None
    version: str | None = None
    source: str | None = None
    artifacts: list[str | ArtifactTable] = []
    multi_step_reward_strategy: str | None = None
    steps: list[Step] = []
    task: Package | None = None
    metadata: dict[str, Any] = {}
    agent: Phase = Phase()
    verifier: Verifier = Verifier()
    environment: Environment = Environment()
    solution: Solution = Solution()


def config_of(data: dict[str, Any], file: str) -> tuple[Config, tuple[str, ...]]:
    """The config and a warning for each key that Harbor ignores; raises TaskError with field, found and expected."""
    config = converted(data, Config, file, "", strict=False)
    warnings = [f"{shown(key)}: unknown key, ignored as Harbor does" for key in sorted(set(data) - set(Config.__struct_fields__))]
    for table, kind in (("task", Package), ("solution", Solution)):
        extra = set(data.get(table, {})) - set(kind.__struct_fields__)
        warnings += [f"{table}.{shown(key)}: unknown key, ignored as Harbor does" for key in sorted(extra)]
    return config, tuple(warnings)


def metadata_of(config: Config, file: str) -> Metadata:
    """[metadata.longhaul], or its defaults; raises TaskError."""
    found = config.metadata.get("longhaul", {})
    made: Metadata = converted(found, Metadata, file, "metadata.longhaul")
    if made.format != 1:
        raise TaskError(file, "metadata.longhaul.format", made.format, "1")
    if made.source not in {"public", "private", "generated"}:
        raise TaskError(file, "metadata.longhaul.source", repr(made.source), "public, private or generated")
    if made.created and not (DAY.match(made.created) and made.created.isprintable()):
        raise TaskError(file, "metadata.longhaul.created", repr(made.created[:40]), "a day or month as in 2025-06-30")
    return made


def converted(data: object, kind: type[Any], file: str, at: str, *, strict: bool = True) -> Any:
    """`data` as a struct; msgspec's words become a complaint. Not strict: "600" is a number, as in Harbor. Raises TaskError."""
    try:
        return msgspec.convert(data, kind, strict=strict)
    except msgspec.ValidationError as fault:
        raise complaint(str(fault), file, at) from fault


def complaint(words: str, file: str, at: str) -> TaskError:
    """What msgspec said, as file, field, found, expected."""
    if unknown := UNKNOWN.fullmatch(words):
        field = joined(at, unknown[2] or "", unknown[1])
        return TaskError(file, field, "an unknown key", "only known keys, because a policy could be lost")
    place = WRONG.fullmatch(words)
    said, where = (place[1], place[2]) if place else (words, "")
    if typed := TYPED.fullmatch(said):
        return TaskError(file, joined(at, where or ""), f"a value of type {typed[2]}", typed[1].replace(" | ", " or "))
    return TaskError(file, joined(at, where or ""), said, "a value of the format")


def joined(*words: str) -> str:
    return ".".join(shown(word) for word in words if word)


def shown(key: str) -> str:
    """A key in a line of text, which no key may break."""
    return key if key.isprintable() else repr(key)
