"""Whole trials in real containers, driven by real servers with hand-scripted models, through each adapter."""

from __future__ import annotations

import json
from pathlib import Path

import git
import pytest

from harness.core.events import ModelAsked, ModelFailed, ModelOpened, ModelReplied, ToolReturned, Trace, TreeSeen
from harness.core.grammar import violations
from harness.core.parts import views
from harness.metrics.tries import of
from harness.store.sqlite import RunStore
from tests.end_to_end.tiny import FIX, last, longhaul, strings, traces, words_of, write_task
from tests.services.llama import LlamaServers
from tests.services.scripted_script import Wanted, call
from tests.services.servers import OllamaServer

pytestmark = [pytest.mark.docker, pytest.mark.ollama]

SOLVER = Wanted(
    behaviour="solver",
    calls=(call(command=FIX, seconds=10), call("run_tests"), call("finish", done="1", not_done="")),
)
WINDOW = "8192"


def whole(store: RunStore, trace: Trace) -> None:
    """Every prompt, output and tree of the trace can be rebuilt, and each prompt is what went over the wire."""
    assert violations(trace) == ()
    shown = views(trace, store.blobs.get)
    asked, replied = of(trace, ModelAsked), of(trace, ModelReplied)
    assert len(shown) == len(asked) >= len(replied) >= 1
    for view, reply in zip(shown, replied, strict=False):
        assert reply.body is not None
        assert reply.bytes is not None
        sent = "\n".join(strings(json.loads(store.blobs.get(reply.body))))
        for words in words_of(view):
            assert words.strip() in sent
        assert store.blobs.get(reply.bytes)
    for returned in of(trace, ToolReturned):
        assert returned.blob is None or len(store.blobs.get(returned.blob)) == returned.blob.size
    with git.Repo(store.folder / "trees.git") as trees:
        for seen in of(trace, TreeSeen):
            assert "calc.py" in trees.git.ls_tree("-r", "--name-only", seen.tree)


def only(home: Path) -> tuple[RunStore, Trace]:
    store = last(home)
    ((_, trace),) = traces(store)
    return store, trace


@pytest.mark.parametrize("architecture", ["llama", "qwen3"])
def test_ollama_solves_a_task(ollama: OllamaServer, architecture: str, base_image: object, tmp_path: Path) -> None:
    """Both generations and both of their engines: the native endpoint drives the real loop to a passed trial."""
    name = ollama.create(SOLVER, architecture=architecture)  # type: ignore[arg-type]
    source = f"harbor:{write_task(tmp_path)}"
    done = longhaul(tmp_path, "run", "-t", source, "-m", f"ollama/{name}", "-n", "1", "--window", WINDOW, "--allow-offload", "--quiet", OLLAMA_HOST=ollama.url)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    store, trace = only(tmp_path)
    whole(store, trace)
    facts = of(trace, ModelOpened)[0].facts
    assert facts.digest
    assert facts.server_version
    assert facts.window.granted == int(WINDOW)
    assert facts.truncation_excluded


def test_the_anthropic_client_drives_a_trial(ollama: OllamaServer, base_image: object, tmp_path: Path) -> None:
    """The Claude adapter with its real client over /v1/messages of both generations."""
    name = ollama.create(SOLVER)
    source = f"harbor:{write_task(tmp_path)}"
    words = ("-m", f"claude/{name}", "-o", f"model.base_url={ollama.url}", "--window", WINDOW, "--allow-remote", "-n", "1")
    done = longhaul(tmp_path, "run", "-t", source, *words, ANTHROPIC_API_KEY="not-a-real-key-1234567890")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    store, trace = only(tmp_path)
    whole(store, trace)
    assert no_secret(store.folder, b"not-a-real-key-1234567890")


