"""A task as a Harbor folder: path -> bytes of everything in it, the same for the same seed. Nothing is written here."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from harness.core.memory import Item, Manifest, Milestone, Move
from task_repos.staging.checks import Checks
from task_repos.staging.dials import VERSION
from task_repos.staging.toml import document
from task_repos.staging.work import Tree

DATE: Final = "2026-11-20T12:00:00+00:00"
DOCKERFILE: Final = f"""FROM longhaul/base:bookworm-1
COPY repo /workspace
WORKDIR /workspace
RUN git init -q -b main . \\
 && git config user.name "maintainer" \\
 && git config user.email "maintainer@example.org" \\
 && git add -A \\
 && GIT_AUTHOR_DATE="{DATE}" GIT_COMMITTER_DATE="{DATE}" \\
    git commit -q -m "beginning" \\
 && chown -R 1000:1000 /workspace
"""
SOLVE: Final = """#!/bin/bash
# Lays the last state of the solution into the work tree.
set -e
here="$(cd "$(dirname "$0")" && pwd)"
cp -R "$here/final/." "${WORKSPACE:-/workspace}/"
"""
SCRIPT: Final = """#!/bin/bash
# Harbor's verifier in the agent's own container: the hidden tests judge the work tree; the reward is 1 or 0.
here="$(cd "$(dirname "$0")" && pwd)"
work="${{WORKSPACE:-/workspace}}"
logs="${{LOGS:-/logs/verifier}}"
mkdir -p "$logs" "$work/tests"
rm -rf "$work/tests/hidden" "$logs/report.xml"
cp -R "$here/hidden" "$work/tests/hidden"
cd "$work" || exit 1
{command}
python3 "$here/verdict.py" "$here/ids.json" "$logs/report.xml" > "$logs/reward.txt"
"""
VERDICT: Final = '''"""Prints 1 when every graded test is reported exactly once and passed, else 0: verdict.py IDS REPORT."""

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

BAD = {"failure", "error", "skipped"}


def outcomes(report):
    """Whether each report of a test, by its node id, was a pass; empty for a report that cannot be read."""
    found = {}
    try:
        cases = list(ElementTree.parse(report).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return found
    for case in cases:
        file = case.get("classname", "").replace(".", "/") + ".py"
        found.setdefault(f"{file}::{case.get('name')}", []).append(not BAD & {child.tag for child in case})
    return found


wanted = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
seen = outcomes(sys.argv[2])
print(int(all(seen.get(each) == [True] for each in wanted["fail_to_pass"] + wanted["pass_to_pass"])))
'''


class Folder(msgspec.Struct, frozen=True):
    """`name`: the task's id and its folder's; `files`: path -> bytes, sorted. The rest is what the files say, for who checks them."""

    name: str
    files: dict[str, bytes]
    base: Tree
    final: Tree
    manifest: Manifest
    moves: tuple[Move, ...]
    requests: tuple[tuple[str, str], ...]
    """(step, text); one with the step "" for a task of a single request."""


def folder(name: str, trees: tuple[Tree, Tree], told: tuple[Manifest, tuple[Move, ...], tuple[tuple[str, str], ...]], checks: Checks) -> Folder:
    """`trees`: what the agent begins with and the solution's end; `told`: manifest, moves, requests."""
    base, final = trees
    manifest, moves, requests = told
    made: dict[str, str] = {
        "task.toml": _task(name, manifest, requests), "environment/Dockerfile": DOCKERFILE,
        "environment/.dockerignore": "**/__pycache__\n**/*.pyc\n**/.pytest_cache\n**/.pytest_tmp\n",
        "solution/solve.sh": SOLVE, "solution/moves.json": json.dumps([spare(move) for move in moves], indent=1, ensure_ascii=False) + "\n",
        "tests/longhaul.toml": _longhaul(manifest, requests, checks), "tests/verdict.py": VERDICT,
        "tests/test.sh": SCRIPT.format(command=_command(checks, '"$logs/report.xml"')),
        "tests/ids.json": json.dumps({"fail_to_pass": checks.fail_to_pass, "pass_to_pass": checks.pass_to_pass}, indent=1) + "\n",
    }  # fmt: skip
    made |= {f"environment/repo/{path}": text for path, text in base.items()} | checks.files
    made |= {f"solution/final/{path}": text for path, text in final.items() if base.get(path) != text}
    made |= {f"steps/{step}/instruction.md" if step else "instruction.md": text for step, text in requests}
    return Folder(name, {path: made[path].encode() for path in sorted(made)}, base, final, manifest, moves, requests)


