"""The command line's door: a command's module is imported only when the command is called."""

from __future__ import annotations

import difflib
import importlib
import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer
from typer import _click as click  # Typer carries its own click; the one on the index is another set of classes
from typer.core import TyperCommand, TyperGroup

from harness.core.errors import Complaint, HarnessError, MissingError, ModelError, StoreError, UserError

COMMANDS = {
    "run": ("harness.cli.run", "Run an evaluation: tasks x agents x models x attempts, each trial in its own container."),
    "resume": ("harness.cli.resume", "Continue a run that was interrupted: what is not settled, nothing twice."),
    "status": ("harness.cli.status", "Where a run stands, also while another process is at it."),
    "runs": ("harness.cli.recorded_runs", "The runs on record: when, how many trials are settled, and whether somebody drives them."),
    "report": ("harness.cli.report", "What a run came to: tables, a page, versioned JSON, JUnit XML, a job summary, charts."),
    "context": ("harness.cli.context.context", "What each model lost of its context: findings per 100 opportunities, why, and one trial turn by turn."),
    "probe": ("harness.cli.context.probe", "Was it the context? Replays at chosen points of a run under several views, compared."),
    "study": ("harness.cli.context.study", "Claims about context that this machine's models can settle: plan, run, verdict."),
    "audit": ("harness.cli.context.audit", "Blind samples for two labellers; kappa and precision of the detectors from their answers."),
    "scorecard": ("harness.cli.context.scorecard", "How well the detectors of context loss find what is planted: recall, precision, bounds."),
    "compare": ("harness.cli.answers.compare", "Can one model replace another? Equal, worse, better or undecided, with the figures."),
    "baseline": ("harness.cli.answers.baseline", "Write down what later nights are judged against: results, and what they were made with."),
    "gate": ("harness.cli.answers.gate", "Judge tonight against a baseline: exit 0 ok, 3 regressed, 4 undecided or too many broken."),
    "trend": ("harness.cli.answers.trend", "Nights in a row: rates, words and what changed, as a table and a page."),
    "generate": ("harness.cli.context.generate", "Make staged refactoring tasks from a seed: requests over turns, rules to keep in mind, hidden checks."),
    "show": ("harness.cli.show", "One trial in full: every turn, call, output, tree and the verdict's evidence."),
    "checkout": ("harness.cli.checkout", "Write a trial's workspace, as it was at the end of a turn, into a new folder."),
    "replay": ("harness.cli.replay", "Run a trial's recorded calls once more in a fresh container, and compare."),
    "fork": ("harness.cli.fork", "Go on from a turn of a recorded trial, under another view, model or seed, as a new run."),
    "rejudge": ("harness.cli.rejudge", "Apply today's judge to stored traces, and say what changed and why."),
    "export": ("harness.cli.export", "A run as one file: the record, outputs, trees and logs, with a digest of each."),
    "import": ("harness.cli.import_", "Bring a run from an archive, once every digest in it holds."),
    "grade": ("harness.cli.grade", "Grade patches that were made elsewhere: a run on record without an agent."),
    "new": ("harness.cli.new", "Make a task from a repository of yours."),
    "mine": ("harness.cli.mine", "Make tasks of a repository's history, or of two releases."),
    "tasks": ("harness.cli.tasks", "List the tasks of a source."),
    "validate": ("harness.cli.validate", "Prove tasks: idle must fail, the oracle must pass every time."),
    "images": ("harness.cli.images", "List, pull, build, prune, save or load images."),
    "models": ("harness.cli.models", "What the model servers offer, and whether it fits."),
    "doctor": ("harness.cli.doctor", "Check this machine and say what would mend it."),
    "claim": ("harness.cli.answers.claim", "Published figures about the models of the field, and what this machine can say of each."),
    "prune": ("harness.cli.answers.prune", "Remove old runs by a stated policy, never one that a baseline is made of."),
    "sweep": ("harness.cli.sweep", "Remove containers that dead runs left behind."),
    "setup": ("harness.cli.setup", "Bring the Docker Engine and the base image to this machine."),
    "worker": ("harness.cli.worker", ""),
}
"""Name -> (module with a function called as the module is, one line); no line hides it."""


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
    try:
        function = getattr(importlib.import_module(module), module.rpartition(".")[2])  # `import` is no name a function can have
    except ImportError as fault:
        if "git executable" not in str(fault):
            raise
        raise MissingError("git is not on PATH", "install git, for instance with `apt-get install git`") from fault
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


