"""One round: a run is struck at a point, resumed, and compared with a run that nobody disturbed."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

import docker
import msgspec

from harness.cli.record.runs import held
from harness.core.events import TrialBroke, TrialInterrupted, TrialStarted
from harness.core.grammar import violations
from harness.metrics.equality import Side, differences
from harness.metrics.row import row
from harness.settings import read
from sandboxes.docker_engine import connect, find_engine
from tests.crash.ground import Ground, alive, begin, below, call, ended, environment, kill, naming, until, workers
from tests.crash.points import Point

NOTHING: Mapping[str, str] = MappingProxyType({})
AT_ONCE = 3
"""Rounds side by side: each waits for its containers half of the time."""

KEPT = (
    "SELECT trials.short, settled, seq, at, event FROM trials LEFT JOIN events ON events.short = trials.short "
    "WHERE settled IS NOT NULL ORDER BY trials.short, seq"
)


class Reference(msgspec.Struct, frozen=True):
    """An undisturbed run: what it came to, how long it took (s), and how many commits."""

    side: Side
    seconds: float
    commits: int


class Round(msgspec.Struct, frozen=True):
    """What became of one: `hit` False where the run had ended before its point, `began` where it had a record when it was struck.

    `settled` and `cut` trials at the kill, and every complaint.
    """

    point: Point
    hit: bool
    began: bool
    settled: int
    cut: int
    complaints: tuple[str, ...]


class Left(msgspec.Struct, frozen=True):
    """As the kill left it: the record's settled trials byte for byte, and the tries that were open."""

    run: str
    kept: tuple[tuple[object, ...], ...]
    cut: tuple[str, ...]


def reference(place: Ground, *, variables: Mapping[str, str] = NOTHING) -> Reference:
    """Raises RuntimeError where even the undisturbed run goes wrong."""
    home, strike = place.home("undisturbed"), armed(place, "undisturbed", "never 0 all")
    began = time.monotonic()
    done = call(home, "run", str(place.plan), "--json-lines", strike=strike, variables=variables)
    seconds = time.monotonic() - began
    if done.code:
        raise RuntimeError(f"the undisturbed run ended with {done.code}: {done.err}")
    return Reference(side(home), seconds, (strike / "commits").stat().st_size)


def side(home: Path, word: str = "last") -> Side:
    """A run of this home as it is compared."""
    run = held(word, read(environment(home)))
    keys = run.store.keys()
    traces = {short: run.store.trace(key) for short, key in keys.items()}
    run.store.close()
    return Side(tuple(row(short, key, run.tasks[key.task], traces[short]) for short, key in keys.items()), traces, run.store.blobs.get)


def armed(place: Ground, name: str, spec: str) -> Path:
    folder = place.folder / "strikes" / name
    folder.mkdir(parents=True)
    (folder / "spec").write_text(spec, encoding="utf-8")
    return folder


def play(place: Ground, whole: Reference, point: Point) -> Round:
    """Strike, resume, compare. The home stays where a complaint can be looked into."""
    home = place.home(point.name)
    hit, dead = strike(place, whole, point)
    complaints = [] if until(lambda: not any(map(alive, dead))) else [f"alive after the kill: {dead}"]
    if not records(home):  # killed before there was a run: then nothing is there to be resumed, and it is said in a sentence
        said = call(home, "resume", "last")
        complaints += [] if said.code == 2 and len(said.err.splitlines()) == 1 else [f"resume without a run: {said.code} {said.err}"]
        again = call(home, "run", str(place.plan), "--json-lines")
        return Round(point, hit, False, 0, 0, (*complaints, *judged(home, whole, again.code, again.err)))
    before = left(home)
    done = call(home, "resume", before.run, "--json-lines")
    cut = before.cut if point.who == "all" else ()  # a worker that outlives its parent may still end its trial
    complaints += [*judged(home, whole, done.code, done.err), *unchanged(home, before), *once(home, done.out), *tries(home, cut)]
    return Round(point, hit, True, len({word[0] for word in before.kept}), len(before.cut), tuple(complaints))


def strike(place: Ground, whole: Reference, point: Point) -> tuple[bool, tuple[int, ...]]:
    """Run until the point and kill; whether it came to that, and the processes that must be dead.

    A worker killed alone leaves a run that ends by itself.
    """
    home = place.home(point.name)
    if point.when == "time":
        return _at_time(begin(home, "run", str(place.plan), "--json-lines"), whole.seconds * point.at, point.who)
    spec = armed(place, point.name, f"{point.when} {int(point.at)} {point.who}")
    process = begin(home, "run", str(place.plan), "--json-lines", strike=spec)
    ended(home, process, "run")
    return (spec / "struck").exists(), (process.pid,)


