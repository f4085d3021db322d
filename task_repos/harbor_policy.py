"""What of a Harbor task this reader does, refuses by name, or does differently and says so. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from harness.core.errors import TaskError
from task_repos.harbor_schema import Config, Environment

MODES: Final = ("public", "no-network", "allowlist")
SCHEMAS: Final = ("1.0", "1.1", "1.2", "1.3", "1.4")
MEMORY: Final = re.compile(r"(\d+(?:\.\d+)?)([GMK])", re.IGNORECASE)
UNIT_MB: Final = {"G": 1024.0, "M": 1.0, "K": 1 / 1024}
TEMPLATE: Final = re.compile(r"\$\{([^}:]+)(?::-(.*))?\}")
SECRET: Final = re.compile(r"KEY|SECRET|TOKEN(?!S)|PASSWORD|CREDENTIAL|AUTH", re.IGNORECASE)
LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
LEAST_MEMORY_MB: Final = 16


def refuse(config: Config, file: str) -> None:
    """Raise TaskError for the first thing that this reader can't hold to."""
    for field, found, expected in refusals(config):
        raise TaskError(file, field, found, expected)


def refusals(config: Config) -> Iterator[tuple[str, object, str]]:
    """(field, found, expected) of everything refused, in the order of the file format."""
    environment, verifier = config.environment, config.verifier
    if environment.os.lower() != "linux":
        yield "environment.os", repr(environment.os), "linux"
    if environment.gpus:
        yield "environment.gpus", environment.gpus, "0: this sandbox has no GPU"
    if environment.tpu is not None:
        yield "environment.tpu", "a TPU", "none: this sandbox has no TPU"
    if environment.mcp_servers:
        yield "environment.mcp_servers", f"{len(environment.mcp_servers)} servers", "none: the agents here use no MCP server"
    if environment.skills_dir is not None:
        yield "environment.skills_dir", repr(environment.skills_dir), "none: the agents here read no skills"
    if environment.healthcheck is not None:
        yield "environment.healthcheck", "a health check", "none: not supported yet"
    if verifier.environment_mode not in {None, "shared", "separate"}:
        yield "verifier.environment_mode", repr(verifier.environment_mode), "shared or separate"
    if verifier.environment is not None and verifier.environment_mode == "shared":
        yield "verifier.environment", "a table beside environment_mode shared", "one of the two"
    if verifier.environment is not None or verifier.environment_mode == "separate":
        yield "verifier.environment_mode", "separate", "shared: a separate verifier is not supported yet"
    if verifier.collect:
        yield "verifier.collect", f"{len(verifier.collect)} hooks", "none: collect hooks are not supported yet"
    yield from user_refusals(config)
    yield from number_refusals(config)


def user_refusals(config: Config) -> Iterator[tuple[str, object, str]]:
    for field, user in (("agent.user", config.agent.user), ("verifier.user", config.verifier.user)):
        if user not in {None, 1000, "1000", "agent"}:
            yield field, repr(user), "no user, agent or 1000: commands run as uid 1000"


def number_refusals(config: Config) -> Iterator[tuple[str, object, str]]:
    """Numbers that are no limits; written so that NaN fails too."""
    environment = config.environment
    if environment.cpus is not None and not 0 < environment.cpus < 1e4:
        yield "environment.cpus", environment.cpus, "a number of CPUs above 0"
    if environment.memory_mb is not None and environment.memory_mb < LEAST_MEMORY_MB:
        yield "environment.memory_mb", environment.memory_mb, f"at least {LEAST_MEMORY_MB}"
    for field, seconds in (
        ("environment.build_timeout_sec", environment.build_timeout_sec), ("verifier.timeout_sec", config.verifier.timeout_sec),
    ):  # fmt: skip
        if not 0 < seconds < 1e9:
            yield field, seconds, "a number of seconds above 0"
    if config.agent.timeout_sec is not None and not abs(config.agent.timeout_sec) < 1e9:
        yield "agent.timeout_sec", config.agent.timeout_sec, "a number of seconds"


