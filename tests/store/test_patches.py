"""A trial's work as a unified diff: what `git apply` makes of base with it is what the work was, whatever the files are."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from harness.core.ports import Patch, PatchFile
from harness.grading.difference import difference
from harness.store.bases import from_tar, keep
from harness.store.patches import unifier

IMAGE = "sha256:" + "1" * 64
BEFORE: dict[str, tuple[bytes, int]] = {
    "a.py": (b"one\ntwo\nthree\n", 0o644), "crlf.txt": (b"one\r\ntwo\r\n", 0o644), "bytes.bin": (bytes(range(256)) * 8, 0o644),
    "latin.txt": ("é\n".encode("latin-1") * 3, 0o644), "run.sh": (b"#!/bin/sh\n", 0o644), "gone.txt": (b"gone\n", 0o644),
    "moved.txt": (b"".join(b"line %d\n" % n for n in range(40)), 0o644), "folder/in": (b"in\n", 0o644), "file": (b"file\n", 0o644),
    ".gitignore": (b"*.log\n", 0o644), ".gitattributes": (b"*.py -diff\n*.txt text eol=crlf\n", 0o644), ".git/config": (b"[core]\n", 0o644),
    "no newline": (b"end", 0o644), "sub/.git/HEAD": (b"ref: x\n", 0o644),
}  # fmt: skip
AFTER: dict[str, tuple[bytes, int]] = {
    **{name: BEFORE[name] for name in (".gitignore", ".gitattributes", ".git/config", "sub/.git/HEAD")},
    "a.py": (b"one\n2\nthree\nfour", 0o644), "crlf.txt": (b"one\r\n2\r\n", 0o644), "bytes.bin": (bytes(range(255, -1, -1)) * 8, 0o644),
    "latin.txt": ("è\n".encode("latin-1") * 3, 0o755), "run.sh": (b"#!/bin/sh\n", 0o755), "sub/moved.txt": BEFORE["moved.txt"],
    "folder": (b"now a file\n", 0o644), "file/below": (b"now a folder\n", 0o644), "x.log": (b"ignored by git\n", 0o644),
    'strange "é\t name': (b"new\n", 0o644), "no newline": (b"end\n", 0o644), "empty": (b"", 0o644), "nul": (b"a\0b\n", 0o644),
}  # fmt: skip
LINK = "link -> a.py"


def tar_of(files: dict[str, tuple[bytes, int]], link: str = "") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, (data, mode) in files.items():
            told = tarfile.TarInfo(f"workspace/{name}")
            told.size, told.mode = len(data), mode
            archive.addfile(told, io.BytesIO(data))
        if link:
            told = tarfile.TarInfo("workspace/link")
            told.type, told.linkname = tarfile.SYMTYPE, link
            archive.addfile(told)
    return out.getvalue()


def laid(folder: Path, files: dict[str, tuple[bytes, int]]) -> None:
    for name, (data, mode) in files.items():
        if ".git/" not in name:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            path.chmod(mode)


def read(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(folder).as_posix(): (str(path.readlink()).encode() if path.is_symlink() else path.read_bytes(), 0 if path.is_symlink() else path.stat().st_mode & 0o777)
        for path in folder.rglob("*") if path.is_symlink() or path.is_file()
    }  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    base, objects = from_tar(IMAGE, tar_of(BEFORE))
    keep(folder, base, objects)
    return folder


def test_patch_applied_to_base_gives_the_work(run: Path, tmp_path: Path) -> None:
    """Text, CRLF, other encodings, binary, modes, renames, links, odd names, folders and files in each other's place: nothing is lost."""
    base, _ = from_tar(IMAGE, tar_of(BEFORE))
    found = difference(base, tar_of(AFTER, link="a.py"))
    with unifier(run) as made:
        diff = made.diff(base, found.patch)
        assert made.diff(base, found.patch) == diff
        assert made.diff(base, Patch((), ())) == b""
    laid(tmp_path / "tree", BEFORE)
    done = subprocess.run(["git", "-c", "core.autocrlf=false", "apply", "-"], cwd=tmp_path / "tree", input=diff.decode().encode(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    wanted = {name: kept for name, kept in AFTER.items() if ".git/" not in name} | {"link": (b"a.py", 0)}
    assert read(tmp_path / "tree") == wanted


def test_text_stays_readable_and_moves_are_told(run: Path) -> None:
    """Of ordinary files a person reads lines, and a moved one is a rename, whatever attributes the tree asks for."""
    base, _ = from_tar(IMAGE, tar_of(BEFORE))
    files = (PatchFile("a.py", "file", 0o644, b"one\n2\nthree\n"), PatchFile("sub/moved.txt", "file", 0o644, BEFORE["moved.txt"][0]), PatchFile("__pycache__/a.pyc", "file", 0o644, b"x"))
    with unifier(run) as made:
        diff = made.diff(base, Patch(files, ("moved.txt",))).decode()
    assert "-two\n+2\n" in diff
    assert "rename from moved.txt\nrename to sub/moved.txt\n" in diff
    assert "pycache" not in diff