def test_the_openai_client_drives_a_trial(llama_server: LlamaServers, base_image: object, tmp_path: Path) -> None:
    """The OpenAI-compatible adapter with its real client over a llama-server; the window comes from the server."""
    served = llama_server.serve(SOLVER, window=8192)
    source = f"harbor:{write_task(tmp_path)}"
    words = ("-m", "openai/scripted", "-o", f"model.base_url={served.url}/v1", "-n", "1", "--quiet")
    done = longhaul(tmp_path, "run", "-t", source, *words, OPENAI_API_KEY="not-a-real-key-1234567890", OPENAI_BASE_URL=f"{served.url}/v1")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    store, trace = only(tmp_path)
    whole(store, trace)
    assert of(trace, ModelOpened)[0].facts.window.granted == 8192
    assert no_secret(store.folder, b"not-a-real-key-1234567890")


@pytest.mark.parametrize("architecture", ["llama", "qwen3"])
def test_a_window_too_small_is_an_overflow(ollama: OllamaServer, architecture: str, base_image: object, tmp_path: Path) -> None:
    """A tool result longer than the window ends as an overflow on record, never as a silent cut, on both generations."""
    flood = Wanted(behaviour="solver", calls=(call(command="seq 1 4000", seconds=10), call("finish", done="1", not_done="")))
    name = ollama.create(flood, architecture=architecture)  # type: ignore[arg-type]
    source = f"harbor:{write_task(tmp_path)}"
    words = ("-m", f"ollama/{name}", "-a", "tool_loop", "-n", "1", "--window", "4096", "--allow-offload", "--quiet")
    done = longhaul(tmp_path, "run", "-t", source, *words, OLLAMA_HOST=ollama.url)
    assert "1 failed" in done.stdout, done.stdout + done.stderr
    _, trace = only(tmp_path)
    assert violations(trace) == ()
    assert of(trace, ModelFailed)[-1].fault == "overflow"
    assert "limit" in done.stdout


def no_secret(folder: Path, secret: bytes) -> bool:
    """The secret stands in no file of the record, compressed ones read whole."""
    store = RunStore(folder)
    found = [path for path in folder.rglob("*") if path.is_file() and secret in path.read_bytes()]
    for _, trace in traces(store):
        for event in (*of(trace, ModelReplied), *of(trace, ModelFailed)):
            for blob in (event.body, event.bytes):
                found += [Path(blob.sha256)] if blob and secret in store.blobs.get(blob) else []
    return not found


def test_both_arms_and_a_counted_trial_of_one_plan(ollama_034: OllamaServer, base_image: object, tmp_path: Path) -> None:
    """One plan gives three trials of a task, each under its variant: cutting refused, as users run it, and one to be counted that is in no rate."""
    name = ollama_034.create(SOLVER)
    plan = tmp_path / "plan.toml"
    plan.write_text(
        f'tasks = ["harbor:{write_task(tmp_path)}"]\nattempts = 1\ncounted = 1\n[allow]\noffload = true\nunvalidated = true\n'
        f'[[models]]\nuse = "ollama/{name}"\nwindow = {WINDOW}\nas_users_run_it = true\n'
    )
    done = longhaul(tmp_path, "run", str(plan), "--quiet", OLLAMA_HOST=ollama_034.url)
    assert done.returncode == 0, done.stdout + done.stderr
    store = last(tmp_path)
    found = {key.variant: trace for key, trace in traces(store)}
    assert set(found) == {"", "as-users-run-it", "counted"}
    declared = {variant: of(trace, ModelOpened)[0].facts.cuts_declared for variant, trace in found.items()}
    assert declared == {"": False, "as-users-run-it": True, "counted": False}
    told = json.loads(longhaul(tmp_path, "report", "--json").stdout)
    rates = {cell["variant"]: cell["rate"] for cell in told["cells"]}
    assert rates == {"": 1.0, "as-users-run-it": 1.0, "counted": None}
    assert {row["variant"]: row["window_cuts"] for row in told["rows"]} == dict.fromkeys(found, 0)