def _tell_version(value: bool) -> None:
    if value:
        from importlib import metadata

        sys.stdout.write(f"longhaul {metadata.version('longhaul')}\n")
        raise typer.Exit


@app.callback()
def _root(
    _version: bool = typer.Option(False, "--version", callback=_tell_version, is_eager=True, help="Say which longhaul this is."),
) -> None:
    """Commands hang here."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run a command and exit.

    0 as it should be; 1 finished with something wrong; 2 usage, bad input or a missing prerequisite; 3 gate: regressed; 4 gate: undecided
    or too many broken; 130 interrupted.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in words or "--json-lines" in words
    try:
        with _ended_as_by_hand():
            code = app(words, standalone_mode=False, prog_name="longhaul")
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except click.exceptions.NoArgsIsHelpError as fault:
        fault.show()
        code = 2
    except click.ClickException as fault:
        _say(_misused(fault), as_json=as_json)
        code = 2
    except HarnessError as fault:
        _say(_told(fault), as_json=as_json)
        code = _code(fault, words)
    sys.exit(code if isinstance(code, int) else 0)


DRIVING = frozenset({"run", "resume", "fork", "grade", "validate", "worker"})
"""Where a store that fails is a fault of the world; elsewhere a record that can't be read is bad input."""


def _code(fault: HarnessError, words: list[str]) -> int:
    if isinstance(fault, StoreError):
        return 1 if words[0] in DRIVING else 2
    return 2 if isinstance(fault, (UserError, MissingError, ModelError)) else 1


@contextmanager
def _ended_as_by_hand() -> Iterator[None]:
    """SIGTERM unwinds like Ctrl-C, so that a build container or a half made folder goes; `run` and its workers set handlers of their own."""

    def unwind(*_: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, unwind)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _misused(fault: click.ClickException) -> Complaint:
    """A wrong command or option, as one sentence with the nearest right one."""
    found = fault.format_message().strip().rstrip(".")
    context = getattr(fault, "ctx", None)
    path = context.command_path if context else "longhaul"
    name = found.rpartition("No such command ")[2].strip("'") if "No such command" in found else ""
    near = [f"{word!r}" for word in difflib.get_close_matches(name, [word for word, (_, line) in COMMANDS.items() if line], 1)]
    return Complaint("", "", found, f"{'did you mean ' + near[0] + '? ' if near else ''}`{path} --help` tells what there is")


def _told(fault: HarnessError) -> Complaint:
    if isinstance(fault, UserError):
        return fault.complaint
    if isinstance(fault, MissingError):
        return Complaint("", "", fault.what, f"to mend it: {fault.mend}")
    return Complaint("", "", str(fault), "")


def _say(told: Complaint, *, as_json: bool) -> None:
    """One sentence on stderr, or one object on stdout; what was found may be hostile, so control characters are written out."""
    words = {name: _line(getattr(told, name)) for name in ("file", "field", "found", "expected")}
    if as_json:
        sys.stdout.write(json.dumps({"schema": "longhaul.error/1", **words}) + "\n")
        return
    place = ": ".join(word for word in (words["file"], words["field"]) if word)
    sentence = f"found {words['found']}, expected {words['expected']}" if place else "; ".join(filter(None, (words["found"], words["expected"])))
    sys.stderr.write(f"longhaul: {f'{place}: ' if place else ''}{sentence}\n")


def _line(text: str) -> str:
    from harness.report.story import safe

    return safe(" ".join(text.split()))


if __name__ == "__main__":
    main()
