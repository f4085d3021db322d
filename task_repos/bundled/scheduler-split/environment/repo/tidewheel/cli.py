"""The command line: `tidewheel --state FILE COMMAND ...`."""

import argparse
import inspect
import json
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from tidewheel import core
from tidewheel.config import apply_config, read_config
from tidewheel.crontab import read_crontab
from tidewheel.ical import calendar
from tidewheel.reports import health_table, job_table
from tidewheel.simulate import forecast


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 a run failed, 2 a mistake of the user."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except core.TidewheelError as error:
        print(f"tidewheel: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tidewheel", description="A small job scheduler with readable state")
    parser.add_argument("--state", default="tidewheel.json", help="where the jobs are (default: %(default)s)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _command(commands, "list", _list, ("--tag", {}))
    _command(
        commands, "add", _add, ("name", {}), ("trigger", {}), ("task", {}), ("--retry", {"default": "1x"}),
        ("--arguments", {"default": "{}", "type": json.loads}), ("--tags", {"default": ""}),
    )  # fmt: skip
    _command(commands, "remove", _remove, ("name", {}))
    _command(commands, "pause", _pause, ("name", {}))
    _command(commands, "resume", _resume, ("name", {}))
    _command(commands, "run", _run, ("name", {"nargs": "?"}))
    _command(commands, "apply", _apply, ("file", {"type": Path}))
    _command(commands, "import", _import, ("file", {"type": Path}))
    _command(commands, "plan", _plan, ("--span", {"default": "1d"}))
    _command(commands, "health", _health)
    _command(commands, "calendar", _calendar, ("--span", {"default": "1w"}))
    _command(commands, "tasks", _tasks)
    _command(commands, "kinds", _kinds)
    return parser


def _command(commands: Any, name: str, function: Any, *arguments: tuple[str, dict[str, Any]]) -> None:
    parser = commands.add_parser(name, help=inspect.getdoc(function))
    for flag, options in arguments:
        parser.add_argument(flag, **options)
    parser.set_defaults(command=function)


def _scheduler(options: argparse.Namespace) -> core.Scheduler:
    scheduler = core.Scheduler(core.open_store(options.state))
    core.reset_default_scheduler(scheduler)
    return scheduler


def _lease(options: argparse.Namespace) -> core.Lease:
    return core.Lease(Path(options.state.rpartition(":")[2] + ".lease"), f"cli-{id(options)}")


def _list(options: argparse.Namespace) -> int:
    """show the jobs"""
    print(job_table(_scheduler(options).jobs(options.tag)), end="")
    return 0


def _add(options: argparse.Namespace) -> int:
    """add a job"""
    job = core.Job(
        name=options.name,
        task=options.task,
        trigger=core.Trigger.parse(options.trigger),
        arguments=options.arguments,
        retry=core.Retry.parse(options.retry),
        tags=tuple(tag for tag in options.tags.split(",") if tag),
    )
    _scheduler(options)
    print(f"{job.submit().name}: {job.trigger.describe()}")
    return 0


def _remove(options: argparse.Namespace) -> int:
    """remove a job"""
    _scheduler(options).remove(options.name)
    return 0


def _pause(options: argparse.Namespace) -> int:
    """keep a job from running"""
    _scheduler(options).pause(options.name)
    return 0


def _resume(options: argparse.Namespace) -> int:
    """let a paused job run again"""
    _scheduler(options).resume(options.name)
    return 0


def _run(options: argparse.Namespace) -> int:
    """run what is due, or one job by its name"""
    with _lease(options).held():
        scheduler = _scheduler(options)
        runs = [scheduler.run(options.name)] if options.name else scheduler.run_due()
    for run in runs:
        print(f"{run.job}: {run.outcome.value}{f' ({run.message})' if run.message else ''}")
    return int(any(run.outcome is core.Outcome.FAILED for run in runs))


def _apply(options: argparse.Namespace) -> int:
    """bring in the jobs of a TOML file"""
    for line in apply_config(read_config(options.file), _scheduler(options)):
        print(line)
    return 0


def _import(options: argparse.Namespace) -> int:
    """bring in the jobs of a crontab"""
    scheduler = _scheduler(options)
    jobs, skipped = read_crontab(options.file.read_text(encoding="utf-8").splitlines())
    for job in jobs:
        scheduler.add(job)
        print(f"added {job.name}: {job.trigger.notation()}")
    for each in skipped:
        print(f"line {each.number} left out: {each.reason}", file=sys.stderr)
    return 0


def _plan(options: argparse.Namespace) -> int:
    """show what would run"""
    for each in forecast(_scheduler(options).jobs(), core.now(), core.parse_span(options.span)):
        print(f"{each.at:%Y-%m-%d %H:%M}  {each.job}  {each.task}")
    return 0


def _health(options: argparse.Namespace) -> int:
    """show how the jobs have fared"""
    print(health_table(_scheduler(options).jobs()), end="")
    return 0


def _calendar(options: argparse.Namespace) -> int:
    """print coming runs as a calendar"""
    span: timedelta = core.parse_span(options.span)
    print(calendar(_scheduler(options).jobs(), span), end="")
    return 0


def _tasks(_options: argparse.Namespace) -> int:
    """list the tasks that come with the package"""
    print("\n".join(core.REGISTRY.names()))
    return 0


def _kinds(_options: argparse.Namespace) -> int:
    """list the kinds of triggers"""
    kinds = [each for each in vars(core).values() if isinstance(each, type) and issubclass(each, core.Trigger)]
    for kind in sorted(kinds, key=lambda each: each.__name__):
        if kind is not core.Trigger:
            print(f"{kind.__name__.lower():8} {inspect.getdoc(kind)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
