"""Reads the arguments and calls a command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sluice.cli import commands, remote, water
from sluice.errors import SluiceError
from sluice.gateway import Gateway
from sluice.settings import load_settings


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="sluice", description="Gateway for outstations of a water board")
    found.add_argument("config", type=Path, help="the TOML file of the gateway")
    actions = found.add_subparsers(dest="command", required=True)
    _add(actions, "status", "how the fleet stands")
    _add(actions, "read", "values of a station now", "station", "points*")
    _add(actions, "poll", "poll stations and keep their readings", "stations*")
    _add(actions, "catch-up", "fetch what a station has logged by itself", "station")
    _add(actions, "history", "kept readings of a point as CSV", "station", "point")
    _add(actions, "last", "the newest reading of a point", "station", "point")
    write = _add(actions, "write", "set a point now", "station", "point", "value")
    submit = _add(actions, "submit", "queue a command", "station", "point", "value")
    withdraw = _add(actions, "withdraw", "cancel a command that waits", "number")
    for each in (write, submit, withdraw):
        each.add_argument("--who", default="operator")
    _add(actions, "commands", "all commands")
    _add(actions, "run", "send the commands that wait")
    alarms = _add(actions, "alarms", "alarms by when they began")
    alarms.add_argument("--open", action="store_true")
    _add(actions, "audit", "who did what")
    _add(actions, "flush", "upload what waits")
    _add(actions, "tidy", "forget old readings, close idle links")
    _add(actions, "clocks", "check the clocks of the stations")
    _add(actions, "report", "the day of the fleet", "day")
    _add(actions, "rollup", "hourly figures of the kept readings as CSV", "station")
    _add(actions, "discharge", "flows from kept levels as CSV, by a rating curve", "station", "curve")
    _add(actions, "balance", "what a basin has gained and lost in a day", "basin", "day")
    _add(actions, "usage", "running hours and pumped volumes", "station")
    _add(actions, "add-image", "keep a firmware image", "model", "version", "file")
    rollout = _add(actions, "rollout", "give stations new firmware", "image", "stations*")
    rollout.add_argument("--tolerated", type=int, default=0)
    serve = _add(actions, "serve", "run until interrupted")
    serve.add_argument("--seconds", type=float, default=None)
    ask = _add(actions, "ask", "ask a running gateway", "address", "action", "arguments*")
    ask.add_argument("--timeout", type=float, default=30.0)
    simulate = _add(actions, "simulate", "poll simulated outstations on real sockets")
    simulate.add_argument("--rounds", type=int, default=3)
    return found


def _add(actions: argparse._SubParsersAction, name: str, text: str, *arguments: str) -> argparse.ArgumentParser:
    found = actions.add_parser(name, help=text)
    for argument in arguments:
        found.add_argument(argument.removesuffix("*"), nargs="*" if argument.endswith("*") else None)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when all went well, 1 when something failed, 2 for a wrong command line."""
    given = parser().parse_args(arguments)
    try:
        settings, fleet = load_settings(given.config)
        if given.command in remote.COMMANDS:
            return remote.COMMANDS[given.command](settings, fleet, given)
        with Gateway(settings, fleet) as gateway:
            return {**commands.COMMANDS, **water.COMMANDS}[given.command](gateway, given)
    except SluiceError as error:
        print(f"sluice: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
