"""`doctor RUN` on a sound record, and on records with one kind of damage each: found, named, and left as they are."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from agents.coder import create as coder
from agents.tools.finish import create as finish
from agents.tools.shell import create as shell
from harness.cli.record.examination import MOST, Findings, examined
from harness.cli.record.runs import remember
from harness.cli.running.closing import settle
from harness.core.errors import StoreError
from harness.core.events import PromptCounted, TrialStarted
from harness.core.grammar import violations
from harness.core.probe import Probe
from harness.core.recorded import Tree
from harness.engine.trial import run_trial
from harness.plan import Plan
from harness.settings import read
from harness.store.audits import KeptKeys, named
from harness.store.examination import examine
from harness.store.settled import Asked, SettledTests
from harness.store.sqlite import RunStore, create
from harness.wiring.digests import of_harness
from tests.cli.damage import DAMAGE, changed, lose_a_blob
from tests.engine.doubles import KEY, Stage, TapeModel, Time, call, job, say

LATER = msgspec.structs.replace(KEY, attempt=2)
WRITE = call("shell", json.dumps({"command": "mkdir d; seq 9000 > d/b.txt; seq 9000; ln -s b.txt d/l; git init -q .", "seconds": 10}))
FINISH = call("finish", json.dumps({"done": "all", "not_done": ""}), "c9")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder with one settled and one pending trial, made by the engine itself."""
    folder = tmp_path_factory.mktemp("record")
    meta = {"run": "run", "plan": msgspec.json.encode(Plan(("bundled",))).decode(), "harness": of_harness()}
    here = Stage(create(folder / "run", (KEY, LATER), meta), Time())
    what = job(folder)
    remember(here.store, (what.task,))
    pen = here.store.begin(KEY)
    model = TapeModel(WRITE, say(), FINISH)
    run_trial(what, here.world(coder(), model, tools={"shell": shell(), "finish": finish()}), pen)
    assert violations(here.store.trace(KEY)) == ()
    settle(here.store, KEY, what.task, pen)
    here.store.close()
    return folder / "run"


@pytest.fixture
def run(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "run", symlinks=True))


class Told(msgspec.Struct, frozen=True):
    code: int
    findings: list[dict[str, str]]
    body: dict[str, object]

    def wrong(self, kind: str) -> list[str]:
        return [f"{each['place']}: {each['text']}" for each in self.findings if (each["kind"], each["state"]) == (kind, "wrong")]


Doctor = Callable[[Path], Told]


@pytest.fixture
def doctor(capsysbinary: pytest.CaptureFixture[bytes]) -> Iterator[Doctor]:
    """Examines a folder and asserts that nothing in it changed."""

    def ask(folder: Path) -> Told:
        before = content(folder)
        code = examined(folder, read(), as_json=True)
        after = content(folder)
        assert {name for name in after if after[name] != before.get(name)} <= {"run.sqlite-shm"}
        assert after.keys() == before.keys()
        body = json.loads(capsysbinary.readouterr().out)
        assert body["schema"] == "longhaul.doctor-run/1"
        return Told(code, body["findings"], body)

    return ask


def content(folder: Path) -> dict[str, bytes]:
    """Every file and what it holds; links by where they lead."""
    return {
        path.relative_to(folder).as_posix(): str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*")) if path.is_symlink() or path.is_file()
    }


def test_a_sound_record_is_told_so(run: Path, doctor: Doctor) -> None:
    """Nothing is found, and what was looked at is said."""
    told = doctor(run)
    assert (told.code, told.findings) == (0, [])
    looked = told.body["looked_at"]
    assert isinstance(looked, dict)
    assert (looked["trials"], looked["settled"], looked["rows"], looked["bases"]) == (2, 1, 1, 1)
    assert min(looked.values()) > 0


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_damage_is_found(damage: Callable[[Path], None], run: Path, doctor: Doctor) -> None:
    """Each kind of damage is named where it is, exit 1, and nothing is mended."""
    damage(run)
    kind, words = DAMAGE[damage]
    told = doctor(run)
    assert told.code == 1
    assert any(words in sentence for sentence in told.wrong(kind)), told.findings


