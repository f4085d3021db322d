"""The settings of a gateway, read from a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from sluice.errors import ConfigError
from sluice.model.backoff import Backoff
from sluice.model.fleet import Fleet
from sluice.model.schedule import Every
from sluice.times import parse_span


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can choose; spans are given as texts such as ``15m`` in the file."""

    state: Path = Path("state")
    dial_timeout: float = 5.0
    answer_timeout: float = 3.0
    busy_attempts: int = 3
    max_links: int = 8
    idle_link: float = 60.0
    parallel_updates: int = 3
    poll: Every = field(default_factory=lambda: Every(timedelta(minutes=15)))
    forward: Every = field(default_factory=lambda: Every(timedelta(minutes=5)))
    housekeeping: Every = field(default_factory=lambda: Every(timedelta(days=1), timedelta(hours=2)))
    clock_check: Every = field(default_factory=lambda: Every(timedelta(hours=6)))
    clock_tolerance: timedelta = timedelta(seconds=5)
    keep: timedelta = timedelta(days=400)
    batch_size: int = 200
    uploads: Backoff = Backoff()
    collector: str = ""
    collector_token: str = ""
    webhook: str = ""
    control: str = "127.0.0.1:0"
    metrics: str = ""
    stop_grace: float = 2.0


_SPANS = {"clock_tolerance", "keep"}
_SECONDS = {"dial_timeout", "answer_timeout", "idle_link", "stop_grace"}
_SCHEDULES = {"poll", "forward", "housekeeping", "clock_check"}


def parse_settings(table: Mapping[str, Any], folder: Path = Path()) -> Settings:
    """Read the table ``[gateway]``; a relative state folder lies beside the file."""
    known = {each.name for each in fields(Settings)}
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            raise ConfigError(f"gateway: unknown key {key!r}")
        found[key] = _value(key, value, folder)
    return Settings(**found)


def _value(key: str, value: Any, folder: Path) -> Any:
    if key == "state":
        return folder / value
    if key in _SPANS:
        return parse_span(value)
    if key in _SECONDS:
        return parse_span(value).total_seconds() if isinstance(value, str) else float(value)
    if key in _SCHEDULES:
        return Every.parse(value)
    if key == "uploads":
        return Backoff(**value)
    return value


def load_settings(path: Path) -> tuple[Settings, Fleet]:
    """Settings and fleet of a configuration file. Read once, before anything is started."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from None
    return parse_settings(table.get("gateway", {}), path.parent), Fleet.parse(table)
