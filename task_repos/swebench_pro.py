"""SWE-bench Pro as its authors lay it out: a file of rows, run_scripts/ID/{run_script.sh,parser.py}, dockerfiles/ with the variables of each image."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from harness.core.errors import HarnessError, TaskError
from harness.core.regular import read_regular
from harness.core.task import Brief, GoldPatch, ImageTag, Official, Place, Provenance, Request, TaskSpec
from task_repos.swebench_diff import malformed
from task_repos.swebench_pro_rows import Row, objects, row_of, rows_file

GRADER: Final = "swebench_pro_grader"
REPOSITORY: Final = "jefzda/sweap-images"
WORKDIR: Final = "/app"
TAG_CHARACTERS: Final = 128
SCRIPT_BYTES: Final = 4 << 20
DEADLINE_S: Final = 3600.0
ENV: Final = re.compile(r"^\s*ENV\s+(?:(\w+)=(.*)|(\w+)\s+(.*))$", re.MULTILINE)
GUESSED: Final = "the row names no dockerhub_tag: its image's name is a guess"
UNWATCHED: Final = "the row's own script runs the tests, and its own parser reads them"


class Graded(msgspec.Struct, frozen=True):
    """What the grader needs of a row: `fetch` lays the tests into the repository, `exports` are variables of the image's build."""

    instance_id: str
    fetch: str
    script: str
    parser: str
    selected: tuple[str, ...]
    exports: tuple[tuple[str, str], ...]


class ProTasks:
    """The tasks of a folder, in the order of its rows; `image` names one for all of them, with {id} and {tag} filled in."""

    def __init__(self, path: Path, source: str, image: str) -> None:
        self._path, self._source, self._image = path.absolute(), source, image
        self._faults: list[Exception] = []

    @property
    def faults(self) -> tuple[Exception, ...]:
        return tuple(self._faults)

    def __iter__(self) -> Iterator[TaskSpec]:
        self._faults = []
        seen: dict[str, str] = {}
        try:
            for located in objects(rows_file(self._path)):
                try:
                    if isinstance(located, TaskError):
                        raise located
                    row = row_of(located)
                    if row.instance_id in seen:
                        raise TaskError(str(row.place), "instance_id", f"{row.instance_id!r}, which {seen[row.instance_id]} has too", "different ids")
                    task = self._task(row)
                    seen[row.instance_id] = str(row.place)
                    yield task
                except HarnessError as fault:
                    self._faults.append(fault)
        except HarnessError as fault:
            self._faults.append(fault)

    def _task(self, row: Row) -> TaskSpec:
        if why := malformed(row.patch):
            raise TaskError(str(row.place), "patch", why, "a unified diff")
        *base, fetch = row.before
        scripts = self._path / "run_scripts" / row.instance_id
        graded = Graded(
            row.instance_id, fetch, _script(scripts / "run_script.sh"), _script(scripts / "parser.py"), row.selected,
            tuple(_exports(self._path / "dockerfiles", row.instance_id)),
        )  # fmt: skip
        text = prompt(row)
        place = Place(ImageTag(self._named(row)), workdir=WORKDIR, setup=_base(row, base))
        official = Official(
            GRADER, msgspec.json.encode(graded).decode(), row.fail_to_pass, row.pass_to_pass, DEADLINE_S, msgspec.structs.replace(place, history="kept")
        )
        warnings = (UNWATCHED, *(() if row.tag or self._image else (GUESSED,)))
        return TaskSpec(
            id=row.instance_id, digest=digest(text, self._named(row), official.row, row.patch, *row.fail_to_pass, "", *row.pass_to_pass),
            brief=Brief((Request("task", text),)), place=place, check=official,
            provenance=Provenance(self._source, row.created_at[:10], "public", (row.language,) if row.language else (), warnings),
            solution=GoldPatch(row.patch.encode()),
        )  # fmt: skip

    def _named(self, row: Row) -> str:
        if self._image:
            return self._image.replace("{id}", row.instance_id).replace("{tag}", tag(row))
        return f"{REPOSITORY}:{tag(row)}"


def create(*, path: str, source: str = "", image: str = "") -> ProTasks:
    """Tasks under `path`; `source`: how the plan names this; `image`: a name in place of upstream's, {id} and {tag} filled in."""
    return ProTasks(Path(path), source or f"swebench-pro:{path}", image)


def tag(row: Row) -> str:
    """The image's tag: the row's own, else made as upstream makes it, cut to what a registry takes."""
    made = row.tag or f"{row.repo.lower().replace('/', '.')}-{row.instance_id.removeprefix('instance_')}"
    return made[:TAG_CHARACTERS]


def prompt(row: Row) -> str:
    """Statement, requirements and interface, each that there is."""
    parts = (("", row.statement), ("Requirements", row.requirements), ("Interface", row.interface))
    return "\n\n".join(f"# {title}\n\n{text.strip()}" if title else text.strip() for title, text in parts if text.strip()) + "\n"


def _base(row: Row, lines: list[str]) -> tuple[str, ...]:
    """The repository at its base commit: the row's own lines but the last, which would lay the tests of the solution there."""
    return tuple(lines) or (f"git reset --hard {row.base_commit}", f"git checkout {row.base_commit}")


def _script(path: Path) -> str:
    """A script of the row's folder. Raises TaskError."""
    try:
        return read_regular(path, SCRIPT_BYTES).decode()
    except OSError as fault:
        raise TaskError(str(path), "file", fault.strerror or str(fault), "the row's own script") from fault
    except UnicodeDecodeError as fault:
        raise TaskError(str(path), "text", "bytes that are no UTF-8", "UTF-8") from fault


def _exports(folder: Path, ident: str) -> Iterator[tuple[str, str]]:
    """Variables that the images' Dockerfiles set, base first."""
    for kind in ("base_dockerfile", "instance_dockerfile"):
        path = folder / kind / ident / "Dockerfile"
        if path.is_file():
            for found in ENV.finditer(path.read_text(encoding="utf-8", errors="replace")):
                yield found[1] or found[3], (found[2] or found[4] or "").strip().strip('"')


def digest(*parts: str) -> str:
    """Over all that decides what is asked and how it is judged; where the files lie is not among it."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        whole.update(len(data).to_bytes(8) + data)
    return f"sha256:{whole.hexdigest()}"
