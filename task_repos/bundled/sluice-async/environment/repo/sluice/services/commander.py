"""Carrying out commands."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

from sluice.clients.collector import CollectorClient
from sluice.clock import Clock
from sluice.errors import CommandError, DeviceRefused, LinkError, SessionError, SluiceError, VerifyError
from sluice.model.commands import Command, CommandState, superseded
from sluice.model.stations import Point
from sluice.services.desk import StationDesk
from sluice.services.events import CommandFinished, EventBus
from sluice.session.operations import write_point
from sluice.stores.audit import AuditTrail
from sluice.stores.state import StateStore

MOST_ATTEMPTS = 3
CURSOR = "collector:commands"


class Commander:
    """Takes commands, and sends those that wait: per station one after another by number, several stations at once."""

    def __init__(self, desk: StationDesk, state: StateStore, audit: AuditTrail, bus: EventBus, clock: Clock, parallel: int) -> None:
        self._desk = desk
        self._state = state
        self._audit = audit
        self._bus = bus
        self._clock = clock
        self._parallel = parallel

    def submit(self, command: Command) -> Command:
        """Take a command; with its number. Raises UnknownStation, UnknownPoint, CommandError for what can never be done."""
        _, point = self._desk.fleet.point(command.station, command.point)
        if not point.is_plausible(command.value):
            raise CommandError(f"{command.value:g} is out of range for {command.station}/{command.point}")
        taken = self._state.add_command(command)
        self._audit.record(taken.who, "command", f"{taken.number}: {taken.station}/{taken.point} = {taken.value:g}")
        return taken

    def withdraw(self, number: int, who: str) -> Command:
        """Cancel a command that still waits."""
        command = self._state.command(number).moved(CommandState.CANCELLED, f"withdrawn by {who}")
        self._state.save_command(command)
        self._audit.record(who, "withdraw", str(number))
        self._bus.emit(CommandFinished(command))
        return command

    def recover(self) -> int:
        """After a crash: what was on its way is to be sent again. How many."""
        lost = self._state.commands((CommandState.SENT,))
        for command in lost:
            self._state.save_command(command.moved(CommandState.WAITING, "sent again after a restart"))
        return len(lost)

    def run(self) -> list[Command]:
        """Send what waits; the commands that came to an end, by number.

        A command is noted as sent before it goes out, and each end is kept before it is told.
        """
        ended = self._clear_away()
        waiting = self._state.commands((CommandState.WAITING,))
        by_station = [list(group) for _, group in groupby(sorted(waiting, key=lambda c: (c.station, c.number)), lambda c: c.station)]
        with ThreadPoolExecutor(max_workers=max(1, self._parallel), thread_name_prefix="command") as workers:
            for commands in workers.map(self._run_station, by_station):
                ended.extend(commands)
        ended.sort(key=lambda command: command.number)
        for command in ended:
            self._bus.emit(CommandFinished(command))
        return ended

    def fetch(self, collector: CollectorClient) -> list[Command]:
        """Take new commands from the collector; one that cannot be done is reported back at once, and none is taken twice."""
        taken = []
        for command in collector.fetch_commands(self._state.cursor(CURSOR), self._clock.now()):
            try:
                taken.append(self.submit(command))
            except SluiceError as error:
                if not self._is_known(command):
                    collector.report(Command(command.station, command.point, command.value, command.who, command.asked, 0, CommandState.REFUSED, note=str(error), outside=command.outside))
            self._state.set_cursor(CURSOR, command.outside or "")
        return taken

    def report(self, collector: CollectorClient, commands: Sequence[Command]) -> int:
        """Tell the collector the ends of its own commands; how many."""
        mine = [command for command in commands if command.outside is not None]
        for command in mine:
            collector.report(command)
        return len(mine)

    def _is_known(self, command: Command) -> bool:
        return any(each.outside == command.outside for each in self._state.commands())

    def _clear_away(self) -> list[Command]:
        """Waiting commands that are too old, or that a later one replaces."""
        now = self._clock.now()
        waiting = self._state.commands((CommandState.WAITING,))
        old = [command.moved(CommandState.EXPIRED, "not sent in time") for command in waiting if command.is_expired(now)]
        numbers = {command.number for command in old}
        fresh = [command for command in waiting if command.number not in numbers]
        replaced = [command.moved(CommandState.CANCELLED, "replaced by a later command") for command in superseded(fresh)]
        for command in [*old, *replaced]:
            self._state.save_command(command)
        return [*old, *replaced]

    def _run_station(self, commands: Sequence[Command]) -> list[Command]:
        """Send the commands of one station; after a line that fails the rest waits for the next run."""
        ended = []
        for command in commands:
            after = self._send(command)
            self._state.save_command(after)
            if not after.state.is_final:
                break
            ended.append(after)
        return ended

    def _send(self, command: Command) -> Command:
        _, point = self._desk.fleet.point(command.station, command.point)
        sent = command.moved(CommandState.SENT)
        self._state.save_command(sent)
        try:
            value = self._write(sent, point)
        except (DeviceRefused, CommandError, VerifyError) as error:
            return sent.moved(CommandState.REFUSED, str(error))
        except (SessionError, LinkError) as error:
            last = sent.attempts >= MOST_ATTEMPTS
            return sent.moved(CommandState.FAILED if last else CommandState.WAITING, str(error))
        return sent.moved(CommandState.DONE, f"reads {value:g}")

    def _write(self, command: Command, point: Point) -> float:
        with self._desk.session(command.station) as session:
            return write_point(session, point, command.value)
