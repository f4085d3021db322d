"""A build's context folder: what its .dockerignore leaves of it, its digest, and its tar, the same for the same content."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec
from docker.utils.build import exclude_paths

from harness.core.errors import TaskError
from sandboxes.docker_file import Instruction, Stage, base_images, instructions, needs_buildkit, stages
from sandboxes.docker_tar import folder_tar


class Context(msgspec.Struct, frozen=True):
    """A context folder read once: `names` are relative posix paths in order, `digest` hex over content and Dockerfile."""

    folder: str
    dockerfile: str
    text: str
    steps: tuple[Instruction, ...]
    stages: tuple[Stage, ...]
    names: tuple[str, ...]
    digest: str

    @property
    def path(self) -> Path:
        return Path(self.folder) / self.dockerfile

    @property
    def bases(self) -> tuple[str, ...]:
        return base_images(self.stages)

    @property
    def modern(self) -> tuple[tuple[int, str], ...]:
        """What the classic builder does not understand, as (line, what)."""
        return tuple(needs_buildkit(self.steps, self.text))

    def tar(self) -> IO[bytes]:
        return folder_tar(Path(self.folder), self.names)


def read_context(folder: str, dockerfile: str) -> Context:
    """Read and digest; raises TaskError when folder or Dockerfile are not there or are no text."""
    root = Path(folder)
    text = read_dockerfile(root / dockerfile)
    steps = instructions(text)
    for step in steps:
        if step.word == "ONBUILD":
            raise TaskError(f"{root / dockerfile}:{step.line}", "ONBUILD", step.rest[:80], "instructions of this image: nothing is built on it")
    found = stages(steps)
    if not found:
        raise TaskError(str(root / dockerfile), "FROM", "no FROM line", "a Dockerfile that begins from an image")
    names = tuple(sorted(exclude_paths(str(root), ignored(root), dockerfile=dockerfile)))
    try:
        digest = context_digest(root, names, dockerfile)
    except OSError as fault:
        raise TaskError(str(root), "context", f"{fault.strerror}: {fault.filename}", "files that can be read") from fault
    return Context(folder, dockerfile, text, steps, found, names, digest)


def read_dockerfile(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as fault:
        raise TaskError(str(path), "Dockerfile", str(fault.strerror), "a readable file") from fault
    except UnicodeDecodeError as fault:
        raise TaskError(str(path), "Dockerfile", "bytes that are not UTF-8", "UTF-8 text") from fault


def ignored(root: Path) -> list[str]:
    """The patterns of .dockerignore."""
    path = root / ".dockerignore"
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def context_digest(root: Path, names: tuple[str, ...], dockerfile: str) -> str:
    """Hex over kinds, modes that survive, and bytes."""
    whole = hashlib.sha256(f"dockerfile {dockerfile}\0".encode())
    for line in digest_lines(root, names):
        whole.update(line)
    return whole.hexdigest()


def digest_lines(root: Path, names: tuple[str, ...]) -> Iterator[bytes]:
    for name in names:
        path = root / name
        mode = path.lstat().st_mode
        head = f"{name}\0{mode & 0o100 and 'x'}\0".encode("utf-8", "surrogateescape")
        if stat.S_ISLNK(mode):
            yield head + b"link" + str(path.readlink()).encode("utf-8", "surrogateescape") + b"\n"
        elif stat.S_ISREG(mode):
            yield head + b"file" + hashlib.sha256(path.read_bytes()).digest() + b"\n"
        else:
            yield head + b"dir\n"
