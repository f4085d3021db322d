"""Which changes to runner files are undone before grading, and which honest ones stay."""

from __future__ import annotations

import pytest

from harness.core.ports import Patch, PatchFile
from harness.grading.steering import restored

GRADED = ("tests/hidden/test_a.py",)
PROJECT = b'[project]\nname = "x"\n[tool.pytest.ini_options]\naddopts = "-q"\n'


def patch(**files: bytes) -> Patch:
    return Patch(tuple(PatchFile(path, "file", 0o644, data) for path, data in files.items()), ())


@pytest.mark.parametrize(
    "path", ["conftest.py", "tests/conftest.py", "tests/hidden/conftest.py", "pytest.ini", "sitecustomize.py", "pkg/x.pth", "tox.ini"]
)
def test_a_new_steering_file_goes(path: str) -> None:
    """Files that steer the graded run don't come along."""
    assert restored(patch(**{path: b"[pytest]\naddopts=-x"}), {}, GRADED, ()) == (path,)


def test_an_allowed_file_stays() -> None:
    """A task may allow a runner file by path."""
    assert restored(patch(**{"conftest.py": b""}), {}, GRADED, ("conftest.py",)) == ()


def test_own_tests_with_their_own_conftest_stay() -> None:
    """A conftest in a folder that is new and holds nothing graded steers only the agent's own tests."""
    assert restored(patch(**{"mytests/conftest.py": b"", "mytests/test_x.py": b""}), {}, GRADED, ()) == ()


def test_a_shared_file_goes_back_only_for_the_runners_tables() -> None:
    """A dependency in pyproject.toml is work; an addopts is steering."""
    base = {"pyproject.toml": PROJECT}
    assert restored(patch(**{"pyproject.toml": PROJECT.replace(b'"x"', b'"y"')}), base, GRADED, ()) == ()
    assert restored(patch(**{"pyproject.toml": PROJECT.replace(b"-q", b"--co")}), base, GRADED, ()) == ("pyproject.toml",)
    assert restored(patch(**{"setup.cfg": b"[metadata]\nname=x\n"}), {}, GRADED, ()) == ()
    assert restored(patch(**{"setup.cfg": b"[tool:pytest]\naddopts=-x\n"}), {}, GRADED, ()) == ("setup.cfg",)


def test_a_rewritten_graded_test_goes_back() -> None:
    """A graded test that is the repository's own is judged as it stood at base, changed or deleted; other tests stay as they are."""
    changed = patch(**{"tests/test_b.py": b"def test(): pass", "tests/test_c.py": b""})
    assert restored(changed, {}, ("tests/test_b.py",), ()) == ("tests/test_b.py",)
    assert restored(Patch((), ("tests/test_b.py", "tests/test_c.py")), {}, ("tests/test_b.py",), ()) == ("tests/test_b.py",)
    assert restored(changed, {}, ("tests/test_b.py",), ("tests/test_b.py",)) == ()


def test_a_removed_steering_file_comes_back() -> None:
    """Deleting the runner's configuration is undone, too."""
    assert restored(Patch((), ("pytest.ini", "a.py")), {"pytest.ini": b""}, GRADED, ()) == ("pytest.ini",)


def test_unreadable_configuration_goes_back() -> None:
    """What can't be parsed can't be proven harmless."""
    assert restored(patch(**{"pyproject.toml": b"\xff"}), {"pyproject.toml": PROJECT}, GRADED, ()) == ("pyproject.toml",)
