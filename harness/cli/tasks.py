"""`longhaul tasks`: what a source holds; a bad task never hides the others."""

from __future__ import annotations

import sys

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from harness.cli.layout import lay, plain, tell
from harness.core.task import ImageBuild, ImageBundle, ImageRecipe, ImageTag, Official, TaskSpec, TestIds
from harness.report.summary import counted
from harness.settings import read
from harness.wiring.sources import Found, collect


def tasks(
    source: str = typer.Argument("bundled", help="bundled, harbor:DIR, swebench:FILE, with an optional #glob."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.tasks/1."),
) -> int:
    """List the tasks of a source.

    Example: longhaul tasks swebench:rows.jsonl#django__*
    """
    found = collect((source,), read())
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(_document(found)), indent=2) + b"\n")
    else:
        _show(found, Console())
    return 1 if found.faults else 0


def _document(found: Found) -> dict[str, object]:
    return {"schema": "longhaul.tasks/1", "tasks": [_row(task) for task in found.tasks], "faults": [str(fault) for fault in found.faults]}


def _row(task: TaskSpec) -> dict[str, object]:
    return {
        "id": task.id, "digest": task.digest, "requests": len(task.brief.requests), "check": check_words(task), "image": image_words(task),
        "oracle": task.solution is not None, "created": task.provenance.created, "source": task.provenance.source,
        "languages": task.provenance.languages, "warnings": task.provenance.warnings,
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
    match task.place.image:
        case ImageTag(name):
            return name
        case ImageBundle(path, _):
            return path
        case ImageBuild(_, dockerfile):
            return dockerfile
        case ImageRecipe(kind, _, _):
            return f"{kind} recipe"


def _show(found: Found, console: Console) -> None:
    rows = [
        (task.id, check_words(task), image_words(task), "yes" if task.solution else "no", "; ".join(task.provenance.warnings) or "-")
        for task in found.tasks
    ]
    lay(console, ("task", "check", "image", "oracle", "notes"), rows)
    for fault in found.faults:
        tell(console, Text.assemble(("refused ", "red"), plain(str(fault))))
    console.print(f"{counted(len(found.tasks), 'task')}, {len(found.faults)} refused", highlight=False)
