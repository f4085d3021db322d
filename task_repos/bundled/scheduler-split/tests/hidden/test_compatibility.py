"""What other hosts, users and operators hold on to: state files, task names, log names, the clock, the settings."""

import json
import os
import pickle
import pickletools
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tidewheel import core
from tidewheel.cli import main
from tidewheel.simulate import frozen

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STORED = {
    "AnyOf", "Cron", "CronField", "Daily", "Every", "Except", "Job", "JobState", "Monthly", "Once", "Outcome", "Retry", "Run", "Weekly",
}  # fmt: skip
TASKS = ["tidewheel.core:fail", "tidewheel.core:log_message", "tidewheel.core:noop", "tidewheel.core:prune_runs"]
PUBLIC = json.loads((HERE / "public.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def clock():
    manual = core.ManualClock(START)
    core.set_clock(manual)
    core.reset_default_scheduler()
    yield manual
    core.set_clock(None)
    core.reset_default_scheduler()
    core.configure(misfire_grace=timedelta(minutes=2), history=50, lease_term=timedelta(minutes=5))


def fresh(code):
    """The output of a program in an interpreter of its own."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def jobs():
    parse = core.Trigger.parse
    first = core.Job(
        "first",
        "tidewheel.core:noop",
        parse("weekly mon,fri 06:30 | cron */5 0-6 * * mon"),
        retry=core.Retry(3, timedelta(minutes=1)),
        tags=("a", "b"),
    )
    second = core.Job(
        "second",
        "tidewheel.core:log_message",
        parse("daily 06:00 except 2026-12-25"),
        {"text": "hi"},
        state=core.JobState.PAUSED,
    )
    third = core.Job("third", "tidewheel.core:fail", parse("monthly last 12:00"))
    third.record(core.Run("third", START, START, START, core.Outcome.FAILED, 2, "no"))
    fourth = core.Job("fourth", "tidewheel.core:prune_runs", parse("every 1h from 2026-03-02T09:20"))
    return [first, second, third, fourth, core.Job("fifth", "x:y", parse("once 2030-01-01T00:00"))]


def globals_of(data):
    """The (module, name) pairs that a pickle asks for; protocol 4 takes them from the last two texts it has seen."""
    texts, memo, found = [], [], set()
    for operation, argument, _ in pickletools.genops(data):
        if operation.name == "MEMOIZE":
            memo.append(texts[-1] if texts else None)
        elif operation.name in ("BINGET", "LONG_BINGET"):
            texts.append(memo[argument])
        elif operation.name == "STACK_GLOBAL":
            found.add((texts[-2], texts[-1]))
            texts.append(None)
        elif isinstance(argument, str):
            texts.append(argument)
        elif operation.name not in ("PROTO", "FRAME"):
            texts.append(None)
    return found


def test_pickles_of_release_1_4_load():
    assert core.PickleStore(HERE / "state-1.4.pickle").load() == jobs()


def test_pickles_of_release_1_4_load_in_a_fresh_process():
    code = "from tidewheel.core import open_store; print(len(open_store('tests/hidden/state-1.4.pickle').load()))"
    assert fresh(code) == "5"


def test_json_of_release_1_4_loads():
    assert core.JsonStore(HERE / "state-1.4.json").load() == jobs()


def test_json_is_written_as_release_1_4_wrote_it():
    assert json.loads(core.dumps(jobs())) == json.loads((HERE / "state-1.4.json").read_text(encoding="utf-8"))


def test_pickles_name_what_release_1_4_knows(tmp_path):
    store = core.PickleStore(tmp_path / "state.pickle")
    store.save(jobs())
    asked = globals_of((tmp_path / "state.pickle").read_bytes())
    assert {name for module, name in asked if module == "tidewheel.core"} == STORED
    assert {module for module, _ in asked} <= {"tidewheel.core", "datetime"}


class Makes:
    """Pickled as a call that leaves a folder behind."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_pickles_with_other_classes_are_refused(tmp_path):
    for value in (Makes(tmp_path / "made"), core.noop):
        (tmp_path / "state.pickle").write_bytes(pickle.dumps([value], protocol=4))
        with pytest.raises(core.StoreError, match="no place"):
            core.PickleStore(tmp_path / "state.pickle").load()
    assert not (tmp_path / "made").exists()


def test_tags_of_single_values():
    values = [core.Retry(), core.JobState.PAUSED, core.Trigger.parse("@daily"), core.CronField.parse("1", 0, 5)]
    assert [core.encode(value)["!"] for value in values] == [f"tidewheel.core.{name}" for name in ("Retry", "JobState", "Cron", "CronField")]


def test_tasks_of_the_package_keep_their_names(capsys):
    assert [name for name in core.REGISTRY.names() if name.startswith("tidewheel.")] == TASKS
    assert main(["--state", "memory:", "tasks"]) == 0
    assert set(TASKS) <= set(capsys.readouterr().out.split())


def test_tasks_resolve_in_a_fresh_process():
    code = "from tidewheel.core import REGISTRY as r; print(*(r.resolve(n).__name__ for n in r.names()))"
    assert fresh(code) == "fail log_message noop prune_runs"


def test_references_of_the_tasks():
    found = [core.REGISTRY.reference(each) for each in (core.fail, core.log_message, core.noop, core.prune_runs)]
    assert found == TASKS


def test_log_records_keep_the_name_of_the_logger(caplog, tmp_path):
    caplog.set_level("DEBUG")
    (tmp_path / "s.json").write_text('{"schema": 1, "jobs": [{"name": "a", "task": "tidewheel.core:fail", "interval": 60}]}')
    scheduler = core.Scheduler(core.open_store(str(tmp_path / "s.json")))
    scheduler.events.subscribe(lambda event: 1 / 0)
    scheduler.run("a")
    core.log_message("hello")
    texts = [record.message for record in caplog.records]
    for start in ("migrating state", "job a failed", "Traceback", "a listener failed", "run finished: a", "hello"):
        assert any(text.startswith(start) for text in texts), start
    assert {record.name for record in caplog.records} == {"tidewheel.core"}


def test_public_names_stay():
    assert sorted(core.__all__) == PUBLIC["core"]
    assert all(hasattr(core, name) for name in PUBLIC["core"])


def test_the_package_offers_what_it_did():
    import tidewheel

    assert sorted(tidewheel.__all__) == PUBLIC["tidewheel"]
    assert tidewheel.Job is core.Job


def test_one_clock_for_everybody(clock, tmp_path):
    clock.advance(timedelta(days=1))
    moment = START + timedelta(days=1)
    job = core.default_scheduler().add(core.Job("a", "tidewheel.core:noop", core.Trigger.parse("every 1h")))
    assert job.next_due == moment + timedelta(hours=1)
    assert core.Lease(tmp_path / "lease", "me").acquire() == moment + timedelta(minutes=5)
    assert core.execute(job).started == moment
    assert core.Trigger.parse("every 1h").describe(1).endswith("2026-03-03 10:00)")


def test_a_simulation_gives_the_clock_back(clock):
    with frozen(datetime(2030, 1, 1)):
        assert core.now().year == 2030
    assert core.now() == START
    clock.advance(timedelta(hours=1))
    assert core.now() == START + timedelta(hours=1)


def test_settings_are_one_object(clock, tmp_path):
    core.configure(history=1, lease_term=timedelta(hours=1))
    job = core.Job("a", "tidewheel.core:noop", core.Trigger.parse("every 1h"))
    job.submit()
    for _ in range(3):
        core.default_scheduler().run("a")
    assert len(job.runs) == 1
    assert core.Lease(tmp_path / "lease", "me").acquire() == START + timedelta(hours=1)


def test_every_kind_of_trigger_is_listed(capsys):
    assert main(["--state", "memory:", "kinds"]) == 0
    words = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert words == ["anyof", "cron", "daily", "every", "except", "monthly", "once", "weekly"]


def test_every_notation_is_read_in_a_fresh_process():
    texts = ["once 2030-01-01", "every 1h", "daily 06:00", "weekly mon 06:00", "monthly 1 06:00", "cron * * * * *", "@daily"]
    texts += ["daily 06:00 | @hourly", "daily 06:00 except 2026-12-25"]
    code = f"from tidewheel import Trigger\nprint(len([Trigger.parse(text) for text in {texts!r}]))"
    assert fresh(code) == "9"


def test_jobs_submit_themselves_in_a_fresh_process():
    code = (
        "from tidewheel import Job, Trigger, default_scheduler\n"
        "Job('a', 'tidewheel.core:noop', Trigger.parse('every 1h')).submit()\n"
        "print(default_scheduler().run('a').outcome.value)"
    )
    assert fresh(code) == "succeeded"


def test_pruning_reaches_the_default_scheduler():
    job = core.Job("a", "tidewheel.core:prune_runs", core.Trigger.parse("every 1h"), {"keep": 1}).submit()
    for _ in range(3):
        core.default_scheduler().run("a")
    assert job.last_run.message == "1"
