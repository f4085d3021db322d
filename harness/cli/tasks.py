"""`longhaul tasks`: what a source holds, a bad task never hiding the others; and the word that a mined draft was read."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from harness.cli.screen.layout import lay, plain, tell
from harness.core.errors import PlanError
from harness.core.task import ImageBuild, ImageBundle, ImageRecipe, ImageSource, ImageTag, Official, TaskSpec, TestIds
from harness.report.summary import counted
from harness.settings import read
from harness.wiring import mining
from harness.wiring.sources import Found, collect

KINDS = "bundled, staged:TIER[,family=T1,delivery=concat ...], twins:FOLDER, harbor:DIR, swebench:FILE, swebench-pro:DIR, refactorbench:DIR, mined:DIR, or a dotted.module:ARG of your own"


def tasks(
    source: str = typer.Argument("bundled", help=f"{KINDS}; with an optional #glob."),
    accept: str = typer.Option("", "--accept", help="Of mined:DIR: this task's instruction was read; its trials count in the rates."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.tasks/1."),
) -> int:
    """List the tasks of a source, or accept the drafted instruction of a mined one.

    Example: longhaul tasks swebench:rows.jsonl#django__*
    """
    if accept:
        return take(source, accept, Console(stderr=as_json), as_json=as_json)
    found = collect((source,), read())
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(_document(found)), indent=2) + b"\n")
    else:
        _show(found, Console())
    return 1 if found.faults else 0


def take(source: str, ident: str, console: Console, *, as_json: bool) -> int:
    """Show the draft and where it lies, ask on a terminal whether it was read, and note it. Raises PlanError, TaskError."""
    kind, _, place = source.partition("#")[0].partition(":")
    if kind != "mined" or not place:
        raise PlanError("", "--accept", repr(source), "mined:DIR: only mined tasks have drafts")
    found = mining.draft(Path(place), ident)
    for path, text in zip(found.paths, found.texts, strict=True):
        tell(console, str(path))
        tell(console, plain(text.rstrip()))
    if found.accepted:
        tell(console, f"{ident}: accepted already, and the text is still the same")
    elif not sys.stdin.isatty() or as_json or typer.confirm(f"Have you read it, and is this what {ident} shall ask?"):
        mining.accept(Path(place), ident, datetime.now(UTC).date().isoformat())
        tell(console, f"{ident}: accepted; a changed text needs accepting again")
    else:
        tell(console, f"{ident}: still a draft; edit {found.paths[0]} and come back")
        return 1
    if as_json:
        body = {"schema": "longhaul.accepted/1", "id": ident, "paths": [str(path) for path in found.paths], "accepted": True}
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
    return 0


def _document(found: Found) -> dict[str, object]:
    return {"schema": "longhaul.tasks/1", "tasks": [_row(task) for task in found.tasks], "faults": [str(fault) for fault in found.faults]}


def _row(task: TaskSpec) -> dict[str, object]:
    return {
        "id": task.id, "digest": task.digest, "requests": len(task.brief.requests), "check": check_words(task), "image": image_words(task),
        "oracle": task.solution is not None, "created": task.provenance.created, "source": task.provenance.source,
        "kind": task.provenance.kind, "draft": task.provenance.draft, "languages": task.provenance.languages,
        "warnings": task.provenance.warnings,
    }


def check_words(task: TaskSpec) -> str:
    """How the verdict is found, in a few words."""
    match task.check:
        case TestIds() as check:
            kind = "regression only, " if check.regression_only or not check.fail_to_pass else ""
            return f"{kind}{len(check.fail_to_pass)} FAIL_TO_PASS, {len(check.pass_to_pass)} PASS_TO_PASS"
        case Official() as check:
            return f"official, {len(check.fail_to_pass)} FAIL_TO_PASS, {len(check.pass_to_pass)} PASS_TO_PASS"
        case _:
            return "reward by script"


def image_words(task: TaskSpec) -> str:
    """Where the image comes from."""
    return _image_words(task.place.image)


def _image_words(image: ImageSource) -> str:
    match image:
        case ImageTag(name, otherwise):
            return f"{name}, else {_image_words(otherwise)}" if otherwise else name
        case ImageBundle(path, _):
            return path
        case ImageBuild(_, dockerfile):
            return dockerfile
        case ImageRecipe(kind, _, _):
            return f"{kind} recipe"


def _show(found: Found, console: Console) -> None:
    rows = [
        (
            task.id, task.provenance.kind, task.provenance.created or "-", check_words(task), image_words(task), "yes" if task.solution else "no",
            "yes" if task.provenance.draft else "-", "; ".join(task.provenance.warnings) or "-",
        )
        for task in found.tasks
    ]  # fmt: skip
    lay(console, ("task", "kind", "created", "check", "image", "oracle", "draft", "notes"), rows)
    for fault in found.faults:
        tell(console, Text.assemble(("refused ", "red"), plain(str(fault))))
    drafts = sum(task.provenance.draft for task in found.tasks)
    told = f", {counted(drafts, 'draft')} that nobody has accepted yet" if drafts else ""
    console.print(f"{counted(len(found.tasks), 'task')}, {len(found.faults)} refused{told}", highlight=False)
