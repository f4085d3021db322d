"""What in an image says that it is younger than a day: releases that are called by their date, packed archives, caches of what was fetched. Pure.

A file's own time is of no use: an installer sets it to the day of the installation.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from harness.core.machine import Leak

INSTALLED: Final = re.compile(r"(?:.*/)?([\w.]+)-([^/]+)\.(?:dist-info/METADATA|egg-info(?:/PKG-INFO)?)")
DATED: Final = re.compile(r"(20\d\d)\.(\d{1,2})(?:\.(\d{1,2}))?")
CONDA: Final = re.compile(r"(?:.*/)?conda-meta/([^/]+)\.json")
FETCHED: Final = re.compile(r"(?:.*/)?(?:pip/http(?:-v2)?|uv|pypoetry)/.+")
MODIFIED: Final = re.compile(rb"[Ll]ast-[Mm]odified[^A-Z]{1,8}([A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT)")
HEAD: Final = 1 << 16


def younger(path: str, data: bytes, newest: date) -> Iterator[Leak]:
    """What one file of the image says of a day after `newest`; nothing where it tells no day."""
    for what, day in dated(path, data):
        if day > newest:
            yield Leak(f"/{path}", f"newer: {what} is of {day}, after {newest}")


def dated(path: str, data: bytes) -> Iterator[tuple[str, date]]:
    """(what, day) of a file."""
    if match := INSTALLED.fullmatch(path):
        yield from release(match[1], match[2])
    elif match := CONDA.fullmatch(path):
        yield from conda(match[1], data)
    elif path.endswith((".whl", ".zip", ".egg")):
        yield from zipped(path.rpartition("/")[2], data)
    elif path.endswith((".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tar.xz")):
        yield from tarred(path.rpartition("/")[2], data)
    elif FETCHED.fullmatch(path) and (found := MODIFIED.search(data[:HEAD])):
        with suppress(ValueError):  # the thirty-first of a month that has none
            yield "what was fetched", parsedate_to_datetime(found[1].decode()).date()


def release(name: str, version: str) -> Iterator[tuple[str, date]]:
    """A version that is a date, such as 2024.7.4; a month's first day where it tells no day."""
    match = DATED.fullmatch(version)
    if match:
        try:
            yield f"{name} {version}", date(int(match[1]), int(match[2]), int(match[3] or 1))
        except ValueError:
            return  # 2024.30 counts releases, not days


def conda(name: str, data: bytes) -> Iterator[tuple[str, date]]:
    """The moment at which a conda package was built, milliseconds since 1970."""
    try:
        stamp = json.loads(data).get("timestamp")
    except (ValueError, AttributeError, RecursionError):
        return
    if isinstance(stamp, int) and stamp > 0 and (day := day_of(stamp // 1000 if stamp > 1 << 33 else stamp)):
        yield name, day


def zipped(name: str, data: bytes) -> Iterator[tuple[str, date]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            days = [date(*member.date_time[:3]) for member in packed.infolist()]
    except (zipfile.BadZipFile, ValueError, OSError):
        return
    if days:
        yield name, max(days)


def tarred(name: str, data: bytes) -> Iterator[tuple[str, date]]:
    stamps: list[float] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as packed:
            stamps.extend(member.mtime for member in packed)
    except (tarfile.TarError, OSError, EOFError, ValueError):
        pass  # cut off: what was read counts
    if stamps and (day := day_of(max(stamps))):
        yield name, day


def day_of(seconds: float) -> date | None:
    """The day of seconds since 1970; None for what no calendar holds, which whoever made the file may have written."""
    try:
        return datetime.fromtimestamp(seconds, UTC).date()
    except (ValueError, OverflowError, OSError):
        return None
