"""The container's counters, of either generation of control groups, as Resources; and what `warden show` says, by file. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.core.machine import Resources

_V2: Final = "/sys/fs/cgroup"
COUNTERS: Final = tuple(
    path.encode()
    for path in (
        f"{_V2}/memory.peak", f"{_V2}/memory.max", f"{_V2}/memory.events", f"{_V2}/cpu.stat",
        f"{_V2}/memory/memory.max_usage_in_bytes", f"{_V2}/memory/memory.limit_in_bytes",
        f"{_V2}/memory/memory.oom_control", f"{_V2}/cpu/cpu.stat", "/proc/loadavg",
    )
)  # fmt: skip
# Version 1 says "no limit" with a number near 2**63.
_NO_LIMIT: Final = 1 << 60


def split_shown(output: bytes) -> dict[str, str]:
    """The files in a `warden show` output: path to content."""
    shown: dict[str, str] = {}
    for part in output.decode(errors="replace").split("==> ")[1:]:
        path, _, content = part.partition("\n")
        shown[path] = content
    return shown


def read_resources(counters: Mapping[str, str]) -> Resources:
    """None where this kernel does not tell."""
    throttled = _field(counters, f"{_V2}/cpu.stat", "throttled_usec")
    throttled_v1 = _field(counters, f"{_V2}/cpu/cpu.stat", "throttled_time")
    events = _field(counters, f"{_V2}/memory.events", "oom_kill")
    load = counters.get("/proc/loadavg", "").split()
    return Resources(
        memory_peak=_first(counters, f"{_V2}/memory.peak", f"{_V2}/memory/memory.max_usage_in_bytes"),
        memory_limit=_first(counters, f"{_V2}/memory.max", f"{_V2}/memory/memory.limit_in_bytes"),
        memory_kills=events if events is not None else _field(counters, f"{_V2}/memory/memory.oom_control", "oom_kill"),
        throttled_s=throttled / 1e6
        if throttled is not None
        else throttled_v1 / 1e9
        if throttled_v1 is not None
        else None,
        host_load=float(load[0]) if load else None,
    )


def _first(counters: Mapping[str, str], *paths: str) -> int | None:
    for path in paths:
        word = counters.get(path, "").strip()
        if word.isdigit() and int(word) < _NO_LIMIT:
            return int(word)
    return None


def _field(counters: Mapping[str, str], path: str, name: str) -> int | None:
    for line in counters.get(path, "").splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.strip().isdigit():
            return int(value)
    return None