def test_what_is_kept_beside_a_record_is_examined(run: Path, doctor: Doctor) -> None:
    """Answers of tests and keys of audits that no archive would take are named; whole ones, and accounts, which nobody believes unproven, are not."""
    tests = SettledTests(run)
    tests.keep(Asked(Tree("a" * 40, "", ""), ("t::one",), "sha256:i", "sha256:t"), {"t::one": True})
    name = named("r", "m", 0, [])
    key = msgspec.json.encode({"audit": name, "run": "r", "measure": "m", "seed": 0, "samples": []})
    KeptKeys(run).keep(name, key)
    (run / "context").mkdir()
    (run / "context" / "t0001.plain.json").write_bytes(b"half")
    assert doctor(run).code == 0
    (whole,) = (run / "settled").iterdir()
    (run / "settled" / f"{'0' * 64}.json").write_bytes(whole.read_bytes())
    tests.keep(Asked(Tree("b" * 40, "", ""), ("t::one", "t::two"), "sha256:i", "sha256:t"), {"t::one": True})
    whole.write_bytes(whole.read_bytes()[:-9])
    KeptKeys(run).keep("ba9876543210", b"[]")
    KeptKeys(run).keep(name, key.replace(b'"seed":0', b'"seed":1'))
    told = doctor(run)
    assert told.code == 1
    assert sorted(sentence.partition(": ")[2].partition(":")[0].partition(";")[0] for sentence in told.wrong("settled")) == [
        "answers another question than its name", "can't be read", "does not answer for all of its tests",
    ]  # fmt: skip
    assert sorted(told.wrong("audit")) == [
        f"{name}.json: is not the key that its name stands for", "ba9876543210.json: is no key of an audit: Expected `object`, got `array`",
    ]  # fmt: skip


INSTEAD: dict[str, Callable[[Path], object]] = {
    "file": lambda room: room.write_bytes(b"{}"), "pipe": os.mkfifo, "loop": lambda room: room.symlink_to(room.name), "dangling": lambda room: room.symlink_to("nowhere"),
}  # fmt: skip


@pytest.mark.parametrize("kind", INSTEAD)
def test_what_stands_in_place_of_a_folder_is_named(kind: str, run: Path, doctor: Doctor) -> None:
    """Beside a record, too: one sentence each, whatever it is; where it is only a cache that nobody believes, a note."""
    for room in ("settled", "audits", "context"):
        INSTEAD[kind](run / room)
    told = doctor(run)
    assert {each["place"]: (each["kind"], each["state"], each["text"].startswith("is no folder that can be read (")) for each in told.findings} == {"settled": ("settled", "wrong", True), "audits": ("audit", "wrong", True), "context": ("context", "note", True)}
    assert told.code == 1
    asked = Asked(Tree("a" * 40, "", ""), ("t::one",), "sha256:i", "sha256:t")
    assert SettledTests(run).find(asked) is None
    with pytest.raises(StoreError, match="could not be written"):
        SettledTests(run).keep(asked, {"t::one": True})


def test_a_name_is_one_line_whatever_it_is(run: Path, doctor: Doctor) -> None:
    """Bytes that are no UTF-8, control characters, and a second line that says that all is well."""
    for name in (b"\xff.json", b"\x1b[2J.json", b"a\ngood    all is well.json"):
        for room in ("settled", "audits", "blobs", "bases"):
            (run / room).mkdir(exist_ok=True)
            Path(os.fsdecode(os.fsencode(run / room) + b"/" + name)).write_bytes(b"{}")
    told = doctor(run)
    assert told.code == 1
    places = {each["place"].rpartition("/")[2] for each in told.findings}
    assert places >= {"\\udcff.json", "\\x1b[2J.json", "a\\ngood    all is well.json"}


def test_leftovers_are_notes(run: Path, doctor: Doctor) -> None:
    """What a killed worker leaves does no harm: it is told, and the record is sound."""
    store = RunStore(run)
    store.blobs.put(b"nobody names me")
    store.close()
    half = ("blobs/ab/.new-x", "trees.git/objects/tmp_obj_x", "bases/.new-x", "trees.git/objects/tmp_objdir-longhaul-x/pack-1.pack")
    for name in (*half, "blobs/ab/stray.txt"):
        (run / name).parent.mkdir(exist_ok=True)
        (run / name).write_bytes(b"half")
    told = doctor(run)
    assert told.code == 0
    assert {each["state"] for each in told.findings} == {"note"}
    assert {each["text"] for each in told.findings} == {
        "no event names it", "was being written when its process ended", "does not belong there",
    }
    assert len(told.findings) == 6


@pytest.mark.parametrize("kind", ["fork", "probe"])
def test_the_past_of_a_fork_is_wanted(kind: str, run: Path, doctor: Doctor) -> None:
    """What a fork or a replay begins with, and what that needs, is named by no event: it is no leftover, and missed where it is gone."""
    with closing(RunStore(run)) as store:
        past, held = store.blobs.put(b"lived"), store.blobs.put(b"a word of it")
        began = msgspec.json.encode({"past": past, "held": [held]})
        made = msgspec.json.encode(Probe("parent", ("full", "fresh"), 1, 6, (), pasts={"t0001.4.suffix full": store.blobs.put(began)})) if kind == "probe" else began
        store.keep(kind, made.decode())
    assert (doctor(run).code, doctor(run).findings) == (0, [])
    (run / "blobs" / held.sha256[:2] / f"{held.sha256[2:]}.zst").unlink()
    assert [each.partition(":")[0] for each in doctor(run).wrong("blob")] == ["where it was forked" if kind == "fork" else "where t0001.4.suffix full begins"]
    changed(run, f"UPDATE meta SET value = '[]' WHERE name = '{kind}'")
    assert ["where its trials begin can't be read" in each for each in doctor(run).wrong("record")] == [True]


