"""`longhaul models`: what the servers offer: tools, thinking, windows, quantisation, template, and whether it fits."""

from __future__ import annotations

import sys

import msgspec
import typer
from rich.console import Console

from harness.cli.screen.layout import lay, tell
from harness.core.errors import HarnessError, PlanError
from harness.core.facts import PLAYED, ModelFacts
from harness.settings import Settings, read
from harness.wiring import models as doors

KINDS = ("ollama", "openai", "claude", *PLAYED)
FIGURES = ("trained", "granted", "resident")
TITLES = ("model", "size", "quantisation", "tools", "thinking", *FIGURES, "template", "renderer/parser", "fits")


class Door(msgspec.Struct, frozen=True):
    """What one kind of server said: its models, or why it said none."""

    kind: str
    offers: tuple[ModelFacts, ...]
    fault: str = ""


def models(
    kind: str = typer.Argument("", help="ollama, openai, claude, scripted or simulated; all of them without one."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.models/1."),
) -> int:
    """What the model servers offer, and whether it fits.

    Example: longhaul models ollama
    """
    settings = read()
    found = [asked(each, settings) for each in ([kind] if kind else KINDS)]
    if as_json:
        body = {"schema": "longhaul.models/1", "servers": [{**msgspec.to_builtins(door), "fits": [fits(f) for f in door.offers]} for door in found]}
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
    else:
        _show(found, Console())
    return 0 if any(door.offers for door in found) else 1


def asked(kind: str, settings: Settings) -> Door:
    """Asks a server what it has; hosted ones only where a key is set, and nothing is spent. Raises PlanError for an unknown kind."""
    try:
        return Door(kind, tuple(doors.models(kind, None, settings).offers()))
    except PlanError:
        raise  # a kind that is not there, or an option of its own: the user's to mend
    except HarnessError as fault:
        return Door(kind, (), str(fault))


def fits(facts: ModelFacts) -> str:
    """Whether the model is wholly on the GPU, as far as the server tells without loading it."""
    if facts.on_gpu is None:
        return "not loaded now" if facts.kind == "ollama" else "-"
    return "wholly on the GPU" if facts.on_gpu == 1.0 else f"{100 * facts.on_gpu:.0f} % on the GPU"


def _show(found: list[Door], console: Console) -> None:
    lay(console, TITLES, [_row(facts) for door in found for facts in door.offers], figures=FIGURES)
    for door in found:
        if door.fault:
            tell(console, f"{door.kind}: {door.fault}")


def _row(facts: ModelFacts) -> tuple[str, ...]:
    window = facts.window
    return (
        f"{facts.kind}/{facts.name}", facts.parameters, facts.quantisation, _yes("tools" in facts.capabilities),
        _yes("thinking" in facts.capabilities), _tokens(window.trained), _tokens(window.granted), _tokens(window.resident),
        facts.template_digest.removeprefix("sha256:")[:12], "/".join(word for word in (facts.renderer, facts.parser) if word) or "-",
        fits(facts),
    )


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def _tokens(count: int | None) -> str:
    return "-" if count is None else f"{count:,}"
