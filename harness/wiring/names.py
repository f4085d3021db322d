"""A name is a module, and a module's `create` is its schema: options are bound to its signature, and the unknown one is named."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.core.errors import PlanError
from harness.plan import Option
from harness.wiring.foreign import Foreign, look_here

ALIASES = {
    "models": {"openai": "agents.models.openai_compatible"},
    "sources": {"bundled": "task_repos.folder", "catalogue": "task_repos.folder", "harbor": "task_repos.folder", "swebench": "task_repos.swebench"},
}
"""Only names that can't be file names or stand for another's file."""

_CREATE = re.compile(r"^def create\((\)|\s*\*)", re.MULTILINE)

ROOMS = {
    "agents": "agents", "models": "agents.models", "tools": "agents.tools", "sandboxes": "sandboxes", "sources": "task_repos",
}


def creator(room: str, name: str, field: str) -> Callable[..., Any]:
    """The `create` of a plugin. A dotted name means itself. Raises PlanError for a name that leads nowhere."""
    dotted = "." in name
    target = name if dotted else ALIASES.get(room, {}).get(name, f"{ROOMS[room]}.{name.replace('-', '_')}")
    if dotted:
        look_here()
    place = f"a module of {Path.cwd()} or an installed one" if dotted else _known(room, name)
    if why := _absent(target, field, repr(name)):
        raise PlanError("", field, f"{name!r}, not importable: {why}" if dotted else repr(name), place)
    with Foreign(field, f"{name!r}, not importable", "a module that can be imported"):
        module = importlib.import_module(target)
    made = getattr(module, "create", None)
    if not callable(made):
        raise PlanError("", field, f"{name!r}, which has no create()" if dotted else repr(name), _door(module) if dotted else place)
    return typing.cast(Callable[..., Any], made)


def _absent(target: str, field: str, said: str) -> str:
    """Why there is no such module, "" where there is one; packages above it are imported. Raises PluginFault when one of them raises."""
    missing = f"no module {target!r}"
    with Foreign(field, f"{said}, not importable", "a module that can be imported"):
        try:
            importlib.invalidate_caches()
            return "" if importlib.util.find_spec(target) else missing
        except ModuleNotFoundError as fault:
            if fault.name and f"{target}.".startswith(f"{fault.name}."):
                return missing
            raise
        except ValueError:
            return missing


def _door(module: ModuleType) -> str:
    return f"a function `create` in {getattr(module, '__file__', None) or module.__name__}"


def _known(room: str, name: str) -> str:
    names = sorted({*ALIASES.get(room, {}), *_siblings(room)})
    near = difflib.get_close_matches(name, names, 1)
    return f"a known name{f' (did you mean {near[0]!r}?)' if near else ''}: {', '.join(names)}, or a dotted module"


def _siblings(room: str) -> list[str]:
    """Modules of the room that say `create`, read as text so that nothing is imported to list them."""
    spec = importlib.util.find_spec(ROOMS[room])
    folders = (spec.submodule_search_locations or []) if spec else []
    return [
        path.stem
        for folder in folders
        for path in sorted(Path(folder).glob("*.py"))
        if _CREATE.search(path.read_text("utf-8")) and not path.stem.endswith("_grader")
    ]


def bound(create: Callable[..., Any], given: Mapping[str, object], options: Mapping[str, Option], place: str) -> Any:
    """Call `create` with those of `given` that it asks for and all of `options`. Raises PlanError naming a wrong option."""
    wanted = inspect.signature(create).parameters
    kinds = typing.get_type_hints(create)
    words: dict[str, object] = {name: value for name, value in given.items() if name in wanted}
    for name, value in options.items():
        if name not in wanted:
            near = difflib.get_close_matches(name, wanted, 1)
            raise PlanError("", f"{place}.{name}", "an unknown option", f"one of {', '.join(wanted) or 'none'}{f'; nearest {near[0]!r}' if near else ''}")
        words[name] = _cast(value, kinds.get(name, str), f"{place}.{name}")
    with Foreign(place, f"create() of {create.__module__} raised", "a create() that returns its plugin"):
        return create(**words)


_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def _cast(value: Option, kind: object, field: str) -> object:
    """A command-line word as the annotated kind; a plan's value must be of it already."""
    if kind is bool and isinstance(value, str) and value.lower() in (*_TRUE, *_FALSE):
        return value.lower() in _TRUE
    try:
        if kind in (int, float) and not isinstance(value, bool):
            return kind(value)
    except ValueError as fault:
        raise PlanError("", field, repr(value), f"{getattr(kind, '__name__', kind)}") from fault
    if typing.get_origin(kind) is typing.Literal and value not in typing.get_args(kind):
        raise PlanError("", field, repr(value), " or ".join(map(str, typing.get_args(kind))))
    if isinstance(kind, type) and not isinstance(value, kind):
        raise PlanError("", field, repr(value), kind.__name__)
    return value