def test_a_fork_that_was_never_born_is_told(run: Path, doctor: Doctor) -> None:
    """No damage, and nothing to wait for."""
    with closing(RunStore(run)) as store:
        store.keep("fork", "unborn")
    (told,) = doctor(run).findings
    assert (doctor(run).code, told["kind"], told["state"], "nothing of it can go on" in told["text"]) == (0, "record", "note", True)


def test_a_trial_under_way_is_sound(run: Path, doctor: Doctor) -> None:
    """A worker that writes meanwhile, or was killed, is no damage."""
    store = RunStore(run)
    pen, first = store.begin(LATER), store.trace(KEY)[0]
    assert isinstance(first.event, TrialStarted)
    pen(msgspec.structs.replace(first, event=msgspec.structs.replace(first.event, key=LATER)))
    database, log = (run / "run.sqlite").read_bytes(), (run / "run.sqlite-wal").read_bytes()
    assert doctor(run).code == 0
    assert ((run / "run.sqlite").read_bytes(), (run / "run.sqlite-wal").read_bytes()) == (database, log)
    store.close()
    assert doctor(run).code == 0


def test_many_findings_are_capped(run: Path, doctor: Doctor) -> None:
    """Of each kind some are told, of the others their number."""
    for number in range(MOST + 7):
        path = run / "blobs" / "zz" / f"{hashlib.sha256(str(number).encode()).hexdigest()}.zst"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    told = doctor(run)
    assert len(told.findings) == MOST
    assert told.body["more"] == [{"kind": "leftover", "state": "note", "count": 7}]


def test_a_spoiled_pack_is_found(run: Path, doctor: Doctor) -> None:
    """Objects in packs are read like loose ones."""
    git = ("git", "--git-dir", str(run / "trees.git"))
    ids = {path.parent.name + path.name for path in (run / "trees.git" / "objects").glob("??/*")}
    subprocess.run((*git, "pack-objects", "-q", str(run / "trees.git/objects/pack/pack")), input="\n".join(ids).encode(), check=True, capture_output=True)
    subprocess.run((*git, "prune-packed", "-q"), check=True)
    assert doctor(run).code == 0
    (pack,) = (run / "trees.git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    data = bytearray(pack.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 40] = b"\xff" * 40
    pack.write_bytes(data)
    told = doctor(run)
    assert told.code == 1
    assert told.wrong("tree")


def test_a_word_that_names_a_run_examines_it(run: Path, tmp_path: Path, longhaul: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """`doctor last` on the command line: lines for people, exit 1 for damage, exit 2 for a word that names nothing."""
    home = tmp_path / "home"
    (home / "runs").mkdir(parents=True)
    run.rename(home / "runs" / "20250101-000000-abcd")
    done = longhaul("doctor", "last", LONGHAUL_HOME=str(home))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("good    20250101-000000-abcd: 2 trials, 1 settled, ")
    lose_a_blob(home / "runs" / "20250101-000000-abcd")
    done = longhaul("doctor", "20250101", LONGHAUL_HOME=str(home))
    assert done.returncode == 1
    assert done.stdout.startswith("wrong   blob t0001: ")
    done = longhaul("doctor", "nothing-like-it", LONGHAUL_HOME=str(home))
    assert done.returncode == 2
    assert "KIND:NAME" in done.stderr
    assert "20250101-000000-abcd" in done.stderr


def test_many_trials_take_no_more_memory(tmp_path: Path) -> None:
    """A trial at a time: ten times as many trials of 300 events leave the peak where it was."""

    def peak(trials: int) -> int:
        keys = tuple(msgspec.structs.replace(KEY, attempt=number) for number in range(1, trials + 1))
        store = create(tmp_path / str(trials), keys, {"run": "run"})
        event = msgspec.json.encode(PromptCounted(7, "x" * 500))
        with sqlite3.connect(store.folder / "run.sqlite") as database:
            rows = ((short, seq, 0.0, event) for short in store.progress() for seq in range(1, 301))
            database.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", rows)
        database.close()
        tracemalloc.start()
        examine(store, Findings(), lambda *_: None)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(100) < 1.2 * peak(10)
