"""The nightly workflow's own shell steps, run as the runner runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "nightly.yml"
RUN, REPORT, GATE, PRUNE = "Run, or go on with what was cut short", "Report", "Gate", "Prune"


class Step(msgspec.Struct, frozen=True):
    """How a step ended. `summary`: what it wrote for the job's page."""

    code: int
    out: str
    summary: str


def workflow() -> dict[str, Any]:
    """As YAML has it."""
    found: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text("utf-8"))
    return found


def steps() -> dict[str, dict[str, Any]]:
    """The named steps."""
    return {step["name"]: step for step in workflow()["jobs"]["night"]["steps"] if "name" in step}


def begun(name: str, folder: Path, variables: dict[str, str]) -> subprocess.Popen[str]:
    """A step under way, its output in one pipe: `bash --noprofile --norc -eo pipefail FILE`, as for `shell: bash`."""
    script, summary = folder / f"{name[:6]}.sh", folder / "summary.md"
    script.write_text(steps()[name]["run"], encoding="utf-8")
    summary.write_text("")
    hidden = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL")
    kept = {key: word for key, word in os.environ.items() if key not in hidden}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = kept | {"PATH": path, "PYTHONPATH": str(ROOT), "GITHUB_STEP_SUMMARY": str(summary), "NO_COLOR": "1", "COLUMNS": "200"} | variables
    argv = ("bash", "--noprofile", "--norc", "-eo", "pipefail", str(script))
    return subprocess.Popen(argv, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def ran(name: str, folder: Path, variables: dict[str, str]) -> Step:
    """A step, to its end."""
    with begun(name, folder, variables) as process:
        out, _ = process.communicate(timeout=600)
    return Step(process.returncode, out, (folder / "summary.md").read_text("utf-8"))
