"""Three nights as they are lived: a baseline, a model that somebody made worse, and a server that dies half-way and is back in the morning."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import msgspec
import pytest

from harness.cli.record.runs import named
from harness.core.events import TrialBroke
from harness.core.grammar import violations
from harness.metrics.tries import of
from harness.settings import read
from harness.store.sqlite import RunStore
from tests.end_to_end.tiny import longhaul
from tests.nightly import recipe
from tests.nightly.nights import ANYWHERE, ATTEMPTS, SECOND_LINE, TASKS, Ground, ground, installed
from tests.nightly.recipe import GATE, PRUNE, REPORT, ROOT, RUN, Step
from tests.services.servers import OllamaServer, serving_ollama

pytestmark = [pytest.mark.docker, pytest.mark.ollama]
PLANNED = TASKS * ATTEMPTS
HALF = 5
"""Trials after which the third night's server is killed."""


class Nights(msgspec.Struct, frozen=True):
    """What the nights said: the script of the first, twice; the steps of the second; those of the third before and after its server came back."""

    place: Ground
    folder: Path
    first: subprocess.CompletedProcess[str]
    again: subprocess.CompletedProcess[str]
    worse: dict[str, Step]
    refused: Step
    dead: dict[str, Step]
    back: dict[str, Step]


@pytest.fixture(scope="module")
def nights(ollama_034: OllamaServer, base_image: object, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """All three, on a server of their own, which is killed and started again."""
    folder = tmp_path_factory.mktemp("nights")
    place, where = ground(folder), folder / "server"
    with serving_ollama(ollama_034.program, where) as server:
        yours = {"OLLAMA_HOST": server.url, "LONGHAUL_HOME": str(place.home), "PLAN": str(place.plan), "BASELINE": str(folder / "nightly.json")}
        every = yours | {"MAX_DROP": "0.10", "ACCEPT": "", "LINK": "https://ci.example/night", "OUT": str(folder / "out"), "PAUSE": "0", "KEEP": "30"}
        installed(server, ANYWHERE)
        first, again = script(place, folder, yours), script(place, folder, yours)
        installed(server, SECOND_LINE)
        second = every | {"NIGHT": "night-2"}
        worse = {name: recipe.ran(name, folder, second) for name in (RUN, REPORT)}
        refused = recipe.ran(GATE, folder, second)
        worse |= {name: recipe.ran(name, folder, second | {"ACCEPT": "model"}) for name in (GATE, PRUNE)}
        installed(server, ANYWHERE)
        third = every | {"NIGHT": "night-3"}
        dead = {RUN: killed(server, folder, third), GATE: recipe.ran(GATE, folder, third)}
        with serving_ollama(server.program, where, port=server.port):
            back = {name: recipe.ran(name, folder, third) for name in (RUN, GATE)}
    return Nights(place, folder, first, again, worse, refused, dead, back)


def script(place: Ground, folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The night that cron begins."""
    argv = (str(ROOT / ".ci" / "nightly"), str(place.plan), str(folder / "nightly.json"), "--max-drop", "0.10")
    env = os.environ | variables | {"PYTHONPATH": str(ROOT), "NIGHT": "night-1", "OUT": str(folder / "first"), "NO_COLOR": "1"}
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False)


def killed(server: OllamaServer, folder: Path, variables: dict[str, str]) -> Step:
    """The third night's run, whose server goes once some trials are settled, and stays away."""
    told: list[str] = []
    with recipe.begun(RUN, folder, variables) as process:
        assert process.stdout
        for line in process.stdout:
            told.append(line)
            if line.startswith(f"{HALF}/{PLANNED}"):
                server.kill()
        process.wait()
    return Step(process.returncode, "".join(told), "")


def store(place: Ground, name: str) -> RunStore:
    path = named(name, read({"LONGHAUL_HOME": str(place.home)}))
    assert path is not None
    return RunStore(path)


def test_the_first_night_makes_the_baseline(nights: Nights) -> None:
    """The script runs, reports, writes the baseline, prunes nothing of it, and ends with 0."""
    assert nights.first.returncode == 0, nights.first.stdout + nights.first.stderr
    assert nights.first.stdout.splitlines()[-1].startswith("FIRST NIGHT, NOTHING WAS JUDGED: ")
    held = json.loads((nights.folder / "nightly.json").read_text("utf-8"))
    assert [run["name"] for run in held["runs"]] == ["night-1"]
    assert (nights.folder / "first" / "report.html").exists()
    assert "coder x ollama/nightly:latest" in nights.first.stdout
    told = longhaul(nights.place.home, "prune", "--keep", "0", "--dry-run", "--json")
    (kept,) = [row for row in json.loads(told.stdout)["runs"] if row["name"] == "night-1"]
    assert "a baseline is made of it" in kept["why"]


def test_the_first_night_once_more_is_judged_against_itself(nights: Nights) -> None:
    """The same line does nothing twice: the run is told, the gate is green, its JUnit file and summary stand beside the report."""
    assert nights.again.returncode == 0, nights.again.stdout + nights.again.stderr
    assert "ok: night-1" in nights.again.stdout
    assert nights.again.stdout.splitlines()[-1] == "night-1: ok (exit 0)"
    assert {"report.html", "trials.xml", "gate.xml", "gate.md"} <= {path.name for path in (nights.folder / "first").iterdir()}


def test_a_changed_model_is_refused_by_name(nights: Nights) -> None:
    """Another model under the same name is no silent drop: the gate says what differs and judges nothing."""
    assert nights.refused.code == 2
    assert "model: found" in nights.refused.out
    assert "--accept model" in nights.refused.out


def test_a_worse_model_turns_the_gate_red(nights: Nights) -> None:
    """The run itself ends well; the gate's step ends with 3, and the job's page has the word, the figures and the new failures."""
    assert [nights.worse[name].code for name in (RUN, REPORT, GATE, PRUNE)] == [0, 0, 3, 0], nights.worse
    assert "::error title=longhaul::regressed" in nights.worse[GATE].out
    for word in ("regressed", "-70", "sum-3", "https://ci.example/night"):
        assert word in nights.worse[GATE].summary


def test_a_dead_server_leaves_the_rest_pending(nights: Nights) -> None:
    """No trial is broken for it: what was under way and what had not begun waits, and the step goes on to the gate with a warning."""
    assert nights.dead[RUN].code == 0, nights.dead[RUN].out
    assert "no new trials of ollama/nightly:latest, the rest stays pending" in nights.dead[RUN].out
    assert "bring back the server of ollama/nightly:latest, then longhaul resume" in nights.dead[RUN].out
    assert "::warning" in nights.dead[RUN].out
    assert " 0 broken + 0 invalid + " in nights.dead[RUN].out
    assert "Traceback" not in nights.dead[RUN].out


def test_a_night_without_its_server_is_undecided(nights: Nights) -> None:
    """Never red: the gate says undecided (4), and its step ends with a warning and 0."""
    assert (nights.dead[GATE].code, "::warning title=longhaul::undecided" in nights.dead[GATE].out) == (0, True), nights.dead[GATE].out
    assert "pending" in nights.dead[GATE].summary


def test_the_same_line_goes_on_and_is_green(nights: Nights) -> None:
    """With its server back the night is finished by the same step: what was settled stays as it was, every trial is settled once, the gate ends with 0."""
    assert [nights.back[name].code for name in (RUN, GATE)] == [0, 0], nights.back
    assert "trials are left" in nights.back[RUN].out
    held = store(nights.place, "night-3")
    assert len(held.settled_shorts()) == PLANNED
    traces = [held.trace(key) for key in held.keys().values()]
    assert not [fault for trace in traces for fault in violations(trace)]
    assert not [event for trace in traces for event in of(trace, TrialBroke) if not event.will_retry]
    assert "ok" in nights.back[GATE].summary


def test_what_leaves_the_house_is_redacted(nights: Nights) -> None:
    """The files that the workflow uploads name no task, and the page opens with the night's numbers."""
    page = (nights.folder / "out" / "report.html").read_text("utf-8")
    units = (nights.folder / "out" / "trials.xml").read_text("utf-8")
    assert "sum-1" not in page + units
    assert "task-1" in units
