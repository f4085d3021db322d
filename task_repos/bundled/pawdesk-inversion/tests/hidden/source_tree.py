"""What the checks read of the work tree: files, syntax trees, imports; nothing of the package is run."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "pawdesk"
BASE = json.loads(Path(__file__).with_name("base_tree.json").read_text(encoding="utf-8"))
LAYERS = ("patients", "pharmacy", "scheduling", "treatment", "billing", "reporting")
PLAIN = {f"pawdesk.{name}" for name in ("documents", "errors", "money", "paper", "spans")}
STANDARD = set(
    "__future__ abc base64 bisect collections contextlib dataclasses datetime decimal enum functools hashlib itertools json math"
    " operator re statistics string textwrap types typing".split()
)
SERVICES: dict[str, str] = BASE["services"]


def files(folder: str) -> dict[str, str]:
    """SHA-256 by path, compiled leftovers left out."""
    found = sorted(path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@lru_cache(maxsize=1)
def modules() -> dict[str, ast.Module]:
    """Every module of the package by its dotted name, migrations left out."""
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts]
    return {module_name(path): parsed(path.read_text(encoding="utf-8")) for path in paths}


@lru_cache(maxsize=None)
def parsed(text: str) -> ast.Module:
    return ast.parse(text)


@lru_cache(maxsize=None)
def nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Everything in a module."""
    return tuple(ast.walk(tree))


def layer(name: str) -> int | None:
    """The number of the domain package that a module is in."""
    parts = name.split(".")
    return LAYERS.index(parts[1]) if len(parts) > 1 and parts[1] in LAYERS else None


def under(name: str, *places: str) -> bool:
    return any(name == place or name.startswith(place + ".") for place in places)


def is_root(name: str) -> bool:
    return under(name, "pawdesk.wiring")


def is_deprecated(name: str) -> bool:
    return under(name, "pawdesk.infra", "pawdesk.services", "pawdesk.plugins.hooks")


def called(node: ast.Call) -> str:
    """The last part of what is called."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def imports(name: str, tree: ast.Module, known: set[str]) -> Iterator[str]:
    """Dotted names of all that a module imports, wherever and however; names out of a package as `package.name`."""
    is_package = (PACKAGE.parent / Path(*name.split("."))).is_dir()
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, name, is_package)
            for alias in node.names:
                yield f"{base}.{alias.name}" if f"{base}.{alias.name}" in known or base == "pawdesk" else base
        elif isinstance(node, ast.Call) and called(node) in ("import_module", "__import__") and node.args:
            yield _text(node.args[0])


def _base(node: ast.ImportFrom, name: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = name.split(".")
    parts = parts[: len(parts) - node.level + (1 if is_package else 0)]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _text(node: ast.expr) -> str:
    """A constant text, or `?` where a computed one begins."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        first = _text(node.values[0]) if node.values else ""
        return first.rstrip(".") if first else "?"
    return "?"


@lru_cache(maxsize=1)
def edges() -> dict[str, set[str]]:
    """What every module imports."""
    found = modules()
    return {name: set(imports(name, tree, set(found))) for name, tree in found.items()}


def classes(tree: ast.Module) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


@lru_cache(maxsize=1)
def adapter_classes() -> frozenset[str]:
    """Names of classes of the adapters, protocols left out."""
    found = {name: node for module, tree in modules().items() if under(module, "pawdesk.adapters") for name, node in classes(tree).items()}
    return frozenset(name for name, node in found.items() if not is_protocol(node))


def service_classes() -> frozenset[str]:
    return frozenset(place.split(":")[1] for place in SERVICES.values())


def is_protocol(node: ast.ClassDef) -> bool:
    bases = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
    return "Protocol" in {getattr(base, "attr", getattr(base, "id", "")) for base in bases}


def announced_modules() -> set[str]:
    """Modules with a line under Unreleased."""
    text = (ROOT / "CHANGES.md").read_text(encoding="utf-8")
    section = text.split("## Unreleased", 1)[-1].split("\n## ", 1)[0] if "## Unreleased" in text else ""
    lines = [line.strip() for line in section.splitlines()]
    return {line[2:].split(":")[0].strip().strip("`") for line in lines if line.startswith("- ") and line.partition(":")[2].strip()}


def touched_modules() -> set[str]:
    """Public modules whose file is new or not the same any more."""
    now = files("pawdesk")
    paths = [Path(name) for name, digest in now.items() if name.endswith(".py") and BASE["pawdesk"].get(name) != digest]
    names = [module_name(ROOT / path) for path in paths]
    return {name for name in names if not any(part.startswith("_") and part != "__main__" for part in name.split("."))}
