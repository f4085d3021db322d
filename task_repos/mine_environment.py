"""The environment of a mined task: what the project declares, installed before its code is there, so that versions can share it. Pure."""

from __future__ import annotations

import configparser
import hashlib
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

import msgspec

from task_repos.new_environment import (
    BASE,
    REQUIREMENTS,
    TEST_WORDS,
    VENV,
    WORKDIR,
    base_commit,
    pyproject,
    requirement_lines,
)

FOLDER: Final = "/opt/needs"
LISTED: Final = re.compile(r"(?:[\w.-]*requirements[\w.-]*|[\w.-]*constraints[\w.-]*|requirements/.*)\.(?:txt|in|pip)", re.IGNORECASE)
OWN: Final = re.compile(r"\s*(?:-e\b|--editable\b|\.(?:\[|/|$|\s))")
PACKAGE: Final = re.compile(r"[A-Za-z0-9][ -~]*")
PLUGINS: Final = (
    (re.compile(r"--cov\b"), "pytest-cov"), (re.compile(r"--numprocesses|[\s\"']-n[ =]?(?:auto|logical|\d)"), "pytest-xdist"),
    (re.compile(r"^\s*(?:timeout|timeout_method)\s*=|--timeout\b", re.MULTILINE), "pytest-timeout"),
    (re.compile(r"^\s*asyncio_(?:default_fixture_loop_scope|mode)\s*=", re.MULTILINE), "pytest-asyncio"),
)  # fmt: skip
BACKENDS: Final = {"hatchling": ("editables",), "setuptools": ("wheel",)}
VERSION: Final = "SETUPTOOLS_SCM_PRETEND_VERSION=0.0 PDM_BUILD_SCM_VERSION=0.0"


class Environment(msgspec.Struct, frozen=True):
    """`packages` named one by one, `listed` requirement files to install, `files` all of them and their texts (path, text).

    `installs`: the project itself is installed; `whole`: with what it needs, since only its own program can say that.
    `source`: its code lies under src/.
    """

    packages: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    installs: bool = False
    whole: bool = False
    source: bool = False

    @property
    def digest(self) -> str:
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


def declared(files: Mapping[str, bytes]) -> Environment:
    """What a version of the project says that it needs; raises TaskError for a pyproject that is no TOML."""
    project = pyproject(files.get("pyproject.toml", b""))
    about, build = project.get("project", {}), project.get("build-system", {})
    installs = bool(about or build) or bool({"setup.py", "setup.cfg"} & set(files))
    old = legacy(files.get("setup.cfg", b""))
    named_tests = (*extras(about), *groups(project), *old, *poetry(project))
    packages = (
        *builders(build, installs=installs), *texts(about.get("dependencies", [])), *(named_tests or tox(files.get("tox.ini", b""))), *plugins(files),
    )  # fmt: skip
    whole = installs and ("dependencies" in about.get("dynamic", []) or "poetry" in project.get("tool", {}) or ("setup.py" in files and not about and not old))
    notes = tuple((name, own_left_out(files[name])) for name in sorted(files) if LISTED.fullmatch(name))
    filled = [name for name in (*REQUIREMENTS, "requirements/tests.txt") if requirement_lines(dict(notes).get(name, "").encode())]
    listed = tuple(name for name in filled if "dev" not in name or not any("test" in other for other in filled))
    source = any(name.startswith("src/") for name in files)
    named = tuple(word for word in dict.fromkeys(packages) if PACKAGE.fullmatch(word))
    return Environment(named, listed, notes if listed else (), installs, whole, source)


def builders(build: Mapping[str, Any], *, installs: bool) -> Iterator[str]:
    """What builds the project, and what its editable form needs besides."""
    words = texts(build.get("requires", [])) if installs else ()
    yield from words or (("setuptools", "wheel") if installs else ())
    for word in words:
        yield from BACKENDS.get(re.split(r"[^\w-]", word, maxsplit=1)[0].lower(), ())


def extras(about: Mapping[str, Any]) -> Iterator[str]:
    """Test extras, with those that they name of the project itself: an index would give another version of it, with the answer in it."""
    table: dict[str, Any] = about.get("optional-dependencies", {})
    own = re.compile(rf"{form(str(about.get('name', '')))}\s*\[([^\]]*)\].*", re.IGNORECASE)
    waiting, seen = list(chosen(table)), set[str]()
    while waiting:
        name = waiting.pop(0)
        for word in () if name in seen else texts(table.get(name, [])):
            more = own.fullmatch(word)
            waiting += [part.strip() for part in more[1].split(",")] if more else []
            yield from () if more else (word,)
        seen.add(name)


def form(name: str) -> str:
    """A pattern for a project's name in its equal spellings."""
    return r"[-_.]+".join(re.escape(part) for part in re.split(r"[-_.]+", name))


def chosen(names: Iterable[str]) -> tuple[str, ...]:
    """Of the places where test packages may be listed those that are there; what is for developers only where nothing is for tests."""
    found = tuple(word for word in TEST_WORDS if word in set(names))
    return found[:-1] if len(found) > 1 and found[-1] == "dev" else found


