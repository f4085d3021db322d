"""The reader of Harbor folders on files that nobody wrote by hand: read, or refused in one line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.core.errors import HarnessError
from task_repos.folder import create
from task_repos.harbor_schema import Config, Environment, HealthTable, Metadata, Phase, Step, Verifier
from tests.task_repos.harbor_folders import PLAIN, Files

TEXTS = st.text(max_size=60) | st.sampled_from(['[environment]\ncpus = "x"', "[[steps]]\nname = 1", "[metadata]\nlonghaul = 3", "agent = 1"])


def whole(draw: st.DrawFn) -> Files:
    """A folder whose files are often nearly right."""
    table = st.sampled_from(["environment", "agent", "verifier", "verifier.environment", "environment.healthcheck", "task", "solution", "metadata.longhaul"])
    key = st.sampled_from([*sorted({word for struct in STRUCTS for word in struct.__struct_fields__}), "foo"])
    value = st.sampled_from(VALUES)
    rows = draw(st.lists(st.tuples(table, key, value), max_size=4, unique_by=lambda row: row[:2]))
    text = "\n".join(dict.fromkeys(f"[{name}]\n{word} = {each}" for name, word, each in rows))
    steps = draw(st.lists(st.sampled_from(["a", "A", "b", "..", "a/b", "con", "\u00e9"]), max_size=3))
    text += "".join(f"\n[[steps]]\nname = {json.dumps(name)}\n{draw(key)} = {draw(value)}\n" for name in steps)
    names = st.sampled_from(["tests/.harborignore", ".gitignore", "tests/Dockerfile", "solution/solve.sh", "steps/a/instruction.md",
                             "steps/b/workdir/setup.sh", "tests/longhaul.toml", "trajectory.json", "environment/docker-compose.yaml"])  # fmt: skip
    return {"task.toml": draw(st.sampled_from([text, draw(TEXTS)])), **draw(st.dictionaries(names, TEXTS | st.none(), max_size=3))}


STRUCTS = (Config, Environment, Verifier, Phase, HealthTable, Metadata, Step)
VALUES = ("1", "-1", "nan", "1e400", "true", '""', '"x"', '"public"', '"separate"', '"${A}"', "[]", '["/a"]', "{}", '{ A = "b" }', "[1, {}]",
          "'\\u0000'", "99999999999999999999", "1979-05-27")  # fmt: skip


def read_or_refused(folder: Path, files: Files, instruction: bytes) -> None:
    """The one claim of both fuzzers."""
    for name, text in (PLAIN | files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_bytes(text.encode("utf-8", "surrogatepass"))
    (folder / "instruction.md").write_bytes(instruction)
    source = create(path=str(folder))
    assert len(list(source)) + len(source.faults) == 1
    assert all(isinstance(fault, HarnessError) and "\n" not in str(fault).strip() for fault in source.faults), source.faults


def fresh(folders: Callable[[], Path], count: int) -> None:
    """So many folders, each read or refused."""

    @settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))
    @given(files=st.composite(whole)(), instruction=st.binary(max_size=40))
    def tried(files: Files, instruction: bytes) -> None:
        folder = folders()
        try:
            read_or_refused(folder, files, instruction)
        finally:
            shutil.rmtree(folder)

    tried()


def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever stands in the files, the reader gives a task or a complaint of one line, never another exception."""
    fresh(lambda: tmp_path_factory.mktemp("fuzz"), 300)


@pytest.mark.long
def test_any_text_is_read_or_refused_ten_thousand_times(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same for ten thousand folders."""
    fresh(lambda: tmp_path_factory.mktemp("fuzz"), 10_000)
