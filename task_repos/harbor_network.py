"""The network of each phase of a Harbor task: baseline, the phase's own word over it, and what can't be held to. Pure."""

from __future__ import annotations

import ipaddress
import re
from typing import Final, Literal, TypeAlias

from harness.core.errors import TaskError
from task_repos.harbor_schema import Environment, Phase, Verifier

MODES: Final = ("public", "no-network", "allowlist")
LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
Network: TypeAlias = tuple[Literal["none", "public"], bool]
"""The mode of a place, and whether the task asked for it."""


def network(environment: Environment, phases: tuple[tuple[str, Phase | Verifier], ...], file: str) -> Network:
    """The network of one phase: `phases` are tables that may overrule the environment, the nearest last, each with its name. Raises TaskError."""
    mode, asked = baseline(environment, file)
    hosts = environment.allowed_hosts
    for name, table in phases:
        checked(table.network_mode, f"{name}.network_mode", file)
        check_hosts(name, table.network_mode, table.allowed_hosts, file)
        if table.network_mode is not None:
            mode, asked, hosts = table.network_mode, True, table.allowed_hosts
    if mode == "allowlist" and hosts:
        raise TaskError(file, "network_mode", f"allowlist of {', '.join(hosts)}", "public or no-network: there is no egress filter here")
    return "public" if mode == "public" else "none", asked


def baseline(environment: Environment, file: str) -> tuple[str, bool]:
    """The environment's own mode; the older key where the newer one is not given, and no network where neither is. Raises TaskError."""
    mode = environment.network_mode
    checked(mode, "environment.network_mode", file)
    check_hosts("environment", mode, environment.allowed_hosts, file)
    if mode is not None:
        return mode, True
    return ("public" if environment.allow_internet else "no-network"), environment.allow_internet is not None


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
