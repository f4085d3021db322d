"""`longhaul grade` and the way back: patches made elsewhere become a run like any other, and leave it as the package swebench reads them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.tiny import longhaul, write_task

GOOD = "diff --git a/calc.py b/calc.py\n--- a/calc.py\n+++ b/calc.py\n@@ -1,2 +1,2 @@\n def add(a, b):\n-    return a - b\n+    return a + b\n"
PATCHES = {"org/good": GOOD, "stale": GOOD.replace("return a - b", "return nothing"), "empty": ""}
READ = """
import json, sys
from swebench.harness.reporting import make_run_report
from swebench.harness.utils import get_predictions_from_file
for file in sys.argv[2:]:
    found = get_predictions_from_file(file, "", "test")
    report = make_run_report({each["instance_id"]: each for each in found}, [{"instance_id": each["instance_id"]} for each in found], sys.argv[1], report_dir="made")
    print("\\nREAD " + json.dumps([found, json.loads(report.read_text())]))
"""


def predictions(folder: Path, patches: dict[str, str], task: str = "tiny") -> Path:
    file = folder / "predictions.jsonl"
    rows = [{"instance_id": task, "model_name_or_path": model, "model_patch": patch} for model, patch in patches.items()]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


@pytest.mark.docker
def test_work_goes_out_as_patches_and_comes_in_as_a_run(tmp_path: Path, base_image: object) -> None:
    """The oracle's work, handed on, passes again; one patch does not apply, one is empty; all commands know them; the package reads them."""
    home, source = tmp_path / "home", f"harbor:{write_task(tmp_path)}"
    longhaul(home, "run", "-t", source, "-a", "oracle", "-n", "1")
    assert longhaul(home, "export", "last", "--format", "predictions", "--to", str(tmp_path / "o.jsonl")).returncode == 0
    (row,) = (json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines())
    assert (row["instance_id"], row["model_name_or_path"], "+    return a + b\n" in row["model_patch"]) == ("tiny", "oracle", True)
    patches = PATCHES | {"org/good": row["model_patch"]}
    done = longhaul(home, "grade", source, "--predictions", str(predictions(tmp_path, patches)), "--run", "theirs", "--parallel", "2", "--unvalidated", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["schema"], told["name"]) == (0, "longhaul.grade/1", "theirs")
    ends = {row["model_name_or_path"]: (row["outcome"], row["reason"]) for row in told["trials"]}
    assert ends == {"org/good": ("passed", "solved"), "stale": ("failed", "unapplied"), "empty": ("failed", "empty")}
    assert any("patch failed: calc.py:1" in sentence for row in told["trials"] for sentence in row["evidence"])
    with_page = longhaul(home, "report", "theirs", "--json")
    assert {row["model"] for row in json.loads(with_page.stdout)["rows"]} == set(PATCHES)
    assert "lay_patch" in longhaul(home, "show", "theirs", "t0001").stdout
    assert "3 the same" in longhaul(home, "rejudge", "theirs").stdout
    replayed = longhaul(home, "replay", "theirs", "t0001")
    assert replayed.returncode == 0, replayed.stdout
    read_by_the_package(home, tmp_path / "out", told["run"], patches)


def read_by_the_package(home: Path, out: Path, run: str, patches: dict[str, str]) -> None:
    assert longhaul(home, "export", "theirs", "--format", "predictions", "--to", str(out)).returncode == 0
    ours = {file.name.split(".")[0]: json.loads(file.read_text()) for file in out.glob("*.json")}
    names = {model: model.replace("/", "__") for model in patches}
    argv = [sys.executable, "-c", READ, run, *(f"predictions/{name}.jsonl" for name in names.values())]
    done = subprocess.run(argv, cwd=out, capture_output=True, text=True, check=True, env={"PYTHON_DOTENV_DISABLED": "1", "HF_HUB_OFFLINE": "1"})
    read = [json.loads(line.removeprefix("READ ")) for line in done.stdout.splitlines() if line.startswith("READ ")]
    for (model, name), (found, report) in zip(names.items(), read, strict=True):
        patch = patches[model]
        assert found == [{"instance_id": "tiny", "model_name_or_path": model, "model_patch": patch}]
        assert report == ours[name]
    assert (ours["org__good"]["resolved_ids"], ours["stale"]["unresolved_ids"], ours["empty"]["empty_patch_ids"]) == (["tiny"], ["tiny"], ["tiny"])
    text = "".join(file.read_text(errors="replace") for file in out.rglob("*") if file.is_file())
    assert str(home) not in text
    alone = longhaul(home, "export", "theirs", "--format", "predictions", "--to", str(out / "all.jsonl"))
    assert (alone.returncode, "expected a folder" in alone.stderr) == (2, True)


def test_bad_predictions_end_before_anything_is_made(tmp_path: Path) -> None:
    """An id that is no task's is one sentence with file, row and field and the nearest id; no run is left."""
    home, source = tmp_path / "home", f"harbor:{write_task(tmp_path)}"
    done = longhaul(home, "grade", source, "--predictions", str(predictions(tmp_path, PATCHES, "tiny1")))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"predictions.jsonl row 1: instance_id: found 'tiny1', expected the id of a task of {source} (did you mean 'tiny'?)" in done.stderr
    alone = longhaul(home, "run", "-t", source, "-a", "prediction")
    assert (alone.returncode, "`longhaul grade`" in alone.stderr) == (2, True)
    assert not (home / "runs").exists()
