"""The plugin on this machine's own pytest, its channel a plain pipe: any command that starts pytest is heard, and none is disturbed."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import msgspec
import pytest

from harness.core.machine import Ended, Exec
from harness.grading.watch.heard import Heard, hear
from harness.grading.watch.line import Line, open_line, started, upload
from harness.grading.watch.outcome import results
from harness.grading.watch.signs import Expected, signs, unproven

TESTS = """
import subprocess, sys
import pytest

@pytest.fixture(scope="module")
def made():
    with open("made", "a") as log:
        log.write("x")

def test_one(made): pass
def test_two(made): assert True
@pytest.mark.skip
def test_skipped(): pass
@pytest.mark.xfail
def test_expected(): assert 0
@pytest.mark.parametrize("word", ["a b", "[", "\\u00e4"])
def test_words(word): pass
class TestK:
    def test_in(self): pass
def test_nested(tmp_path):
    (tmp_path / "test_n.py").write_text("def test_inner(): pass")
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", str(tmp_path)], capture_output=True, text=True)
    assert "1 passed" in done.stdout
    assert pytest.main(["-q", "-p", "no:cacheprovider", str(tmp_path)]) == 0
"""
PASS = ("one", "two", "words[a b]", "words[[]", "words[\\xe4]", "nested")
WANTED = (*(f"tests/test_x.py::test_{name}" for name in PASS), "tests/test_x.py::TestK::test_in")
INI = "[pytest]\naddopts = --strict-markers --strict-config -p no:randomly\npython_functions = test_[!z]*\nfilterwarnings = error\n"
COMMANDS = {
    "a folder": "python -m pytest -q tests",
    "one file": "python -m pytest -q tests/test_x.py",
    "one test after the other": "python -m pytest -q tests/test_x.py -k 'one or two' && python -m pytest -q tests/test_x.py -k 'not (one or two)'",
    "the first failure ends it": "python -m pytest -x -q tests",
    "a search path of its own": "PYTHONPATH=src python -m pytest tests",
    "no plugin but those named": "python -m pytest -p no:terminal -p no:cacheprovider tests",
    "another folder": "cd tests && python -m pytest -q",
    "importlib": "python -m pytest --import-mode=importlib tests",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_x.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text(INI)
    return tmp_path


def line_in(folder: Path) -> Line:
    """A channel laid into a folder of this machine in place of a container's."""
    line = msgspec.structs.replace(open_line(str(folder)), folder=str(folder / "laid"))
    with tarfile.open(fileobj=io.BytesIO(upload(line))) as tar:
        for member in tar:
            member.name = str(Path("/", member.name).relative_to(folder)) if member.name.startswith(str(folder).strip("/")) else ""
            member.mode |= 0o200
            if member.name:
                tar.extract(member, folder, filter="tar")
    return line


def heard(project: Path, command: str) -> tuple[Heard, Exec, Line]:
    line = line_in(project)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
    environment = clean | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(started(line, command), cwd=project, env=environment, capture_output=True, check=False)
    told = Exec(done.stdout, done.stderr, len(done.stdout), 0, done.returncode, Ended.EXITED, 60.0)
    return hear(done.stdout, line.nonce), told, line


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_every_way_to_start_pytest_is_heard_and_left_alone(command: str, project: Path) -> None:
    """Each test once, the pair among them, no sign; the exit status, the fixtures and the files are those of a run without us."""
    found, done, line = heard(project, command)
    told = results(found.sessions, WANTED)
    expected = Expected(line.pair, WANTED, simple="&&" not in command)
    assert done.exit_code == 0, done.stderr.decode()
    assert signs(found, done, expected) == ()
    assert unproven(found, told, expected) == ""
    status = {each.id: each.status for each in told}
    assert {name for name in WANTED if status.get(name) == "passed"} == set(WANTED), done.stderr.decode()
    assert (status["tests/test_x.py::test_skipped"], status["tests/test_x.py::test_expected"]) == ("skipped", "xfailed")
    assert sorted(value for name, value in status.items() if line.pair.file in name) == ["failed", "passed"]
    assert len(told) == len(status) + 2 * (len(found.sessions) - 1)
    assert "".join(path.read_text() for path in project.rglob("made")) == "x"
    assert [path.name for path in (project / "tests").iterdir() if path.suffix == ".py"] == ["test_x.py"]
    assert line.pair.file not in done.stderr.decode()


def test_what_fails_is_heard_as_what_it_is(project: Path) -> None:
    """A failing test, an error in setup and in teardown, a module that can't be imported, a strict expected failure that passes."""
    (project / "tests" / "test_y.py").write_text(
        "import pytest\n@pytest.fixture\ndef bad(): raise OSError\n@pytest.fixture\ndef late():\n    yield\n    raise OSError\n"
        "def test_f(): assert 0\ndef test_s(bad): pass\ndef test_t(late): pass\n@pytest.mark.xfail(strict=True)\ndef test_p(): pass\n"
    )
    (project / "tests" / "test_z.py").write_text("import no_such_module\n")
    found, done, line = heard(project, "python -m pytest --continue-on-collection-errors tests")
    status = {each.id.rpartition("::")[2]: each.status for each in results(found.sessions, ())}
    assert {name: status[name] for name in ("test_f", "test_s", "test_t", "test_p")} == {
        "test_f": "failed", "test_s": "error", "test_t": "error", "test_p": "failed",
    }  # fmt: skip
    assert signs(found, done, Expected(line.pair, (), simple=True)) == ()


def test_a_child_of_a_test_has_no_voice(project: Path) -> None:
    """A fork that falls back into pytest reports to nobody."""
    (project / "tests" / "test_x.py").write_text("import os\ndef test_one():\n    if os.fork() == 0:\n        raise OSError\n    os.wait()\n")
    found, done, line = heard(project, "python -m pytest tests")
    assert [each.status for each in results(found.sessions, WANTED) if each.id == WANTED[0]] == ["passed"]
    assert signs(found, done, Expected(line.pair, WANTED[:1], simple=True)) == ()


def test_a_subtest_is_a_part_of_its_test(project: Path) -> None:
    """Any number that pass are no second report; one that fails fails the test, one that is skipped is no pass."""
    (project / "tests" / "test_x.py").write_text(
        "import unittest\nclass TestS(unittest.TestCase):\n    def test_good(self):\n        for i in range(3):\n            with self.subTest(i=i):\n                assert i >= 0\n"
        "    def test_bad(self):\n        for i in range(3):\n            with self.subTest(i=i):\n                assert i != 1\n"
        "    def test_odd(self):\n        for i in range(3):\n            with self.subTest(i=i):\n                if i == 1: self.skipTest('x')\n"
        "def test_fixture(subtests):\n    for i in range(3):\n        with subtests.test(i=i): assert i >= 0\n"
    )
    found, done, line = heard(project, "python -m pytest tests")
    status = {each.id.rpartition("::")[2]: each.status for each in results(found.sessions, ()) if line.pair.file not in each.id}
    assert (status.pop("test_odd") != "passed", status) == (True, {"test_good": "passed", "test_bad": "failed", "test_fixture": "passed"})
    assert signs(found, done, Expected(line.pair, (), simple=True)) == ()
