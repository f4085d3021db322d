"""Reads the package under test as text and syntax trees; nothing of it is imported here."""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "sluice"
BASE = json.loads(Path(__file__).with_name("base_tree.json").read_text(encoding="utf-8"))
RUNTIME = "sluice/runtime.py"
FROZEN = ("sluice/wire/", "sluice/sites/")

Function = ast.FunctionDef | ast.AsyncFunctionDef
FILE_FUNCTIONS = {"write_whole", "append_lines", "whole_lines", "mend_tail", "sync_folder"}
BLOCKING_MODULES = {"os", "shutil", "sqlite3", "socket", "subprocess"}
HARMLESS = ("os.path.join", "os.path.basename", "os.fspath", "os.getpid", "os.environ", "os.urandom", "os.cpu_count", "sqlite3.Row")
TAKE_COROUTINES = {"create_task", "ensure_future", "gather", "shield", "wait_for"}
BLOCKING_METHODS = {
    "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "unlink", "rmdir", "glob", "rglob", "iterdir", "exists", "is_file", "stat",
    "execute", "executemany", "executescript", "fetchall", "fetchone", "commit",
}  # fmt: skip


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@functools.cache
def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"), name)


def files(folder: str) -> dict[str, str]:
    """Digests of all files below a folder by path, compiled leftovers aside."""
    found = (p for p in (ROOT / folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return {relative(p): digest(p) for p in sorted(found)}


def modules(*but: str) -> dict[str, ast.Module]:
    """Trees of all modules that are not frozen."""
    names = [name for name in files("sluice") if name.endswith(".py") and not name.startswith(FROZEN)]
    return {name: tree(name) for name in names if name not in but}


def is_migrated() -> bool:
    """Whether there is anything to judge: without coroutines nothing is done wrong in them."""
    return (ROOT / RUNTIME).is_file() and (PACKAGE / "aio.py").is_file()


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of nested attributes; what is no name becomes an empty part."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def imported(module: ast.Module) -> dict[str, str]:
    """What names of a module stand for: ``{"sleep": "time.sleep", "aio": "asyncio"}``."""
    found = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def imported_modules(module: ast.Module) -> set[str]:
    found = {alias.name for node in ast.walk(module) if isinstance(node, ast.Import) for alias in node.names}
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def meaning(node: ast.AST, names: dict[str, str]) -> str:
    """The full name of what is called, as far as the imports tell."""
    first, dot, rest = dotted(node).partition(".")
    return names.get(first, first) + dot + rest


def own(node: ast.AST) -> Iterator[ast.AST]:
    """Everything below a function that runs with it: nested functions and lambdas aside."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.Lambda):
            continue
        yield child
        yield from own(child)


def body(function: Function) -> Iterator[ast.AST]:
    for statement in function.body:
        if not isinstance(statement, Function):
            yield statement
            yield from own(statement)


def coroutines(module: ast.Module) -> Iterator[ast.AsyncFunctionDef]:
    return (node for node in ast.walk(module) if isinstance(node, ast.AsyncFunctionDef))


def functions(module: ast.Module) -> dict[tuple[str, str], Function]:
    """Functions by class (or nothing) and name."""
    found: dict[tuple[str, str], Function] = {}
    for node in module.body:
        if isinstance(node, Function):
            found["", node.name] = node
        elif isinstance(node, ast.ClassDef):
            found |= {(node.name, each.name): each for each in node.body if isinstance(each, Function)}
    return found


def blocks(call: ast.Call, names: dict[str, str]) -> bool:
    """Whether a call that is not awaited keeps its thread from going on."""
    full = meaning(call.func, names)
    last = full.rpartition(".")[2]
    if full in ("open", "input", "io.open", "time.sleep", "builtins.open") or last in FILE_FUNCTIONS:
        return True
    if full.partition(".")[0] in BLOCKING_MODULES and not full.startswith(HARMLESS):
        return True
    if not isinstance(call.func, ast.Attribute):
        return False
    return last in BLOCKING_METHODS or (last == "open" and "ath" in dotted(call.func.value).lower())


def called(function: Function, owner: str) -> Iterator[tuple[ast.Call, tuple[str, str] | None]]:
    """Calls that are neither awaited nor handed to something that does so, with the function of the same module that they go to."""
    nodes = list(body(function))
    awaited = {id(node.value) for node in nodes if isinstance(node, ast.Await)}
    takers = (node for node in nodes if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in TAKE_COROUTINES)
    awaited |= {id(argument) for taker in takers for argument in taker.args}
    for node in nodes:
        if isinstance(node, ast.Call) and id(node) not in awaited:
            target = dotted(node.func)
            if target.startswith("self.") and target.count(".") == 1:
                yield node, (owner, target.removeprefix("self."))
            else:
                yield node, ("", target) if isinstance(node.func, ast.Name) else None


def blocking_calls(module: ast.Module) -> list[str]:
    """Coroutine functions with the blocking calls in them, or in plain functions of the module that they call."""
    names, known = imported(module), functions(module)

    def first(function: Function, owner: str, seen: frozenset[tuple[str, str]]) -> str | None:
        for call, target in called(function, owner):
            if blocks(call, names):
                return ast.unparse(call.func)
            plain = known.get(target) if target else None
            if target and isinstance(plain, ast.FunctionDef) and target not in seen:
                inner = first(plain, target[0], seen | {target})
                if inner is not None:
                    return f"{target[1]} -> {inner}"
        return None

    owners = {id(node): key[0] for key, node in known.items()}
    pairs = ((node, first(node, owners.get(id(node), ""), frozenset())) for node in coroutines(module))
    return [f"{node.name}: {found}" for node, found in pairs if found is not None]


def swallowed_cancellations(module: ast.Module) -> list[str]:
    """Handlers in coroutine functions that catch a cancellation and do not end by raising, and contexts that suppress it."""
    found = []
    for function in coroutines(module):
        for node in body(function):
            if isinstance(node, ast.ExceptHandler) and _catches(node.type) and not isinstance(node.body[-1], ast.Raise):
                found.append(f"{function.name}, line {node.lineno}")
            if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "suppress" and any(map(_catches, node.args)):
                found.append(f"{function.name}, line {node.lineno}")
    return found


def _catches(kind: ast.expr | None) -> bool:
    if kind is None:
        return True
    parts = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(dotted(part).rpartition(".")[2] in ("CancelledError", "BaseException") for part in parts)


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def is_public(name: str) -> bool:
    return not any(part.startswith("_") for part in name.split("."))


def touched_modules() -> set[str]:
    """Public modules that differ from the base or are new."""
    now = {name: d for name, d in files("sluice").items() if name.endswith(".py")}
    return {module_name(name) for name, d in now.items() if BASE["sluice"].get(name) != d and is_public(module_name(name))}


def announced_modules() -> set[str]:
    """Modules with a line under ``## Unreleased`` in CHANGES.md."""
    text = (ROOT / "CHANGES.md").read_text(encoding="utf-8")
    parts = re.split(r"^## +(.+?) *$", text, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=False))
    return set(re.findall(r"^- `?(sluice[\w.]*)`?: *\S", sections.get("Unreleased", ""), re.MULTILINE))
