"""Reads the package under test as text and syntax trees; nothing of it is imported here."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ledgerlite"
BASE = json.loads(Path(__file__).with_name("base_tree.json").read_text(encoding="utf-8"))

METHODS = frozenset({"post", "post_split", "reverse"})
OLD = METHODS | {"post_batch"}
MEANT_FOR_OTHERS = re.compile(r"(outbox|client)$", re.IGNORECASE)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def files(folder: str) -> dict[str, str]:
    """Digests of all files below a folder by path, compiled leftovers aside."""
    found = (p for p in (ROOT / folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return {relative(p): digest(p) for p in sorted(found)}


def callers() -> Iterator[tuple[str, ast.Module]]:
    """Modules that must not use an old name: all but compat and the frozen migrations."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = relative(path)
        if name != "ledgerlite/compat.py" and not name.startswith("ledgerlite/migrations/"):
            yield name, tree(path)


def receiver(node: ast.Attribute) -> str:
    """The last identifier of what a method is looked up on: ``self.outbox.post`` gives ``outbox``."""
    value = node.value
    if isinstance(value, ast.Attribute):
        return value.attr
    return value.id if isinstance(value, ast.Name) else ""


def is_list_reversal(node: ast.Attribute, parents: dict[ast.AST, ast.AST]) -> bool:
    """``rows.reverse()``: the method of lists takes nothing, the book's needs a number."""
    call = parents.get(node)
    return isinstance(call, ast.Call) and call.func is node and not call.args and not call.keywords


def old_lookups(module: ast.Module) -> list[str]:
    """Old names that are looked up in a module, as ``line: name``; strings count only in getattr."""
    parents = {child: node for node in ast.walk(module) for child in ast.iter_child_nodes(node)}
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr in OLD:
            innocent = node.attr in METHODS and MEANT_FOR_OTHERS.search(receiver(node))
            if not innocent and not (node.attr == "reverse" and is_list_reversal(node, parents)):
                found.append(f"{node.lineno}: .{node.attr}")
        elif isinstance(node, ast.Name) and node.id in {"post_batch", "post_split"}:
            found.append(f"{node.lineno}: {node.id}")
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"getattr", "methodcaller"}:
            found += [f"{a.lineno}: {a.value!r}" for a in node.args if isinstance(a, ast.Constant) and a.value in OLD]
    return found


def old_imports(module: ast.Module) -> list[tuple[str, str]]:
    """Imports of ``post_batch`` as (module, alias)."""
    return [
        (node.module or "", alias.asname or alias.name)
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == "post_batch"
    ]


def functions(module: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions of a module and methods of its classes as (``Class.name`` or ``name``, node)."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.FunctionDef):
                    yield f"{node.name}.{item.name}", item


def book_methods(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Old names that classes define, those of Outbox and WebhookClient aside, and functions."""
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef) and node.name not in {"Outbox", "WebhookClient"}:
            for item in node.body:
                names = [item.name] if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) else []
                if isinstance(item, ast.Assign):
                    names = [t.id for t in item.targets if isinstance(t, ast.Name)]
                yield from ((f"{node.name}.{name}", item.lineno) for name in names if name in METHODS)
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name == "post_batch":
            yield node.name, node.lineno


def dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def is_public(name: str) -> bool:
    return not any(part.startswith("_") for part in name.split("."))


def touched_modules() -> set[str]:
    """Public modules that differ from the base or are new."""
    base: dict[str, str] = BASE["ledgerlite"]
    now = {name: d for name, d in files("ledgerlite").items() if name.endswith(".py")}
    return {dotted(name) for name, d in now.items() if base.get(name) != d and is_public(dotted(name))}


def announced_modules() -> set[str]:
    """Modules with a line under ``## Unreleased`` in CHANGES.md."""
    text = (ROOT / "CHANGES.md").read_text(encoding="utf-8")
    parts = re.split(r"^## +(.+?) *$", text, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=False))
    return set(re.findall(r"^- `?(ledgerlite[\w.]*)`?: *\S", sections.get("Unreleased", ""), re.MULTILINE))


def new_modules() -> list[Path]:
    """Modules of the package that were not there, without those of contrib."""
    base: dict[str, str] = BASE["ledgerlite"]
    found = (path for path in sorted(PACKAGE.rglob("*.py")) if "contrib" not in path.parts)
    return [path for path in found if relative(path) not in base]


def is_float(node: ast.AST) -> bool:
    """A float literal, or a call of float()."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "float"
