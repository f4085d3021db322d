"""`longhaul doctor`: each thing a run needs, whether it is there, and the command that brings it; or what is wrong with a run's record."""

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
from rich.text import Text

from harness.cli.models import asked
from harness.cli.preparing.plugins import proved
from harness.cli.record.examination import examined
from harness.cli.record.runs import folder
from harness.cli.screen.layout import plain, tell
from harness.core.errors import HarnessError, MissingError, PlanError
from harness.settings import Settings, read
from harness.wiring import machines
from harness.wiring.engine import engine

NEEDED_GB = 10
ROOMS = ("agents", "sandboxes", "task_repos")
STYLE = {"good": "green", "note": "yellow", "missing": "red", "wrong": "red"}
BAD = ("missing", "wrong")


class Finding(msgspec.Struct, frozen=True):
    """`state`: good, note (works without it), missing, wrong (there, but not as it must be). `mend` is the command or step."""

    what: str
    state: str
    found: str
    mend: str = ""


Check = Callable[[Settings], Finding]


def doctor(
    name: str = typer.Argument(
        "", metavar="[NAME|RUN]",
        help="Only checks whose name holds this word; or KIND:NAME (agent, model, sandbox, store, tasks) to try one plugin; "
        "or a run (id, beginning, name, last) to examine its record.",
    ),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.doctor/1, for a run longhaul.doctor-run/1."),
) -> int:
    """Check this machine and say what would mend it; or examine a run's record, changing nothing.

    Example: longhaul doctor

    Example: longhaul doctor sandbox:docker

    Example: longhaul doctor model:ollama/qwen3:8b

    Example: longhaul doctor last
    """
    settings = read()
    if name and ":" not in name and not _chosen(name.lower()):
        return examined(_run(name, settings), settings, as_json=as_json)
    found = _plugin(name, settings) if ":" in name else _machine(name.lower(), settings)
    if as_json:
        body = {"schema": "longhaul.doctor/1", "findings": msgspec.to_builtins(found)}
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
    else:
        console = Console()
        for each in found:
            words = plain(f"{each.what}: {each.found}" + (f"; {each.mend}" if each.mend else ""))
            tell(console, Text.assemble((f"{each.state:<8}", STYLE[each.state]), words))
    return 1 if any(each.state in BAD for each in found) else 0


def _machine(name: str, settings: Settings) -> list[Finding]:
    """The checks whose name holds this word; after a foreign package nothing else of ours can be trusted to import."""
    chosen = _chosen(name)
    rooms = _rooms(settings)
    if rooms.state in BAD:
        others = [Finding(title, "missing", "not looked at", "packages first") for title in chosen if title in OF_ROOMS]
        return [rooms, *(_safely(title, check, settings) for title, check in chosen.items() if title not in (*OF_ROOMS, "packages")), *others]
    return [_safely(title, check, settings) for title, check in chosen.items()]


def _chosen(name: str) -> dict[str, Check]:
    return {title: check for title, check in CHECKS.items() if name in title}


def _run(word: str, settings: Settings) -> Path:
    """A word that names no check may name a run. Raises PlanError with both kinds of words."""
    try:
        return folder(word, settings)
    except PlanError as fault:
        expected = f"a word of {', '.join(CHECKS)}; KIND:NAME such as sandbox:docker; or {fault.complaint.expected}"
        raise PlanError("", "NAME", fault.complaint.found, expected) from fault


def _plugin(word: str, settings: Settings) -> list[Finding]:
    """The contract of one plugin, on this machine."""
    try:
        told = proved(word, settings)
    except MissingError as fault:
        return [_missing(word, fault)]
    return [Finding(word, "wrong", each) for each in told] or [Finding(word, "good", "keeps its contract")]


def _missing(title: str, fault: MissingError) -> Finding:
    """Who asks the doctor needs no advice to ask the doctor."""
    return Finding(title, "missing", fault.what, "`longhaul setup`" if "longhaul doctor" in fault.mend else fault.mend)


def _safely(title: str, check: Check, settings: Settings) -> Finding:
    try:
        return check(settings)
    except MissingError as fault:
        return _missing(title, fault)
    except HarnessError as fault:
        return Finding(title, "missing", str(fault), "see the log of the part that said so")


def _python(_settings: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", "good" if sys.version_info >= (3, 11) else "missing", version, "" if sys.version_info >= (3, 11) else "Python 3.11 or later")


def _rooms(_settings: Settings) -> Finding:
    """The import name `agents` is another distribution's, too: ours must be the one that is found."""
    home = Path(__file__).resolve().parents[2]
    for room in ROOMS:
        places = origins(room)
        if places[:1] != [home / room]:
            where = places[0] if places else "nowhere"
            mend = "another distribution's package hides ours: install longhaul in an environment of its own"
            return Finding("packages", "wrong", f"{room} comes from {where}", mend)
    return Finding("packages", "good", f"harness, {', '.join(ROOMS)} are ours ({home})")


def origins(room: str) -> list[Path]:
    """The folders a package comes from; a single-file module's own path; an editable install may show a package without a file."""
    spec = importlib.util.find_spec(room)
    if spec is None:
        return []
    folders = [Path(place).resolve() for place in spec.submodule_search_locations or () if Path(place).is_dir()]
    return folders or [Path(str(spec.origin))]


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
    place = settings.home if settings.home.exists() else Path.cwd()
    free = shutil.disk_usage(place).free / 1e9
    state = "good" if free >= NEEDED_GB else "missing"
    return Finding("free disk", state, f"{free:.0f} GB at {place}", "" if state == "good" else f"make room: {NEEDED_GB} GB; `longhaul images prune`")


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


CHECKS: dict[str, Check] = {
    "python": _python, "packages": _rooms, "git": _git, "free disk": _disk, "docker engine": _docker_engine, "base image": _base_image,
    "confinement": _confinement, "leftovers": _leftovers, "ollama": _ollama, "claude key": _claude_key,
}
OF_ROOMS = ("docker engine", "base image", "confinement", "leftovers", "ollama")
"""What asks a plugin, and so can't be asked while a foreign package stands in for ours."""
