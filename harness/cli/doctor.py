"""`longhaul doctor`: each thing a run needs, whether it is there, and the command that brings it."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.cli.models import asked
from harness.core.errors import HarnessError, MissingError
from harness.settings import Settings, read
from harness.wiring import machines
from harness.wiring.engine import engine

NEEDED_GB = 10


class Finding(msgspec.Struct, frozen=True):
    """`state`: good, note (works without it), missing. `mend` is the command or step."""

    what: str
    state: str
    found: str
    mend: str = ""


Check = Callable[[Settings], Finding]


def doctor(
    name: str = typer.Argument("", help="Only the checks whose name holds this word."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.doctor/1."),
) -> int:
    """Check this machine and say what would mend it.

    Example: longhaul doctor
    """
    settings = read()
    found = [finding for check in CHECKS for finding in [_safely(check, settings)] if name.lower() in finding.what.lower()]
    if as_json:
        body = {"schema": "longhaul.doctor/1", "findings": msgspec.to_builtins(found)}
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
    else:
        console = Console()
        for each in found:
            mark = {"good": "[green]good[/]   ", "note": "[yellow]note[/]   ", "missing": "[red]missing[/]"}[each.state]
            console.print(f"{mark} {each.what}: {each.found}" + (f"; {each.mend}" if each.mend else ""), highlight=False, soft_wrap=True)
    return 1 if any(each.state == "missing" for each in found) else 0


def _safely(check: Check, settings: Settings) -> Finding:
    try:
        return check(settings)
    except MissingError as fault:
        return Finding(_title(check), "missing", fault.what, fault.mend)
    except HarnessError as fault:
        return Finding(_title(check), "missing", str(fault), "see the log of the part that said so")


def _title(check: Check) -> str:
    return getattr(check, "__name__", "check").strip("_").replace("_", " ")


def _python(_settings: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", "good" if sys.version_info >= (3, 11) else "missing", version, "" if sys.version_info >= (3, 11) else "Python 3.11 or later")


def _rooms(_settings: Settings) -> Finding:
    """The import name `agents` is another distribution's, too: ours must be the one that is found."""
    home = Path(str(importlib.util.find_spec("harness").origin)).parents[1]  # type: ignore[union-attr]
    for room in ("agents", "sandboxes", "task_repos"):
        spec = importlib.util.find_spec(room)
        if spec is None or not Path(str(spec.origin)).is_relative_to(home):
            where = "nowhere" if spec is None else str(spec.origin)
            return Finding("packages", "missing", f"{room} comes from {where}", "install longhaul in an environment of its own")
    return Finding("packages", "good", f"harness, agents, sandboxes and task_repos are ours ({home})")


def _docker_engine(settings: Settings) -> Finding:
    found = engine(settings)
    version = machines.client(settings).version()
    return Finding("docker engine", "good", f"{version['Version']} (API {version['ApiVersion']}) at {found['engine']}")


def _base_image(settings: Settings) -> Finding:
    tag = importlib.import_module("sandboxes.docker_base").TAG
    held = any(row.name == tag for row in machines.ours(settings))
    return Finding("base image", "good" if held else "missing", f"{tag} is {'here' if held else 'not here'}", "" if held else "longhaul setup")


def _confinement(settings: Settings) -> Finding:
    """What the engine enforces, as it says itself."""
    info = machines.client(settings).info()
    weak = [word for word in ("MemoryLimit", "PidsLimit", "CpuCfsQuota") if not info.get(word)]
    seccomp = any("seccomp" in option for option in info.get("SecurityOptions") or ())
    if weak or not seccomp:
        told = ", ".join([*weak, *([] if seccomp else ["seccomp"])])
        return Finding("confinement", "note", f"this engine does not enforce {told}", "trials say so in their record")
    return Finding("confinement", "good", "memory, pids, cpu and seccomp are enforced")


def _disk(settings: Settings) -> Finding:
    folder = settings.home if settings.home.exists() else Path.cwd()
    free = shutil.disk_usage(folder).free / 1e9
    state = "good" if free >= NEEDED_GB else "missing"
    return Finding("free disk", state, f"{free:.0f} GB at {folder}", "" if state == "good" else f"make room: {NEEDED_GB} GB; `longhaul images prune`")


def _git(_settings: Settings) -> Finding:
    path = shutil.which("git")
    return Finding("git", "good" if path else "missing", path or "not on PATH", "" if path else "apt-get install git")


def _ollama(settings: Settings) -> Finding:
    door = asked("ollama", settings)
    if door.fault:
        return Finding("ollama", "note", door.fault, "the embedded scripted model serves without it")
    able = [facts.name for facts in door.offers if "tools" in facts.capabilities]
    mend = "" if able else "ollama pull qwen3:8b"
    return Finding("ollama", "good" if able else "note", f"{len(door.offers)} models at {settings.ollama_host}, {len(able)} can call tools", mend)


def _claude_key(settings: Settings) -> Finding:
    state, found = ("good", "ANTHROPIC_API_KEY is set") if settings.anthropic_key else ("note", "ANTHROPIC_API_KEY is not set")
    return Finding("claude key", state, found, "" if settings.anthropic_key else "only -m claude/NAME needs it")


def _leftovers(settings: Settings) -> Finding:
    dead = [each for each in machines.sweep(settings, "", dry_run=True) if each.standing == "dead"]
    return Finding("leftovers", "note" if dead else "good", f"{len(dead)} containers of dead runs", "longhaul sweep" if dead else "")


CHECKS: tuple[Check, ...] = (
    _python, _rooms, _git, _disk, _docker_engine, _base_image, _confinement, _leftovers, _ollama, _claude_key,
)
