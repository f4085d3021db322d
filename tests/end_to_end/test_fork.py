"""`longhaul fork` and `resume --continue` as a user has them, in real containers."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import docker
import msgspec
import pytest

from harness.core.events import Event, ModelAsked, PartAdded, Trace, TreeSeen
from harness.core.lived import OutsideKept, OutsideSeen, PastLived
from harness.engine.moment import entries_at
from harness.metrics.tries import latest, of
from harness.store.sqlite import RunStore
from tests.end_to_end.tiny import FIX, last, longhaul, write_task

MAKING = """export WORD=kept; mkdir -p sub empty; cd sub; echo hi > x; ln -s x l; chmod 750 x; mkfifo f
git add -A .. && git -c user.name=a -c user.email=b@example.invalid commit -qm work; echo away > /tmp/outside"""
COMMANDS = (
    MAKING,
    "echo $WORD; pwd; stat -c '%A %n' *; git log --format=%s; git status --short; cat /tmp/outside",
    f"cd ..; {FIX}; echo $WORD-again; sleep SECONDS",
)


def script(folder: Path, seconds: int) -> Path:
    calls = [("shell", {"command": command.replace("SECONDS", str(seconds)), "seconds": 30}) for command in COMMANDS] + [("finish", {"done": "1", "not_done": ""})]
    replies = [
        f"[[reply]]\ntext = 'turn {k}'\n[[reply.call]]\nname = '{name}'\nraw = {json.dumps(json.dumps(arguments))}\n"
        for k, (name, arguments) in enumerate(calls, 1)
    ]
    path = folder / "script.toml"
    path.write_text("format = 1\nmatch = 'calc.py'\n" + "".join(replies))
    return path


class Home:
    """A home with one run of the script, and its record."""

    def __init__(self, folder: Path, *words: str, seconds: int = 0) -> None:
        self.folder, self.task = folder / "home", write_task(folder)
        plan = ("-t", f"harbor:{self.task}", "-m", "scripted/x", "-o", f"model.script={script(folder, seconds)}", "-n", "1", "--run", "parent")
        self.plan = (*plan, *words)

    def do(self, *words: str) -> subprocess.CompletedProcess[str]:
        return longhaul(self.folder, *words)

    def trace(self) -> Trace:
        return first(last(self.folder))


def first(store: RunStore) -> Trace:
    return store.trace(next(iter(store.keys().values())))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, base_image: object) -> Home:
    made = Home(tmp_path_factory.mktemp("fork"))
    ran = made.do("run", *made.plan)
    assert ran.returncode == 0, ran.stderr + ran.stdout
    return made


CLOCKS = re.compile(r'"(seconds|wall|container)":[^,}]*|"(gpu|host_load|throttled_s|memory_peak)":[^,}]*|\\.\\d+s\b|"log":{[^}]*}')


def told(trace: Trace, past: set[str], turn: int) -> list[str]:
    """Events as text, without clocks, machines, the parts of the past, and the splices of the first question."""
    events: list[Event] = [entry.event for entry in trace]
    events = [msgspec.structs.replace(e, splices=()) if isinstance(e, ModelAsked) and e.turn == turn else e for e in events]
    kept = [event for event in events if not (isinstance(event, PartAdded) and event.id in past)]
    return [CLOCKS.sub("", msgspec.json.encode(event).decode()) for event in kept]


def test_an_unchanged_fork_continues_byte_for_byte(home: Home) -> None:
    """The same questions, answers, results, trees and shell state follow as in the parent; only the lost file outside shows, and is named."""
    parent = first(RunStore(min((home.folder / "runs").iterdir())))
    done = home.do("fork", "parent", "t0001", "--turn", "2")
    assert done.returncode == 0, done.stderr
    assert "not restored: what was changed outside the workspace by the end of the trial: /tmp/outside" in done.stdout
    child = home.trace()
    cut = entries_at(parent, 2)
    past = {event.id for event in of(cut, PartAdded)}
    led = next(entry.seq for entry in child if isinstance(entry.event, PastLived))
    mine, theirs = (list(_until_outside(told(each, past, 3))) for each in (child[led:], parent[len(cut) :]))
    assert len(mine) > 10
    assert mine == theirs
    assert [each.git for each in of(child, TreeSeen)][1:] == [each.git for each in of(parent, TreeSeen)][2:]


def _until_outside(lines: list[str]) -> Iterator[str]:
    """The agent's part: what it leaves outside differs as it must."""
    for line in lines:
        if '"type":"OutsideSeen"' in line:
            return
        yield line


