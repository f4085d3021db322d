"""A task made from a repository: whole or not at all, with only what is tracked, and honest about what it proves."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from harness.core.errors import TaskError
from harness.core.events import Event, GradeRan
from harness.core.machine import PreparedImage
from harness.core.ports import GradeOrder, Order, Patch, PatchFile
from harness.core.task import TaskSpec, TestIds
from harness.core.trial import TestResult
from harness.grading.examine import Examiner
from harness.grading.logs import junit
from sandboxes import docker as docker_sandboxes
from sandboxes import docker_images
from task_repos.folder import read_task
from task_repos.new import Made, Wanted, Workshop, make
from task_repos.new_environment import Needs, dockerfile, needs, workdir_of
from task_repos.new_grade import at_base, grade_command, node_id, runs_pytest

IDENTITY = {
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_ALLOW_PROTOCOL": "file",
}  # fmt: skip
FILES = {
    "calc/__init__.py": "def add(a, b):\n    return a + b\n\n\ndef double(a):\n    return a + a + 1\n",
    "tests/test_calc.py": "from calc import add, double\n\n\ndef test_add():\n    assert add(1, 2) == 3\n\n\n"
                          "def test_double():\n    assert double(2) == 4\n",
    ".gitignore": "*.log\n", ".gitattributes": "notes.txt export-ignore\n", "notes.txt": "kept\n", "forced.log": "tracked\n",
}  # fmt: skip


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(("git", *words), cwd=folder, env=os.environ | IDENTITY, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    write(folder, FILES | {"mark": uuid.uuid4().hex})
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-qm", "base")
    (folder / "untracked.py").write_text("secret = 1\n")
    (tmp_path / "ask.md").write_text("Mend double.\n")
    return folder


class Room:
    """The real images and sandboxes, remembering what was prepared so that it can be taken away."""

    def __init__(self, cache: Path) -> None:
        self.inner = docker_images.create(cache=cache)
        self.made: list[PreparedImage] = []

    def prepare(self, place: object, say: object) -> PreparedImage:
        self.made.append(self.inner.prepare(place, say))  # type: ignore[arg-type]
        return self.made[-1]

    def shop(self) -> Workshop:
        return Workshop(self, docker_sandboxes.create(), lambda report: junit.parse(report, ()))


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path / "cache")
    yield made
    client = docker.from_env()
    for image in dict.fromkeys(made.made):
        for reference in (image.reference, image.source_digest):
            client.images.remove(reference, force=True)
    client.close()
    made.inner.close()


def wanted(here: Path, **changes: object) -> Wanted:
    given: dict[str, object] = {"repo": here, "ask": here.parent / "ask.md", "test": "python3 -m pytest -q", "to": here.parent / "task"}
    return Wanted(**(given | changes))  # type: ignore[arg-type]


def made(repo: Path, room: Room, **changes: object) -> tuple[Made, TaskSpec]:
    found = make(wanted(repo, **changes), room.shop(), lambda _: None)
    return found, read_task(Path(found.folder), {}, "harbor")


class Blobs:
    def put(self, data: bytes) -> object:
        return data

    def get(self, blob: object) -> bytes:
        raise NotImplementedError


def graded(task: TaskSpec, room: Room, *files: PatchFile) -> dict[str, str]:
    """Test id to status after the examiner ran the task with these files changed."""
    seen: list[Event] = []
    image = room.prepare(task.place, lambda _: None)
    order = GradeOrder(task, image, Patch(files, ()), (("trial", "t"),))
    Examiner().grade(order, docker_sandboxes.create(), Blobs(), seen.append)  # type: ignore[arg-type]
    return {result.id: result.status for event in seen if isinstance(event, GradeRan) and event.mode == "fresh" for result in event.results if result.id not in (event.canary or ())}


@pytest.mark.docker
def test_a_task_is_made_and_graded(repo: Path, room: Room) -> None:
    """With a check that fails at base its test must come to pass; only tracked files are there, all of them, in one commit."""
    git(repo, "config", "user.name", "somebody")
    found, task = made(repo, room, check="python3 -m pytest -q tests/test_calc.py")
    assert found.fail_to_pass == ("tests/test_calc.py::test_double",)
    assert found.pass_to_pass == ("tests/test_calc.py::test_add",)
    assert (found.failing, found.regression_only) == ((), False)
    assert "assert 5 == 4" in found.log
    assert isinstance(task.check, TestIds)
    assert task.check.command.count("pytest") == 1
    assert [file.path for file in task.check.files] == ["tests/test_calc.py"]
    assert task.brief.requests[0].text == "Mend double.\n"
    image = room.made[-1]
    assert image.history == "clean"
    with docker_sandboxes.create().open(Order(image, task.place)) as sandbox:
        tracked = sandbox.exec(("git", "ls-files"), deadline=60).stdout.decode().split()
        told = sandbox.exec(("sh", "-c", "git log --format=%an%ae | cat; git status --porcelain; ls"), deadline=60).stdout.decode()
    assert sorted(tracked) == sorted([*FILES, "mark"])
    assert told.split()[0] == "longhaulbase@example.invalid"
    assert "untracked" not in told
    assert "??" not in told
    fixed = PatchFile("calc/__init__.py", "file", 0o644, FILES["calc/__init__.py"].replace(" + 1", "").encode())
    cheat = PatchFile("tests/test_calc.py", "file", 0o644, b"def test_add(): pass\ndef test_double(): pass\n")
    ids = (*found.fail_to_pass, *found.pass_to_pass)
    assert graded(task, room, fixed) == dict.fromkeys(sorted(ids, key=lambda one: "add" not in one), "passed")
    assert graded(task, room, cheat)["tests/test_calc.py::test_double"] == "failed"


@pytest.mark.docker
def test_without_a_check_it_only_watches(repo: Path, room: Room) -> None:
    """No failing check: regression only, said in the task itself; what fails at base is named with the reason and not graded."""
    found, task = made(repo, room)
    assert found.regression_only
    assert found.failing == ("tests/test_calc.py::test_double",)
    assert "assert 5 == 4" in found.log
    assert any("regression only" in word for word in found.warnings)
    assert isinstance(task.check, TestIds)
    assert (task.check.regression_only, task.check.fail_to_pass) == (True, ())
    assert "regression_only = true" in (Path(found.folder) / "tests" / "longhaul.toml").read_text()


@pytest.mark.docker
def test_commands_that_are_not_pytest_count_by_status(repo: Path, room: Room) -> None:
    """Any command line can be test and check: its exit status is one named result."""
    check = 'python3 -c "import calc; assert calc.double(2) == 4"'
    found, task = made(repo, room, test="python3 -m compileall -q calc && test -f notes.txt", check=check)
    assert (found.fail_to_pass, found.pass_to_pass) == (("commands::check",), ("commands::test",))
    fixed = PatchFile("calc/__init__.py", "file", 0o644, FILES["calc/__init__.py"].replace(" + 1", "").encode())
    assert graded(task, room, fixed) == {"commands::test": "passed", "commands::check": "passed"}


@pytest.mark.docker
def test_a_given_dockerfile_is_used(repo: Path, room: Room) -> None:
    """Its context is the repository; a base commit is added."""
    path = repo.parent / "Dockerfile.mine"
    path.write_text("FROM longhaul/base:bookworm-1\nWORKDIR /srv/app\nCOPY . .\nENV MINE=1\n")
    found, task = made(repo, room, dockerfile=path, test="test $MINE = 1 && python3 -m pytest -q -k add")
    assert found.pass_to_pass == ("tests/test_calc.py::test_add",)
    assert task.place.workdir == "/srv/app"
    assert room.made[-1].history == "clean"


@pytest.mark.docker
def test_tests_that_cannot_run_leave_nothing(repo: Path, room: Room) -> None:
    """A command that reports nothing is refused with the end of its output, and neither folder nor scraps remain."""
    before = set(repo.parent.iterdir())
    with pytest.raises(TaskError, match=r"no such option|unrecognized arguments"):
        made(repo, room, test="python3 -m pytest --no-such-option-at-all")
    assert set(repo.parent.iterdir()) - before <= {repo.parent / "cache"}


def never(*_: object) -> PreparedImage:
    raise AssertionError("nothing may be built")


class Closed:
    prepare = staticmethod(never)
    open = staticmethod(never)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"base": "nowhere"}, "base: found 'nowhere'"), ({"ask": Path("/none")}, "--ask"), ({"repo": Path("/proc")}, "no git repository"),
        ({"to": Path("/tmp")}, "existing path"), ({"to": Path("/proc/at/all")}, "where a folder can be made"), ({"to": Path("/tmp/a b-c%")}, "the task's id"),
    ],
)  # fmt: skip
def test_wrong_wishes_are_refused_before_anything_is_built(repo: Path, changes: dict[str, object], words: str) -> None:
    """One sentence that names the option; nothing is written."""
    before = set(repo.parent.iterdir())
    with pytest.raises(TaskError, match=words):
        make(wanted(repo, **changes), Workshop(Closed(), Closed(), lambda _: ()), lambda _: None)  # type: ignore[arg-type]
    assert set(repo.parent.iterdir()) == before


def test_a_link_out_of_the_repository_is_refused(repo: Path) -> None:
    """A tracked link that leads to the user's machine does not become part of a task."""
    (repo / "out").symlink_to("/etc/passwd")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "link")
    with pytest.raises(TaskError, match="/etc/passwd"):
        make(wanted(repo), Workshop(Closed(), Closed(), lambda _: ()), lambda _: None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("pytest -q", 'pytest --junitxml="$LONGHAUL_REPORT" -q'),
        ("cd x && python -m pytest", 'cd x && python -m pytest --junitxml="$LONGHAUL_REPORT"'),
        (".venv/bin/pytest a", '.venv/bin/pytest --junitxml="$LONGHAUL_REPORT" a'),
    ],
)
def test_pytest_is_told_to_report(command: str, expected: str) -> None:
    """The option stands right behind the program, wherever that is in the line."""
    assert grade_command(command) == expected


