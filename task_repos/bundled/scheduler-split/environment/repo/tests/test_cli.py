"""The command line, from arguments to output."""

import json

import pytest

from tidewheel.cli import main


@pytest.fixture
def run(tmp_path, capsys):
    """Runs a command on a state file of its own: (status, output, errors)."""

    def call(*arguments):
        status = main(["--state", str(tmp_path / "jobs.json"), *arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def test_add_and_list(run):
    status, out, _ = run("add", "backup", "daily 10:30", "tidewheel.core:noop", "--retry", "3x 1m", "--tags", "a,b")
    assert (status, out.startswith("backup: daily 10:30 (next: 2026-03-02 10:30")) == (0, True)
    _, out, _ = run("list", "--tag", "b")
    assert out.splitlines()[1].split() == ["backup", "active", "2026-03-02", "10:30", "-", "daily", "10:30"]


def test_mistakes_are_told_in_a_line(run):
    assert run("add", "x", "sometimes", "a:b")[::2] == (
        2,
        "tidewheel: 'sometimes' is no trigger; it must begin with once, every, daily, weekly, monthly or cron\n",
    )
    assert run("remove", "x")[0] == 2


def test_run_one(run, tmp_path):
    run("add", "hello", "every 1h", "tidewheel.core:log_message", "--arguments", json.dumps({"text": "hi"}))
    assert run("run", "hello")[:2] == (0, "hello: succeeded (hi)\n")
    assert not (tmp_path / "jobs.json.lease").exists()


def test_a_failing_run_shows_in_the_status(run):
    run("add", "bad", "every 1h", "tidewheel.core:fail")
    status, out, _ = run("run", "bad")
    assert (status, out) == (1, "bad: failed (JobError: asked to fail)\n")
    assert run("health")[1].splitlines()[1].split()[:3] == ["bad", "1", "1"]


def test_pause_and_resume(run):
    run("add", "x", "every 1h", "tidewheel.core:noop")
    assert run("pause", "x")[0] == 0
    assert "paused" in run("list")[1]
    assert run("resume", "x")[0] == 0
    assert run("resume", "x")[0] == 2


def test_plan(run):
    run("add", "x", "every 30m", "tidewheel.core:noop")
    _, out, _ = run("plan", "--span", "1h")
    assert out.splitlines() == ["2026-03-02 09:30  x  tidewheel.core:noop", "2026-03-02 10:00  x  tidewheel.core:noop"]


def test_apply(run, tmp_path):
    (tmp_path / "jobs.toml").write_text('[jobs.a]\ntrigger = "daily 06:00"\ntask = "tidewheel.core:noop"\n')
    assert run("apply", str(tmp_path / "jobs.toml"))[1] == "added a\n"
    assert run("apply", str(tmp_path / "jobs.toml"))[1] == ""


def test_import(run, tmp_path):
    (tmp_path / "crontab").write_text("# nightly\n30 2 * * * /usr/bin/backup --all\n@reboot x\n")
    _, out, err = run("import", str(tmp_path / "crontab"))
    assert out == "added 01-backup: cron 30 2 * * *\n"
    assert err == "line 3 left out: @reboot has no place in time\n"


def test_calendar(run):
    run("add", "x", "daily 06:00", "tidewheel.core:noop")
    assert run("calendar", "--span", "2d")[1].count("BEGIN:VEVENT") == 2


def test_kinds(run):
    _, out, _ = run("kinds")
    words = [line.split()[0] for line in out.splitlines()]
    assert words == ["anyof", "cron", "daily", "every", "except", "monthly", "once", "weekly"]


def test_tasks(run):
    assert "tidewheel.core:noop" in run("tasks")[1].splitlines()
