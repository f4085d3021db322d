"""A clock that stands still, and a default scheduler of one's own, for every test."""

from datetime import UTC, datetime, timedelta

import pytest

from tidewheel import core

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    """Monday, 2 March 2026, nine o'clock, until a test moves it."""
    manual = core.ManualClock(START)
    core.set_clock(manual)
    core.reset_default_scheduler()
    yield manual
    core.set_clock(None)
    core.reset_default_scheduler()
    core.configure(misfire_grace=timedelta(minutes=2), history=50, lease_term=timedelta(minutes=5))


@pytest.fixture
def job():
    """Makes jobs that do nothing every ten minutes, unless told otherwise."""

    def make(name="tick", trigger="every 10m", task="tidewheel.core:noop", **changes):
        return core.Job(name, task, core.Trigger.parse(trigger), **changes)

    return make
