"""`pawdesk --folder F COMMAND ...`: reads the arguments, opens the practice, runs the command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TextIO

from pawdesk.cli import commands
from pawdesk.errors import PawdeskError
from pawdesk.practice import open_practice


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="pawdesk", description="The desk of a veterinary practice.")
    made.add_argument("--folder", required=True, help="the folder of the practice")
    made.add_argument("--clock", default=None, help="a fixed moment, for demonstrations")
    made.add_argument("--seed", type=int, default=None, help="fixed chance, for demonstrations")
    under = made.add_subparsers(dest="command", required=True)
    for name, (function, arguments) in commands.COMMANDS.items():
        command = under.add_parser(name, help=(function.__doc__ or "").splitlines()[0])
        for argument, options in arguments:
            command.add_argument(argument, **options)
    return made


def main(argv: Sequence[str], out: TextIO | None = None) -> int:
    """0: done; 1: refused, with the reason; 2: not understood."""
    stream = out or sys.stdout
    try:
        options = parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    changes = {name: getattr(options, name) for name in ("clock", "seed") if getattr(options, name) is not None}
    try:
        with open_practice(options.folder, **changes) as practice:
            function, _ = commands.COMMANDS[options.command]
            for line in function(practice, options):
                stream.write(f"{line}\n")
    except PawdeskError as problem:
        stream.write(f"pawdesk: {problem}\n")
        return 1
    return 0
