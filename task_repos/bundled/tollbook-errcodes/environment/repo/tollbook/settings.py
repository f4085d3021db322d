"""Settings of a forwarder, from an INI file."""

from __future__ import annotations

import configparser
import logging
from dataclasses import dataclass, field
from pathlib import Path

from tollbook.errors import MissingFile, SettingsError

log = logging.getLogger("tollbook.settings")

KEYS = {
    "forwarder": {"name", "eori", "country", "language"},
    "limits": {"lines", "threshold", "rate_age", "spool", "amendments", "body"},
    "sending": {"attempts", "pause", "patience", "slow"},
}
OLD_KEYS = {"max_lines": "lines", "retries": "attempts", "timeout": "patience"}


@dataclass(frozen=True)
class Limits:
    """`threshold` in the home currency, `rate_age` in days, `body` in bytes."""

    lines: int = 99
    threshold: float = 150.0
    rate_age: int = 31
    spool: int = 500
    amendments: int = 3
    body: int = 65_536


@dataclass(frozen=True)
class Sending:
    """`pause`, `patience` and `slow` in seconds."""

    attempts: int = 3
    pause: float = 2.0
    patience: float = 20.0
    slow: float = 5.0


@dataclass(frozen=True)
class Settings:
    """Everything that a forwarder may decide; `offices` are addresses by the office's code."""

    name: str = "Forwarder"
    eori: str = ""
    country: str = "DE"
    language: str = "en"
    limits: Limits = field(default_factory=Limits)
    sending: Sending = field(default_factory=Sending)
    offices: dict[str, str] = field(default_factory=dict)


def read(path: Path) -> Settings:
    """The settings in a file."""
    if not path.exists():
        raise MissingFile(f"file {path} not found")
    parser = configparser.ConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (configparser.Error, UnicodeDecodeError) as error:
        reason = type(error).__name__
        raise SettingsError("settings: %s can not be read (%s)" % (path, reason), 113) from error
    return from_parser(parser)


def from_parser(parser: configparser.ConfigParser) -> Settings:
    """The settings in what has been read."""
    if not parser.has_section("forwarder"):
        raise SettingsError("settings: section [forwarder] is missing")
    found = {section: _section(parser, section) for section in KEYS if parser.has_section(section)}
    return Settings(
        **found["forwarder"],
        limits=Limits(**_numbers("limits", found.get("limits", {}), Limits())),
        sending=Sending(**_numbers("sending", found.get("sending", {}), Sending())),
        offices=_offices(parser),
    )


def _section(parser: configparser.ConfigParser, section: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for key, value in parser.items(section):
        new = OLD_KEYS.get(key, key)
        if new != key:
            log.warning("W21 settings key %s is now called %s", key, new)
        if new not in KEYS[section]:
            raise SettingsError("settings: unknown key {} in [{}]".format(key, section), 112)
        values[new] = value
    return values


def _numbers(section: str, values: dict[str, str], defaults: object) -> dict[str, int | float]:
    found: dict[str, int | float] = {}
    for key, value in values.items():
        kind = type(getattr(defaults, key))
        try:
            found[key] = kind(value)
        except ValueError:
            raise SettingsError(f"settings: {key} in [{section}] is not a number: {value!r}", 111) from None
    return found


def _offices(parser: configparser.ConfigParser) -> dict[str, str]:
    if not parser.has_section("offices"):
        return {}
    offices = {key.upper(): value.strip() for key, value in parser.items("offices")}
    for office, address in offices.items():
        if not address:
            raise SettingsError("settings: office %s has no address" % office, 114)
    return offices
