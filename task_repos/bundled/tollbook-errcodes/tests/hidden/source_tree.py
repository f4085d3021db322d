"""What the checks read of the work tree: files, syntax trees, and what the registry says when it is asked by a process of its own."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tollbook"
BASE = json.loads(Path(__file__).with_name("base_tree.json").read_text(encoding="utf-8"))
RECORDED = json.loads(Path(__file__).with_name("recorded.json").read_text(encoding="utf-8"))
FROZEN = ("tollbook.plugins", "tollbook.wire.v1")
CODE = re.compile(r"TB-\d{3}|TX-\d{2}|SP\d|W\d{2}")
ASK = """
import json
from tollbook import registry

def frozen(entry):
    try:
        entry.template = entry.template
    except AttributeError:
        return True
    return False

fields = ("code", "severity", "template", "exit_status", "status", "since")
print(json.dumps({
    "kind": type(registry.ENTRIES).__name__,
    "reserved_kind": type(registry.RESERVED).__name__,
    "reserved": sorted(registry.RESERVED),
    "frozen": all(frozen(each) for each in registry.ENTRIES),
    "entries": [{name: getattr(each, name) for name in fields} for each in registry.ENTRIES],
}))
"""


def files(folder: str) -> dict[str, str]:
    """SHA-256 by path, compiled leftovers left out."""
    found = sorted(path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def under(name: str, *places: str) -> bool:
    return any(name == place or name.startswith(place + ".") for place in places)


@lru_cache(maxsize=None)
def parsed(text: str) -> ast.Module:
    return ast.parse(text)


@lru_cache(maxsize=1)
def modules() -> dict[str, ast.Module]:
    """Every module of the package by its dotted name, but the frozen ones."""
    trees = {module_name(path): parsed(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
    return {name: tree for name, tree in trees.items() if not under(name, *FROZEN)}


def outside() -> dict[str, ast.Module]:
    """Modules that are not of the registry."""
    return {name: tree for name, tree in modules().items() if not under(name, "tollbook.registry")}


@lru_cache(maxsize=1)
def registry() -> dict[str, Any]:
    """What the registry holds; empty where there is none."""
    done = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def codes() -> list[str]:
    found = [each["code"] for each in registry().get("entries", [])]
    assert found, "no registry"
    return found


@lru_cache(maxsize=None)
def texts(tree: ast.Module) -> tuple[ast.Constant, ...]:
    """Constant texts of a module, docstrings left out."""
    idle = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in idle)


def named(node: ast.AST) -> list[str]:
    """Codes that stand in a piece of code as whole literals."""
    found = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return [text for text in found if CODE.fullmatch(text)]


@lru_cache(maxsize=None)
def sites(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Where something is said to be wrong: errors that are made and raised, problems that are made, calls of loggers."""
    return tuple(_sites(tree))


def _sites(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None and not _again(node.exc):
            yield node.exc
        elif isinstance(node, ast.Call) and (_of_problem(node) or _of_logger(node)):
            yield node


def _again(node: ast.expr) -> bool:
    """An error that was caught or made before is raised under its name."""
    return isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node).rpartition(".")[2][:1].islower()


def _of_problem(node: ast.Call) -> bool:
    return ast.unparse(node.func).startswith(("Problem", "problems.Problem"))


def _of_logger(node: ast.Call) -> bool:
    if not isinstance(node.func, ast.Attribute):
        return False
    owner = ast.unparse(node.func.value).rpartition(".")[2].lower()
    kinds = ("debug", "info", "warning", "error", "critical", "exception", "log")
    return node.func.attr in kinds and (owner in ("log", "logger", "logging", "_log", "_logger") or "getlogger" in owner)


def announced_modules() -> set[str]:
    """Modules with a line under Unreleased."""
    text = (ROOT / "CHANGES.md").read_text(encoding="utf-8")
    section = text.split("## Unreleased", 1)[-1].split("\n## ", 1)[0] if "## Unreleased" in text else ""
    lines = [line.strip() for line in section.splitlines()]
    return {line[2:].split(":")[0].strip().strip("`") for line in lines if line.startswith("- ") and line.partition(":")[2].strip()}


def touched_modules() -> set[str]:
    """Modules whose file is new or not the same any more."""
    now = files("tollbook")
    paths = [ROOT / name for name, digest in now.items() if name.endswith(".py") and BASE["tollbook"].get(name) != digest]
    return {module_name(path) for path in paths}
