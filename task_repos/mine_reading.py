"""What a Python source tree says of itself, by syntax alone: names written, modules imported, names taken from where.

The structural checks of mined tasks carry a copy of this text, so that they read a tree exactly as they were derived from one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

TEST_FOLDERS = ("tests", "test")
LEFT_OUT = ("build", "dist", "node_modules", "venv", "site-packages")
TOPS = ("src", "lib")


def is_test(path: str) -> bool:
    """Whether a path belongs to the tests: by its folder or its name; data files in test folders do, too."""
    pure = PurePosixPath(path)
    inside = any(part in TEST_FOLDERS for part in pure.parts[:-1]) or (len(pure.parts) > 1 and pure.parts[0] == "testing")
    named = pure.suffix == ".py" and (pure.name.startswith("test_") or pure.stem.endswith("_test"))
    return inside or named or pure.name == "conftest.py"


def is_module(path: str) -> bool:
    """Whether a path is Python source of the project itself: no test, nothing hidden, nothing built."""
    parts = PurePosixPath(path).parts
    skipped = any(part.startswith(".") or part in LEFT_OUT or part.endswith(".egg-info") for part in parts)
    return path.endswith(".py") and not skipped and not is_test(path)


def module_name(path: str) -> str:
    """`src/shop/cart.py` is shop.cart, `shop/__init__.py` is shop."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    parts = parts[1:] if len(parts) > 1 and parts[0] in TOPS else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def written(tree: ast.Module) -> dict[str, ast.stmt]:
    """Name -> node of what the top level binds by itself: classes, functions, constants; also below `if` and `try`."""
    found: dict[str, ast.stmt] = {}
    for node in flat(tree.body):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign) and not isinstance(node.value, ast.Name | ast.Attribute):
            found.update((target.id, node) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and node.value is not None and isinstance(node.target, ast.Name):
            found[node.target.id] = node
    return {name: node for name, node in found.items() if not (name.startswith("__") and name.endswith("__")) and name != "_"}


def flat(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body and of what it holds under conditions."""
    for node in body:
        if isinstance(node, ast.If | ast.Try):
            handlers = node.handlers if isinstance(node, ast.Try) else []
            for inner in (node.body, node.orelse, *(handler.body for handler in handlers)):
                yield from flat(inner)
        else:
            yield node


def origin(node: ast.ImportFrom, path: str) -> str:
    """The absolute module that a `from ... import` names, seen from the file at `path`; "" where it climbs out."""
    if not node.level:
        return node.module or ""
    parts = module_name(path).split(".")
    package = parts if PurePosixPath(path).name == "__init__.py" else parts[:-1]
    kept = len(package) - (node.level - 1)
    return ".".join([*package[:kept], *([node.module] if node.module else [])]) if kept >= 0 else ""


def taken(tree: ast.Module, path: str, modules: Mapping[str, str]) -> set[tuple[str, str]]:
    """Pairs (path of a project module, name taken from it, "" for the module itself). `modules`: module name -> path."""
    found: set[tuple[str, str]] = set()
    handles: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            handles |= {alias.asname or alias.name: modules[alias.name] for alias in node.names if alias.name in modules}
        elif isinstance(node, ast.ImportFrom):
            base = origin(node, path)
            for alias in node.names:
                inner = f"{base}.{alias.name}" if base else alias.name
                if inner in modules:
                    handles[alias.asname or alias.name] = modules[inner]
                elif base in modules:
                    found |= {(modules[base], ""), (modules[base], alias.name)}
    found |= {(place, "") for place in handles.values()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and dotted(node.value) in handles:
            found.add((handles[dotted(node.value)], node.attr))
    return {pair for pair in found if pair[0] != path}


def dotted(node: ast.expr) -> str:
    """`a.b.c` as it is written, "" for any other expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""
