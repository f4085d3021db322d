"""Where a module stands among the files of a tree, and which files an import of it leads to. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Final

from harness.metrics.context.predicates.facts import Import

ROOTS: Final = ("", "src/", "lib/")
"""Folders of a repository that are commonly on the search path, besides the file's own and those above it."""


def dotted(path: str) -> str:
    """The name of a module by its path, the folder of sources left out."""
    stem = path.removesuffix(".py").removesuffix("/__init__").removesuffix(".pyi")
    for root in ROOTS[1:]:
        stem = stem.removeprefix(root)
    return "" if stem == "__init__" else stem.replace("/", ".")


def package(path: str) -> str:
    """The folder that a relative import of one dot starts from."""
    return path.rpartition("/")[0]


def told(path: str, one: Import) -> tuple[str, ...]:
    """The dotted names that an import statement may load: of `from a import b` both `a` and `a.b`."""
    whole = _absolute(path, one)
    deeper = f"{whole}.{one.name}" if whole else one.name
    return (whole, deeper) if one.name and one.name != "*" else (whole,)


def names_module(path: str, one: Import, module: str) -> bool:
    """Whether the import names the module or anything below it."""
    return any(name == module or name.startswith(f"{module}.") for name in told(path, one))


def led(path: str, one: Import, files: Container[str]) -> tuple[str, bool] | None:
    """The file of the tree that an import leads to, and whether it is the imported name's own module; None for one from elsewhere."""
    if one.level:
        folder = _above(package(path), one.level - 1)
        starts = [f"{folder}/" if folder else ""] if folder is not None else []
    else:
        starts = [*ROOTS, *_folders(path)]
    words = [*one.module.split(".")] if one.module else []
    for start in starts:
        here = start + "/".join(words)
        below = _module(f"{here}/{one.name}" if here and not here.endswith("/") else f"{here}{one.name}", files) if one.name not in ("", "*") else None
        own = _module(here.rstrip("/"), files)
        if below and (own is None or not _plain(own)):
            return below, True
        if own:
            return own, False
    return None


def _plain(path: str) -> bool:
    return not path.endswith("/__init__.py") and path != "__init__.py"


def _module(stem: str, files: Container[str]) -> str | None:
    names = (f"{stem}/__init__.py", f"{stem}.py") if stem else ("__init__.py",)
    return next((name for name in names if name in files), None)


def _folders(path: str) -> Iterator[str]:
    at = path.rfind("/")
    while at > 0:
        yield path[: at + 1]
        at = path.rfind("/", 0, at)


def _above(folder: str, steps: int) -> str | None:
    parts = folder.split("/") if folder else []
    return "/".join(parts[: len(parts) - steps]) if steps <= len(parts) else None


def _absolute(path: str, one: Import) -> str:
    if not one.level:
        return one.module
    folder = _above(package(path), one.level - 1)
    return dotted("/".join(filter(None, (folder, one.module.replace(".", "/")))))
