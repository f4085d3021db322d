"""SWE-bench rows as tasks: files of rows (classic or version 5), folders of tasks or of row recipes; one bad row never hides the others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from harness.core.errors import TaskError
from harness.core.ports import TaskSource
from harness.core.task import (
    Brief,
    GoldPatch,
    ImageBuild,
    ImageRecipe,
    ImageTag,
    Official,
    Place,
    Provenance,
    Request,
    TaskSpec,
)
from task_repos import swebench_folder as folders
from task_repos import swebench_instances as instances
from task_repos.swebench_commands import Command, Commands, choose, image_name, read_commands
from task_repos.swebench_rows import Located, Row, read_objects, read_row
from task_repos.swebench_rows import Place as RowPlace
from task_repos.swebench_upgrade import WORKDIR, eval_script, languages, parser_name

GRADER: Final = "task_repos.swebench_grader"
Way: TypeAlias = ImageRecipe | ImageBuild | None
"""How a row's image is made where no registry gives it."""
NO_COMMAND: Final = "no test command is known for this row: it can be listed, not run"
NO_PARSER: Final = "no log parser is known for this row: it can be listed, not run"
GUESSED: Final = "the row names no image: the published one is assumed"
ASSETS: Final = "image_assets are not laid into the containers"
RELEASE: Final = (
    "where no registry gives the published image, base is a release with the fix taken back: no figure of it is then a SWE-bench figure"
)
EXPECTED: Final = "a file of rows, a folder of tasks (sweb.yaml, tasks/), or a folder with instances.jsonl"


def create(
    *, path: str, test_command: str = "", parser: str = "", image: str = "", rows: str = "", split: str = "", source: str = ""
) -> TaskSource:
    """`path`: a file of rows, a folder of tasks, or one with instances.jsonl, then `rows` is the file that it is joined with.

    `test_command`, `parser`, `image` stand for what classic rows lack (`{files}`: graded files; `{id}`: the image's form of the id).
    `split`: of a folder of tasks this split alone, in place of those it publishes. `source`: how the plan names all this.
    Raises TaskError when there is no such file.
    """
    place = Path(path)
    if place.is_dir() and not (place / instances.FILE).is_file() and not folders.is_one(place):
        raise TaskError(path, "", "a folder without any of them", EXPECTED)
    if not place.exists():
        raise TaskError(path, "", "nothing", EXPECTED)
    return Rows(place, Command(test_command, parser, image), Chosen(rows, split), source or f"swebench:{path}")


class Chosen(msgspec.Struct, frozen=True):
    """Of a folder: `rows` as the file that recipes are joined with, `split` as the one split that is wanted; each may be empty."""

    rows: str = ""
    split: str = ""


class Found(msgspec.Struct, frozen=True):
    """A task and where it stands."""

    place: RowPlace
    spec: TaskSpec


class Rows:
    """The tasks of one file or folder; `faults` are the complaints of the last pass."""

    def __init__(self, path: Path, option: Command, chosen: Chosen, source: str) -> None:
        self.path, self.option, self.chosen, self.source = path, option, chosen, source
        self.complaints: list[TaskError] = []

    def __iter__(self) -> Iterator[TaskSpec]:
        self.complaints = []
        seen: dict[str, RowPlace] = {}
        try:
            for found in self.found():
                spec = self.accept(found, seen)
                if spec is not None:
                    yield spec
        except TaskError as fault:
            self.complaints.append(fault)

    @property
    def faults(self) -> tuple[Exception, ...]:
        return tuple(self.complaints)

    def accept(self, found: Found | TaskError, seen: dict[str, RowPlace]) -> TaskSpec | None:
        """The task, unless it is a complaint or has an id again; both are kept."""
        if isinstance(found, TaskError):
            self.complaints.append(found)
            return None
        first = seen.setdefault(found.spec.id, found.place)
        if first == found.place:
            return found.spec
        words = f"{found.spec.id!r} again"
        self.complaints.append(TaskError(str(found.place), "instance_id", words, f"each id once (row {first.row} has it)"))
        return None

    def found(self) -> Iterator[Found | TaskError]:
        """Each task, or a complaint. Raises TaskError when a whole file can't be read."""
        if not self.path.is_dir():
            beside = read_commands(self.path.parent)
            yield from (told if isinstance(told, TaskError) else self.plain(told, beside) for told in read_objects(self.path))
        elif (self.path / instances.FILE).is_file():
            for told in instances.read_instances(self.path, self.chosen.rows):
                yield told if isinstance(told, TaskError) else self.made(told.row, told.recipe, {})
        else:
            beside = read_commands(self.path)
            for each in folders.read_folder(self.path, self.chosen.split):
                yield each if isinstance(each, TaskError) else self.made(each.row, each.build, beside)

    def plain(self, found: Located, beside: Commands) -> Found | TaskError:
        """The task of a row that stands alone."""
        try:
            return self.made(read_row(found), None, beside)
        except TaskError as fault:
            return fault

    def made(self, row: Row, way: Way, beside: Commands) -> Found:
        """The task of a row whose image can be made in this `way`."""
        return Found(row.place, make_spec(row, choose(row, self.option, beside), way, self.source))


