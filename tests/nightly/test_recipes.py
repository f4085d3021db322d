"""The recipes of docs/nightly.md: they parse, their shell is sound, and every longhaul line in them is one that longhaul takes."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from typer import _click as click

from harness.cli.main import COMMANDS, app
from harness.cli.preparing.plans import Said, worded
from harness.cli.running.continuation import facts
from harness.store.sqlite import RunStore
from tests.answer.laid import a_night, lay, suite
from tests.nightly import recipe
from tests.nightly.recipe import ROOT

DOCUMENT = (ROOT / "docs" / "nightly.md").read_text("utf-8")
SCRIPT = ROOT / ".ci" / "nightly"
CODES = (0, 1, 2, 3, 4, 130)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)


def shell() -> Iterator[tuple[str, str]]:
    """Every piece of shell in the recipes, by name."""
    yield "script", SCRIPT.read_text("utf-8")
    for name, step in recipe.steps().items():
        if "run" in step:
            yield f"workflow: {name}", step["run"]
    for number, text in enumerate(blocks("sh"), 1):
        yield f"document: {number}", text
    for number, text in enumerate(blocks("yaml"), 1):
        for job, words in yaml.safe_load(text).items():
            if isinstance(words, dict) and "script" in words:
                yield f"document: {job} {number}", "\n".join(words["script"])


SHELL = dict(shell())


def lines() -> Iterator[str]:
    """Every longhaul line, joined over its breaks."""
    for text in SHELL.values():
        for line in text.replace("\\\n", " ").splitlines():
            for found in re.findall(r"(?:^|[;&|(]|\bif|\bdo|\bthen)\s*(longhaul (?!\))[^;&|#]*)", line.strip()):
                yield found.strip()


@pytest.mark.parametrize("name", SHELL)
def test_the_shell_is_sound(name: str) -> None:
    """bash reads it; a workflow's step takes everything from its environment, so that no foreign word is ever part of a script."""
    assert subprocess.run(["bash", "-n"], input=SHELL[name], capture_output=True, text=True, check=False).returncode == 0
    assert "${{" not in SHELL[name]


@pytest.mark.parametrize("line", sorted(set(lines())))
def test_every_line_is_one_that_longhaul_takes(line: str) -> None:
    """Each command and each option is known to the real parser."""
    words = [re.sub(r"\$\{(\w+):-([^}]*)\}", r"\2", word) for word in shlex.split(line) if word not in ("$@", "${accept[@]}")]
    words = [{"$MAX_DROP": "0.10", "$KEEP": "30"}.get(word, word) for word in words]
    assert words[1] in COMMANDS
    group = typer.main.get_command(app)
    with click.Context(group, info_name="longhaul") as above:
        above.meta["longhaul.wanted"] = words[1]
        command = group.get_command(above, words[1])  # type: ignore[attr-defined]
        command.make_context(words[1], words[2:], parent=above)


def test_there_are_lines_to_look_at() -> None:
    """Every command of a night is among them, so that the finder of lines has not gone blind."""
    told = {line.split()[1] for line in lines()}
    assert {"run", "report", "gate", "baseline", "prune", "doctor"} <= told


def test_the_workflow_keeps_its_promises() -> None:
    """Scheduled and by hand, one at a time and never cut off by the next, bounded, without rights; reports, prunes and uploads whatever happened."""
    held: dict[Any, Any] = recipe.workflow()
    assert set(held[True]) == {"schedule", "workflow_dispatch"}  # YAML 1.1 takes `on` for true
    assert held["concurrency"] == {"group": "nightly", "cancel-in-progress": False}
    assert held["permissions"] == {"contents": "read"}
    assert "github.run_id" in held["env"]["NIGHT"]
    assert "run_attempt" not in held["env"]["NIGHT"]
    job, steps = held["jobs"]["night"], recipe.steps()
    assert job["timeout-minutes"] > steps[recipe.RUN]["timeout-minutes"]
    assert all("always()" in steps[name]["if"] for name in ("Report", "Prune", "Save the store", "Keep what may leave"))
    uploaded = steps["Keep what may leave"]["with"]["path"].split()
    assert not [path for path in uploaded if "gate" in path]
    assert "--redact" in steps["Report"]["run"]


def test_gitlab_tells_undecided_from_red() -> None:
    """The one exit code that is a warning there is 4; JUnit and artifacts are kept whatever happened."""
    (text,) = blocks("yaml")
    job = yaml.safe_load(text)["night"]
    assert job["allow_failure"] == {"exit_codes": [4]}
    assert job["artifacts"]["when"] == "always"
    assert job["artifacts"]["reports"]["junit"]


def test_the_document_names_every_exit_code() -> None:
    """What cron and CI see is said."""
    for code in CODES:
        assert re.search(rf"^\| {code} \|", DOCUMENT, re.MULTILINE), code


@pytest.mark.parametrize("again", [False, True])
def test_the_verdict_of_the_script_comes_last(tmp_path: Path, again: bool) -> None:
    """A first night that was judged by nobody says so, with what a gate on it finds and where to look; a later one ends with the gate's word."""
    plan, home = tmp_path / "plan.toml", tmp_path / "home"
    plan.write_text('format = 1\ntasks = ["bundled"]\n[[models]]\nuse = "ollama/q"\n', encoding="utf-8")
    folder = lay(home, "20260101-200000-aaaa", a_night(suite(10, "ppp", task_03="pfp")), name="night-1")
    store = RunStore(folder)
    for key, word in (facts(worded(Said(plan))) | {"finished": "2026-01-01T23:00:00+0000"}).items():
        store.keep(key, word)
    store.close()
    env = os.environ | {"LONGHAUL_HOME": str(home), "NIGHT": "night-1", "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "200"}
    if again:
        subprocess.run([sys.executable, "-m", "harness.cli.main", "baseline", "night-1", "--to", str(tmp_path / "b.json")], env=env, check=True, capture_output=True)
    done = subprocess.run([str(SCRIPT), str(plan), str(tmp_path / "b.json")], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    *before, last = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    if again:
        assert last == "night-1: ok (exit 0)"
    else:
        assert last.startswith("FIRST NIGHT, NOTHING WAS JUDGED: ")
        assert "longhaul report night-1" in last
        assert [line for line in before if line.startswith("a gate on this: ")]


def test_the_script_says_how_it_is_called(tmp_path: Path) -> None:
    """Without its two words it runs nothing: exit 2."""
    done = subprocess.run([str(SCRIPT)], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "usage:" in done.stderr, list(tmp_path.iterdir())) == (2, True, [])
