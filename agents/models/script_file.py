"""A transcript for the scripted model: a TOML file of replies, checked field by field."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from harness.core.chat import Content, Text, Thinking, ToolCall
from harness.core.errors import Fault, PlanError, unread


class Played(msgspec.Struct, frozen=True):
    """One reply; `fault` is raised once before it is given."""

    text: str = ""
    thinking: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    fault: Fault | None = None

    def contents(self, position: int) -> tuple[Content, ...]:
        """Call ids are made from the place in the script, so that a replay makes the same."""
        said: list[Content] = []
        if self.thinking:
            said.append(Thinking(self.thinking))
        if self.text:
            said.append(Text(self.text))
        calls = (ToolCall(f"call_{position + 1}_{k}", name, raw) for k, (name, raw) in enumerate(self.calls, 1))
        return (*said, *calls)


class Script(msgspec.Struct, frozen=True):
    """`task` is the folder of the task it was written for; `match` words of that task's request."""

    name: str
    task: str
    match: str
    replies: tuple[Played, ...]

    def fits(self, request: str) -> bool:
        return bool(self.match and self.match in request) or bool(self.task and self.task in request)


def bundled() -> tuple[Script, ...]:
    """The scripts that come with the project, by name."""
    folder = resources.files("agents.models").joinpath("scripts")
    if not folder.is_dir():
        return ()
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name)
    return tuple(read(item.name, item.read_text(encoding="utf-8")) for item in files)


def load(path: str) -> Script:
    """A script of the user's own. Raises PlanError."""
    try:
        return read(path, Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as gone:
        raise PlanError(path, "model.script", type(gone).__name__, "a readable TOML file") from gone


def read(file: str, text: str) -> Script:
    """Raises PlanError naming file and field."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise PlanError(file, "script", unread(wrong), "TOML") from wrong
    _known(file, "script", data, {"format", "task", "match", "reply"})
    if data.get("format") != 1:
        raise PlanError(file, "format", data.get("format"), "1")
    replies = tuple(_reply(file, k, entry) for k, entry in enumerate(data.get("reply", ()), 1))
    stem = Path(file).name.removesuffix(".toml")
    return Script(stem, str(data.get("task", "")), str(data.get("match", "")), replies)


def _reply(file: str, number: int, entry: dict[str, Any]) -> Played:
    field = f"reply {number}"
    _known(file, field, entry, {"text", "thinking", "call", "fault"})
    fault = entry.get("fault")
    if fault is not None and fault not in set(Fault):
        raise PlanError(file, f"{field}: fault", fault, " or ".join(Fault))
    calls = tuple(_calls(file, field, entry.get("call", ())))
    return Played(str(entry.get("text", "")), str(entry.get("thinking", "")), calls, None if fault is None else Fault(fault))


def _calls(file: str, field: str, entries: Any) -> Iterator[tuple[str, str]]:
    for entry in entries:
        _known(file, f"{field}: call", entry, {"name", "arguments", "raw"})
        if not isinstance(entry.get("name"), str):
            raise PlanError(file, f"{field}: call: name", entry.get("name"), "the name of a tool")
        yield entry["name"], entry.get("raw", json.dumps(entry.get("arguments", {}), ensure_ascii=False))


def _known(file: str, field: str, table: Any, names: set[str]) -> None:
    if not isinstance(table, dict):
        raise PlanError(file, field, type(table).__name__, "a table")
    for name in table:
        if name not in names:
            raise PlanError(file, f"{field}: {name}", "an unknown field", " or ".join(sorted(names)))