def warnings(config: Config) -> Iterator[str]:
    """What is done differently, for the record."""
    environment = config.environment
    schema = config.schema_version or config.version
    if schema is not None and schema not in SCHEMAS:
        yield f"schema_version: {schema!r} is not one of {', '.join(SCHEMAS)}; read as 1.4"
    if environment.network_mode is None and environment.allow_internet is None:
        yield "environment.network_mode: not given; none here, public in Harbor"
    if environment.storage_mb is not None or environment.storage is not None:
        yield "environment.storage_mb: not enforced"
    if environment.gpu_types:
        yield "environment.gpu_types: ignored"
    for key in ("memory", "storage", "allow_internet"):
        if getattr(environment, key) is not None:
            yield f"environment.{key}: deprecated"
    if environment.docker_image is not None and "@sha256:" not in environment.docker_image:
        yield f"environment.docker_image: {environment.docker_image} without a digest can change"
    if config.artifacts:
        yield "artifacts: not collected"
    if config.agent.timeout_sec is not None:
        yield "agent.timeout_sec: bounds the time of tools, not the model's"


def network(config: Config, file: str) -> Literal["none", "public"]:
    """The one network of both phases; raises TaskError."""
    base = baseline(config.environment, file)
    check_hosts("environment", base, config.environment.allowed_hosts, file)
    found = []
    for name, mode, hosts in (
        ("agent", config.agent.network_mode, config.agent.allowed_hosts),
        ("verifier", config.verifier.network_mode, config.verifier.allowed_hosts),
    ):
        checked(mode, f"{name}.network_mode", file)
        check_hosts(name, mode, hosts, file)
        found.append(mode or base)
    if "allowlist" in {base, *found}:
        raise TaskError(file, "network_mode", "allowlist", "public or no-network: there is no egress filter here")
    if found[0] != found[1]:
        raise TaskError(file, "verifier.network_mode", f"{found[1]} beside {found[0]} for the agent", "one network for both phases")
    return "public" if found[0] == "public" else "none"


def baseline(environment: Environment, file: str) -> str:
    checked(environment.network_mode, "environment.network_mode", file)
    if environment.network_mode is not None:
        return environment.network_mode
    return "public" if environment.allow_internet else "no-network"


def checked(mode: str | None, field: str, file: str) -> None:
    if mode is not None and mode not in MODES:
        raise TaskError(file, field, repr(mode), "public, no-network or allowlist")


def check_hosts(name: str, mode: str | None, hosts: list[str] | None, file: str) -> None:
    """Hosts belong to an allowlist alone, and are hosts."""
    for host in hosts or []:
        if normal_host(host) is None:
            raise TaskError(file, f"{name}.allowed_hosts", repr(host), "hosts, *.hosts, addresses or networks")
    if hosts is not None and mode != "allowlist" and (hosts or mode is None):
        raise TaskError(file, f"{name}.allowed_hosts", hosts, 'no hosts, or network_mode = "allowlist"')


def normal_host(text: str) -> str | None:
    """The host as Harbor would write it, or None for what is none."""
    host = text.strip().lower().rstrip(".")
    try:
        return str(ipaddress.ip_network(host, strict=True)) if "/" in host else str(ipaddress.ip_address(host))
    except ValueError:
        if "/" in host or ":" in host:
            return None
    labels = host.removeprefix("*.").split(".")
    return host if labels != [""] and all(LABEL.fullmatch(label) for label in labels) else None


def memory_mb(environment: Environment, file: str) -> int | None:
    """MiB, from either key; raises TaskError."""
    if environment.memory is None:
        return environment.memory_mb
    match = MEMORY.fullmatch(environment.memory.strip())
    if match is None:
        raise TaskError(file, "environment.memory", repr(environment.memory), "a number with G, M or K, such as 4G")
    found = int(float(match[1]) * UNIT_MB[match[2].upper()])
    if environment.memory_mb not in {None, found}:
        raise TaskError(file, "environment.memory", f"{environment.memory} beside memory_mb = {environment.memory_mb}", "one of them")
    if found < LEAST_MEMORY_MB:
        raise TaskError(file, "environment.memory", environment.memory, f"at least {LEAST_MEMORY_MB}M")
    return found


def resolved(
    values: Mapping[str, str], host: Mapping[str, str], file: str, field: str
) -> tuple[tuple[str, str], ...]:
    """Variables with whole-value templates filled in from the host; raises TaskError for one that is missing or looks secret."""
    return tuple((name, filled(value, host, file, f"{field}.{name}")) for name, value in values.items())


def filled(value: str, host: Mapping[str, str], file: str, field: str) -> str:
    match = TEMPLATE.fullmatch(value)
    if match is None:
        return value
    if SECRET.search(match[1]) and match[1] in host:
        raise TaskError(file, field, f"${{{match[1]}}}, which looks like a secret", "no secret: none reaches a container")
    if match[1] in host:
        return host[match[1]]
    if match[2] is None:
        raise TaskError(file, field, f"${{{match[1]}}}, which is not set", "a variable that is set, or ${NAME:-default}")
    return match[2]
