"""The gateway: all services of a fleet behind one object with plain calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from sluice.clients.collector import CollectorClient
from sluice.clients.http import HttpClient
from sluice.clients.notify import Notifier
from sluice.clock import Clock, SystemClock
from sluice.errors import ConfigError, StoreError
from sluice.model.addresses import Address
from sluice.model.alarms import Alarm
from sluice.model.commands import Command, CommandState
from sluice.model.firmware import Image
from sluice.model.fleet import Fleet
from sluice.model.readings import Reading
from sluice.model.waves import Plan, Step
from sluice.server.control import ControlServer
from sluice.server.dispatch import Dispatcher
from sluice.server.metrics import MetricsServer
from sluice.services.commander import Commander
from sluice.services.counters import Counters
from sluice.services.desk import StationDesk
from sluice.services.events import Event, EventBus, Listener
from sluice.services.forwarder import Forwarder
from sluice.services.poller import Poller, Round
from sluice.services.rollout import Rollout
from sluice.services.scheduler import JobRun, Scheduler
from sluice.services.upkeep import ClockCheck, Tidied, Upkeep
from sluice.services.watcher import AlarmWatcher
from sluice.session.operations import read_points, write_point
from sluice.session.session import DeviceSession
from sluice.settings import Settings
from sluice.stores.audit import AuditTrail
from sluice.stores.images import ImageStore
from sluice.stores.segments import ReadingStore
from sluice.stores.spool import Spool
from sluice.stores.state import StateStore
from sluice.times import format_time
from sluice.transport.dialers import Dialer, TcpDialer


class Held:
    """A station that is held: nobody else speaks to it until its block ends."""

    def __init__(self, session: DeviceSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    @property
    def firmware(self) -> str:
        return self._session.firmware

    def read(self, *points: str) -> dict[str, float | None]:
        """Values by point; None where a sensor is broken."""
        wanted = self._session.station.selected(points)
        return {r.point: r.value for r in read_points(self._session, wanted, self._clock.now())}

    def write(self, point: str, value: float) -> float:
        """Set a point; the value that it reads back."""
        return write_point(self._session, self._session.station.point(point), value)

    def ping(self) -> None:
        self._session.ping()


class Gateway:
    """Open it before anything else, close it at the end, or use it as a context manager. Any thread may call it."""

    def __init__(self, settings: Settings, fleet: Fleet, *, dialer: Dialer | None = None, clock: Clock | None = None) -> None:
        self.settings = settings
        self.fleet = fleet
        self.clock = clock or SystemClock()
        self._dialer = dialer or TcpDialer()
        self._ended = threading.Event()
        self._is_open = False
        self._build_stores()
        self._build_services()
        self._build_servers()

    def _build_stores(self) -> None:
        folder = self.settings.state
        self._readings = ReadingStore(folder / "readings")
        self._state = StateStore(folder / "state.db")
        self._spool = Spool(folder / "spool")
        self._images = ImageStore(folder / "images")
        self._audit = AuditTrail(folder / "audit.jsonl", self.clock)

    def _build_services(self) -> None:
        settings, clock = self.settings, self.clock
        self._bus = EventBus()
        self._counters = Counters()
        self._desk = StationDesk(self.fleet, self._dialer, self._state, clock, settings)
        self._http = HttpClient(self._dialer, clock, settings.dial_timeout)
        self._poller = Poller(self._desk, self._readings, self._state, self._bus, clock, settings.max_links)
        self._commander = Commander(self._desk, self._state, self._audit, self._bus, clock, settings.max_links)
        self._rollout = Rollout(self._desk, self._images, self._state, self._audit, self._bus, settings.parallel_updates)
        self._upkeep = Upkeep(self.fleet, self._desk, self._readings, self._audit, clock)
        notifier = Notifier(self._http, settings.webhook, clock, settings.uploads) if settings.webhook else None
        self._watcher = AlarmWatcher(self.fleet, self._state, self._bus, notifier)
        self._collector: CollectorClient | None = None
        self._forwarder: Forwarder | None = None
        if settings.collector:
            self._collector = CollectorClient(self._http, settings.collector, settings.collector_token)
            interval = settings.forward.span.total_seconds()
            self._forwarder = Forwarder(self._spool, self._collector, self._bus, clock, settings.uploads, interval, settings.batch_size)
        self._bus.subscribe(self._counters.count)
        self._bus.subscribe(self._watcher.hear)

    def _build_servers(self) -> None:
        self._scheduler = Scheduler(self.clock)
        self._control = ControlServer(Dispatcher(self))
        self._metrics = MetricsServer(self, self._counters)

    def __enter__(self) -> Gateway:
        self.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def open(self) -> None:
        """Open the stores, mend what a crash has left, and plan the periodic jobs."""
        if self._is_open:
            raise StoreError("the gateway is open already")
        self._readings.open()
        self._state.open()
        self._spool.open()
        self._images.open()
        self._audit.open()
        self._commander.recover()
        self._watcher.open()
        self._plan_jobs()
        self._is_open = True

    def close(self) -> None:
        """End everything that runs, hang up, and close the stores; may be called more than once."""
        self.stop()
        self._desk.close()
        self._http.close()
        self._state.close()
        self._is_open = False

    def _plan_jobs(self) -> None:
        if self._scheduler.jobs():
            return
        settings = self.settings
        self._scheduler.add("poll", settings.poll, self.poll)
        self._scheduler.add("commands", settings.forward, self._exchange_commands)
        self._scheduler.add("housekeeping", settings.housekeeping, self.tidy)
        self._scheduler.add("clocks", settings.clock_check, self.check_clocks)
        if self._forwarder is not None:
            self._scheduler.add("upload", settings.forward, self.flush)

    # Running by itself

    def start(self) -> dict[str, Address]:
        """Run jobs and uploads in the background, and listen; the addresses of ``control`` and, where wanted, ``metrics``."""
        self._ended.clear()
        addresses = {"control": self._control.start(Address.parse(self.settings.control))}
        if self.settings.metrics:
            addresses["metrics"] = self._metrics.start(Address.parse(self.settings.metrics))
        self._scheduler.start()
        if self._forwarder is not None:
            self._forwarder.start()
        return addresses

    def stop(self) -> None:
        """End what :meth:`start` has begun: clients first, then jobs, then uploads."""
        self._control.stop(self.settings.stop_grace)
        self._metrics.stop(self.settings.stop_grace)
        self._scheduler.stop()
        if self._forwarder is not None:
            self._forwarder.stop()
        self._ended.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until somebody stops the gateway, or so many seconds; whether it was stopped."""
        return self._ended.wait(seconds)

    def tick(self) -> list[JobRun]:
        """Run the jobs that are due, for those who do not start them in the background."""
        return self._scheduler.run_due()

    def jobs(self) -> list[tuple[str, str, datetime]]:
        return self._scheduler.jobs()

    # Readings

    def read(self, station: str, *points: str) -> list[Reading]:
        """Values of a station now; not kept."""
        return self._poller.read(self.fleet.station(station), points)

    def poll(self, *names: str, group: str | None = None) -> Round:
        """Poll stations by name or group, or all; keep the readings, look for alarms, and hand them to the forwarder."""
        found = self._poller.poll(self.fleet.selected(names, group))
        self._forward(found.readings)
        return found

    def catch_up(self, station: str) -> list[Reading]:
        """Fetch what a station has logged by itself."""
        found = self._poller.catch_up(self.fleet.station(station))
        self._forward(found)
        return found

    def history(self, station: str, point: str, start: datetime | None = None, end: datetime | None = None) -> list[Reading]:
        self.fleet.point(station, point)
        return list(self._readings.scan(start, end, station, point))

    def scan(self, start: datetime | None = None, end: datetime | None = None, station: str | None = None, point: str | None = None) -> Iterator[Reading]:
        """All readings of a stretch of time, one after another: no more than a day of them is in memory."""
        yield from self._readings.scan(start, end, station, point)

    def last(self, station: str, point: str) -> Reading | None:
        self.fleet.point(station, point)
        return self._readings.last(station, point)

    def _forward(self, readings: Sequence[Reading]) -> None:
        if self._forwarder is not None and readings:
            self._forwarder.enqueue(readings)

    # Writing

    def write(self, station: str, point: str, value: float, who: str) -> float:
        """Set a point now, past the queue of commands; the value that it reads back."""
        _, found = self.fleet.point(station, point)
        with self._desk.session(station) as session:
            result = write_point(session, found, value)
        self._audit.record(who, "write", f"{station}/{point} = {value:g}")
        return result

    @contextmanager
    def hold(self, station: str) -> Iterator[Held]:
        """Have a station to oneself for a block."""
        with self._desk.session(station) as session:
            yield Held(session, self.clock)

    def submit(self, station: str, point: str, value: float, who: str, good_for: timedelta = timedelta(minutes=15)) -> Command:
        """Queue a command; it is sent by the next run."""
        return self._commander.submit(Command(station, point, value, who, self.clock.now(), good_for=good_for))

    def withdraw(self, number: int, who: str) -> Command:
        return self._commander.withdraw(number, who)

    def run_commands(self) -> list[Command]:
        """Send what waits; what came to an end."""
        return self._commander.run()

    def commands(self, *states: CommandState) -> list[Command]:
        return self._state.commands(states)

    def fetch_commands(self) -> list[Command]:
        """Take new commands from the collector."""
        return self._commander.fetch(self._require_collector())

    def _exchange_commands(self) -> None:
        """Fetch, run, report: what the schedule does."""
        if self._collector is not None:
            self._commander.fetch(self._collector)
        ended = self._commander.run()
        if self._collector is not None:
            self._commander.report(self._collector, ended)

    # Firmware

    def add_image(self, model: str, version: str, data: bytes) -> Image:
        return self._images.add(model, version, data)

    def images(self) -> list[str]:
        return self._images.names()

    def start_rollout(self, image: str, stations: Sequence[str], sizes: Sequence[int] = (1, 5), tolerated: int = 0, who: str = "operator") -> Plan:
        return self._rollout.start(image, stations, sizes, tolerated, who)

    def run_rollout(self, image: str) -> dict[str, int]:
        """Go on with a rollout; how many stations are at each step."""
        return self._rollout.run(image)

    def retry_rollout(self, image: str, who: str) -> list[str]:
        return self._rollout.retry(image, who)

    def rollout(self, image: str) -> tuple[Plan, dict[str, Step]]:
        return self._state.plan(image), self._state.steps(image)

    # Upkeep

    def flush(self) -> int:
        """Upload what waits; how many batches were taken."""
        self._require_collector()
        assert self._forwarder is not None
        return self._forwarder.flush()

    def spooled(self) -> tuple[int, int]:
        """Batches that wait, and their bytes."""
        return len(self._spool.waiting()), self._spool.size()

    def refused(self) -> list[tuple[int, str]]:
        """Batches that the collector will not take, and why."""
        return self._spool.refused()

    def tidy(self) -> Tidied:
        return self._upkeep.tidy(self.settings.keep)

    def check_clocks(self) -> ClockCheck:
        return self._upkeep.check_clocks(self.settings.clock_tolerance)

    # Looking

    def alarms(self, only_open: bool = False) -> list[Alarm]:
        return self._state.alarms(only_open)

    def audit(self, newest: int | None = None) -> list[dict[str, Any]]:
        return self._audit.entries(newest)

    def verify_audit(self) -> int:
        """How many entries the audit trail has; raises StoreError when it was changed."""
        return self._audit.verify()

    def contacts(self) -> dict[str, datetime]:
        """When each station answered last."""
        return self._state.contacts()

    def status(self) -> dict[str, Any]:
        """The state of the gateway as plain data."""
        return {
            "now": format_time(self.clock.now()),
            "stations": len(self.fleet),
            "contacts": {name: format_time(at) for name, at in self.contacts().items()},
            "alarms": [alarm.text() for alarm in self.alarms(only_open=True)],
            "waiting_commands": len(self.commands(CommandState.WAITING)),
            "waiting_batches": self.spooled()[0],
            "open_links": self._desk.open_links,
            "counters": self._counters.table(),
        }

    def subscribe(self, listener: Listener, kinds: tuple[type[Event], ...] = (Event,)) -> Callable[[], None]:
        """Have a function called with events; what this returns ends it. The function may use the gateway."""
        return self._bus.subscribe(listener, kinds)

    @property
    def failures(self) -> list[str]:
        """What listeners have raised."""
        return list(self._bus.failures)

    @property
    def counters(self) -> dict[str, int]:
        return self._counters.table()

    def _require_collector(self) -> CollectorClient:
        if self._collector is None:
            raise ConfigError("no collector is configured")
        return self._collector
