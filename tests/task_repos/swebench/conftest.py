"""Rows that fit in a test, the data folder where there is one, and the parts that build and run real instances."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.core.blob import Blob
from harness.core.ports import Images, Sandboxes
from harness.settings import read

ROOT = Path(__file__).resolve().parents[3]
TEST_PATCH = """\
diff --git a/tests/test_a.py b/tests/test_a.py
--- a/tests/test_a.py
+++ b/tests/test_a.py
@@ -1 +1,2 @@
 import a
+def test_one(): assert a.one() == 1
diff --git a/tests/data.json b/tests/data.json
new file mode 100644
--- /dev/null
+++ b/tests/data.json
@@ -0,0 +1 @@
+{}
"""
CLASSIC: dict[str, Any] = {
    "repo": "owner/name",
    "instance_id": "owner__name-1",
    "base_commit": "a" * 40,
    "patch": "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-old\n+new\n",
    "test_patch": TEST_PATCH,
    "problem_statement": "It is broken.",
    "hints_text": "the secret hint",
    "created_at": "2023-02-22T14:00:00Z",
    "version": "1.0",
    "FAIL_TO_PASS": '["tests/test_a.py::test_one"]',
    "PASS_TO_PASS": '["tests/test_a.py::test_two"]',
}
MODERN: dict[str, Any] = CLASSIC | {
    "image": "example/image:1",
    "eval_script": "#!/bin/bash\ncd /testbed\n: '>>>>> Start Test Output'\npytest -rA\n: '>>>>> End Test Output'\n",
    "log_parser": "parse_log_pytest",
    "eval_type": "pass_and_fail",
    "FAIL_TO_PASS": ["tests/test_a.py::test_one"],
    "PASS_TO_PASS": ["tests/test_a.py::test_two"],
}


class MemoryBlobs:
    """Blobs in a dictionary: the port, without a disk."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, data: bytes) -> Blob:
        name = hashlib.sha256(data).hexdigest()
        self.kept[name] = data
        return Blob(name, len(data))

    def get(self, blob: Blob) -> bytes:
        return self.kept[blob.sha256]


@pytest.fixture
def blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def rows(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows as lines and returns the file."""

    def write(*found: dict[str, Any]) -> Path:
        file = tmp_path / "rows.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in found))
        return file

    return write


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with real rows; the tests that need it are skipped where it is not."""
    folder = Path(os.environ.get("LONGHAUL_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "swebench_sample" / "instances.jsonl").is_file():
        pytest.skip(f"no real rows: {folder}/swebench_sample is absent (LONGHAUL_TEST_DATA names another folder)")
    return folder


@pytest.fixture(scope="session")
def images(engine: object) -> Images:
    """The real images; a build reaches the package index as this machine's settings say."""
    from sandboxes.docker_images import create

    settings = read()
    return create(cache=str(settings.cache), ca_bundle=settings.ca_bundle, index=settings.index)


@pytest.fixture(scope="session")
def sandboxes(engine: object) -> Sandboxes:
    from sandboxes.docker import create

    return create()
