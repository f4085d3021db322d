"""A tiny Harbor task and a way to run longhaul on it as a user does: in a subprocess, with a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from harness.core.chat import Message
from harness.core.events import Trace
from harness.core.trial import TrialKey
from harness.store.sqlite import RunStore

FILES = {
    "instruction.md": "<|rule|> `add` in calc.py subtracts. Make it add, and leave `sub` as it is.\n",
    "task.toml": (
        'schema_version = "1.4"\n[task]\nname = "longhaul/tiny"\n[environment]\nnetwork_mode = "no-network"\nworkdir = "/workspace"\n'
        '[metadata.longhaul]\nformat = 1\nfile = "tests/longhaul.toml"\ntest_command = "python3 -B -m pytest -q -p no:cacheprovider tests"\n'
    ),
    "environment/Dockerfile": (
        "FROM longhaul/base:bookworm-1\nCOPY repo /workspace\nWORKDIR /workspace\n"
        "RUN git init -q && git add -A && git -c user.name=base -c user.email=base@example.invalid commit -q -m base\n"
    ),
    "environment/repo/calc.py": "def add(a, b):\n    return a - b\n\n\ndef sub(a, b):\n    return a - b\n",
    "environment/repo/tests/test_sub.py": "from calc import sub\n\n\ndef test_sub():\n    assert sub(3, 2) == 1\n",
    "environment/repo/conftest.py": "import sys\nsys.path.insert(0, '.')\n",
    "tests/test.sh": "cp -r /tests/hidden/* /workspace/tests/ && cd /workspace && python3 -m pytest -q && echo 1 > /logs/verifier/reward.txt\n",
    "tests/longhaul.toml": (
        'format = 1\n[grade]\nfiles = { "tests/hidden" = "tests" }\n'
        'command = "python3 -m pytest -p no:cacheprovider --junitxml=$LONGHAUL_REPORT tests"\nformat = "junit"\nids = "tests/ids.json"\n'
        "deadline = 60\n"
    ),
    "tests/ids.json": json.dumps({"fail_to_pass": ["tests/test_add.py::test_add"], "pass_to_pass": ["tests/test_sub.py::test_sub"]}),
    "tests/hidden/test_add.py": "from calc import add\n\n\ndef test_add():\n    assert add(3, 2) == 5\n",
    "tests/hidden/test_sub.py": "from calc import sub\n\n\ndef test_sub():\n    assert sub(3, 2) == 1\n",
    "solution/solve.sh": "#!/bin/sh\nsed -i '2s/-/+/' calc.py\n",
}
FIX = "sed -i '2s/-/+/' calc.py"


def write_task(folder: Path, task: str = "tiny", **files: str) -> Path:
    """The task's folder. `files`: a file's stem (as in FILES) and its text instead."""
    for name, text in FILES.items():
        path = folder / task / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files.get(path.stem, text).replace("longhaul/tiny", f"longhaul/{task}"))
    return folder / task


def longhaul(home: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command, run to its end; keys and hosts of the user's own environment don't reach it."""
    mine = {name: value for name, value in os.environ.items() if name not in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OLLAMA_HOST")}
    env = {**mine, "LONGHAUL_HOME": str(home), "OLLAMA_HOST": "127.0.0.1:9", "NO_COLOR": "1", "COLUMNS": "200", **variables}
    argv = [sys.executable, "-m", "harness.cli.main", *words]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=900)


def last(home: Path) -> RunStore:
    """The newest run's store."""
    return RunStore(max((home / "runs").iterdir()))


def traces(store: RunStore) -> Iterator[tuple[TrialKey, Trace]]:
    for key in store.keys().values():
        yield key, store.trace(key)


def strings(value: object) -> Iterator[str]:
    """Every string anywhere in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for below in value.values():
            yield from strings(below)
    elif isinstance(value, list):
        for below in value:
            yield from strings(below)


def words_of(view: tuple[Message, ...]) -> list[str]:
    """What a provider must have been sent of a view: every text and tool output, whole."""
    return [part.content.text for each in view for part in each.parts if part.content.__class__.__name__ in ("Text", "ToolOutput")]
