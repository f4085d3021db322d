"""Imports that the agent newly writes, and whether the workspace's own modules can give them; by words, without running anything.

A name that stands anywhere in a module's text counts as given by it: what cannot be settled so is taken for there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from harness.metrics.context.done.history import Change, history, text
from harness.metrics.context.scene import Scene

FROM = re.compile(r"^[ \t]*from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\([^)]{0,4000}\)|[^\n#;]+)", re.MULTILINE)
ROOTS = ("", "src/", "lib/")
"""Folders that a package may stand in."""
OPEN = re.compile(r"^[ \t]*from[ \t]+\S+[ \t]+import[ \t]+\*|def __getattr__|\bglobals\(\)|\bsetattr\(|\bexec\(", re.MULTILINE)
"""Modules that may give names which their text does not show."""


class Wanted(msgspec.Struct, frozen=True):
    """`path`: the file of the module asked; `name`: what it should give; `writer`: the change that asks for it."""

    path: str
    name: str
    writer: Change


def imports(words: str) -> frozenset[tuple[str, str]]:
    """(module, name) of every `from module import name`, dots of relative ones kept."""
    found: set[tuple[str, str]] = set()
    for module, names in FROM.findall(words):
        bare = re.sub(r"#[^\n]*", "", names).strip("() \t\n")
        found |= {(module, word.split()[0]) for word in bare.split(",") if word.split() and re.fullmatch(r"\w+", word.split()[0])}
    return frozenset(found)


def wanted(scene: Scene) -> Iterator[Wanted]:
    """What the agent's changes newly import from modules of the workspace, where the module's text lacks the word."""
    for change in history(scene).changes:
        if change.author != "agent" or not change.path.endswith(".py") or not change.new:
            continue
        if "import" not in text(scene, change.new):
            continue
        files = scene.trees.files(change.tree)
        news = imports(text(scene, change.new)) - imports(text(scene, change.old))
        for module, name in sorted(news):
            path = module_file(module, change.path, files)
            if path and not gives(scene, files, path, name):
                yield Wanted(path, name, change)


def module_file(module: str, path: str, files: Mapping[str, str]) -> str:
    """The file that a module's name means in the file at `path`; "" where the workspace has none."""
    dots = len(module) - len(module.lstrip("."))
    if dots:
        folder = path.split("/")[:-dots]
        inner = "/".join((*folder, *(part for part in module.lstrip(".").split(".") if part)))
        return _file(inner, files)
    return next((found for root in ROOTS if (found := _file(root + module.replace(".", "/"), files))), "")


def _file(stem: str, files: Mapping[str, str]) -> str:
    return next((name for name in (f"{stem}.py", f"{stem}/__init__.py") if name in files), "")


def gives(scene: Scene, files: Mapping[str, str], path: str, name: str) -> bool:
    """Whether the module has the word, a module of that name below it, or a text that does not tell."""
    folder = path.removesuffix("__init__.py") if path.endswith("__init__.py") else ""
    below = folder and any(one.startswith((f"{folder}{name}.", f"{folder}{name}/")) for one in files)
    return bool(below) or has_word(text(scene, files[path]), name) or OPEN.search(text(scene, files[path])) is not None


def has_word(words: str, name: str) -> bool:
    """As a whole word; looked for as plain text first, which costs next to nothing."""
    return name in words and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words) is not None
