"""Which changes steer the runner, what a strict run undoes, and which honest ones cost no second run."""

from __future__ import annotations

import pytest

from harness.core.ports import Patch, PatchFile
from harness.grading.steering import Ground, Terms, asked, graded_back, strict, touched

TERMS = Terms(("tests/hidden/test_a.py",), "PYTHONPATH=lib2 python -m pytest tests && ./check.sh")
PROJECT = b'[project]\nname = "x"\n[tool.pytest.ini_options]\naddopts = "-q"\n'
INSTALLED = Ground(names=frozenset({"attr", "requests"}), roots=("python",))


def patch(*paths: str, **files: bytes) -> Patch:
    return Patch(tuple(PatchFile(path, "file", 0o644, data) for path, data in (dict.fromkeys(paths, b"x = 1\n") | files).items()), ())


STEERING = [
    "conftest.py", "tests/conftest.py", "mine/conftest.py", "pytest.ini", "deep/.pytest.ini", "sitecustomize.py", "usercustomize/__init__.py",
    "pkg/x.pth", "noxfile.py", ".coveragerc", "toxfile.py", "x.egg-info/entry_points.txt", "src/y.dist-info/METADATA", "check.sh",
    "tests/hidden/__init__.py", "CONFTEST.py", "ｃonftest.py",
]  # fmt: skip
SHADOWS = [
    "pytest.py", "pytest/__main__.py", "_pytest/x.py", "json.py", "tests/random.py", "tests/hidden/json/__init__.py", "src/attr/__init__.py",
    "requests.cpython-311-x86_64-linux-gnu.so", "lib2/logging.py", "python/unittest/mock.py", "PyTest.py",
]  # fmt: skip
WORK = ["calc.py", "plus.py", "pkg/json.py", "pkg/queue/__init__.py", "json.md", "requests.txt", "data/x.json", "tests/test_own.py", "README", "setup.py"]


@pytest.mark.parametrize("path", [*STEERING, *SHADOWS])
def test_a_file_that_steers_is_undone_in_a_strict_run(path: str) -> None:
    """By name, by place, by a module's name on the search path, by case or unicode form: it is asked about, named, and left out."""
    work = patch(path, "calc.py")
    found = touched(work, TERMS, INSTALLED)
    assert asked(work, TERMS)
    assert found == (path,)
    assert [file.path for file in strict(work, found, INSTALLED).patch.files] == ["calc.py"]


@pytest.mark.parametrize("path", WORK)
def test_plain_work_costs_no_second_run(path: str) -> None:
    """Modules inside packages may be called like the standard library's; data and prose may be called like anything."""
    assert touched(patch(path), TERMS, INSTALLED) == ()


def test_a_link_steers_by_its_name() -> None:
    """Whatever it leads to."""
    assert touched(Patch((PatchFile("conftest.py", "link", 0o777, b"a.txt"),), ()), TERMS, Ground()) == ("conftest.py",)


def test_a_project_that_is_itself_such_a_module_may_be_changed() -> None:
    """What base has under that name is no shadow, nor is what is new inside of it."""
    ground = Ground(names=frozenset({"attr"}), existed=frozenset({"attr", "json.py"}))
    assert touched(patch("attr/__init__.py", "attr/new.py", "json.py"), TERMS, ground) == ()


def test_what_the_task_allows_stays() -> None:
    """By path."""
    assert touched(patch("conftest.py"), Terms(TERMS.graded, "pytest", ("conftest.py",)), Ground()) == ()


def test_a_shared_file_is_undone_in_the_runners_tables_alone() -> None:
    """A dependency in pyproject.toml is work and stays in the strict run; an addopts is steering."""
    ground = Ground(base={"pyproject.toml": PROJECT})
    other, steered = PROJECT.replace(b'"x"', b'"y"'), PROJECT.replace(b'"x"', b'"y"').replace(b"-q", b"--co")
    assert touched(patch(**{"pyproject.toml": other}), TERMS, ground) == ()
    work = patch(**{"pyproject.toml": steered})
    assert touched(work, TERMS, ground) == ("pyproject.toml",)
    (left,) = strict(work, ("pyproject.toml",), ground).patch.files
    assert left.data == other
    assert touched(patch(**{"setup.cfg": b"[metadata]\nname=x\n"}), TERMS, Ground()) == ()


def test_a_removed_steering_file_comes_back() -> None:
    """Deleting the runner's configuration is undone, too."""
    work = Patch((), ("pytest.ini", "a.py"))
    assert strict(work, touched(work, TERMS, Ground()), Ground()).patch.removed == ("a.py",)


def test_a_rewritten_graded_test_goes_back_in_every_run() -> None:
    """A graded test that is the repository's own is judged as it stood at base, changed or deleted; other tests stay as they are."""
    terms = Terms(("tests/test_b.py",), "pytest")
    assert graded_back(patch("tests/test_b.py", "tests/test_c.py"), terms).back == ("tests/test_b.py",)
    assert graded_back(Patch((), ("tests/test_b.py", "tests/test_c.py")), terms).patch.removed == ("tests/test_c.py",)
    assert graded_back(patch("tests/test_b.py"), Terms(("tests/test_b.py",), "pytest", ("tests/test_b.py",))).back == ()
    assert graded_back(Patch((PatchFile("tests", "link", 0o777, b"/tmp"),), ()), terms).back == ("tests",)
