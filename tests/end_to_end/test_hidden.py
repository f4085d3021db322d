"""What is hidden stays out of the agent's container: hidden tests come in only for grading, the solution never."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.core.chat import ToolOutput
from harness.core.events import GradeRan, PartAdded
from harness.metrics.tries import of
from tests.end_to_end.tiny import FILES, FIX, last, longhaul, traces, write_task

pytestmark = pytest.mark.docker

MARK, SEEN = "cormorant-behind-the-door", "heron-in-the-open"
PLACES = "/workspace /tests /solution /logs /tmp /var/tmp /home /opt /srv /mnt /run /dev/shm"
# Brackets, so that no file that holds this very command is found.
WORD = "[c]ormorant-behind-the-door"
SEARCH = (
    f"for each in {PLACES}; do test -e $each || continue; grep -rlaE '{WORD}|[h]eron-in-the-open' $each; find $each ! -readable; done 2>/dev/null; "
    f"echo objects: $(git cat-file --batch-all-objects --batch | grep -acE '{WORD}'); echo left: $(ls -A /tests /solution /logs/verifier | grep -v :)"
)


def script(folder: Path) -> Path:
    """Searches at the start, after the tests of its own, and at the end, then hands in a right change."""
    search = ("shell", {"command": SEARCH, "seconds": 120})
    calls = (search, ("run_tests", {}), ("shell", {"command": FIX, "seconds": 20}), search, ("finish", {"done": "1", "not_done": ""}))
    replies = [f"[[reply]]\n[[reply.call]]\nname = {json.dumps(name)}\nraw = {json.dumps(json.dumps(words))}\n" for name, words in calls]
    path = folder / "script.toml"
    path.write_text("format = 1\n" + "\n".join(replies))
    return path


def test_nothing_hidden_is_in_the_agents_container(base_image: object, tmp_path: Path) -> None:
    """The agent's own search of the file system and of git's objects finds what lies open, and no word of hidden tests, ids or solution."""
    marked = {
        "test_add": FILES["tests/hidden/test_add.py"] + f"# {MARK}\n",
        "test": FILES["tests/test.sh"] + f"# {MARK}\n",
        "longhaul": FILES["tests/longhaul.toml"] + f"# {MARK}\n",
        "solve": FILES["solution/solve.sh"] + f"# {MARK}\n",
        "calc": FILES["environment/repo/calc.py"] + f"# {SEEN}\n",
    }
    task = write_task(tmp_path, **marked)
    assert sum(MARK in path.read_text() for path in task.rglob("*") if path.is_file()) == 4
    done = longhaul(tmp_path, "run", "-t", f"harbor:{task}", "-m", "scripted/demo", "-o", f"model.script={script(tmp_path)}", "-n", "1")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    ((_, trace),) = traces(last(tmp_path))
    shown = [part.content for part in of(trace, PartAdded) if isinstance(part.content, ToolOutput) and part.content.name == "shell"]
    found = [said.text.partition("[exit")[0].split() for said in (shown[0], shown[2])]
    assert found == [["/workspace/calc.py", "objects:", "0", "left:"]] * 2
    assert not any(MARK in part.content.text for part in of(trace, PartAdded) if isinstance(part.content, ToolOutput))
    graded = [result.id for ran in of(trace, GradeRan) for result in ran.results]
    assert "tests/test_add.py::test_add" in graded
