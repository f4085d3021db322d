"""Configuration, crontabs, journals, backups."""

from datetime import timedelta

import pytest

from tidewheel import core
from tidewheel.backup import back_up, backups, restore, thin_out
from tidewheel.config import ConfigError, apply_config, read_config
from tidewheel.core import Scheduler, StoreError, open_store
from tidewheel.crontab import read_crontab
from tidewheel.journal import Journal

CONFIG = """\
[settings]
misfire_grace = "5m"
history = 7

[jobs.backup]
trigger = "daily 02:30"
task = "tidewheel.core:noop"
retry = "3x 1m"
tags = ["nightly"]
arguments = { target = "/srv" }

[jobs.quiet]
trigger = "every 1h"
task = "tidewheel.core:noop"
paused = true
"""


@pytest.fixture
def config(tmp_path):
    def write(text=CONFIG):
        (tmp_path / "jobs.toml").write_text(text)
        return tmp_path / "jobs.toml"

    return write


def test_config_brings_jobs_and_settings(config):
    scheduler = Scheduler()
    assert apply_config(read_config(config()), scheduler) == ["added backup", "added quiet"]
    assert core.SETTINGS.misfire_grace == timedelta(minutes=5)
    assert core.SETTINGS.history == 7
    assert scheduler.get("backup").retry.attempts == 3
    assert scheduler.get("quiet").state is core.JobState.PAUSED


def test_changed_jobs_keep_their_history(config):
    scheduler = Scheduler()
    apply_config(read_config(config()), scheduler)
    scheduler.run("backup")
    assert apply_config(read_config(config(CONFIG.replace("02:30", "03:30"))), scheduler) == ["changed backup"]
    assert len(scheduler.get("backup").runs) == 1
    assert scheduler.get("backup").next_due.hour == 3


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[jobs.quiet]", "[job.quiet]", "unknown table 'job'"),
        ("paused = true", "pause = true", "jobs.quiet: unknown key 'pause'"),
        ('trigger = "every 1h"\n', "", "jobs.quiet: 'trigger' is missing"),
        ("every 1h", "hourly", "jobs.quiet: 'hourly' is no trigger"),
        ("history = 7", "history_length = 7", "settings: .*history_length"),
        ('"5m"', '"soon"', "settings: 'soon'"),
        ("[settings]", "[settings", "jobs.toml: "),
    ],
    ids=["table", "key", "missing", "trigger", "setting", "span", "syntax"],
)
def test_mistakes_in_a_config_are_named(config, old, new, message):
    with pytest.raises(ConfigError, match=message):
        read_config(config(CONFIG.replace(old, new)))


def test_crontab_lines_become_jobs():
    jobs, skipped = read_crontab(["MAILTO=me", "", "*/5 * * * * /opt/x/poll.sh -v", "@daily tidy", "61 * * * * y", "* * * * *"])
    assert [(job.name, job.arguments["text"]) for job in jobs] == [("01-poll.sh", "/opt/x/poll.sh -v"), ("02-tidy", "tidy")]
    assert [each.number for each in skipped] == [5, 6]
    assert jobs[0].task == "tidewheel.core:log_message"


def test_a_journal_remembers_runs(tmp_path, job):
    scheduler = Scheduler()
    journal = Journal(tmp_path / "journal")
    leave = journal.follow(scheduler.events)
    scheduler.add(job())
    run = scheduler.run("tick")
    leave()
    scheduler.remove("tick")
    assert [entry["event"] for entry in journal.entries()] == ["job added", "run started", "run finished"]
    assert list(journal.runs()) == [run]


def test_a_journal_leaves_a_torn_line_out(tmp_path):
    path = tmp_path / "journal"
    path.write_text('{"event": "job added"}\n{"event": "job')
    assert len(list(Journal(path).entries())) == 1
    assert list(Journal(tmp_path / "none").entries()) == []


@pytest.fixture
def state(tmp_path, job):
    open_store(str(tmp_path / "state.json")).save([job()])
    return tmp_path / "state.json"


def test_backups_are_copies_by_moment(state, tmp_path, clock):
    first = back_up(state, tmp_path / "old")
    clock.advance(timedelta(hours=1))
    second = back_up(state, tmp_path / "old")
    assert [path for _, path in backups(state, tmp_path / "old")] == [first, second]
    assert first.name == "state.json.20260302T090000Z.bak"
    assert first.read_bytes() == state.read_bytes()


def test_only_sound_states_are_backed_up(tmp_path):
    with pytest.raises(StoreError, match="nothing"):
        back_up(tmp_path / "state.json", tmp_path)
    (tmp_path / "state.json").write_text("broken")
    with pytest.raises(StoreError):
        back_up(tmp_path / "state.json", tmp_path)


def test_old_backups_are_thinned_out(state, tmp_path, clock):
    for _ in range(100):
        back_up(state, tmp_path / "old")
        clock.advance(timedelta(hours=12))
    removed = thin_out(state, tmp_path / "old")
    left = [moment for moment, _ in backups(state, tmp_path / "old")]
    assert len(removed) + len(left) == 100
    assert sum(1 for moment in left if clock() - moment <= timedelta(days=1)) == 2
    assert len({moment.date() for moment in left if clock() - moment > timedelta(days=1)}) == len(left) - 2
    assert thin_out(state, tmp_path / "old") == []


def test_restore(state, tmp_path, clock, job):
    back_up(state, tmp_path / "old")
    clock.advance(timedelta(hours=1))
    open_store(str(state)).save([])
    back_up(state, tmp_path / "old")
    restore(state, tmp_path / "old", before=clock())
    assert open_store(str(state)).load() == [job()]
    with pytest.raises(StoreError, match="no backup"):
        restore(state, tmp_path / "none")
