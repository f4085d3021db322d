"""A task's digest is the one that Harbor computes."""

from __future__ import annotations

from pathlib import Path

import pytest

from task_repos.harbor_files import digest
from tests.task_repos.harbor_folders import PLAIN, Files, write

ODD: Files = {
    "task.toml": 'schema_version="1.4"\n', "instruction.md": "hi\n", "extra/x": "x\n", "environment/Dockerfile": "FROM a\n",
    "environment/repo/__pycache__/a.pyc": "b\n", "environment/repo/keep~": "k\n", "tests/test.sh": "t\n",
    "tests/.harborignore": "*.log\n!keep.log\n/sub/no*\nbuild/\n", "tests/a.log": "1\n", "tests/keep.log": "2\n", "tests/sub/no1": "3\n",
    "tests/sub/yes": "4\n", "tests/build/z": "5\n", "tests/sub/.harborignore": "*.txt\n", "tests/sub/deep/a.txt": "6\n",
    "solution/solve.sh": "s\n", "steps/a/tests/t": "q\n",
}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "67c402ab70afba9e197553fc62817b08cbee63844884d45481b646fee5c1eefb"),
        ({".gitignore": "# c\n*.md\n!README.md\nrepo/**\n", "README.md": "r\n"},
         "f7255ecc04b8d89c300990b91050ac7c000e66bf762808a9fdf4b721c379dda2"),
    ],
)  # fmt: skip
def test_the_digest_is_harbors(tmp_path: Path, more: Files, expected: str) -> None:
    """Both figures were computed by Harbor 0.25.0 itself over the same files: ignored ones, links, caches, extras and all."""
    folder = write(tmp_path, ODD | more)
    (folder / "tests" / "link").symlink_to("sub/yes")
    (folder / "tests" / "link2").symlink_to("a.log")
    assert digest(folder) == f"sha256:{expected}"


def test_modes_and_strangers_are_outside_the_digest(tmp_path: Path) -> None:
    """A mode bit and a file at the root change nothing; a test's byte does."""
    before = digest(write(tmp_path, PLAIN))
    (tmp_path / "tests" / "test.sh").chmod(0o755)
    (tmp_path / "notes.txt").write_text("x")
    assert digest(tmp_path) == before
    (tmp_path / "tests" / "test.sh").write_text("x")
    assert digest(tmp_path) != before
