"""The command line's door: a command's module is imported only when the command is called."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Sequence

import typer
from typer import _click as click  # Typer carries its own click; the one on the index is another set of classes
from typer.core import TyperCommand, TyperGroup

from harness.core.errors import HarnessError, MissingError, UserError

COMMANDS = {
    "run": ("harness.cli.run", "Run an evaluation: tasks x agents x models x attempts, each trial in its own container."),
    "report": ("harness.cli.report", "What a run came to: the table, or versioned JSON."),
    "show": ("harness.cli.show", "One trial in full: every turn, call, output, tree and the verdict's evidence."),
    "new": ("harness.cli.new", "Make a task from a repository of yours."),
    "tasks": ("harness.cli.tasks", "List the tasks of a source."),
    "validate": ("harness.cli.validate", "Prove tasks: idle must fail, the oracle must pass every time."),
    "images": ("harness.cli.images", "List, pull, build, prune, save or load images."),
    "models": ("harness.cli.models", "What the model servers offer, and whether it fits."),
    "doctor": ("harness.cli.doctor", "Check this machine and say what would mend it."),
    "sweep": ("harness.cli.sweep", "Remove containers that dead runs left behind."),
    "setup": ("harness.cli.setup", "Bring the Docker Engine and the base image to this machine."),
    "worker": ("harness.cli.worker", ""),
}
"""Name -> (module with a function of that name, one line); no line hides it."""


class LazyGroup(TyperGroup):
    """A group that knows its commands by name and one line, and their modules only when asked for one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, line = COMMANDS[cmd_name]
        if not line or _wanted(ctx, cmd_name):
            return _loaded(cmd_name, module, line)
        return TyperCommand(cmd_name, help=line)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        ctx.meta["longhaul.wanted"] = args[0] if args else ""
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items() if line])


def _wanted(ctx: click.Context, name: str) -> bool:
    return ctx.meta.get("longhaul.wanted") == name or ctx.resilient_parsing


def _loaded(name: str, module: str, line: str) -> click.Command:
    """The command as Typer makes it from the module's function."""
    function = getattr(importlib.import_module(module), name)
    app = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
    app.command(name, hidden=not line, context_settings={"help_option_names": ["-h", "--help"]})(function)
    return typer.main.get_command(app)


app = typer.Typer(
    cls=LazyGroup,
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Find out on your own machine, in one night, what a local model does in a coding agent.\n\nExample: longhaul run -t bundled -m ollama/qwen3:8b",
)


@app.callback()
def _root() -> None:
    """Commands hang here."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command and exit: 0 as it should be, 1 finished with something wrong, 2 usage or a missing prerequisite, 130 interrupted."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = app(words, standalone_mode=False, prog_name="longhaul")
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except click.ClickException as fault:
        fault.show()
        code = 2
    except HarnessError as fault:
        _complain(fault, as_json="--json" in words)
        code = 2 if isinstance(fault, (UserError, MissingError)) else 1
    sys.exit(code if isinstance(code, int) else 0)


def _complain(fault: HarnessError, *, as_json: bool) -> None:
    if not as_json:
        sys.stderr.write(f"longhaul: {fault}\n")
        return
    told = {"schema": "longhaul.error/1", "file": "", "field": "", "found": str(fault), "expected": ""}
    if isinstance(fault, UserError):
        words = fault.complaint
        told |= {"file": words.file, "field": words.field, "found": words.found, "expected": words.expected}
    if isinstance(fault, MissingError):
        told |= {"found": f"{fault.what} is missing", "expected": fault.mend}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
