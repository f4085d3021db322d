"""A wrong plan, option, name or file is one sentence and exit 2; nothing has been started by then."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import docker
import pytest

from sandboxes.docker_sweep import OWNER

Inside = Callable[..., tuple[int, str, str]]
Command = Callable[..., "subprocess.CompletedProcess[str]"]

PLANS = {
    "unknown key": ('format = 1\ntasks = ["bundled"]\nsed = 3\n', ("sed", "unknown key")),
    "unknown key in a table": ('tasks = ["bundled"]\n[limits]\nturn = 3\n', ("limits.turn", "unknown key")),
    "wrong type": ('tasks = ["bundled"]\nseed = "x"\n', ("seed", "str", "int")),
    "wrong type in a list": ('tasks = ["bundled"]\n[[models]]\nuse = 3\n', ("models", "int", "str")),
    "no tasks": ("format = 1\n", ("tasks",)),
    "empty tasks": ("tasks = []\n", ("tasks", "none", "at least one source")),
    "other format": ('format = 2\ntasks = ["bundled"]\n', ("format", "2", "1")),
    "no attempt": ('attempts = 0\ntasks = ["bundled"]\n', ("attempts", "0", "1 to 10,000")),
    "a slip of the finger": ('attempts = 99999999999\ntasks = ["bundled"]\n', ("attempts", "99999999999", "1 to 10,000")),
    "not TOML": ("format = \n", ("TOML",)),
    "too many digits": (f"seed = {'9' * 5000}\n", ("TOML",)),
    "nested without end": (f"seed = {'[' * 20_000}\n", ("TOML",)),
    "a model twice": ('tasks = ["bundled"]\n[[models]]\nuse = "a/b"\n[[models]]\nuse = "a/b"\n', ("models.use", "a/b twice")),
    "a model without its kind": ('tasks = ["bundled"]\n[[models]]\nuse = "qwen"\n', ("models.use", "'qwen'", "KIND/NAME")),
    "a window too small": ('tasks = ["bundled"]\n[[models]]\nuse = "a/b"\nwindow = 10\n', ("models.window", "10", "1024")),
}


def sentence(told: tuple[int, str, str]) -> str:
    """The one line that a mistake gets."""
    code, out, err = told
    assert code == 2, err
    assert not out
    assert len(err.splitlines()) == 1, err
    assert err.startswith("longhaul: ")
    return err


@pytest.mark.parametrize("name", PLANS)
def test_a_wrong_plan_file_is_one_sentence(name: str, inside: Inside, tmp_path: Path) -> None:
    """File, field, found and expected stand in it."""
    text, words = PLANS[name]
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    told = sentence(inside("run", str(path)))
    assert str(path) in told
    assert all(word in told for word in words), told
    assert not (tmp_path / "home").exists()


def test_bytes_that_are_no_text_are_no_plan(inside: Inside, tmp_path: Path) -> None:
    """A binary file is refused by name."""
    path = tmp_path / "plan.toml"
    path.write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in sentence(inside("run", str(path)))


WORDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "missing plan": (("run", "none.toml"), ("none.toml", "readable plan file")),
    "a folder as plan": (("run", "."), (".", "readable plan file")),
    "unknown source": (("run", "-t", "bundeld", "-a", "idle"), ("'bundeld'", "did you mean 'bundled'?")),
    "source without path": (("run", "-t", "harbor", "-a", "idle"), ("'harbor'", "harbor:PATH")),
    "path that is not there": (("run", "-t", "harbor:/nope", "-a", "idle"), ("harbor:/nope", "existing file or folder", "there is no /nope;")),
    "path below no current folder": (("run", "-t", "harbor:./nope", "-a", "idle"), ("there is no /", "/nope; a path is taken from the current folder")),
    "glob without match": (("run", "-t", "bundled#zzz*", "-a", "idle"), ("bundled#zzz*", "glob")),
    "unknown agent": (("run", "-a", "codr", "-m", "scripted/demo"), ("'codr'", "did you mean 'coder'?")),
    "unknown kind of model": (("run", "-m", "olama/x"), ("'olama'", "did you mean 'ollama'?")),
    "unknown option of a model": (("run", "-m", "scripted/demo", "-o", "model.scrpt=x"), ("model.scrpt", "nearest 'script'")),
    "option of no model": (("run", "-a", "idle", "-o", "model.window=4096"), ("-o model.window", "-m KIND/NAME")),
    "option of reference agents": (("run", "-a", "idle", "-o", "agent.x=1"), ("-o agent.x", "-a AGENT")),
    "option of no room": (("run", "-a", "idle", "-o", "sandbx.memory=1"), ("'sandbx'", "did you mean 'sandbox'?")),
    "option without value": (("run", "-a", "idle", "-o", "sandbox"), ("'sandbox'", "ROOM.NAME=VALUE")),
    "unknown limit": (("run", "-a", "idle", "-o", "limits.turn=1"), ("limits.turn", "did you mean 'turns'?")),
    "limit of the wrong kind": (("run", "-a", "idle", "-o", "limits.turns=x"), ("-o limits.turns: found 'x', expected an integer",)),
    "option of a model of the wrong kind": (("run", "-m", "scripted/demo", "-o", "model.window=x"), ("-o model.window: found 'x', expected an integer",)),
    "no model at all": (("run", "-n", "1"), ("models", "-m KIND/NAME", "ollama serve")),
    "missing Ollama": (("run", "-m", "ollama/x"), ("no Ollama server answers", "to mend it: ", "ollama serve")),
    "missing key": (("run", "-m", "claude/x"), ("ANTHROPIC_API_KEY", "export")),
    "missing address": (("run", "-m", "openai/x"), ("OPENAI_BASE_URL",)),
    "unknown script": (("run", "-m", "scripted/nope"), ("nope", "scripted/demo")),
    "missing script": (("run", "-m", "scripted/x", "-o", "model.script=none.toml"), ("none.toml", "readable TOML file")),
    "attempts that are no number": (("run", "-n", "x"), ("--attempts", "run --help")),
    "a name that is no text": (("run", "-a", "idle", "--run", "\udcff"), ("--run", "\\udcff", "UTF-8")),
    "money without end": (("run", "-a", "idle", "--max-cost", "inf"), ("run_limits.cost_usd", "inf", "a finite number")),
    "unknown option": (("run", "--atempts", "3"), ("--atempts", "--attempts")),
    "unknown command": (("rpeort",), ("rpeort", "did you mean 'report'?")),
    "unknown run": (("report", "2020"), ("RUN", "'2020'", "holds none")),
    "unknown kind for models": (("models", "olama"), ("'olama'", "did you mean 'ollama'?")),
    "unknown check": (("doctor", "dcker"), ("'dcker'", "docker engine")),
    "unknown kind of plugin": (("doctor", "sandbx:docker"), ("'sandbx:docker'", "sandbox")),
    "unknown plugin": (("doctor", "agent:codr"), ("'codr'", "did you mean 'coder'?")),
    "unknown verb": (("images", "lst"), ("VERB", "'lst'", "list")),
    "load of nothing": (("images", "load"), ("SOURCE", "nothing")),
    "no repository": (("new", "/nope", "--ask", "a", "--test", "t", "--to", "to"), ("expected",)),
    "missing words": (("new", "/nope"), ("Missing option", "new --help")),
}


@pytest.mark.parametrize("name", WORDS)
def test_wrong_words_are_one_sentence(name: str, inside: Inside, tmp_path: Path) -> None:
    """The option, what was found, and the nearest right thing stand in it."""
    words, wanted = WORDS[name]
    told = sentence(inside(*words))
    assert all(word in told for word in wanted), told
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("words", [("report", "zz"), ("rpeort",), ("run", "-m", "claude/x"), ("run", "--atempts")], ids=str)
def test_a_mistake_is_one_object_where_json_was_asked_for(words: tuple[str, ...], inside: Inside) -> None:
    """With --json the same four words come as longhaul.error/1 on stdout."""
    code, out, err = inside(*words, "--json-lines" if words[0] == "run" else "--json")
    told = json.loads(out)
    assert (code, err) == (2, "")
    assert told["schema"] == "longhaul.error/1"
    assert set(told) == {"schema", "file", "field", "found", "expected"}
    assert told["found"]


def test_hostile_words_do_not_move_the_cursor(inside: Inside) -> None:
    """What the user's file says is repeated with its control characters written out, on one line."""
    told = sentence(inside("report", "\x1b[2Jx\ny"))
    assert "\x1b" not in told


