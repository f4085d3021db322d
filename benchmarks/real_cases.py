"""The runs whose traces no mutator made: each case is one `longhaul run`, with a script of its own where it needs one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.real_plays import BUNDLED, Said, played, script, slipped, solved
from harness.core.task import TaskSpec
from harness.settings import read
from harness.wiring.sources import collect
from task_repos.staging.generating import known
from tests.end_to_end.tiny import FIX, longhaul, write_task
from tests.services.build import ollama_034
from tests.services.scripted_script import BEHAVIOURS, Wanted, call
from tests.services.servers import OllamaServer, serving_ollama

SEED = "7"
SPOKEN = tuple(one for one in BEHAVIOURS if one not in ("runaway", "repeat"))
"""Those two write until their limit of output, which takes an hour without a GPU and shows no detector anything."""
WIDE = "200000"
TURNS = 12
"""Of a model on a server that never ends by itself."""
STEPS = (call(command="cat calc.py", seconds=10), call(command=FIX, seconds=10), call("run_tests"), call("finish", done="1", not_done=""))


class Case(msgspec.Struct, frozen=True):
    """`words`: of `longhaul run`, without attempts and name; `host`: of an Ollama that it needs."""

    name: str
    words: tuple[str, ...]
    host: str = ""


def run(case: Case, home: Path) -> None:
    """Raises RuntimeError where the command has neither 0 nor 1 to say."""
    done = longhaul(home, "run", *case.words, "-n", "1", "--quiet", "--run", case.name, **({"OLLAMA_HOST": case.host} if case.host else {}))
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{case.name}: exit {done.returncode}: {(done.stdout + done.stderr)[-400:]}")


def bundled(folder: Path) -> Iterator[Case]:
    """The demo model on all tasks, the oracle on all tasks, each solution that is a patch played file by file, and half of it claimed to be all; moves where a task has them, and with slips."""
    yield Case("demo", ("-t", "bundled", "-m", "scripted/demo", "-a", "coder"))
    yield Case("oracle", ("-t", "bundled", "-a", "oracle"))
    for task in sorted(path.parents[1].name for path in BUNDLED.glob("*/solution/*.patch")):
        yield scripted(f"solved-{task}", f"bundled#{task}", solved(task, half=False), "coder", folder)
        yield scripted(f"half-{task}", f"bundled#{task}", solved(task, half=True), "tool_loop", folder)
    for task in sorted(path.parents[1].name for path in BUNDLED.glob("*/solution/moves.json")):
        one: TaskSpec = collect((f"bundled#{task}",), read(), None, 0).tasks[0]
        # Nothing is cleared: an agent that asks for a summary would take a reply of the script for it.
        yield scripted(f"moves-{task}", f"bundled#{task}", played(one), "tool_loop", folder, "--window", WIDE)
        yield scripted(f"slips-{task}", f"bundled#{task}", slipped(one), "tool_loop", folder, "--window", WIDE)


def staged(folder: Path, dials: str = "") -> Iterator[Case]:
    """Of each family the moves as they are, and with a slip of each item."""
    for family in known():
        yield from of_family(family, folder, dials)


def of_family(family: str, folder: Path, dials: str = "") -> Iterator[Case]:
    word = f"staged:S,family={family}{dials}"
    task: TaskSpec = collect((word,), read(), None, int(SEED)).tasks[0]
    yield scripted(f"moves-{family}", word, played(task), "coder", folder, "--seed", SEED)
    if any(move.slips for move in task.moves):
        yield scripted(f"slips-{family}", word, slipped(task), "tool_loop", folder, "--seed", SEED)


def scripted(name: str, source: str, replies: tuple[Said, ...], agent: str, folder: Path, *more: str) -> Case:
    path = script(replies, folder / f"{name}.toml")
    return Case(name, ("-t", source, "-m", "scripted/demo", "-o", f"model.script={path}", "-a", agent, *more))


@contextmanager
def served(folder: Path) -> Iterator[Iterator[Case]]:
    """Models written by hand on a real Ollama 0.34, one for each behaviour, on a tiny task; the server lives as long as the context."""
    with serving_ollama(ollama_034(), folder / "ollama") as server:
        yield (_served(behaviour, server, folder) for behaviour in SPOKEN)


def _served(behaviour: str, server: OllamaServer, folder: Path) -> Case:
    name = server.create(Wanted(behaviour=behaviour, calls=STEPS))  # type: ignore[arg-type]
    source = f"harbor:{write_task(folder / 'tasks')}"
    words = ("-t", source, "-m", f"ollama/{name}", "-a", "tool_loop", "--window", "8192", "--allow-offload", "-o", f"limits.turns={TURNS}")
    return Case(f"ollama-{behaviour}", words, server.url)