def groups(project: Mapping[str, Any]) -> Iterator[str]:
    """Dependency groups for tests, with the groups that they include."""
    table: dict[str, Any] = project.get("dependency-groups", {})
    waiting = list(chosen(table))
    seen: set[str] = set()
    while waiting:
        name = waiting.pop(0)
        if name in seen or not isinstance(table.get(name), list):
            continue
        seen.add(name)
        yield from texts(table[name])
        waiting += [str(line["include-group"]) for line in table[name] if isinstance(line, dict) and "include-group" in line]


def poetry(project: Mapping[str, Any]) -> Iterator[str]:
    """Test packages of a poetry project by their names alone: its version marks are no standard."""
    table: dict[str, Any] = project.get("tool", {}).get("poetry", {})
    for found in (table.get("dev-dependencies", {}), *(table.get("group", {}).get(word, {}).get("dependencies", {}) for word in TEST_WORDS)):
        yield from (str(name) for name in found)


def plugins(files: Mapping[str, bytes]) -> Iterator[str]:
    """What the project's own settings of pytest can't do without, and projects often list nowhere that an installer reads."""
    said = b"\n".join(files.get(name, b"") for name in ("pyproject.toml", "setup.cfg", "tox.ini", "pytest.ini")).decode("utf-8", "replace")
    yield from (name for form, name in PLUGINS if form.search(said))


def tox(data: bytes) -> tuple[str, ...]:
    """Packages that tox would install, by their names; conditions and files are for other machines than this one."""
    lines = ini(data).get("testenv", "deps", fallback="").splitlines()
    return tuple(line.strip() for line in lines if PACKAGE.fullmatch(line.strip()) and not {"{", ":"} & set(line))


def ini(data: bytes) -> configparser.RawConfigParser:
    """A file of sections; an unreadable one says nothing."""
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(data.decode("utf-8", "replace"))
    except configparser.Error:
        return configparser.RawConfigParser()
    return parser


def legacy(data: bytes) -> tuple[str, ...]:
    """What setup.cfg lists."""
    parser = ini(data)
    said: list[str] = [parser.get("options", "install_requires", fallback="")]
    said += [parser.get("options.extras_require", word, fallback="") for word in TEST_WORDS]
    return tuple(line.strip() for text in said for line in text.splitlines() if line.strip() and not line.strip().startswith(("#", "file:")))


def texts(words: object) -> tuple[str, ...]:
    return tuple(word for word in words if isinstance(word, str)) if isinstance(words, list) else ()


def own_left_out(data: bytes) -> str:
    """A requirements file without the lines that mean the project itself, which is not there yet."""
    return "".join(f"{line}\n" for line in data.decode("utf-8", "replace").splitlines() if not OWN.match(line))


def dockerfile(found: Environment, date: int) -> str:
    """Needs first, then the tree in one base commit, then the project itself; what can be fetched is fetched here and never later."""
    copies = [f"COPY needs/ {FOLDER}/"] if found.listed else []
    return "\n".join((
        f"FROM {BASE}", f"RUN python3 -m venv --system-site-packages {VENV}", *copies, *install(found), f"COPY repo/ {WORKDIR}/",
        f"WORKDIR {WORKDIR}", base_commit(date), *own(found), *runner(), f"ENV PATH={VENV}/bin:$PATH", "",
    ))  # fmt: skip


def install(found: Environment) -> Iterator[str]:
    words = [*(word for name in found.listed for word in ("-r", name)), *found.packages]
    if words:
        yield f"RUN cd {FOLDER if found.listed else '/'} && {VENV}/bin/pip install {' '.join(shlex.quote(word) for word in words)}"


def own(found: Environment) -> Iterator[str]:
    """The project where Python finds it: installed in its editable form, else by its path alone."""
    paths = "\\n".join((WORKDIR, f"{WORKDIR}/src") if found.source else (WORKDIR,))
    path = f"printf '{paths}\\n' > \"$({VENV}/bin/python -c 'import site; print(site.getsitepackages()[0])')/workspace.pth\""
    how = "" if found.whole else "--no-deps --no-build-isolation "
    yield f"RUN {VERSION} {VENV}/bin/pip install {how}-e . || {path}" if found.installs else f"RUN {path}"


def runner() -> Iterator[str]:
    # The distribution's own pytest would run with the system's Python, which sees none of the packages.
    script = f'#!/bin/sh\\nexec {VENV}/bin/python -m pytest "$@"\\n'
    yield f"RUN test -e {VENV}/bin/pytest || {{ printf '{script}' > {VENV}/bin/pytest && chmod 755 {VENV}/bin/pytest; }}"
    yield "RUN git ls-files --others --exclude-standard --directory >> .git/info/exclude"


def needs_files(found: Environment) -> dict[PurePosixPath, str]:
    """Requirement files of the build context below needs/."""
    return {PurePosixPath("needs") / name: text for name, text in found.files}
