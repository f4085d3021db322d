"""Loads the plugins that the settings name."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from pawdesk.errors import NotFound, Refused
from pawdesk.infra import journal


def load(names: Iterable[str]) -> list[str]:
    """Imports each module and calls its `activate`; a short name is looked for in `pawdesk.contrib`."""
    loaded = []
    for name in names:
        path = name if "." in name else f"pawdesk.contrib.{name}"
        try:
            module = import_module(path)
        except ModuleNotFoundError:
            raise NotFound("plugin", name) from None
        if not callable(getattr(module, "activate", None)):
            raise Refused(f"plugin {name} has no activate()")
        module.activate()
        journal.write("plugin.loaded", plugin=name)
        loaded.append(name)
    return loaded
