"""What a developer changed in a prompt or a tool shows on record: the digests of a copy of longhaul with a file edited."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.core.events import Digests, TrialStarted
from harness.metrics.tries import of
from tests.end_to_end.tiny import FIX, last, traces, write_task

pytestmark = pytest.mark.docker

ROOT = Path(__file__).resolve().parents[2]
LOOPING = ["coder", "masking", "notes", "pinned", "sliding", "summarising", "tool_loop"]
AGENTS = ("bash_only", "idle", "oracle", "prediction", *LOOPING)
PROMPTS = sorted((ROOT / "agents" / "prompts").glob("*.md"))
TOOLS = sorted((ROOT / "agents" / "tools" / "prompts").glob("*.md"))
SCRIPT = f"""format = 1
[[reply]]
call = [{{ name = "shell", arguments = {{ command = "{FIX}", seconds = 10 }} }}, {{ name = "finish", arguments = {{ done = "1", not_done = "" }} }}]
"""
# For every prompt file of the copy: which agents' digests differ once it is edited, with a test command named and without.
EDITING = f"""
import json, sys
from pathlib import Path
import agents, msgspec
from harness.plan import AgentEntry, Plan
from harness.settings import read
from harness.wiring.digests import of_prompts, of_tools
from harness.wiring.shop import agent, tools
from harness.wiring.sources import collect

(named,) = collect((sys.argv[1],), read()).tasks
bare = msgspec.structs.replace(named, brief=msgspec.structs.replace(named.brief, test_command=""))

def digests():
    for use in {AGENTS}:
        for task in (named, bare):
            made = agent(AgentEntry(use), task)
            yield use, of_prompts(made), of_tools(tuple(tools(made, task, Plan(("bundled",))).values()))

plain, told = list(digests()), {{}}
for path in sorted(Path(agents.__file__).parent.rglob("*.md")):
    words = path.read_text()
    path.write_text(words + " Please.")
    pairs = list(zip(plain, digests()))
    path.write_text(words)
    told[path.name] = [sorted({{one[0] for one, other in pairs if one[at] != other[at]}}) for at in (1, 2)]
assert list(digests()) == plain
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """longhaul's own packages in a folder that may be edited."""
    folder = tmp_path_factory.mktemp("copy")
    for room in ("harness", "agents", "sandboxes", "task_repos"):
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def spoken(copy: Path, home: Path, *words: str) -> str:
    """What this Python prints when longhaul is the copy."""
    environment = os.environ | {"PYTHONPATH": str(copy), "LONGHAUL_HOME": str(home), "OLLAMA_HOST": "127.0.0.1:9"}
    done = subprocess.run((sys.executable, "-P", *words), env=environment, cwd=home, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def recorded(copy: Path, home: Path, task: Path) -> Digests:
    """The digests in the first event of a trial, which are those of its row."""
    home.mkdir()
    (home / "script.toml").write_text(SCRIPT)
    longhaul = ("-m", "harness.cli.main")
    spoken(copy, home, *longhaul, "run", "-t", f"harbor:{task}", "-m", "scripted/demo", "-o", f"model.script={home / 'script.toml'}", "-n", "1")
    (row,) = json.loads(spoken(copy, home, *longhaul, "report", "last", "--json"))["rows"]
    ((_, trace),) = traces(last(home))
    digests = of(trace, TrialStarted)[0].digests
    assert (row["digests"]["prompt"], row["digests"]["tools"]) == (digests.prompts, digests.tools)
    assert digests.prompts.startswith("sha256:")
    return digests


def test_a_changed_prompt_or_tool_is_on_record(base_image: object, copy: Path, tmp_path: Path) -> None:
    """Edit what the agent says and the prompts' digest of its trials differs; edit a tool's words or its argument and the tools' does."""
    task = write_task(tmp_path)
    found = [recorded(copy, tmp_path / "plain", task), recorded(copy, tmp_path / "again", task)]
    edits = (("agents/prompts/coder.md", "", " Please."), ("agents/tools/prompts/shell.md", "", " Please."), ("agents/tools/read.py", '"path", ', '"file", '))
    for number, (file, old, new) in enumerate(edits):
        path = copy / file
        words = path.read_text()
        assert old in words
        path.write_text(words.replace(old, new, 1) if old else words + new)
        found.append(recorded(copy, tmp_path / f"edit-{number}", task))
        path.write_text(words)
    plain, again, prompt, tool, argument = ((each.prompts, each.tools) for each in found)
    assert plain == again
    assert prompt[0] != plain[0]
    assert prompt[1] == plain[1]
    assert tool[0] == argument[0] == plain[0]
    assert len({plain[1], tool[1], argument[1]}) == 3


def test_every_prompt_file_decides_a_digest(copy: Path, tmp_path: Path) -> None:
    """No file of prose stands outside: each changes the prompts, or as a tool's the tools, of those agents that use it and of no other."""
    told = json.loads(spoken(copy, tmp_path, "-c", EDITING, f"harbor:{write_task(tmp_path)}"))
    assert set(told) == {path.name for path in (*PROMPTS, *TOOLS)}
    assert told["coder.md"] == [LOOPING, []]
    assert told["shell.md"] == [[], ["bash_only", *LOOPING]]
    for path in PROMPTS:
        assert told[path.name][0], path.name
        assert not told[path.name][1], path.name
    for path in TOOLS:
        assert told[path.name][1], path.name
        assert not told[path.name][0], path.name
