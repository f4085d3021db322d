"""A trial run once more: what is the same is said to be the same, what differs is named with both sides, and noise is listed."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from agents.coder import create as coder
from agents.tools.finish import create as finish
from agents.tools.shell import create as shell
from harness.core.events import ToolCalled, ToolReturned, Trace
from harness.core.machine import PreparedImage
from harness.core.ports import Order
from harness.engine.replay import Replayed, Rig, replay
from harness.engine.replay_record import Recording, recording
from harness.engine.trial import run_trial
from harness.store.lines import RunLines
from harness.store.readback import reading
from sandboxes.host import HostSandbox
from tests.engine.doubles import KEY, TapeModel, call, job, stage, task

IMAGE = PreparedImage("none", "sha256:none", "sha256:none", "amd64", "")
FINISH = call("finish", json.dumps({"done": "all", "not_done": ""}), "c9")


class Still:
    """A fresh folder each time, always of the same name, as every container's is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def open(self, order: Order) -> Iterator[HostSandbox]:
        work = self.folder / "workspace"
        shutil.copytree(order.place.upload, work)
        try:
            yield HostSandbox(work, self.folder / "state", {"OUT": str(self.folder)})
        finally:
            shutil.rmtree(self.folder)


class Twice:
    """Records commands, then runs them again; `outside` is a file that both see, to be changed in between."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.here = folder, stage(folder)
        self.sandboxes = Still(folder / "machine")
        self.outside = folder / "outside"
        self.outside.write_text("then\n")

    def record(self, *commands: str, seconds: int = 20) -> Trace:
        asked = [call("shell", json.dumps({"command": command, "seconds": seconds}), f"c{n}") for n, command in enumerate(commands)]
        world = self.here.world(
            coder(), TapeModel(*asked, FINISH), sandboxes=self.sandboxes, lines=RunLines(self.here.store.folder, self.sandboxes), tools=self.tools()
        )
        pen = self.here.store.begin(KEY)
        self.began = time.time()
        run_trial(job(self.folder), world, pen)
        return self.here.store.trace(KEY)

    def tools(self) -> dict[str, object]:
        return {"shell": shell(), "finish": finish()}

    def again(self, found: Recording | Trace) -> Replayed:
        recorded = found if isinstance(found, Recording) else recording(found, self.here.store.blobs.get)
        lines = RunLines(self.here.store.folder, self.sandboxes)
        with reading(self.here.store.folder / "trees.git") as objects:
            place = task(self.folder).place
            rig = Rig(self.sandboxes, IMAGE, place, None, (), self.tools(), lines, objects, (self.began, time.time()), time.time, lambda _call: None)
            return replay(recorded, rig)


@pytest.fixture
def twice(tmp_path: Path) -> Twice:
    return Twice(tmp_path)


def test_the_same_is_identical(twice: Twice) -> None:
    """Outputs, exit codes, directories, variables, files, modes and links: nothing differs, nothing is passed over."""
    trace = twice.record(
        "mkdir d && cd d && export X=1", "echo $X; pwd; exit 3", "echo new > ../n; chmod 600 ../n; ln -s n ../l; mkdir -m 700 ../e", "rm ../n; cat ../n"
    )
    told = twice.again(trace)
    assert (told.told, told.calls, told.compared, told.noise, told.parted) == ("identical", 5, 5, (), None)


PARTINGS: dict[str, tuple[str, str, tuple[str, str]]] = {
    "output": ("cat {o}", "output, line 1", ("then", "now")),
    "exit code": ("grep -q then {o}", "exit code", ("0", "1")),
    "directory": ('mkdir then now; cd "$(cat {o})"', "shell directory", ("workspace/then", "workspace/now")),
    "content": ("cp {o} a.txt", "workspace: a.txt, line 1", ("then", "now")),
    "new file": ('touch "$(cat {o})"', "workspace: now (and 1 more)", ("not there", "0 bytes")),
    "mode": ("grep -q then {o} && chmod 600 a.txt; true", "workspace: a.txt", ("file of mode 600", "of an everyday mode, or not there")),
    "executable": ("grep -q then {o} && chmod 755 a.txt; true", "workspace: a.txt", ("mode 100755", "mode 100644")),
    "finding": ('echo "E   assert 12 == $(wc -c < {o})"', "output, line 1", ("assert 12 == 5", "assert 12 == 4")),
}


@pytest.mark.parametrize("name", PARTINGS)
def test_the_first_divergence_is_named(twice: Twice, name: str) -> None:
    """With its turn, its call, the field, and both sides; calls after it are not run."""
    command, field, sides = PARTINGS[name]
    command = command.replace("{o}", str(twice.outside))
    trace = twice.record("true", command, "touch never")
    twice.outside.write_text("now\n")
    told = twice.again(trace)
    assert (told.told, told.compared) == ("parted", 2)
    assert told.parted
    assert (told.parted.turn, told.parted.call, told.parted.tool) == (2, 2, "shell")
    assert command in json.loads(told.parted.arguments)["command"]
    difference = told.parted.difference
    assert difference.field == field
    assert difference.recorded.strip("'").endswith(sides[0]) or difference.recorded.startswith(sides[0])
    assert difference.now.strip("'").endswith(sides[1]) or difference.now.startswith(sides[1])


NOISY = {
    "clock": "date; date +%s; date --iso-8601=ns; ls -l --time-style=full-iso a.txt",
    "temporary name": "mktemp",
    "address": 'echo "<A object at 0x7f00$(date +%N | head -c 8)>"',
    "process number": "echo pid $$",
    "bytecode": "mkdir -p __pycache__; date +%N > __pycache__/x.pyc; date +%N > y.pyc",
    "tool cache": "mkdir -p .pytest_cache/v; date +%N > .pytest_cache/v/x",
    "repository records": "git init -q; mkdir sub; git init -q sub; date +%N > sub/.git/index; date +%N > .git/index",
    "duration": 'echo "3 passed in 0.0$(date +%N)s"',
}


@pytest.mark.parametrize("rule", NOISY)
def test_noise_is_passed_over_and_listed(twice: Twice, rule: str) -> None:
    """What is new each time by nature is no divergence; the rule is named, with what it passed over."""
    told = twice.again(twice.record(NOISY[rule], "true"))
    assert (told.told, told.compared) == ("noise", 3), told.parted
    assert [noise.rule for noise in told.noise] == [rule]
    assert told.noise[0].recorded != told.noise[0].now
    assert told.noise[0].call == 1


def test_bytes_that_are_no_text_can_be_told(twice: Twice) -> None:
    """Noise and divergence among them are compared as any other, and what is said of them can be written as JSON."""
    trace = twice.record("printf '\\377 %s\\n' $(date +%s)", f"printf '\\376'; cat {twice.outside}", r"printf '\ud800'")
    twice.outside.write_text("now\n")
    told = twice.again(trace)
    assert [noise.rule for noise in told.noise] in (["clock"], [])
    assert told.parted
    assert told.parted.difference.recorded == "\\udcfethen"
    assert b"udcfe" in msgspec.json.encode(told)


def test_a_file_is_excused_only_by_its_lines(twice: Twice) -> None:
    """A log with the time in it is noise; one with another word beside the time has parted."""
    line = 'echo "$(date --iso-8601=s) $(cat {o})" > log'.replace("{o}", str(twice.outside))
    trace = twice.record(line)
    assert twice.again(trace).told in ("noise", "identical")
    twice.outside.write_text("now\n")
    parted = twice.again(trace).parted
    assert parted
    assert parted.difference.field == "workspace: log, line 1"


def test_a_killed_command_may_come_less_far(twice: Twice) -> None:
    """At its deadline it is cut where it happens to be; but what it said till then must be the same."""
    count = "for n in 1 2 3 4 5 6 7 8 9; do echo $n; sleep 0.$(( RANDOM % 10 + 10 )); done; sleep 9"
    trace = twice.record(count, seconds=1)
    told = twice.again(trace)
    assert told.told in ("noise", "identical"), told.parted


def test_a_killed_command_must_have_said_the_same(twice: Twice) -> None:
    """Chance excuses how much was said, not what."""
    trace = twice.record(f"cat {twice.outside}; sleep 9", seconds=1)
    twice.outside.write_text("now\n")
    parted = twice.again(trace).parted
    assert parted
    assert parted.difference.recorded == "then"


def test_calls_that_nobody_ran_are_not_run(twice: Twice) -> None:
    """An unknown tool is as it was, a malformed call is refused again, and a call that never returned is told and left."""
    model = (call("nothing", "{}", "c1"), call("shell", '{"command": ', "c2"), FINISH)
    world = twice.here.world(coder(), TapeModel(*model), sandboxes=twice.sandboxes, lines=RunLines(twice.here.store.folder, twice.sandboxes), tools=twice.tools())
    pen = twice.here.store.begin(KEY)
    twice.began = time.time()
    run_trial(job(twice.folder), world, pen)
    trace = twice.here.store.trace(KEY)
    told = twice.again(trace)
    assert (told.told, told.compared, told.calls) == ("identical", 3, 3)
    cut = next(at for at, entry in enumerate(trace) if isinstance(entry.event, ToolReturned))
    assert isinstance(trace[cut - 1].event, ToolCalled)
    told = twice.again(trace[:cut])
    assert (told.told, told.compared, told.calls) == ("identical", 0, 1)
    assert "had not returned" in told.notes[0]


def test_another_start_parts_before_the_first_call(twice: Twice) -> None:
    """A machine that begins with other files is told apart at once."""
    found = recording(twice.record("touch b"), twice.here.store.blobs.get)
    parted = twice.again(Recording(found.image, found.calls[0].tree, found.calls)).parted
    assert parted
    assert (parted.call, parted.difference.field, parted.difference.now) == (0, "workspace: b", "not there")
