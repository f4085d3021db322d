"""The parts of mining by themselves: what a foreign repository or archive can't do, what words are cleaned of, what counts as stable."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.core.errors import HarnessError
from harness.core.machine import Ended
from sandboxes.recipe_archive import read_archive
from task_repos.mine import Wanted, Workshop, folder, mine, of_history
from task_repos.mine_draft import cleaned
from task_repos.mine_environment import declared, dockerfile
from task_repos.mine_history import history, walked
from task_repos.mine_manifest import Examined, Mined, load
from task_repos.mine_patch import compared
from task_repos.mine_releases import released
from task_repos.mine_runs import Ran, command, sort
from task_repos.mine_structure import Demands, derive
from tests.task_repos.mined_history import Project

LONG = "    return [number * 2 + 1 for number in values if number]\n"


def test_nothing_of_a_foreign_repository_runs(tmp_path: Path) -> None:
    """Its hooks, filters, monitors, aliases, external programs and lazy fetches are never called, and nothing is written to it."""
    project = Project(tmp_path / "evil")
    project.commit("one", "One", **{"a.py": "A = 1\n", ".gitattributes": "*.py filter=x diff=x merge=x\n"})
    project.commit("two", "Two", **{"a.py": "A = 2\n"})
    mark = tmp_path / "mark"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {mark}\n")
    script.chmod(0o755)
    for name in (
        "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "filter.x.smudge", "filter.x.clean", "filter.x.process", "diff.x.command",
        "diff.x.textconv", "diff.external", "merge.x.driver", "core.gitProxy", "credential.helper", "uploadpack.packObjectsHook", "core.alternateRefsCommand",
    ):  # fmt: skip
        project.git("config", name, str(script))
    project.git("config", "core.hooksPath", str(tmp_path))
    project.git("config", "extensions.partialClone", "evil")
    project.git("config", "remote.evil.url", f"ext::{script}")
    project.git("config", "remote.evil.promisor", "true")
    before = {path: path.stat().st_mtime_ns for path in project.folder.rglob("*")}
    room = tmp_path / "room"
    with history(project.folder, room) as repo:
        assert [commit.hexsha for commit in walked(repo, ("", "HEAD"), 0)] == [project.ids["two"], project.ids["one"]]
        assert repo.commit("HEAD").tree["a.py"].data_stream.read() == b"A = 2\n"
        with pytest.raises(HarnessError, match="a commit of the repository"):
            list(walked(repo, ("", "--output=/tmp/x"), 0))
    assert not mark.exists()
    assert {path: path.stat().st_mtime_ns for path in project.folder.rglob("*")} == before


def test_linked_work_trees_and_packed_refs_are_read(tmp_path: Path) -> None:
    """A work tree whose objects lie elsewhere, a bare repository and packed names give the same history; a folder that is none is refused."""
    project = Project(tmp_path / "here")
    project.commit("one", "One", **{"a.py": "A = 1\n"})
    project.git("tag", "-a", "-m", "first", "v1")
    project.git("pack-refs", "--all")
    project.git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "other")
    project.git("clone", "-q", "--bare", ".", str(tmp_path / "bare"))
    for number, name in enumerate(("here", "linked", "bare")):
        (tmp_path / f"room{number}").mkdir()
        with history(tmp_path / name, tmp_path / f"room{number}") as repo:
            assert [commit.hexsha for commit in walked(repo, ("", "v1"), 0)] == [project.ids["one"]]
    with pytest.raises(HarnessError, match="no git repository"), history(tmp_path, tmp_path / "room9"):
        pass


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Fix totals (#12)\n\nFixes: #3\nSigned-off-by: A <a@b>", "Fix totals"), ("Merge pull request #1 from a/b\n\nRound prices", "Round prices"),
        ("Closes GH-12. Use ``Decimal``; see https://a.b/c", "Use ``Decimal``"), ("Revert 0a1b2c3d", "Revert"), ("wip\n```\nx = 1\n```", "wip"),
        ("- Add ``x``. :issue:`12`\n- PROJ-77: drop y", "- Add ``x``.\n- drop y"), ("(#1)", ""), ("* :func:`dft` is new", "* :func:`dft` is new"), ("return the_secret_line()", ""),
    ],
)  # fmt: skip
def test_words_are_cleaned(said: str, expected: str) -> None:
    """Ids, hashes, links, trailers, code blocks and lines of the solution go; the sentence stays."""
    assert cleaned(said, frozenset({"return the_secret_line()"})) == expected


def test_structure_is_told_by_syntax() -> None:
    """Moved, renamed, gone, callers and imports; a module that became a package and a mere rewriting ask for nothing but what moved."""
    before = {
        "src/s/a.py": f"def twice(values):\n{LONG}\n\ndef keep(): pass\n\nOLD = 1\n".encode(), "src/s/b.py": b"from s.a import keep, twice\nfrom . import c\n",
        "src/s/c.py": b"import s.a\nprint(s.a.OLD)\n", "src/s/__init__.py": b"", "tests/test_a.py": b"GONE = 1\n",
    }  # fmt: skip
    after = {
        "src/s/a.py": f"def doubled(values):\n{LONG}".encode(), "src/s/d.py": b"def keep(): pass\n", "src/s/b.py": b"from s.d import keep\nfrom s.a import doubled\n",
        "src/s/c.py": b"import s.a\n", "src/s/__init__.py": b"",
    }  # fmt: skip
    assert derive(before, after) == Demands(
        gone=(("src/s/a.py", "OLD"),), moved=(("keep", "src/s/a.py", "src/s/d.py"),), renamed=(("src/s/a.py", "twice", "src/s/a.py", "doubled"),),
        callers=(("src/s/b.py", "src/s/a.py", "keep"), ("src/s/b.py", "src/s/a.py", "twice"), ("src/s/c.py", "src/s/a.py", "OLD")),
        imports=(("src/s/b.py", "src/s/d.py", True), ("src/s/b.py", "src/s/c.py", False)),
    )  # fmt: skip
    assert derive(before, before | {"src/s/a.py": before["src/s/a.py"] + b"# more\n"}) == Demands()
    assert derive({"a.py": b"X = [1]\n", "b.py": b"import a\na.X\n"}, {"a/__init__.py": b"X = [1]\n", "b.py": b"import a\na.X\n"}) == Demands(
        moved=(("X", "a.py", "a/__init__.py"),)
    )
    assert derive({"a.py": b"X = 1\n"}, {"a.py": b"X = = 1\n"}) == Demands()
    feature = derive({"a.py": b"", "b.py": b"", "c.py": b""}, {"a.py": b"import b, new\n", "b.py": b"", "c.py": b"", "new.py": b"Y = [1]\n"})
    assert feature == Demands(imports=(("a.py", "b.py", True),))
    assert not feature.telling


def test_only_what_is_steady_counts() -> None:
    """An id that differs between runs of one version is flaky; one that is skipped before shows nothing."""
    def ran(**statuses: str) -> Ran:
        return Ran({f"t.py::{name}": status for name, status in statuses.items()}, Ended.EXITED, "")

    good = ran(new="passed", kept="passed", odd="passed", skip="passed", absent="passed")
    found = sort((good, good, ran(new="passed", kept="passed", odd="failed", skip="passed", absent="passed")), (ran(new="error", kept="passed", odd="failed", skip="skipped"),) * 3)
    assert found.fail_to_pass == ("t.py::absent", "t.py::new")
    assert found.pass_to_pass == ("t.py::kept",)
    assert found.flaky == ("t.py::odd",)
    assert command("cd x && pytest -q", structural=True).count("tests/hidden") == 3


def test_patches_are_for_the_root_and_keep_bytes(tmp_path: Path) -> None:
    """Binary content, CRLF, modes, links, odd names and files that come or go survive the way through a patch."""
    files = {"x/new.bin": b"\0\1\xff", "crlf.txt": b"a\r\nb\r\n", "odd name\t.txt": b"1", "caf\u00e9.py": b"A = 1\n"}
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "gone.py").write_text("x = 1\n")
    (tmp_path / "a" / "crlf.txt").write_bytes(b"a\r\n")
    for name, data in files.items():
        path = tmp_path / "b" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "b" / "crlf.txt").chmod(0o755)
    (tmp_path / "b" / "link").symlink_to("crlf.txt")
    diff = compared(tmp_path)
    assert b"diff --git a/gone.py b/gone.py" in diff
    subprocess.run(("git", "apply", "--binary", "-"), cwd=tmp_path / "a", input=diff, check=True)
    assert {path.relative_to(tmp_path / "a").as_posix(): path.read_bytes() for path in (tmp_path / "a").rglob("*") if path.is_file()} == {
        **files, "link": files["crlf.txt"],
    }  # fmt: skip
    assert (tmp_path / "a" / "crlf.txt").stat().st_mode & 0o111
    assert (tmp_path / "a" / "link").is_symlink()


def archive(path: Path, members: dict[str, bytes], **odd: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1_700_000_000
            tar.addfile(info, io.BytesIO(data))
        for info in odd.values():
            tar.addfile(info)
    return path


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def test_two_releases_are_a_change(tmp_path: Path) -> None:
    """Trees by content, packaging's own notes left out, the date of the newer one, and what its change log has got."""
    old = archive(tmp_path / "nuts-1.0.tar.gz", {"nuts-1.0/a.py": b"A = 1\n", "nuts-1.0/CHANGES.rst": b"1.0\n", "nuts-1.0/PKG-INFO": b"1"})
    new = archive(tmp_path / "nuts-1.1.tar.gz", {"nuts-1.1/a.py": b"A = 2\n", "nuts-1.1/CHANGES.rst": b"1.1\n\n- count nuts\n\n1.0\n", "nuts-1.1/PKG-INFO": b"2"})
    change, trees = released((old, new), lambda path: read_archive(path, str(path)))
    assert [file.path for file in change.touched] == ["CHANGES.rst", "a.py"]
    assert (change.name, change.sources, change.date) == ("nuts-1.0-to-1.1", ("a.py",), 1_700_000_000)
    assert "- count nuts" in change.messages[0]
    assert [file.path for file in trees[change.after].files] == ["CHANGES.rst", "a.py"]


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (link("n-2/x", "a.py"), "a link"), (link("n-2/x", "/etc/passwd"), "leads outside"), (link("n-2/x", "n-2/a.py", tarfile.LNKTYPE), "neither file"),
        (tarfile.TarInfo("n-2/../../x"), "leads outside"), (tarfile.TarInfo("/x"), "leads outside"), (tarfile.TarInfo("n-2/.git/config"), "steer git"),
    ],
)  # fmt: skip
def test_hostile_archives_are_refused(tmp_path: Path, odd: tarfile.TarInfo, words: str) -> None:
    """Members that lead outside, links and what would steer git: one sentence with the archive, and nothing is left."""
    paths = (archive(tmp_path / "n-1.tar.gz", {"n-1/a.py": b""}), archive(tmp_path / "n-2.tar.gz", {"n-2/a.py": b""}, odd=odd))
    closed = Workshop(None, None, lambda _: (), lambda path: read_archive(path, str(path)))  # type: ignore[arg-type]
    with pytest.raises(HarnessError, match=words) as told:
        mine(Wanted(to=tmp_path / "deep" / "to", releases=paths), closed, lambda _: None)
    assert "n-2.tar.gz" in str(told.value)
    assert not (tmp_path / "deep").exists()


