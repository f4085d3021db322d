"""Tasks out of a history: every change is looked at once and has its kind or its reason, in containers of one environment."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import docker
import msgspec
import pytest

from harness.contracts import tasks as contract
from harness.core.errors import HarnessError
from harness.core.machine import PreparedImage
from harness.core.task import TestIds
from harness.grading.logs import junit
from sandboxes import docker as docker_sandboxes
from sandboxes import docker_images
from task_repos.mine import Wanted, Workshop, mine
from task_repos.mine_manifest import Mined, Reason, load, tally
from task_repos.mined import accept, create
from tests.task_repos.mined_history import Project, shop


class Room:
    """The real images and sandboxes, counting what is prepared so that it can be taken away."""

    def __init__(self, cache: Path) -> None:
        self.inner = docker_images.create(cache=cache)
        self.made: list[PreparedImage] = []

    def prepare(self, place: object, say: object) -> PreparedImage:
        self.made.append(self.inner.prepare(place, say))  # type: ignore[arg-type]
        return self.made[-1]

    def shop(self) -> Workshop:
        return Workshop(self, docker_sandboxes.create(), lambda report: junit.parse(report, ()), lambda _: ())  # type: ignore[arg-type]


class Mining(msgspec.Struct, frozen=True):
    """What one call over the whole history gave."""

    project: Project
    to: Path
    mined: Mined
    said: list[str]
    images: int

    def of(self, key: str) -> tuple[str, str, str]:
        """Kind, unit and reason of a commit of that key."""
        (one,) = [one for one in self.mined.changes if one.key.endswith(self.project.ids[key]) and one.unit not in ("stages", "range")]
        return one.kind, one.unit, str(one.reason or "")

    def task(self, key: str) -> Path:
        return self.to / f"shop-{self.project.ids[key][:10]}"


@pytest.fixture(scope="module")
def mining(tmp_path_factory: pytest.TempPathFactory, base_image: object) -> Iterator[Mining]:
    home = tmp_path_factory.mktemp("mine")
    mark = uuid.uuid4().hex  # its image goes at the end, and must be nobody else's
    project, room, said = shop(home / "shop", mark=mark), Room(home / "cache"), list[str]()
    found = mine(Wanted(to=home / "mined", repo=home / "shop", deadline=60), room.shop(), said.append)
    yield Mining(project, home / "mined", found, said, len(room.made))
    client = docker.from_env()
    for image in dict.fromkeys(room.made):
        for reference in (image.reference, image.source_digest):
            client.images.remove(reference, force=True)
    client.close()
    room.inner.close()


def test_every_change_has_its_kind_or_its_reason(mining: Mining) -> None:
    """Commits, a merge and stages become tasks; each of the others is refused by a reason of the closed list; one image serves all."""
    found = {key: mining.of(key) for key in mining.project.ids}
    assert found == {
        "first": ("", "commit", "first commit"), "prose": ("", "commit", "no Python source"), "behaviour": ("behaviour", "commit", ""),
        "tests": ("", "commit", "tests only"), "refactoring": ("refactoring", "commit", ""),
        "small one": ("", "commit", "too few source files"), "small two": ("", "commit", "too few source files"),
        "side": ("", "commit", "duplicate"), "merge": ("behaviour", "merge", ""), "idle": ("", "commit", "too few source files"),
        "idle merge": ("", "merge", "merge without change of its own"), "binary": ("", "commit", "binary"),
        "nothing shown": ("", "commit", "no check that fails before"),
    }  # fmt: skip
    assert [one.kind for one in mining.mined.changes if one.unit == "stages"] == ["behaviour"]
    assert mining.images == 1
    assert all(one.seconds > 0 for one in mining.mined.changes if one.task)
    assert {row[:3] for row in tally(mining.mined)} >= {("behaviour", "commit", 1), ("rejected", "too few source files", 3)}
    assert sorted(path.name for path in mining.to.iterdir()) == sorted([*(one.task for one in mining.mined.tasks), "mined.json"])


def test_mined_tasks_are_read(mining: Mining) -> None:
    """Each folder is a task with an oracle, its date and language, private, and a draft; ids say what the change shows."""
    source = create(path=str(mining.to))
    tasks = {task.id: task for task in source}
    assert not source.faults
    assert len(tasks) == 4
    assert contract.complaints(source) == ()
    assert all(task.provenance.draft and task.solution and task.provenance.created and task.provenance.kind == "private" for task in tasks.values())
    behaviour, refactoring = (tasks[mining.task(key).name] for key in ("behaviour", "refactoring"))
    assert isinstance(behaviour.check, TestIds)
    assert behaviour.check.fail_to_pass == ("tests/test_vat.py::test_vat",)
    assert set(behaviour.check.pass_to_pass) == {"tests/test_shop.py::test_receipt", "tests/test_shop.py::test_take"}
    assert isinstance(refactoring.check, TestIds)
    assert [(item.id, item.weight) for item in refactoring.check.items] == [("moved", 0.3333), ("callers", 0.3333), ("imports", 0.3334)]
    assert "tests/hidden/test_structure.py::test_moved[total:shop/cart.py:shop/price.py]" in refactoring.check.fail_to_pass
    assert not any("structure" in one for one in refactoring.check.pass_to_pass)
    (staged,) = [task for task in tasks.values() if len(task.brief.requests) > 1]
    assert [request.text.split("\n")[0] for request in staged.brief.requests] == ["Let stock be counted", "Count by name"]


def test_drafts_say_what_is_asked_and_nothing_else(mining: Mining) -> None:
    """Numbers, hashes, links and trailers are gone; what checks ask for and cannot be guessed is named; no line of the solution is told."""
    text = (mining.task("behaviour") / "instruction.md").read_text()
    assert text.startswith("Prices with VAT\n\nreceipt() takes the rate as `vat`\nReverts\n")
    assert not any(word in text for word in ("#12", "Fixes", "Signed", "https", "0a1b2c3"))
    text = (mining.task("refactoring") / "instruction.md").read_text()
    assert "- `total`: written in `shop/price.py` and no longer in `shop/cart.py`." in text
    assert "def total" not in text
    assert "'a name is needed'" in (mining.task("merge") / "instruction.md").read_text()
    agent = {path.relative_to(mining.task("refactoring")).as_posix() for path in mining.task("refactoring").rglob("*.py")}
    assert "environment/repo/shop/price.py" not in agent
    assert "environment/repo/tests/hidden/test_structure.py" not in agent


@pytest.mark.parametrize("key", ["behaviour", "refactoring", "merge"])
def test_the_solution_is_the_real_change(mining: Mining, key: str, tmp_path: Path) -> None:
    """The patch turns the version before into the one after, tests left out, and the structural checks fail before and pass then."""
    work = tmp_path / "work"
    subprocess.run(("cp", "-R", mining.task(key) / "environment" / "repo", work), check=True)
    checks = mining.task(key) / "tests" / "hidden" / "test_structure.py"
    argv = (sys.executable, "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir=.", "-p", "no:cacheprovider", "tests/hidden")
    if checks.exists():
        (work / "tests" / "hidden").mkdir()
        (work / "tests" / "hidden" / "test_structure.py").write_text(checks.read_text())
        assert "4 failed" in subprocess.run(argv, cwd=work, capture_output=True, text=True, check=False).stdout
    subprocess.run(("git", "apply", mining.task(key) / "solution" / "change.patch"), cwd=work, check=True)
    mining.project.git("checkout", "-q", mining.project.ids[key])
    after = {path.relative_to(mining.project.folder): path.read_text() for path in mining.project.folder.rglob("shop/*.py")}
    mining.project.git("checkout", "-q", "main")
    assert {path.relative_to(work): path.read_text() for path in work.rglob("shop/*.py")} == after
    if checks.exists():
        assert "4 passed" in subprocess.run(argv, cwd=work, capture_output=True, text=True, check=False).stdout


def test_a_second_call_has_nothing_left_to_do(mining: Mining) -> None:
    """What was looked at is not looked at again; a task that somebody threw away is made anew, and only that one needs the engine."""

    class Closed:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(name)

    wanted = Wanted(to=mining.to, repo=mining.project.folder, deadline=60)
    closed = Workshop(Closed(), Closed(), lambda _: (), lambda _: ())  # type: ignore[arg-type]
    again = mine(wanted, closed, lambda _: None)
    assert {one.key: one for one in again.changes} == {one.key: one for one in mining.mined.changes}
    (mining.to / ".making-left").mkdir()
    assert mine(wanted, closed, lambda _: None) == again
    assert not list(mining.to.glob(".making*"))


def test_an_environment_that_fails_is_built_once_and_tried_again_later(mining: Mining, tmp_path: Path) -> None:
    """Every change that needs it is rejected with the failing step; the next call gives it another chance; nothing is left of any."""
    path = tmp_path / "Dockerfile"
    path.write_text("FROM longhaul/base:bookworm-1\nWORKDIR /workspace\nCOPY . .\nRUN false\n")
    room, said = Room(tmp_path / "cache"), list[str]()
    try:
        for _ in range(2):
            found = mine(Wanted(to=tmp_path / "to", repo=mining.project.folder, dockerfile=path), room.shop(), said.append)
    finally:
        room.inner.close()
    failed = [one for one in found.changes if one.reason is Reason.ENVIRONMENT]
    assert len(failed) == 5
    assert all("RUN false" in one.detail for one in failed)
    assert sum("building" in line for line in said) == 2
    assert [one.name for one in (tmp_path / "to").iterdir()] == ["mined.json"]


def test_a_draft_is_accepted_for_the_text_that_was_read(mining: Mining) -> None:
    """Acceptance holds until the text changes; an id that is not there, and a draft with an open place, are refused."""
    name = mining.task("behaviour").name
    drafts = lambda: {task.id: task.provenance.draft for task in create(path=str(mining.to))}  # noqa: E731
    accept(mining.to, name, "2026-01-31")
    assert [one for one, draft in drafts().items() if not draft] == [name]
    noted = {one.task: one.accepted for one in load(mining.to).tasks}[name]
    assert noted is not None
    assert noted.date == "2026-01-31"
    path = mining.to / name / "instruction.md"
    text = path.read_text()
    path.write_text(f"{text}And be quick.\n")
    assert drafts()[name]
    path.write_text("[to be written: what is asked, in the words of someone who wants it]\n")
    for ident, words in ((name, "written where the draft has none"), ("nobody", f"one of .*{name}")):
        with pytest.raises(HarnessError, match=words):
            accept(mining.to, ident, "2026-01-31")
    path.write_text(text)
    assert not drafts()[name]


def test_the_manifest_names_only_known_reasons(mining: Mining) -> None:
    """A manifest of another make, or none, is refused in one sentence."""
    body = json.loads((mining.to / "mined.json").read_text())
    assert {one["reason"] for one in body["changes"] if one["reason"]} <= {str(reason) for reason in Reason}
    other = mining.to.parent / "other"
    other.mkdir()
    (other / "mined.json").write_text(json.dumps(body | {"schema": "longhaul.mined/9"}))
    with pytest.raises(HarnessError, match=r"longhaul\.mined/9"):
        list(create(path=str(other)))
    with pytest.raises(HarnessError, match="no mined"):
        list(create(path=str(mining.project.folder)))
