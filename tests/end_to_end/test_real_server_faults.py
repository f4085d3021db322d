"""Real servers that die under a trial, and the run that nobody named a model for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harness.core.events import ModelFailed, ModelOpened, ModelReplied
from harness.core.grammar import violations
from harness.metrics.tries import of
from tests.end_to_end.tiny import FIX, last, longhaul, traces, write_task
from tests.services.scripted_script import Wanted, call
from tests.services.servers import OllamaServer, serving_ollama

pytestmark = [pytest.mark.docker, pytest.mark.ollama]

SOLVER = Wanted(behaviour="solver", calls=(call(command=FIX, seconds=10), call("finish", done="1", not_done="")))
ENDLESS = Wanted(behaviour="runaway")


def test_the_local_server_serves_when_nobody_named_a_model(ollama_034: OllamaServer, base_image: object, tmp_path: Path) -> None:
    """A server at OLLAMA_HOST with a model that calls tools is taken; which one and why is the first line."""
    ollama_034.create(SOLVER)
    done = longhaul(tmp_path, "run", "-t", f"harbor:{write_task(tmp_path)}", "-n", "1", "--window", "8192", OLLAMA_HOST=ollama_034.url)
    assert re.match(r"model: ollama/\S+ \(no model is wholly on a GPU now, so the smallest", done.stdout), done.stdout + done.stderr
    ((key, trace),) = traces(last(tmp_path))
    assert key.model.startswith("ollama/")
    assert of(trace, ModelOpened)[0].facts.kind == "ollama"


def test_a_server_killed_in_mid_reply_and_brought_back(ollama_034: OllamaServer, base_image: object, tmp_path: Path) -> None:
    """The cut reply is a fault of the world on record; the trial goes on when the server is back, and no half reply is believed."""
    folder = tmp_path / "server"
    with serving_ollama(ollama_034.program, folder) as server:  # its own: the shared one must live on
        name = server.create(ENDLESS)
        source = f"harbor:{write_task(tmp_path)}"
        words = ["run", "-t", source, "-m", f"ollama/{name}", "-n", "1", "--window", "32768", "--json-lines", "-o", "limits.turns=1", "-o", "model.max_output=3000"]
        env = {**os.environ, "LONGHAUL_HOME": str(tmp_path), "OLLAMA_HOST": server.url}
        argv = [sys.executable, "-m", "harness.cli.main", *words]
        with subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
            assert run.stdout
            told = []
            for line in run.stdout:
                told.append(line)
                if '"ModelAsked"' in line:
                    break
            replying(server)
            server.kill()
            with serving_ollama(server.program, folder, port=server.port):
                threading.Thread(target=lambda: told.extend(run.stdout), daemon=True).start()
                run.wait(timeout=300)
    ((_, trace),) = traces(last(tmp_path))
    assert violations(trace) == ()
    failed, replied = of(trace, ModelFailed), of(trace, ModelReplied)
    assert failed, told
    assert {each.fault for each in failed} <= {"cut_stream", "connection", "crash"}
    assert all(each.will_retry for each in failed)
    assert [each.stop for each in replied] == ["max_output"], told


def replying(server: OllamaServer) -> None:
    """Wait until the server is at work on the reply: its log has the request's model loaded and tokens are being made."""
    pids = subprocess.run(["pgrep", "-g", str(server.leader.pid)], capture_output=True, text=True, check=True).stdout.split()

    def spent() -> float:
        return sum(sum(map(int, Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[11:13])) for pid in pids)

    before = spent()
    while spent() < before + 20:  # a fifth of a second of work: the reply is under way
        pass
