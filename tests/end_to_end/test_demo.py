"""The embedded default: no model on this machine, and still the real loop through real containers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from harness.core.events import ModelAsked, Trace, TreeSeen
from harness.core.grammar import violations
from harness.core.parts import views
from harness.metrics.equality import plain_events
from harness.metrics.tries import of
from tests.end_to_end.tiny import FIX, last, longhaul, traces, write_task

pytestmark = pytest.mark.docker

SCRIPT = f"""
format = 1
task = "tiny"
[[reply]]
text = "I look first."
call = [{{ name = "read", arguments = {{ path = "calc.py", first_line = 1, last_line = 0 }} }}]
[[reply]]
text = "Now the fix."
call = [{{ name = "shell", arguments = {{ command = "{FIX}", seconds = 10 }} }}]
[[reply]]
text = ""
call = [{{ name = "run_tests", arguments = {{}} }}, {{ name = "finish", arguments = {{ done = "1", not_done = "" }} }}]
"""


@pytest.fixture(scope="module")
def demo(base_image: object, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[dict[str, Any]]]:
    """What `longhaul run --demo` prints on a machine without a model server, and its rows."""
    home = tmp_path_factory.mktemp("demo")
    done = longhaul(home, "run", "--demo")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, json.loads(longhaul(home, "report", "last", "--json").stdout)["rows"]


def test_the_first_line_says_that_no_real_model_took_part(demo: tuple[str, list[dict[str, Any]]]) -> None:
    """A stranger can't take the scripted model for a real one."""
    assert demo[0].startswith("No real model takes part: ")


def test_it_solves_one_leaves_one_broken_and_forgets_a_rule(demo: tuple[str, list[dict[str, Any]]]) -> None:
    """One task solved; one left with failing tests; one whose new tests all pass but for the test that guards the rule."""
    rows = {row["task"]: row for row in demo[1] if row["agent"] == "coder"}
    assert (rows["weather-spread"]["outcome"], rows["scheduler-split"]["outcome"], rows["tollbook-errcodes"]["outcome"]) == (
        "passed", "failed", "failed",
    )
    assert rows["scheduler-split"]["f2p"][0] < rows["scheduler-split"]["f2p"][1]
    forgotten = rows["tollbook-errcodes"]
    assert forgotten["f2p"][0] == forgotten["f2p"][1]
    assert forgotten["p2p"][0] == forgotten["p2p"][1] - 1
    assert "frozen" in forgotten["evidence"][0]


def test_the_references_frame_it(demo: tuple[str, list[dict[str, Any]]]) -> None:
    """The oracle passes all, idle none."""
    outcomes = {(row["agent"], row["outcome"]) for row in demo[1] if row["agent"] != "coder"}
    assert outcomes == {("oracle", "passed"), ("idle", "failed")}


def test_smallest_first_and_the_record_named(demo: tuple[str, list[dict[str, Any]]]) -> None:
    """Results come as they are known, smallest task first; the table and the record's place come last."""
    shown = re.findall(r"^\d/9 .*?(weather|scheduler|tollbook)", demo[0], re.MULTILINE)
    assert shown[0] == "weather"
    assert shown[-1] == "tollbook"
    assert "planned 9 = 4 passed + 5 failed + 0 broken + 0 invalid + 0 pending" in demo[0]
    assert re.search(r"record: \S+", demo[0])


def scripted(folder: Path) -> Trace:
    (folder / "script.toml").write_text(SCRIPT)
    source = f"harbor:{write_task(folder)}"
    done = longhaul(folder, "run", "-t", source, "-m", "scripted/demo", "-o", f"model.script={folder / 'script.toml'}", "-n", "1")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    ((_, trace),) = traces(last(folder))
    return trace


def test_the_same_plan_twice_gives_equal_runs(base_image: object, tmp_path: Path) -> None:
    """Equal events but for clocks and ids; prompts, outputs and trees are rebuilt from each.

    The task's tests write no byte code: it holds its source's time, and the tree holds it.
    """
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        trace = scripted(tmp_path / name)
        assert violations(trace) == ()
        store = last(tmp_path / name)
        shown = views(trace, store.blobs.get)
        assert len(shown) == len(of(trace, ModelAsked)) == 3
        assert "make it add" in shown[0][1].text.lower()
        assert "return a - b" in shown[1][-1].text
        found.append((plain_events(trace, store.blobs.get), [seen.tree for seen in of(trace, TreeSeen)]))
    assert found[0] == found[1]