def _task(name: str, manifest: Manifest, requests: tuple[tuple[str, str], ...]) -> str:
    described = f"Staged refactoring {manifest.family}, tier {manifest.tier}, seed {manifest.seed}, generator {VERSION}"
    tables: dict[str, Any] = {
        "schema_version": "1.4", "multi_step_reward_strategy": "final" if requests[0][0] else None,
        "task": {"name": f"longhaul/{name}", "description": described, "keywords": ["python", "refactoring", "staged"]},
        "environment": {"network_mode": "no-network", "cpus": 2, "memory_mb": 2048, "workdir": "/workspace"},
        "verifier": {"timeout_sec": 600},
        "metadata.longhaul": {
            "format": 1, "file": "tests/longhaul.toml", "language": "python", "created": "2026-11", "source": "generated",
            "test_command": "python3 -m pytest -q",
        },
        "steps": [{"name": step} for step, _ in requests if step],
    }  # fmt: skip
    return document({key: value for key, value in tables.items() if value != []})


def _command(checks: Checks, report: str) -> str:
    return f"python3 -m pytest -p no:cacheprovider --junitxml={report} tests/hidden {' '.join(checks.visible)}"


def _longhaul(manifest: Manifest, requests: tuple[tuple[str, str], ...], checks: Checks) -> str:
    steps = [step or "task" for step, _ in requests]
    return document({
        "format": 1,
        "grade": {
            "files": {"tests/hidden": "tests/hidden"}, "command": _command(checks, "$LONGHAUL_REPORT"), "format": "junit", "ids": "tests/ids.json",
            "allow": [], "deadline": 600,
        },
        "staged": {"family": manifest.family, "tier": manifest.tier, "seed": manifest.seed},
        "item": [{"id": ident, "weight": weight, "select": list(ids)} for ident, weight, ids in checks.items],
        "stage": [
            {"step": steps[index], "template": each.template, "interlude": each.interlude or None, "distance": each.distance}
            for index, each in enumerate(manifest.stages)
        ],
        "memory": [_dated(each, steps) for each in manifest.items],
        "constraint": [spare(each) for each in manifest.constraints],
        "milestone": [_milestone(each, steps) for each in manifest.milestones],
    })  # fmt: skip


def spare(value: Any) -> Any:
    """Plain data of a struct, its fields in order, those left out that are as they always are: a field that comes later changes no byte."""
    if isinstance(value, (list, tuple)):
        return [spare(each) for each in value]
    if not isinstance(value, msgspec.Struct):
        return value
    tag = value.__struct_config__.tag
    kept = {field.name: spare(getattr(value, field.name)) for field in msgspec.structs.fields(value) if field.required or getattr(value, field.name) != field.default}
    return ({"type": tag} if tag else {}) | kept


def _dated(item: Item, steps: list[str]) -> dict[str, Any]:
    """An item's table, its interval by the names of steps."""
    made = {key: value for key, value in spare(item).items() if key not in ("since", "until")}
    return {**made, "from": "start" if item.since == 0 else steps[item.since - 1], "until": None if item.until is None else steps[item.until - 1]}


def _milestone(milestone: Milestone, steps: list[str]) -> dict[str, Any]:
    end = milestone.until
    return {**spare(milestone), "stage": steps[milestone.stage - 1], "until": None if end is None else steps[end - 1]}