def test_bombs_and_strange_names_are_refused(tmp_path: Path) -> None:
    """An archive that unfolds too far, one that is none, and one of another project."""
    bomb = archive(tmp_path / "n-2.tar.gz", {"n-2/a.py": b"0" * 3_000_000})
    small = archive(tmp_path / "n-1.tar.gz", {"n-1/a.py": b""})
    other = archive(tmp_path / "m-2.tar.gz", {"m-2/a.py": b""})
    (tmp_path / "n-3.tar.gz").write_bytes(b"no archive")
    (tmp_path / "n.zip").write_bytes(b"")
    for path, words in ((bomb, "unfolds"), (other, "a release of 'n'"), (tmp_path / "n-3.tar.gz", r"a \.tar\.gz"), (tmp_path / "n.zip", "PROJECT-VERSION"), (tmp_path / "n-4.tar.gz", "No such file")):
        with pytest.raises(HarnessError, match=words):
            released((small, path), lambda path: read_archive(path, str(path), bound=1_000_000))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"test": "make test"}, "runs pytest"), ({"least": 0}, "--min-files"), ({"limit": 0}, "--limit"), ({"repo": None}, "one of them"),
        ({"ends": ("nowhere", "HEAD")}, "'nowhere'"), ({"dockerfile": Path("/none")}, "a Dockerfile"), ({"to": Path("/proc")}, "--to"),
    ],
)  # fmt: skip
def test_wrong_wishes_are_refused_before_anything_is_built(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    """One sentence that names the option; nothing is written."""
    project = Project(tmp_path / "p")
    project.commit("one", "One", **{"a.py": "A = 1\n"})
    given: dict[str, object] = {"to": tmp_path / "to", "repo": project.folder}
    with pytest.raises(HarnessError, match=words):
        mine(Wanted(**(given | changes)), Workshop(None, None, lambda _: (), lambda _: ()), lambda _: None)  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def test_the_environment_is_installed_before_the_code() -> None:
    """Needs come from every place where projects list them, without the project itself; equal needs are one environment."""
    found = declared({
        "pyproject.toml": b'[build-system]\nrequires = ["hatchling", "hatch-vcs"]\n[project]\nname = "n"\ndependencies = ["a>=1; python_version > \'3\'"]\n'
        b'[dependency-groups]\ntests = [{include-group = "more"}, "b"]\nmore = ["c"]\ndev = ["never"]\n',
        "requirements/tests.txt": b"-e .\nd==1\n-r other.txt\n", "requirements/other.txt": b"e\n", "requirements/dev.txt": b"f\n", "src/n/__init__.py": b"",
    })  # fmt: skip
    assert found.packages == ("hatchling", "hatch-vcs", "editables", "a>=1; python_version > '3'", "b", "c")
    assert found.listed == ("requirements/tests.txt",)
    assert dict(found.files)["requirements/tests.txt"] == "d==1\n-r other.txt\n"
    old = declared({"setup.py": b"", "tox.ini": b"[testenv]\ndeps =\n  mock>=1\n  py27: never\n  -r x.txt\n[pytest]\naddopts = --cov=n -n auto\n"})
    assert old.packages == ("setuptools", "wheel", "mock>=1", "pytest-cov", "pytest-xdist")
    own = b'[project]\nname = "my.nuts"\n[project.optional-dependencies]\ntests = ["my_nuts[more]", "a"]\nmore = ["My-Nuts[tests]", "b"]\n'
    assert declared({"pyproject.toml": own}).packages == ("setuptools", "wheel", "a", "b")
    text = dockerfile(found, 0)
    assert text.index("pip install -r requirements/tests.txt") < text.index("COPY repo/") < text.index("--no-deps --no-build-isolation -e .")
    assert declared({"a.py": b""}).digest == declared({"b.py": b"", "README.md": b""}).digest != found.digest
    assert "pip install" not in dockerfile(declared({"a.py": b""}), 0)


def test_a_range_is_a_change_of_its_own(tmp_path: Path) -> None:
    """First the range as a whole with the titles of its commits, then its commits, newest first, none older than asked."""
    project = Project(tmp_path / "p")
    for number in range(4):
        project.commit(str(number), f"Step {number}\n\nMore.", **{"a.py": f"A = {number}\n"})
    project.git("tag", "v1", project.ids["0"])
    with history(project.folder, tmp_path) as repo:
        found = list(of_history(repo, Wanted(to=tmp_path, ends=("v1", "HEAD"), least=1), "p"))
        later = list(of_history(repo, Wanted(to=tmp_path, since=project.clock, least=1), "p"))
    assert [(change.unit, change.after) for change in found] == [("range", project.ids["3"]), *(("commit", project.ids[key]) for key in "321")]
    assert found[0].messages == ("- Step 1\n- Step 2\n- Step 3",)
    assert [change.after for change in later] == [project.ids["3"]]


def test_only_one_call_works_in_a_folder(tmp_path: Path) -> None:
    """A second one says so at once; a folder of something else is left alone."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("mine")
    with folder(tmp_path / "to"), pytest.raises(HarnessError, match="another `longhaul mine`"), folder(tmp_path / "to"):
        pass
    with pytest.raises(HarnessError, match="something else"), folder(tmp_path / "other"):
        pass
    assert not (tmp_path / "to").exists()


@given(st.binary() | st.text().map(str.encode) | st.builds(lambda task: msgspec.json.encode(Mined(changes=(one(task),))), st.text(max_size=8)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_manifest_is_read_or_refused(tmp_path: Path, data: bytes) -> None:
    """A complaint in one sentence, or tasks whose names are folders beside it."""
    (tmp_path / "mined.json").write_bytes(data)
    try:
        found = load(tmp_path)
    except HarnessError as fault:
        assert "mined.json" in str(fault)  # noqa: PT017
    else:
        assert all("/" not in change.task and not change.task.startswith(".") for change in found.tasks)


def one(task: str) -> Examined:
    return Examined("k", "commit", "t", "", 1, 1.0, task=task)


@given(st.text() | st.lists(st.sampled_from(["(", "#", "1", " fixes ", "see ", "https://a", "`", "```", "\n", "0a1b2c3d", ")", "PR-"]), max_size=300).map("".join))
def test_any_message_is_cleaned(said: str) -> None:
    """Whatever was written: no link and no number of an issue is left."""
    text = cleaned(said)
    assert "https://" not in text
    assert not re.search(r"\(#\d+\)", text)
