"""The Dockerfile of a task made from a repository: from what pyproject and requirements declare, or a given one with a base commit. Pure."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from harness.core.errors import TaskError, unread

BASE: Final = "longhaul/base:bookworm-1"
WORKDIR: Final = "/workspace"
VENV: Final = "/opt/venv"
TEST_WORDS: Final = ("test", "tests", "testing", "dev")
REQUIREMENTS: Final = ("requirements.txt", "requirements-dev.txt", "requirements-test.txt", "requirements/dev.txt", "requirements/test.txt",
                       "dev-requirements.txt", "test-requirements.txt")  # fmt: skip


class Needs(msgspec.Struct, frozen=True):
    """What a repository declares: `editable` the project itself with extras ("." or ".[test]") or empty, `files` of requirements,
    `packages` named one by one, `source` whether its code lies under src/.
    """

    editable: str = ""
    files: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    source: bool = False

    @property
    def index(self) -> bool:
        """Whether a package index must answer while the image is built."""
        return bool(self.editable or self.files or self.packages)


def needs(files: Mapping[str, bytes]) -> Needs:
    """Read pyproject.toml, setup files and requirements; raises TaskError for a pyproject that is no TOML."""
    source = any(name.startswith("src/") for name in files)
    project = pyproject(files.get("pyproject.toml", b""))
    about: dict[str, Any] = project.get("project", {})
    extras = [word for word in TEST_WORDS if word in about.get("optional-dependencies", {})]
    groups = project.get("dependency-groups", {})
    named = tuple(line for word in TEST_WORDS for line in groups.get(word, []) if isinstance(line, str))
    listed = tuple(name for name in REQUIREMENTS if requirement_lines(files.get(name, b"")))
    built = bool(about.get("dependencies") or extras or "build-system" in project) or {"setup.py", "setup.cfg"} & set(files)
    editable = f".[{','.join(extras)}]" if extras else "."
    return Needs(editable if built else "", listed, named, source)


def pyproject(data: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as fault:
        raise TaskError("pyproject.toml", "text", unread(fault), "TOML") from fault


def requirement_lines(data: bytes) -> list[str]:
    lines = (line.strip() for line in data.decode("utf-8", "replace").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def dockerfile(found: Needs, date: int) -> str:
    """Our own Dockerfile: the tree in `repo/`, one base commit, and the environment beside it."""
    return "\n".join((
        f"FROM {BASE}", f"COPY repo/ {WORKDIR}/", f"WORKDIR {WORKDIR}", base_commit(date),
        *install_lines(found), f"ENV PATH={VENV}/bin:$PATH", "",
    ))  # fmt: skip


def install_lines(found: Needs) -> Iterator[str]:
    """The environment: packages from an index where some are declared, else only a path to the code."""
    yield f"RUN python3 -m venv --system-site-packages {VENV}"
    argv = [word for name in found.files for word in ("-r", name)]
    argv += [*found.packages, *(("-e", found.editable) if found.editable else ())]
    if argv:
        yield f"RUN {VENV}/bin/pip install {' '.join(shlex.quote(word) for word in argv)}"
    else:
        paths = "\\n".join((WORKDIR, f"{WORKDIR}/src") if found.source else (WORKDIR,))
        yield f"RUN printf '{paths}\\n' > \"$({VENV}/bin/python -c 'import site; print(site.getsitepackages()[0])')/workspace.pth\""
    # The distribution's own pytest would run with the system's Python, which sees none of the packages.
    script = f'#!/bin/sh\\nexec {VENV}/bin/python -m pytest "$@"\\n'
    yield f"RUN test -e {VENV}/bin/pytest || {{ printf '{script}' > {VENV}/bin/pytest && chmod 755 {VENV}/bin/pytest; }}"
    yield "RUN git ls-files --others --exclude-standard --directory >> .git/info/exclude"


def base_commit(date: int) -> str:
    """One commit of everything that is tracked, ignored by .gitignore or not, the same each time."""
    who = " ".join(
        f"GIT_{role}_{what}" for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME=longhaul", "EMAIL=base@example.invalid", f"DATE='{date} +0000'")
    )  # fmt: skip
    return f"RUN git init --quiet --initial-branch=main . && git add --all --force && {who} git commit --quiet --message base"


def with_base_commit(text: str, date: int) -> str:
    """A given Dockerfile, and a base commit where the image has git and no repository."""
    body = base_commit(date).removeprefix("RUN ")
    return f"{text.rstrip()}\n\nUSER 0\nRUN if command -v git >/dev/null 2>&1 && ! test -e .git; then {body}; fi\n"


def workdir_of(text: str, path: str) -> str:
    """The last absolute WORKDIR of a given Dockerfile; raises TaskError when there is none."""
    found = re.findall(r"^\s*WORKDIR\s+(\S+)", text, re.MULTILINE | re.IGNORECASE)
    if not found or not found[-1].startswith("/") or found[-1] == "/":
        raise TaskError(path, "WORKDIR", found[-1] if found else "none", "an absolute folder with the repository in it")
    return str(found[-1])
