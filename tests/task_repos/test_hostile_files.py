"""Files that are none, and texts that no id, name or line can be: one sentence at once, and the other tasks stay."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from harness.core.errors import HarnessError
from harness.core.regular import read_regular
from harness.core.validation import Validation
from harness.exchange.predictions import read as read_predictions
from harness.store.proofs import Proofs
from task_repos import folder, swebench
from tests.end_to_end.tiny import FILES, write_task

PIPES = (".gitignore", "instruction.md", "task.toml", "tests/ids.json", "environment/Dockerfile")
NAMED = FILES["task.toml"]
TEXTS = {
    "task.toml": {
        "name": NAMED.replace("longhaul/tiny", f"o/{'x' * 5000}"),
        "created": f'{NAMED}created = "soon"\n',
        "key": f'{NAMED}[agent]\n"\\u001b[2Jevil\\nkey" = 1\n',
    },
    "tests/longhaul.toml": {
        "command": FILES["tests/longhaul.toml"].replace("python3", "python3 \\u0000"),
        "replaced": f'{FILES["tests/longhaul.toml"]}replaced = ["../.."]\n',
    },
    "tests/ids.json": {
        "surrogate": '{"fail_to_pass": ["\\ud800"], "pass_to_pass": []}',
        "twice": json.dumps({"fail_to_pass": [f"t{number}" for number in range(60_000)] * 2, "pass_to_pass": []}),
    },
    "instruction.md": {"nul": "a\0b"},
}


def test_what_is_no_file_or_no_text_is_one_sentence_beside_the_other_tasks(tmp_path: Path) -> None:
    """A pipe is not waited on, a long list is not counted by squares, and no key or name of a task breaks a line."""
    write_task(tmp_path, "good")
    for number, name in enumerate(PIPES):
        place = write_task(tmp_path, f"pipe-{number}") / name
        place.unlink(missing_ok=True)
        os.mkfifo(place)
    for name, cases in TEXTS.items():
        for case, text in cases.items():
            (write_task(tmp_path, f"text-{case}") / name).write_text(text)
    (tmp_path / "two\nlines").mkdir()
    source = folder.create(path=str(tmp_path))
    assert [task.id for task in source] == ["good"]
    assert len(source.faults) == len(PIPES) + sum(map(len, TEXTS.values())) + 1
    assert all(isinstance(fault, HarnessError) and str(fault).isprintable() and len(str(fault)) < 400 for fault in source.faults), source.faults


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.parquet", "commands.toml"])
def test_a_pipe_or_too_deep_a_table_among_rows_is_refused(name: str, tmp_path: Path) -> None:
    """Neither is waited on, and the complaint names the file."""
    (tmp_path / "rows.jsonl").write_text("{}\n")
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    source = swebench.create(path=str(tmp_path / (name if name.startswith("rows") else "rows.jsonl")))
    assert list(source) == []
    assert name in str(source.faults[0])
    if name == "commands.toml":
        (tmp_path / name).unlink()
        (tmp_path / name).write_text(f"a = {'[' * 100_000}")
        assert list(source) == []
        assert name in str(source.faults[0])


def test_predictions_and_proofs_that_are_no_files(tmp_path: Path) -> None:
    """A pipe named as predictions is refused; a pipe or a deep text where a proof should lie is no proof, and can be replaced."""
    os.mkfifo(tmp_path / "preds.jsonl")
    with pytest.raises(HarnessError, match=r"preds\.jsonl: found a pipe or device"):
        read_predictions(tmp_path / "preds.jsonl")
    with pytest.raises(OSError, match="4 bytes, more than 3"):
        read_regular(_text(tmp_path / "long", "four"), 3)
    proof = Validation("t", "sha256:t", True, "", (1, 1), "failed", image="sha256:i", harness="h")
    kept = Proofs(tmp_path / "proofs")
    kept.keep(proof)
    (place,) = (tmp_path / "proofs").iterdir()
    for spoil in (os.mkfifo, lambda path: path.write_text("[" * 200_000), lambda path: path.write_bytes(b"\xff")):
        place.unlink()
        spoil(place)
        assert kept.find("sha256:t", "sha256:i", "h") is None
    kept.keep(proof)
    assert kept.find("sha256:t", "sha256:i", "h") == proof


def _text(path: Path, text: str) -> Path:
    path.write_text(text)
    return path
