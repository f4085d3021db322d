"""Single values of a Harbor task as ours: memory, variables with their templates, users, folder names. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from harness.core.errors import TaskError
from harness.core.phases import Health
from task_repos.harbor_schema import Environment, HealthTable

MEMORY: Final = re.compile(r"(\d+(?:\.\d+)?)([GMK])", re.IGNORECASE)
UNIT_MB: Final = {"G": 1024.0, "M": 1.0, "K": 1 / 1024}
TEMPLATE: Final = re.compile(r"\$\{([^}:]+)(?::-(.*))?\}")
SECRET: Final = re.compile(r"KEY|SECRET|TOKEN(?!S)|PASSWORD|CREDENTIAL|AUTH", re.IGNORECASE)
UNFIT: Final = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
RESERVED: Final = frozenset({"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))})
LEAST_MEMORY_MB: Final = 16


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


def resolved(values: Mapping[str, str], host: Mapping[str, str], file: str, field: str) -> dict[str, str]:
    """Variables with whole-value templates filled in from the host; raises TaskError for one that is missing or looks secret."""
    for name in values:
        if not name or "=" in name or "\0" in name + values[name]:
            raise TaskError(file, f"{field}.{name!r}", "a variable no process can have", "a name without = and NUL")
    return {name: filled(value, host, file, f"{field}.{name}") for name, value in values.items()}


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


def user(value: str | int | None, file: str, field: str) -> str:
    """As Place.user has it: "" for none and for 1000. Raises TaskError for what can be no user."""
    word = "" if value is None else str(value)
    if not re.fullmatch(r"(?:[a-z_][a-z0-9_-]*\$?|\d+)?", word, re.IGNORECASE) or (value is not None and not word):
        raise TaskError(file, field, repr(value), "a name or number of the image's passwd")
    return "" if word == "1000" else word


def health(table: HealthTable | None, file: str, field: str) -> Health | None:
    """Raises TaskError for seconds that are none."""
    if table is None:
        return None
    seconds = (table.interval_sec, table.timeout_sec, table.start_period_sec, table.start_interval_sec)
    if not all(0 <= each < 1e6 for each in seconds) or not 0 < table.retries < 1e4:
        raise TaskError(file, field, f"{seconds}, {table.retries} retries", "seconds of 0 or more, and at least 1 try")
    # As in Harbor, a limit below a second is none; an hour is more than any trial waits for.
    return Health(
        table.command, table.interval_sec, float(int(table.timeout_sec)) or 3600.0, table.start_period_sec, table.start_interval_sec, table.retries
    )


def portable(name: str) -> bool:
    """Whether every file system takes it as one folder's name."""
    stem = name.partition(".")[0].rstrip().casefold()
    return bool(name) and name not in {".", ".."} and not UNFIT.search(name) and name[-1] not in ". " and stem not in RESERVED and len(name) < 200


def folded(name: str) -> str:
    """Equal for names that some file system takes for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
