"""The shape of the package, read from its source without importing it."""

import ast
import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tidewheel"
FACTS = json.loads(Path(__file__).with_name("public.json").read_text(encoding="utf-8"))
HOMES = FACTS["homes"]
LIMIT = 250
COMPUTED = "tidewheel.migrations."


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources():
    return {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def written(module):
    """The names of the top level that a module binds by itself: classes, functions, constants."""
    for node in module.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign) and not isinstance(node.value, ast.Name | ast.Attribute):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and node.value is not None and isinstance(node.target, ast.Name):
            yield node.target.id


def live(node):
    """Every node below, without what stands under `if TYPE_CHECKING:`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in {getattr(child.test, "id", ""), getattr(child.test, "attr", "")}:
            for other in child.orelse:
                yield from live(other)
        else:
            yield from live(child)


def from_targets(node, here, is_package, names):
    base = node.module or ""
    if node.level:
        parts = here.split(".")
        parts = parts[: len(parts) - node.level + (1 if is_package else 0)]
        base = ".".join([*parts, *([node.module] if node.module else [])])
    for alias in node.names:
        inner = f"{base}.{alias.name}"
        yield inner if inner in names else base


def text_of(node):
    """A constant text, or the constant beginning of a computed one."""
    if isinstance(node, ast.JoinedStr) and node.values:
        return text_of(node.values[0])
    if isinstance(node, ast.BinOp):
        return text_of(node.left)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def fetched(node):
    """The module that a call of import_module or __import__, or a look into sys.modules, asks for."""
    if isinstance(node, ast.Call) and node.args:
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if called in ("import_module", "__import__"):
            return text_of(node.args[0])
        owner = getattr(node.func, "value", None)
        if called in ("get", "__getitem__") and "modules" in (getattr(owner, "attr", ""), getattr(owner, "id", "")):
            return text_of(node.args[0])
    if isinstance(node, ast.Subscript) and "modules" in (getattr(node.value, "attr", ""), getattr(node.value, "id", "")):
        return text_of(node.slice)
    return ""


def imports(path, here, names):
    is_package = path.name == "__init__.py"
    for node in live(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from from_targets(node, here, is_package, names)
        elif (asked := fetched(node)) and not asked.startswith(COMPUTED):
            yield asked.rstrip(".")


def graph():
    found = sources()
    edges = {name: set(imports(path, name, found)) - {name} for name, path in found.items()}
    return {name: {other for other in others if other in found} for name, others in edges.items()}


def cycle(edges):
    """One cycle as a list of modules, or None."""
    done, path = set(), []

    def visit(name):
        if name in path:
            return [*path[path.index(name):], name]
        if name in done:
            return None
        path.append(name)
        for other in sorted(edges[name]):
            if (found := visit(other)) is not None:
                return found
        path.pop()
        done.add(name)
        return None

    return next((found for name in sorted(edges) if (found := visit(name))), None)


def split_is_made():
    assert {f"tidewheel.{name}" for name in HOMES} <= set(sources()), "the modules of the split are not all there"


@pytest.mark.parametrize("name", sorted(HOMES))
def test_names_are_written_in_their_module(name):
    path = PACKAGE / f"{name}.py"
    assert path.is_file()
    assert set(HOMES[name]) <= set(written(tree(path)))


def test_nothing_is_written_twice():
    split_is_made()
    home = {each: f"tidewheel.{name}" for name, names in HOMES.items() for each in names}
    places = [(each, module) for module, path in sources().items() for each in written(tree(path)) if each in home]
    assert sorted(places) == sorted(home.items())


def test_core_only_gathers():
    core = tree(PACKAGE / "core.py")
    assert not [node.name for node in ast.walk(core) if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)]
    assert not [node for node in ast.walk(core) if isinstance(node, ast.Lambda)]
    assert [each for each in written(core) if each in FACTS["core"]] == []


def test_no_import_cycles():
    split_is_made()
    assert cycle(graph()) is None


def test_only_the_doors_import_core():
    doors = {name for name, others in graph().items() if "tidewheel.core" in others}
    assert {name for name in doors if not name.startswith("tidewheel.migrations.")} == {"tidewheel"}


def test_no_module_is_too_long():
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in sources().items()}
    assert {name: length for name, length in lengths.items() if length > LIMIT} == {}


def test_the_split_left_the_migrations_alone():
    split_is_made()
    files = {path.name for path in (PACKAGE / "migrations").rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert files == set(FACTS["migrations"])
    digests = {name: hashlib.sha256((PACKAGE / "migrations" / name).read_bytes()).hexdigest() for name in files}
    assert digests == FACTS["migrations"]


def test_the_checks_see_what_they_look_for():
    """The readers of this file, on sources of their own: they would be of little use if they saw nothing."""
    hidden = ast.parse("def f():\n    import tidewheel.a\n    import_module('tidewheel.b')\n    sys.modules['tidewheel.c']")
    seen = {fetched(node) for node in live(hidden)} | {a.name for n in live(hidden) if isinstance(n, ast.Import) for a in n.names}
    assert {"tidewheel.a", "tidewheel.b", "tidewheel.c"} <= seen
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert cycle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) is None