def test_a_missing_engine_is_one_sentence(longhaul: Command, tmp_path: Path) -> None:
    """Exit 2, the command that mends it, no traceback, no run."""
    done = longhaul("run", "-a", "idle", DOCKER_HOST="unix:///nonexistent")
    told = sentence((done.returncode, done.stdout, done.stderr))
    assert "no Docker Engine answers" in told
    assert "longhaul setup" in told
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("words", [("run", "-a", "idle"), ("doctor",)], ids=str)
def test_a_missing_git_is_one_sentence(words: tuple[str, ...], longhaul: Command, tmp_path: Path) -> None:
    """Trees are git objects: without git nothing of ours can be kept, and the command that brings it is said."""
    done = longhaul(*words, PATH=str(tmp_path))
    assert "apt-get install git" in sentence((done.returncode, done.stdout, done.stderr))


def test_a_record_that_cannot_be_kept_is_one_sentence(longhaul: Command) -> None:
    """A home that can't be written to is named before the first container."""
    done = longhaul("run", "-t", "bundled#weather-spread", "-a", "idle", LONGHAUL_HOME="/proc/nowhere", DOCKER_CONFIG="/nonexistent")
    assert done.returncode == 2
    assert "LONGHAUL_HOME" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_is_started_for_a_wrong_plan(longhaul: Command, engine: docker.DockerClient) -> None:
    """No container of this command's comes to be."""
    before = {row["Id"] for row in engine.api.containers(all=True, filters={"label": f"{OWNER}", "name": "bad-input"})}
    done = longhaul("run", "-t", "bundled#weather-spread", "-a", "idle", "-a", "nobody")
    assert done.returncode == 2
    assert not done.stdout
    assert before == {row["Id"] for row in engine.api.containers(all=True, filters={"label": f"{OWNER}", "name": "bad-input"})}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with one run's folder in it."""
    folder = tmp_path / "home" / "runs" / "20260101-000000-abcd"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("words", [("report", "last"), ("show", "last"), ("show", "20260101", "t1")], ids=str)
def test_a_store_that_is_no_database_is_one_sentence(words: tuple[str, ...], home: Path, inside: Inside) -> None:
    """A damaged or foreign file is named."""
    (home / "run.sqlite").write_bytes(b"this is no database, but it is long enough to be read as one" * 9)
    assert "run.sqlite" in sentence(inside(*words))


def test_a_store_of_another_format_is_one_sentence(home: Path, inside: Inside) -> None:
    """A newer version's record is refused by its format."""
    database = sqlite3.connect(home / "run.sqlite")
    database.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT)")
    database.execute("INSERT INTO meta VALUES ('format', '99')")
    database.commit()
    database.close()
    assert "99" in sentence(inside("report", "last"))