def make_spec(row: Row, command: Command, way: Way, source: str) -> TaskSpec:
    """The task of a row whose image is the published one, or made in the given `way` where nobody gives it. Pure."""
    recipe = way if isinstance(way, ImageRecipe) else None
    image = ImageTag(image_name(command.image, row.instance_id), way)
    # A version 5 row's script says where it works, and its image's own folder is right for it.
    workdir = WORKDIR if recipe or not row.eval_script or f"cd {WORKDIR}" in row.eval_script else ""
    brief = Brief((Request("1", prompt(row, workdir)),))
    official = Official(
        grader=GRADER,
        row=msgspec.json.encode(graded_row(row, command, recipe)).decode(),
        fail_to_pass=row.fail_to_pass,
        pass_to_pass=row.pass_to_pass,
    )
    solution = GoldPatch(row.patch.encode("utf-8", "surrogatepass")) if row.patch else None
    made_from = recipe.text if recipe else image.name
    return TaskSpec(
        id=row.instance_id,
        digest=digest(brief.requests[0].text, made_from, workdir, official.row, row.patch),
        brief=brief,
        place=Place(image, workdir),
        check=official,
        provenance=msgspec.structs.replace(provenance(row, command, recipe), source=source),
        solution=solution,
    )


def prompt(row: Row, workdir: str) -> str:
    """The issue in its frame; hints of the discussion below it are not given."""
    frame = resources.files("task_repos").joinpath("swebench_prompt.md").read_text(encoding="utf-8")
    where = f" in {workdir}" if workdir else ""
    return frame.replace("{where}", where).replace("{statement}", row.problem_statement.strip())


def graded_row(row: Row, command: Command, recipe: ImageRecipe | None) -> dict[str, object]:
    """The row as version 5 of the package reads it; `eval_script` and `log_parser` are empty where nothing makes them."""
    parser = parser_name(command.parser)
    base = "HEAD" if recipe else row.base_commit
    made = eval_script(row, command.test_command, base) if command.test_command else ""
    return {
        "instance_id": row.instance_id,
        "repo": row.repo,
        "version": row.version,
        "image": f"{instances.KIND}:{row.instance_id}" if recipe else image_name(command.image, row.instance_id),
        "FAIL_TO_PASS": row.fail_to_pass,
        "PASS_TO_PASS": row.pass_to_pass,
        "eval_script": row.eval_script or made,
        "eval_type": row.eval_type,
        "log_parser": parser,
    }


def provenance(row: Row, command: Command, recipe: ImageRecipe | None) -> Provenance:
    """Public facts and what deviates."""
    runs = bool(row.eval_script or command.test_command)
    said = (
        ("" if runs else NO_COMMAND),
        ("" if command.parser or not runs else NO_PARSER),
        ("" if recipe or command.image else GUESSED),
        (ASSETS if row.assets else ""),
        (RELEASE if recipe else ""),
    )
    return Provenance(
        source=f"swebench:{row.place.file}",
        created=row.created_at[:10],
        kind="public",
        languages=languages(row.patch),
        warnings=tuple(word for word in said if word),
    )


def digest(*parts: str) -> str:
    """Over all that decides what is asked and how it is judged; where the files lie is not among it."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        whole.update(len(data).to_bytes(8) + data)
    return f"sha256:{whole.hexdigest()}"
