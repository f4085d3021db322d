"""Where a classic row's test command, parser and image may come from: an option, the row itself, or commands.toml beside the rows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from harness.core.errors import TaskError
from harness.core.regular import read_regular
from task_repos.swebench_rows import Row

FILE: Final = "commands.toml"
OFFICIAL: Final = "swebench/sweb.eval.x86_64.{id}:latest"


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How tests are run and read: `{files}` in the command are the graded files, `{id}` in the image the instance's."""

    test_command: str = ""
    parser: str = ""
    image: str = ""


Commands = dict[str, Command]


def read_commands(folder: Path) -> Commands:
    """Tables named "owner/name" or "owner/name@version"; empty without the file. Raises TaskError."""
    file = folder / FILE
    if not file.exists():
        return {}
    try:
        return msgspec.toml.decode(read_regular(file), type=Commands)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OSError) as fault:
        expected = "tables named owner/name or owner/name@version with test_command, parser, image"
        raise TaskError(str(file), "", str(fault), expected) from fault


def choose(row: Row, option: Command, beside: Commands) -> Command:
    """An option beats the row, the row beats the file; the file's most exact table counts. Pure."""
    given = beside.get(f"{row.repo}@{row.version}") or beside.get(row.repo) or Command()
    return Command(
        test_command=option.test_command or row.test_command or given.test_command,
        parser=option.parser or row.log_parser or given.parser,
        image=option.image or row.image or given.image,
    )


def image_name(template: str, instance_id: str) -> str:
    """The published image's name; registries forbid the double underscore of the ids."""
    return (template or OFFICIAL).replace("{id}", instance_id.lower().replace("__", "_1776_"))