@pytest.mark.parametrize("command", ["make test", "python -m unittest", "./run-pytest-suite", "tox -e pytest-3"])
def test_what_only_sounds_like_pytest_is_not(command: str) -> None:
    """A name that contains the word is another program."""
    assert not runs_pytest(command)


def test_names_become_node_ids() -> None:
    """A report's dotted names are node ids of files that there are; a name of several tests is nobody's."""
    files = frozenset({"tests/test_a.py", "test_b.py"})
    assert node_id("tests.test_a.TestX::test_y[a.b]", files) == "tests/test_a.py::TestX::test_y[a.b]"
    assert node_id("test_b::t", files) == "test_b.py::t"
    assert node_id("commands::test", files) == "commands::test"
    found = at_base([TestResult("test_b::t", "passed"), TestResult("test_b::t", "failed"), TestResult("test_b::s", "skipped")], files)
    assert (found.passing, found.failing, found.twice) == ((), (), ("test_b.py::t",))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.py": b""}, Needs()),
        ({"pyproject.toml": b'[project]\nname = "a"', "src/a/__init__.py": b""}, Needs(source=True)),
        ({"pyproject.toml": b'[project]\nname = "a"\ndependencies = ["b"]\n[project.optional-dependencies]\ntest = ["c"]\ndocs = []'},
         Needs(editable=".[test]")),
        ({"setup.py": b"x"}, Needs(editable=".")),
        ({"requirements.txt": b"# none\n", "requirements-dev.txt": b"a\n"}, Needs(files=("requirements-dev.txt",))),
        ({"pyproject.toml": b'[dependency-groups]\ntest = ["a>=1", {include-group = "x"}]'}, Needs(packages=("a>=1",))),
    ],
)  # fmt: skip
def test_the_environment_is_what_the_repository_declares(files: dict[str, bytes], expected: Needs) -> None:
    """pyproject, setup files, requirements and dependency groups are read; without any nothing is fetched."""
    assert needs(files) == expected
    assert ("pip install" in dockerfile(expected, 0)) == expected.index


def test_bad_declarations_are_named(tmp_path: Path) -> None:
    """A pyproject that is no TOML and a Dockerfile without a place for the code are refused."""
    for words in (b"a = = b", b"\xff", b"a = " + b"9" * 5000, b"a = " + b"[" * 20_000):
        with pytest.raises(TaskError, match="TOML"):
            needs({"pyproject.toml": words})
    with pytest.raises(TaskError, match="WORKDIR"):
        workdir_of("FROM a\n", "Dockerfile")
