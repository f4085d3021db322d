"""The one place through which outstations are spoken to."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from sluice.clock import Clock
from sluice.errors import CommandError, DeviceBusy, DeviceRefused, VerifyError
from sluice.model.fleet import Fleet
from sluice.session.session import DeviceSession, open_session
from sluice.settings import Settings
from sluice.stores.state import StateStore
from sluice.transport.dialers import Dialer
from sluice.transport.pool import Pool
from sluice.transport.turns import Turns


class StationDesk:
    """Lends sessions: one station is spoken to by one caller at a time, in the order of asking; many stations at once."""

    def __init__(self, fleet: Fleet, dialer: Dialer, state: StateStore, clock: Clock, settings: Settings) -> None:
        self._fleet = fleet
        self._dialer = dialer
        self._state = state
        self._clock = clock
        self._settings = settings
        self._turns = Turns()
        harmless = (CommandError, DeviceBusy, DeviceRefused, VerifyError)
        self._pool: Pool[DeviceSession] = Pool(self._open, clock, settings.max_links, settings.idle_link, harmless)

    @property
    def fleet(self) -> Fleet:
        return self._fleet

    @property
    def open_links(self) -> int:
        return self._pool.lent + self._pool.idle

    @contextmanager
    def session(self, name: str) -> Iterator[DeviceSession]:
        """A session with a station for the block; a contact is noted when the block ends well.

        Waiting for one's turn has no limit: those in front have theirs. Raises UnknownStation, LinkError, SessionError.
        """
        station = self._fleet.station(name)
        with self._turns.take(station.key):
            with self._pool.lend(station.key, self._patience()) as session:
                yield session
            self._state.touch(name, self._clock.now())

    def hang_up(self, name: str) -> None:
        """Close an idle session with a station."""
        self._pool.forget(self._fleet.station(name).key)

    def close_idle(self) -> int:
        return self._pool.close_idle()

    def close(self) -> None:
        self._pool.close()

    def _patience(self) -> float:
        """Seconds to wait for a free link: as long as everybody in front may need."""
        return (self._settings.dial_timeout + self._settings.answer_timeout) * max(len(self._fleet), 1) * 4

    def _open(self, key: Hashable, timeout: float) -> DeviceSession:
        settings = self._settings
        station = self._fleet.station(str(key))
        return open_session(self._dialer, station, self._clock, settings.dial_timeout, settings.answer_timeout, settings.busy_attempts)
