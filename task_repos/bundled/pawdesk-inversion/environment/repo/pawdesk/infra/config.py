"""The settings of the practice, read once and asked for by name everywhere."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from pawdesk.errors import NotOpen, Refused

FILE = "pawdesk.toml"


@dataclass(frozen=True)
class Settings:
    """All settings with their defaults; `clock` and `seed` fix time and chance for demonstrations."""

    practice_name: str = "Paws & Co"
    sender: str = "desk@paws.example"
    currency: str = "EUR"
    tax_rate: Decimal = Decimal("0.19")
    opening: time = time(8, 0)
    closing: time = time(18, 0)
    slot_minutes: int = 15
    reminder_days: int = 2
    recall_weeks: int = 3
    no_show_fee: Decimal = Decimal("25.00")
    overdue_limit: Decimal = Decimal("200.00")
    payment_days: int = 14
    dunning_fee: Decimal = Decimal("5.00")
    card_limit: Decimal = Decimal("2000.00")
    rooms: tuple[str, ...] = ("Room 1", "Room 2")
    kennels: int = 6
    label_queue: str = "labels"
    office_queue: str = "office"
    reorder_weeks: int = 4
    plugins: tuple[str, ...] = ()
    clock: str = ""
    seed: int = -1


def read_settings(folder: Path) -> Settings:
    """The settings file of a practice folder; the defaults when there is none."""
    path = folder / FILE
    if not path.exists():
        return Settings()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise Refused(f"{FILE}: {problem}") from None
    return change_settings(Settings(), table)


def change_settings(settings: Settings, changes: dict[str, Any]) -> Settings:
    """Settings with some of them changed; texts are read as TOML would write them."""
    known = {field.name for field in fields(Settings)}
    for name in changes:
        if name not in known:
            raise Refused(f"no such setting: {name}")
    return replace(settings, **{name: _read(getattr(settings, name), value) for name, value in changes.items()})


def _read(before: Any, value: Any) -> Any:
    if isinstance(before, Decimal):
        return Decimal(str(value))
    if isinstance(before, time):
        return value if isinstance(value, time) else time.fromisoformat(value)
    if isinstance(before, tuple):
        return tuple(value)
    return value


_settings = Settings()


def configure(settings: Settings) -> None:
    """Makes these the settings of the process."""
    global _settings
    _settings = settings


def current() -> Settings:
    return _settings


def setting(name: str) -> Any:
    """One setting by its name."""
    if not hasattr(_settings, name):
        raise NotOpen(f"no such setting: {name}")
    return getattr(_settings, name)