def _at_time(process: subprocess.Popen[str], seconds: float, who: str) -> tuple[bool, tuple[int, ...]]:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGSTOP)  # so that it starts nobody while the others die
        doomed = {"all": (process.pid, *below(process.pid)), "parent": (process.pid,), "worker": workers(process.pid)[:1]}[who]
        for pid in doomed:
            kill(pid)
        process.send_signal(signal.SIGCONT)
        process.wait()
        return True, doomed
    return False, ()


def records(home: Path) -> tuple[Path, ...]:
    """The runs of a home that have a record."""
    return tuple(sorted((home / "runs").glob("*/run.sqlite")))


def left(home: Path) -> Left:
    """Read without a word of ours in between: straight from the file."""
    path = records(home)[-1]
    with closing(sqlite3.connect(path)) as database:
        kept = tuple(tuple(word) for word in database.execute(KEPT))
        open_tries = database.execute("SELECT DISTINCT events.short FROM events JOIN trials USING (short) WHERE settled IS NULL").fetchall()
    return Left(path.parent.name, kept, tuple(str(word[0]) for word in open_tries))


def judged(home: Path, whole: Reference, code: int, err: str, variables: Mapping[str, str] = NOTHING) -> list[str]:
    """The run as it ended, against the undisturbed one."""
    if code or "Traceback" in err:
        return [f"the run ended with {code}: {err[-2000:]}", *(f"{each.trial}: {each.outcome} {each.evidence}" for each in side(home).rows)]
    now = side(home)
    found = [f"unequal: {each}" for each in differences(whole.side, now)]
    found += [] if finished(home) else ["the record does not say that the run has finished"]
    found += [f"unlawful: {short}: {each}" for short, trace in now.traces.items() for each in violations(trace)]
    found += [] if until(lambda: not naming(home)) else [f"processes left: {naming(home)}"]
    run = records(home)[-1].parent.name
    found += [] if until(lambda: not containers(run, variables)) else [f"containers left: {containers(run, variables)}"]
    checked = call(home, "doctor", run, variables=variables)
    return found + ([] if checked.code == 0 else [f"doctor: {checked.code}: {checked.out}{checked.err}"])


def finished(home: Path) -> bool:
    with closing(sqlite3.connect(records(home)[-1])) as database:
        return bool(database.execute("SELECT value FROM meta WHERE name = 'finished' AND value != ''").fetchall())


def unchanged(home: Path, before: Left) -> list[str]:
    """What was settled at the kill is byte for byte what it was: no settled trial ran or was settled again."""
    shorts = {word[0] for word in before.kept}
    now = tuple(word for word in left(home).kept if word[0] in shorts)
    return [] if now == before.kept else [f"settled trials changed: {sorted(map(str, shorts))}"]


def once(home: Path, resumed: str) -> list[str]:
    """Run and resume together said of each trial at most once that it was settled, and the record holds each try's beginning once."""
    first = (home.parent / f"{home.name}.run.out").read_text("utf-8")
    said = [line["trial"] for line in map(parsed, (first + "\n" + resumed).splitlines()) if line.get("event") == "Settled"]
    return [f"settled twice: {trial}" for trial in sorted(set(said)) if said.count(trial) > 1]


def parsed(line: str) -> dict[str, str]:
    """A line of --json-lines; one cut by the kill says nothing."""
    try:
        return dict(json.loads(line))
    except ValueError:
        return {}


def tries(home: Path, cut: tuple[str, ...]) -> list[str]:
    """Every earlier try has an end that says why, and a trial that was cut has an earlier try."""
    found = []
    for short, trace in side(home).traces.items():
        started = [index for index, entry in enumerate(trace) if isinstance(entry.event, TrialStarted)]
        ends = [trace[index - 1].event for index in started[1:]]
        if not all(isinstance(end, TrialInterrupted) or (isinstance(end, TrialBroke) and end.will_retry) for end in ends):
            found.append(f"{short}: an earlier try has no end: {ends}")
        if short in cut and len(started) < 2:
            found.append(f"{short}: was cut and has {len(started)} try")
    return found


def containers(run: str, variables: Mapping[str, str] = NOTHING) -> list[str]:
    """Of a run, in whatever state."""
    place = find_engine({**environment(Path()), **variables}, Path.home())
    assert place
    client: docker.DockerClient = connect(place.place)
    try:
        return [str(each["Id"]) for each in client.api.containers(all=True, filters={"label": f"longhaul.run={run}"})]
    finally:
        client.close()
