"""State on disk: JSON, pickle, migrations, leases."""

import json
import pickle
from datetime import UTC, date, datetime, time, timedelta

import pytest

from tidewheel import core
from tidewheel.core import JobState, JsonStore, Lease, LeaseError, MemoryStore, Outcome, PickleStore, Run, StoreError, open_store


@pytest.fixture(params=["json", "pickle"])
def path(request, tmp_path):
    return tmp_path / f"state.{request.param}"


def filled(job):
    first = job("first", "weekly mon,fri 06:30 | cron */5 * * * mon", retry=core.Retry(3), tags=("a", "b"))
    second = job("second", "daily 06:00 except 2026-12-25", arguments={"n": [1, 2]}, state=JobState.PAUSED)
    third = job("third", "monthly last 12:00")
    third.record(Run("third", core.now(), core.now(), core.now(), Outcome.FAILED, 2, "no"))
    return [first, second, third]


def test_what_is_saved_is_loaded(path, job):
    jobs = filled(job)
    open_store(str(path)).save(jobs)
    assert open_store(str(path)).load() == jobs


def test_nothing_saved_yet(path):
    assert open_store(str(path)).load() == []


def test_broken_files_are_named(path):
    path.write_bytes(b"not a state")
    with pytest.raises(StoreError, match=path.name):
        open_store(str(path)).load()


def test_no_part_files_stay_behind(path, job):
    open_store(str(path)).save([job()])
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_memory_store_keeps_copies(job):
    tick = job()
    store = MemoryStore([tick])
    store.load()[0].tags = ("changed",)
    assert store.load() == [tick]


@pytest.mark.parametrize(
    ("location", "kind"), [("memory:", MemoryStore), ("json:x", JsonStore), ("pickle:x", PickleStore), ("a/b.json", JsonStore)]
)
def test_locations(location, kind):
    assert type(open_store(location)) is kind


@pytest.mark.parametrize("location", ["x.txt", "json:", "sql:x"])
def test_odd_locations_are_refused(location):
    with pytest.raises(StoreError):
        open_store(location)


def test_store_errors_can_be_pickled():
    error = pickle.loads(pickle.dumps(StoreError("a.json", "is broken")))
    assert str(error) == "a.json: is broken"


def test_a_pickle_that_would_run_code_is_refused(tmp_path):
    (tmp_path / "state.pickle").write_bytes(pickle.dumps([print]))
    with pytest.raises(StoreError, match="no place"):
        PickleStore(tmp_path / "state.pickle").load()


def test_values_and_back():
    values = [None, 1.5, "a", timedelta(seconds=90), datetime(2026, 1, 1, tzinfo=UTC), date(2026, 1, 1), time(6), Outcome.FAILED]
    assert core.decode(json.loads(json.dumps(core.encode(values)))) == values


def test_what_has_no_plain_form_is_refused():
    for value in (object(), {1: 2}, {"!": 1}, b"bytes"):
        with pytest.raises(TypeError):
            core.encode(value)


def test_unknown_types_are_refused():
    with pytest.raises(ValueError, match=r"tidewheel\.core\.Hourly"):
        core.decode({"!": "tidewheel.core.Hourly"})


def test_schema_1_is_lifted(tmp_path, caplog):
    old = {
        "schema": 1,
        "jobs": [
            {"name": "a", "task": "tidewheel.core:noop", "interval": 5400, "tries": 3},
            {"name": "b", "task": "tidewheel.core:noop", "cron": "0 6 * * *", "paused": True},
        ],
    }
    (tmp_path / "s.json").write_text(json.dumps(old))
    with caplog.at_level("INFO"):
        first, second = JsonStore(tmp_path / "s.json").load()
    assert first.trigger.notation() == "every 1h30m"
    assert first.retry.attempts == 3
    assert second.trigger.notation() == "cron 0 6 * * *"
    assert second.state is JobState.PAUSED
    assert len([record for record in caplog.records if "migrating" in record.message]) == 2


def test_schema_2_is_lifted(tmp_path):
    old = {"schema": 2, "jobs": [{"name": "a", "task": "x:y", "trigger": "daily 06:00", "next": "2026-03-03T06:00"}]}
    (tmp_path / "s.json").write_text(json.dumps(old))
    (found,) = JsonStore(tmp_path / "s.json").load()
    assert found.next_due == datetime(2026, 3, 3, 6, tzinfo=UTC)


def test_newer_schemas_are_refused():
    with pytest.raises(ValueError, match="newer"):
        core.loads('{"schema": 99, "jobs": []}')
    with pytest.raises(ValueError, match="no state file"):
        core.loads("[]")


def test_a_lease_keeps_others_out_until_it_ends(tmp_path, clock):
    ours, theirs = Lease(tmp_path / "lease", "a"), Lease(tmp_path / "lease", "b")
    assert ours.acquire() == clock() + timedelta(minutes=5)
    with pytest.raises(LeaseError, match="a holds"):
        theirs.acquire()
    clock.advance(timedelta(minutes=6))
    theirs.acquire()
    assert theirs.holder()[0] == "b"


def test_a_lease_is_given_back(tmp_path):
    lease = Lease(tmp_path / "lease", "a")
    with lease.held():
        assert lease.holder()[0] == "a"
    assert lease.holder() is None


def test_a_lease_of_another_is_not_given_back(tmp_path):
    Lease(tmp_path / "lease", "a").acquire()
    Lease(tmp_path / "lease", "b").release()
    assert (tmp_path / "lease").exists()
