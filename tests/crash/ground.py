"""A tiny run that is killed: its task, script and plan in one folder, a home of its own for each time it runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from tests.end_to_end.tiny import write_task

ROOT = Path(__file__).resolve().parents[2]
STRUCK = Path(__file__).parent / "struck"
HIDDEN = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL")
PATIENCE_S = 120.0
ENDING_S = 10.0
"""Within which processes and containers of a killed run must be gone, on however busy a machine."""

SCRIPT = """format = 1
[[reply]]
text = "I look first."
call = [{ name = "shell", arguments = { command = "cat calc.py", seconds = 20 } }]
[[reply]]
call = [{ name = "write", arguments = { path = "note.txt", content = "what I found" } }]
[[reply]]
call = [{ name = "replace", arguments = { path = "calc.py", old = "return a - b\\n\\n\\ndef sub", new = "return a + b\\n\\n\\ndef sub" } }, { name = "run_tests", arguments = {} }]
[[reply]]
call = [{ name = "finish", arguments = { done = "1", not_done = "" } }]
"""
PLAN = """format = 1
name = "struck"
attempts = 1
parallel = 2
tasks = ["harbor:{tasks}"]
[[models]]
use = "scripted/fixer"
options = {{ script = "{script}" }}
[[agents]]
use = "coder"
[[agents]]
use = "oracle"
[[agents]]
use = "idle"
"""


class Ground(msgspec.Struct, frozen=True):
    """`plan` is run; `folder` holds everything, with homes below."""

    folder: Path
    plan: Path

    def home(self, name: str) -> Path:
        return self.folder / "homes" / name


def ground(folder: Path, *, script: str = SCRIPT, plan: str = PLAN) -> Ground:
    """`script` and `plan`: other words than the tiny run's."""
    tasks, path = folder / "tasks", folder / "fixer.toml"
    write_task(tasks)
    path.write_text(script, encoding="utf-8")
    (folder / "plan.toml").write_text(plan.format(tasks=tasks, script=path), encoding="utf-8")
    return Ground(folder, folder / "plan.toml")


def environment(home: Path, strike: Path | None = None, **others: str) -> dict[str, str]:
    """A user's, without their keys and servers; with `strike`, commits are counted."""
    kept = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    told = {"LONGHAUL_STRIKE": str(strike), "PYTHONPATH": f"{STRUCK}:{ROOT}"} if strike else {"PYTHONPATH": str(ROOT)}
    return kept | told | {"LONGHAUL_HOME": str(home), "OLLAMA_HOST": "127.0.0.1:9", "NO_COLOR": "1", "COLUMNS": "200"} | others


def begin(home: Path, *words: str, strike: Path | None = None, variables: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """`longhaul WORDS`, under way; stdout and stderr in files beside the home, for a pipe that nobody reads would stop it."""
    home.mkdir(parents=True, exist_ok=True)
    out, err = ((home.parent / f"{home.name}.{words[0]}.{name}") for name in ("out", "err"))
    argv = (sys.executable, "-P", "-m", "harness.cli.main", *words)
    with out.open("w") as said, err.open("w") as complained:
        env = environment(home, strike, **(variables or {}))
        return subprocess.Popen(argv, cwd=home, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=complained, text=True)


class Done(msgspec.Struct, frozen=True):
    """A finished command."""

    code: int
    out: str
    err: str


def call(home: Path, *words: str, strike: Path | None = None, variables: Mapping[str, str] | None = None) -> Done:
    """`longhaul WORDS`, to its end."""
    return ended(home, begin(home, *words, strike=strike, variables=variables), words[0])


def ended(home: Path, process: subprocess.Popen[str], word: str) -> Done:
    try:
        code = process.wait(PATIENCE_S)
    finally:
        process.kill()
    said = [(home.parent / f"{home.name}.{word}.{name}").read_text("utf-8") for name in ("out", "err")]
    return Done(code, *said)


def met(process: subprocess.Popen[str], home: Path, event: str) -> bool:
    """Whether a run with --json-lines came to an event before it ended."""
    said = home.parent / f"{home.name}.run.out"
    until(lambda: f'"{event}"' in said.read_text("utf-8") or process.poll() is not None, PATIENCE_S)
    return f'"{event}"' in said.read_text("utf-8")


def below(pid: int) -> tuple[int, ...]:
    """Every process descended from this one, as of now, parents before their children."""
    try:
        words = " ".join(path.read_text("utf-8") for path in Path(f"/proc/{pid}/task").glob("*/children"))
    except OSError:
        return ()
    found = tuple(map(int, words.split()))
    return (*found, *(deeper for child in found for deeper in below(child)))


def workers(pid: int) -> tuple[int, ...]:
    """The processes of our own program at the tree's ends: those that run trials."""
    return tuple(each for each in below(pid) if called(each).startswith("python") and not any(map(called, below(each))))


def called(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text("utf-8").strip()
    except OSError:
        return ""


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def naming(folder: Path) -> tuple[int, ...]:
    """Living processes that have a folder among their words, as workers and what starts them have their run's."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if os.fsencode(f"{folder}/") in path.read_bytes() and int(path.parent.name) != os.getpid():
                found.append(int(path.parent.name))
    return tuple(pid for pid in found if alive(pid))


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def until(holds: Callable[[], object], seconds: float = ENDING_S) -> bool:
    """Whether it came to hold within the time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