def test_a_fork_has_directory_variables_modes_and_repository(home: Home) -> None:
    """A look around in the fork's first turn gives what it gave the parent, but for the file outside."""
    parent = first(RunStore(min((home.folder / "runs").iterdir())))
    done = home.do("fork", "parent", "t0001", "--turn", "1", "--view", "short", "--run", "child")
    assert done.returncode == 0, done.stderr
    words = {each.id: each.content.text for each in of(home.trace(), PartAdded)}
    mine, theirs = words["m5.1"], {each.id: each.content.text for each in of(parent, PartAdded)}["m5.1"]
    assert mine.replace("cat: /tmp/outside: No such file or directory", "away").replace("exit code 1", "exit code 0") == theirs
    assert "work\nbase" in theirs
    assert "- sub/x (added)" in words["v1.1"]
    (row,) = json.loads(home.do("report", "child", "--json").stdout)["rows"]
    assert (row["parent"]["turn"], row["parent"]["view"], row["turns"], row["outcome"]) == (1, "short", 4, "passed")
    (group,) = json.loads(home.do("context", "child", "--json").stdout)["groups"]
    assert (group["continued"], group["turns"]) == (1, 3)
    assert home.do("doctor", "child").returncode == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("t0001", "--turn", "9"), "--turn: found 9, expected a turn of t0001: 0 to 4, the nearest is 4"),
        (("t0002", "--turn", "1"), "TRIAL: found 't0002', expected one of t0001"),
        (("t0001", "--turn", "1", "--view", "shrot"), "--view: found 'shrot', expected 'short', perhaps"),
        (("t0001", "--turn", "1", "--try", "2"), "--try: found 2, expected a try of t0001: 1, the only one"),
        (("t0001", "--turn", "1", "-m", "scripted/nobody"), "there is no script nobody"),
    ],
)
def test_what_can_not_be_forked_is_one_sentence(home: Home, words: tuple[str, ...], sentence: str) -> None:
    """Exit 2, no traceback, and no run was made."""
    before = len(list((home.folder / "runs").iterdir()))
    done = home.do("fork", "parent", *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert len(list((home.folder / "runs").iterdir())) == before


def test_a_fork_on_another_image_is_refused(home: Home, tmp_path: Path) -> None:
    """A task that gives another image today than the trial worked on can't be gone on with; both are named, and nothing is begun."""
    copy = Path(shutil.copytree(home.folder, tmp_path / "home"))
    run = min((copy / "runs").iterdir())
    with closing(RunStore(run)) as store:
        pins = json.loads(store.meta("pins"))
        field = next(name for name in pins if name.endswith(": image"))
        store.keep("pins", json.dumps(pins | {field: "sha256:other"}))
    refused = longhaul(copy, "fork", run.name, "t0001", "--turn", "2")
    assert (refused.returncode, field in refused.stderr, "sha256:other" in refused.stderr) == (2, True, True)
    assert len(list((copy / "runs").iterdir())) == len(list((home.folder / "runs").iterdir()))


def test_a_forkable_run_keeps_what_is_outside(tmp_path: Path, engine: docker.DockerClient, base_image: object) -> None:
    """With --forkable the machine is kept as an image, from which a fork starts: nothing is lost. Without that image, the loss is told."""
    home = Home(tmp_path, "--forkable")
    assert home.do("run", *home.plan).returncode == 0
    kept = of(home.trace(), OutsideKept)
    assert [each.turn for each in kept] == [1, 2, 3]
    assert of(home.trace(), OutsideSeen)[0].paths == ("/tmp/outside",)
    try:
        done = home.do("fork", "parent", "t0001", "--turn", "1")
        assert "not restored" not in done.stdout
        assert "away\n[exit code 0" in {each.id: each.content.text for each in of(home.trace(), PartAdded)}["m5.1"]
    finally:
        for each in (*kept, *of(home.trace(), OutsideKept)):
            engine.images.remove(each.image, force=True)
    gone = home.do("fork", "parent", "t0001", "--turn", "3")
    assert "its image is gone" in gone.stdout
    assert gone.returncode == 0


def test_an_interrupted_trial_is_continued(tmp_path: Path, base_image: object) -> None:
    """Ctrl-C in the third turn, then `resume --continue`: the turns before are not asked again, and the row says so."""
    home = Home(tmp_path, seconds=3)
    env = {**os.environ, "LONGHAUL_HOME": str(home.folder), "OLLAMA_HOST": "127.0.0.1:9"}
    argv = [sys.executable, "-m", "harness.cli.main", "run", *home.plan]
    with subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as run:
        while not _asked(home.folder, 3):
            assert run.poll() is None
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        assert run.wait(60) == 130
    done = home.do("resume", "last", "--continue")
    assert done.returncode == 0, done.stdout + done.stderr
    now = latest(home.trace())
    assert [asked.turn for asked in of(now, ModelAsked)] == [4]
    assert "what was changed outside the workspace: it is not on record" in of(now, PastLived)[0].lost
    (row,) = json.loads(home.do("report", "last", "--json").stdout)["rows"]
    assert (row["origin"], row["tries"], row["turns"], row["outcome"], row["calls"]["ok"]) == ("continued", 2, 4, "passed", 4)


def _asked(home: Path, turn: int) -> bool:
    """Whether the call of this turn is on record."""
    for path in home.glob("runs/*/run.sqlite"):
        try:
            database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
            (count,) = database.execute("SELECT count(*) FROM events WHERE instr(CAST(event AS TEXT), 'ToolCalled')").fetchone()
            database.close()
        except sqlite3.Error:
            return False
        return int(count) >= turn
    return False
