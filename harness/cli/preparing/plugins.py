"""KIND:NAME to a living plugin, put through the contract of its port on the user's own machine."""

from __future__ import annotations

import tempfile
from importlib import import_module
from pathlib import Path

from harness.contracts import agent as agents
from harness.contracts import model as models
from harness.contracts import sandbox as sandboxes
from harness.contracts import store as stores
from harness.contracts import tasks as sources
from harness.core.errors import HarnessError, MissingError, PlanError, UserError
from harness.core.machine import PreparedImage
from harness.core.ports import Order
from harness.core.task import ImageTag, Place
from harness.plan import AgentEntry, Allowed, ModelEntry, Plan, checked
from harness.settings import Settings
from harness.store.sqlite import create
from harness.wiring import machines, shop
from harness.wiring import models as doors
from harness.wiring.foreign import Foreign, PluginFault
from harness.wiring.sources import source

KINDS = ("agent", "model", "sandbox", "store", "tasks")
UNCONFINED = ("host",)
"""Kinds of sandbox that look at no image."""


def proved(word: str, settings: Settings) -> tuple[str, ...]:
    """Complaints, none when the plugin keeps its contract. Raises PlanError, MissingError."""
    try:
        with Foreign(word, "its contract ended early", "a plugin that raises nothing"):
            return _proved(word, settings)
    except PluginFault as fault:
        return (fault.complaint.found,)
    except (UserError, MissingError):
        raise
    except HarnessError as fault:
        return (f"it could not be tried: {fault}",)


def _proved(word: str, settings: Settings) -> tuple[str, ...]:
    kind, _, name = word.partition(":")
    match kind:
        case "agent":
            return agents.complaints(shop.agent(AgentEntry(name)))
        case "model":
            return _model(name, settings)
        case "sandbox":
            return _sandbox(name, settings)
        case "store":
            return _store(name)
        case "tasks":
            return sources.complaints(source(name, settings, {}))
        case _:
            raise PlanError("", "NAME", repr(word), f"KIND:NAME with a kind of {', '.join(KINDS)}")


def _model(name: str, settings: Settings) -> tuple[str, ...]:
    entry = ModelEntry(name)
    checked(Plan(("bundled",), models=(entry,)), "")
    with doors.models(name.partition("/")[0], entry, settings).open(doors.asked(entry, Allowed())) as model:
        return models.complaints(model)


def _sandbox(name: str, settings: Settings) -> tuple[str, ...]:
    made = shop.sandboxes(Plan(("bundled",), sandbox={"use": name}), settings)
    if name in UNCONFINED:
        return sandboxes.complaints(made, Order(PreparedImage("", "", "", "", ""), Place(ImageTag("none"))))
    place = Place(ImageTag(import_module("sandboxes.docker_base").TAG), workdir="/workspace")
    image = machines.shelf(settings, build=True).prepare(place, lambda _text: None)
    return sandboxes.complaints(made, Order(image, place, (("purpose", "doctor"),)))


def _store(name: str) -> tuple[str, ...]:
    if name != "sqlite":
        raise PlanError("", "NAME", repr(f"store:{name}"), "store:sqlite, the one there is")
    with tempfile.TemporaryDirectory() as folder:
        store = create(Path(folder) / "run", stores.KEYS, {"run": "contract"})
        try:
            return stores.complaints(store)
        finally:
            store.close()
