"""What a gateway must not forget: cursors, contacts, commands, alarms, rollouts."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sluice.errors import CommandError, RolloutError, StoreError
from sluice.model.alarms import Alarm
from sluice.model.commands import Command, CommandState
from sluice.model.waves import Plan, Step
from sluice.times import format_time, parse_time

_TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
BEGIN;
CREATE TABLE IF NOT EXISTS cursors (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS contacts (station TEXT PRIMARY KEY, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS commands (number INTEGER PRIMARY KEY AUTOINCREMENT, state TEXT NOT NULL, outside TEXT UNIQUE, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS alarms (rule TEXT NOT NULL, began TEXT NOT NULL, is_open INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (rule, began));
CREATE TABLE IF NOT EXISTS rollouts (image TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS steps (image TEXT NOT NULL, station TEXT NOT NULL, step TEXT NOT NULL, PRIMARY KEY (image, station));
COMMIT;
"""


class StateStore:
    """A small database. Calls take effect one after another, in the order in which they were made; each is whole or not there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def open(self) -> None:
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(self._path, check_same_thread=False)
            self._connection.executescript(_TABLES)

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def cursor(self, name: str, default: str = "") -> str:
        """Where something that goes on was left."""
        rows = self._read("SELECT value FROM cursors WHERE name = ?", (name,))
        return rows[0][0] if rows else default

    def set_cursor(self, name: str, value: str) -> None:
        self._write("INSERT INTO cursors VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value))

    def contacts(self) -> dict[str, datetime]:
        """When each station answered last."""
        return {station: parse_time(at) for station, at in self._read("SELECT station, at FROM contacts ORDER BY station")}

    def touch(self, station: str, at: datetime) -> None:
        self._write("INSERT INTO contacts VALUES (?, ?) ON CONFLICT (station) DO UPDATE SET at = max(at, excluded.at)", (station, format_time(at)))

    def add_command(self, command: Command) -> Command:
        """The command with its number; one with the same outside identity is not taken twice, and raises CommandError."""
        sql = "INSERT INTO commands (state, outside, data) VALUES (?, ?, ?)"
        values = (command.state.value, command.outside, json.dumps(command.to_dict()))
        try:
            number = self._write(sql, values)
        except sqlite3.IntegrityError:
            raise CommandError(f"the command {command.outside} is here already") from None
        return replace(command, number=number)

    def save_command(self, command: Command) -> None:
        """Keep a command in its new state."""
        sql = "UPDATE commands SET state = ?, data = ? WHERE number = ?"
        self._write(sql, (command.state.value, json.dumps(command.to_dict()), command.number))

    def command(self, number: int) -> Command:
        rows = self._read("SELECT number, data FROM commands WHERE number = ?", (number,))
        if not rows:
            raise CommandError(f"there is no command {number}")
        return _command(*rows[0])

    def commands(self, states: Iterable[CommandState] = ()) -> list[Command]:
        """Commands in some states, or all, by number."""
        wanted = {state.value for state in states}
        rows = self._read("SELECT number, data, state FROM commands ORDER BY number")
        return [_command(number, data) for number, data, state in rows if not wanted or state in wanted]

    def save_alarm(self, alarm: Alarm) -> None:
        sql = "INSERT INTO alarms VALUES (?, ?, ?, ?) ON CONFLICT (rule, began) DO UPDATE SET is_open = excluded.is_open, data = excluded.data"
        self._write(sql, (alarm.rule, format_time(alarm.began), int(alarm.is_open), json.dumps(alarm.to_dict())))

    def alarms(self, only_open: bool = False) -> list[Alarm]:
        """Alarms by when they began."""
        where = "WHERE is_open = 1 " if only_open else ""
        rows = self._read(f"SELECT data FROM alarms {where}ORDER BY began, rule")
        return [Alarm.from_dict(json.loads(data)) for (data,) in rows]

    def save_plan(self, plan: Plan) -> None:
        """Begin a rollout; raises RolloutError when the image has one."""
        data = json.dumps({"waves": plan.waves, "tolerated": plan.tolerated})
        try:
            self._write("INSERT INTO rollouts VALUES (?, ?)", (plan.image, data))
        except sqlite3.IntegrityError:
            raise RolloutError(f"there is a rollout of {plan.image} already") from None

    def plan(self, image: str) -> Plan:
        rows = self._read("SELECT data FROM rollouts WHERE image = ?", (image,))
        if not rows:
            raise RolloutError(f"there is no rollout of {image}")
        table = json.loads(rows[0][0])
        return Plan(image, tuple(tuple(wave) for wave in table["waves"]), table["tolerated"])

    def plans(self) -> list[str]:
        return [image for (image,) in self._read("SELECT image FROM rollouts ORDER BY image")]

    def save_step(self, image: str, station: str, step: Step) -> None:
        sql = "INSERT INTO steps VALUES (?, ?, ?) ON CONFLICT (image, station) DO UPDATE SET step = excluded.step"
        self._write(sql, (image, station, step.value))

    def steps(self, image: str) -> dict[str, Step]:
        rows = self._read("SELECT station, step FROM steps WHERE image = ? ORDER BY station", (image,))
        return {station: Step(step) for station, step in rows}

    def _read(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple]:
        with self._lock:
            return self._opened().execute(sql, values).fetchall()

    def _write(self, sql: str, values: tuple[object, ...]) -> int:
        """Run one statement in a transaction of its own; the number of a new row."""
        with self._lock:
            connection = self._opened()
            with connection:
                return connection.execute(sql, values).lastrowid or 0

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreError("the state is not open")
        return self._connection


def _command(number: int, data: str) -> Command:
    return replace(Command.from_dict(json.loads(data)), number=number)
