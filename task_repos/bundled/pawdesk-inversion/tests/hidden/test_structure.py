"""Who knows whom: judged from the syntax trees, without running the package."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
import source_tree
from source_tree import LAYERS, called, edges, is_deprecated, is_root, layer, modules, nodes, under

EMPTY = {"dict", "list", "set", "defaultdict", "Counter", "deque", "OrderedDict", "WeakValueDictionary", "WeakKeyDictionary", "WeakSet"}
STATEFUL = {"Lock", "RLock", "Semaphore", "Condition", "Event", "local", "ContextVar", "count", "cycle"}
CHANGES = {"append", "add", "update", "setdefault", "pop", "popitem", "clear", "insert", "extend", "remove", "discard", "appendleft"}
MACHINE = {"time", "random", "secrets", "uuid", "getpass", "socket", "sqlite3", "smtplib"}
EVERYTHING = {"Any", "object", "dict", "Dict", "Mapping", "SimpleNamespace", "Namespace", "ModuleType", "Container", "Services"}
BUILTINS = {"open", "print", "input", "eval", "exec", "globals", "__import__"}


def domain() -> dict[str, ast.Module]:
    return {name: tree for name, tree in modules().items() if layer(name) is not None}


def strange(name: str, asked: set[str]) -> list[str]:
    """What a domain module imports of the world or of the rest of the package."""
    ours = {each for each in asked if under(each, "pawdesk")}
    world = {each for each in asked - ours if each.split(".")[0] not in source_tree.STANDARD}
    outside = {each for each in ours if layer(each) is None and not under(each, *source_tree.PLAIN)}
    return sorted(world | outside)


@pytest.mark.parametrize("package", LAYERS)
def test_domain_imports_nothing_of_the_world(package: str) -> None:
    """Only plain modules, domain packages and the part of the standard library that touches nothing."""
    found = {name: strange(name, asked) for name, asked in edges().items() if under(name, f"pawdesk.{package}")}
    assert len(found) >= 3
    assert {name: asked for name, asked in found.items() if asked} == {}


@pytest.mark.parametrize("name", sorted(source_tree.PLAIN))
def test_plain_modules_stay_plain(name: str) -> None:
    """They import each other and the same part of the standard library."""
    asked = edges()[name]
    assert sorted(each for each in asked if under(each, "pawdesk") and each not in source_tree.PLAIN) == []
    assert sorted(each for each in asked if each.split(".")[0] not in source_tree.STANDARD | {"pawdesk"}) == []


@pytest.mark.parametrize("package", LAYERS)
def test_domain_uses_no_builtin_of_the_world(package: str) -> None:
    """No open, print and the like, and the ports are there to be used instead."""
    assert (source_tree.PACKAGE / package / "ports.py").is_file()
    found = [
        (name, node.id, node.lineno)
        for name, tree in domain().items()
        if under(name, f"pawdesk.{package}")
        for node in nodes(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in BUILTINS
    ]
    assert found == []


def test_packages_import_lower_ones_only() -> None:
    """patients < pharmacy < scheduling < treatment < billing < reporting."""
    assert all((source_tree.PACKAGE / package / "ports.py").is_file() for package in LAYERS)
    upward = [
        (name, asked)
        for name, others in edges().items()
        for asked in others
        if layer(name) is not None and layer(asked) is not None and layer(asked) > layer(name)
    ]
    assert sorted(upward) == []


def members(node: ast.ClassDef) -> Iterator[str]:
    for each in node.body:
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            yield each.name
        elif isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            yield each.target.id


def properties(node: ast.ClassDef) -> Iterator[str]:
    """Members that are read and not called."""
    for each in node.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            yield each.target.id
        elif isinstance(each, ast.FunctionDef) and "property" in {getattr(mark, "id", "") for mark in each.decorator_list}:
            yield each.name


@pytest.mark.parametrize("package", LAYERS)
def test_ports_are_protocols(package: str) -> None:
    """ports.py holds protocols, imports and type variables; methods have no code."""
    path = source_tree.PACKAGE / package / "ports.py"
    assert path.is_file()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = source_tree.classes(tree)
    assert kinds
    assert [name for name, node in kinds.items() if not source_tree.is_protocol(node)] == []
    bodies = [each for node in nodes(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for each in node.body]
    assert [ast.unparse(each) for each in bodies if not isinstance(each, ast.Pass | ast.Expr)] == []
    rest = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom | ast.ClassDef | ast.Expr | ast.If)]
    allowed = [node for node in rest if isinstance(node, ast.Assign | ast.AnnAssign)]
    assert [ast.unparse(node) for node in rest if node not in allowed] == []
    assert [ast.unparse(node) for node in allowed if isinstance(node.value, ast.Call) and "TypeVar" not in called(node.value)] == []


@pytest.mark.parametrize("package", LAYERS)
def test_ports_are_narrow(package: str) -> None:
    """Every member of a port is used by its package, and none of them is a service."""
    path = source_tree.PACKAGE / package / "ports.py"
    assert path.is_file()
    kinds = source_tree.classes(ast.parse(path.read_text(encoding="utf-8"))).values()
    named = {f"{node.name}.{each}" for node in kinds for each in members(node) if not each.startswith("__")}
    trees = [tree for name, tree in domain().items() if under(name, f"pawdesk.{package}") and name != f"pawdesk.{package}.ports"]
    used = {node.attr for tree in trees for node in nodes(tree) if isinstance(node, ast.Attribute)}
    assert named
    held = {each for node in kinds for each in properties(node)}
    assert sorted(held & (set(source_tree.SERVICES) - {"rooms"})) == []
    assert sorted(each for each in named if each.split(".")[1] not in used) == []


def parameters(node: ast.ClassDef) -> tuple[list[str], list[str]]:
    """What a constructor takes: (annotations, faults)."""
    init = next((each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None)
    if init is None:
        return dataclass_parameters(node)
    args = init.args
    faults = [arg.arg for arg in [*args.posonlyargs, *args.args][1:]] + [arg.arg for arg in (args.vararg, args.kwarg) if arg]
    faults += [arg.arg for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True) if default is not None or arg.annotation is None]
    return [ast.unparse(arg.annotation) for arg in args.kwonlyargs if arg.annotation], faults


def dataclass_parameters(node: ast.ClassDef) -> tuple[list[str], list[str]]:
    marks = [each for each in node.decorator_list if isinstance(each, ast.Call) and called(each) == "dataclass"]
    keywords = {each.arg: ast.unparse(each.value) for mark in marks for each in mark.keywords}
    if keywords.get("kw_only") != "True":
        return [], ["no constructor"]
    fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
    inner = [each for each in fields if isinstance(each.value, ast.Call) and "init=False" in ast.unparse(each.value).replace(" ", "")]
    faults = [ast.unparse(each.target) for each in fields if each.value is not None and each not in inner]
    return [ast.unparse(each.annotation) for each in fields if each not in inner], faults


@pytest.mark.parametrize("name", sorted(source_tree.SERVICES))
def test_services_take_what_they_need(name: str) -> None:
    """Keyword-only, annotated, without defaults, and nothing that holds everything."""
    place, _, kind = source_tree.SERVICES[name].partition(":")
    node = source_tree.classes(modules()[f"pawdesk.{place}"])[kind]
    annotations, faults = parameters(node)
    assert faults == []
    assert annotations
    assert [text for text in annotations if "Practice" in text or outermost(text) & EVERYTHING] == []


def outermost(annotation: str) -> set[str]:
    """The names of a union's members, without what stands in brackets."""
    node = ast.parse(annotation.strip("'\""), mode="eval").body
    waiting, found = [node], set()
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.BinOp):
            waiting += [each.left, each.right]
        else:
            owner = each.value if isinstance(each, ast.Subscript) else each
            found.add(getattr(owner, "attr", getattr(owner, "id", "")))
    return found


def made(tree: ast.Module, kinds: set[str]) -> list[tuple[str, int]]:
    return [(called(node), node.lineno) for node in nodes(tree) if isinstance(node, ast.Call) and called(node) in kinds]


def test_one_place_makes_services_and_adapters() -> None:
    """Services, adapters and practices are made in the composition root, adapters in adapters too."""
    services, adapters = source_tree.service_classes(), source_tree.adapter_classes()
    assert any(is_root(name) for name in modules())
    found = {}
    for name, tree in modules().items():
        if not is_root(name):
            kinds = services | {"Practice"} | (set() if under(name, "pawdesk.adapters") else adapters)
            found[name] = made(tree, kinds)
    assert {name: calls for name, calls in found.items() if calls} == {}
    rooted = {kind for name, tree in modules().items() if is_root(name) for kind, _ in made(tree, services)}
    assert sorted(services - rooted) == []


def statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Statements of a module and of its classes, those in branches too; not those in functions."""
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.stmt)]


def remembers(value: ast.expr, kinds: set[str]) -> bool:
    """Whether a value at module or class level can hold something between calls."""
    if isinstance(value, ast.Dict) and not value.keys or isinstance(value, ast.List | ast.Set) and not value.elts:
        return True
    calls = [node for node in ast.walk(value) if isinstance(node, ast.Call)]
    if isinstance(value, ast.Call) and called(value) in EMPTY and not value.args:
        return True
    return any(called(each) in kinds | STATEFUL or (called(each) in EMPTY - {"dict", "list", "set"}) for each in calls)


def in_dataclass_field(node: ast.stmt) -> bool:
    return isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Call) and called(node.value) == "field"


def changed_names(tree: ast.Module) -> set[str]:
    """Names of the module level that are changed inside functions, by item or by method."""
    set_here = [node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign) and not isinstance(node.value, ast.Constant)]
    targets = [target for node in set_here for target in (node.targets if isinstance(node, ast.Assign) else [node.target])]
    top = {target.id for target in targets if isinstance(target, ast.Name)}
    if not top & {changed(node) for node in nodes(tree)}:
        return set()
    found: set[str] = set()
    for function in [node for node in nodes(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)]:
        own = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        own |= {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
        found |= {name for node in ast.walk(function) if (name := changed(node)) not in own}
    return top & found


def changed(node: ast.AST) -> str:
    """The name whose value a node changes in place."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
        return getattr(node.func.value, "id", "")
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        return getattr(node.value, "id", "")
    return ""


def memory(name: str, tree: ast.Module) -> list[str]:
    """Everything in a module that R5 forbids."""
    kinds = source_tree.service_classes() | source_tree.adapter_classes() | {"Practice"}
    found = [f"global {', '.join(node.names)}" for node in nodes(tree) if isinstance(node, ast.Global)]
    for node in statements(tree):
        value = getattr(node, "value", None) if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if value is not None and not in_dataclass_field(node) and remembers(value, kinds):
            found.append(ast.unparse(node))
    if layer(name) is not None or under(name, "pawdesk.adapters"):
        marks = [mark for node in nodes(tree) for mark in getattr(node, "decorator_list", [])]
        found += [ast.unparse(mark) for mark in marks if ast.unparse(mark).split("(")[0].split(".")[-1] in ("cache", "lru_cache")]
    return found + sorted(changed_names(tree))


def test_modules_remember_nothing() -> None:
    """R5: no global, no instance, no cache, no registry, no lock at module or class level."""
    found = {name: memory(name, tree) for name, tree in modules().items() if name != "pawdesk.legacy"}
    assert {name: lines for name, lines in found.items() if lines} == {}


def asks_machine(node: ast.AST) -> bool:
    """Whether a node asks for the time of the machine or reads its environment."""
    if not isinstance(node, ast.Attribute):
        return isinstance(node, ast.Name) and node.id in ("environ", "getenv")
    owner = getattr(node.value, "id", getattr(node.value, "attr", ""))
    if node.attr in ("now", "today", "utcnow", "fromtimestamp") and owner in ("datetime", "date", "dt"):
        return True
    return node.attr in ("environ", "getenv", "environb") and owner == "os"


def test_only_adapters_ask_the_machine() -> None:
    """No time, chance, user name or environment outside the adapters."""
    assert any(under(name, "pawdesk.adapters") for name in modules())
    found = []
    for name, asked in edges().items():
        if not under(name, "pawdesk.adapters"):
            found += [(name, each) for each in asked if each.split(".")[0] in MACHINE]
            found += [(name, ast.unparse(node)) for node in nodes(modules()[name]) if asks_machine(node)]
    assert sorted(found) == []


def test_adapters_know_no_application() -> None:
    """Adapters import adapters, plain modules, settings and the domain."""
    asked = {name: others for name, others in edges().items() if under(name, "pawdesk.adapters")}
    assert len(asked) >= 10
    allowed = ("pawdesk.adapters", "pawdesk.settings", *source_tree.PLAIN)
    found = [(n, o) for n, others in asked.items() for o in others if under(o, "pawdesk") and not under(o, *allowed) and layer(o) is None]
    assert sorted(found) == []


def test_nothing_uses_deprecated_modules() -> None:
    """Only migrations, which are frozen, and the deprecated modules themselves."""
    assert "pawdesk.legacy" in modules()
    found = [(n, o) for n, others in edges().items() for o in others if is_deprecated(o) and not is_deprecated(n)]
    assert sorted(found) == []


def test_legacy_is_a_back_door_for_plugins() -> None:
    """The memory of open practices is looked into by deprecated modules, the practice and the root alone."""
    doors = {name for name, others in edges().items() if any(under(each, "pawdesk.legacy") for each in others)}
    assert doors
    assert {name for name in doors if not is_deprecated(name) and not is_root(name)} <= {"pawdesk.practice", "pawdesk.legacy"}
    defined = {name: sorted(source_tree.classes(tree)) for name, tree in modules().items() if is_deprecated(name)}
    assert {name: kinds for name, kinds in defined.items() if kinds} == {}


def signatures(tree: ast.Module, kind: str) -> dict[str, list[str]]:
    node = source_tree.classes(tree)[kind]
    methods = [each for each in node.body if isinstance(each, ast.FunctionDef) and not each.name.startswith("_")]
    return {each.name: [a.arg for a in [*each.args.args, *each.args.kwonlyargs]][1:] for each in methods}


def test_services_keep_their_methods() -> None:
    """R4: names and parameters of public methods are those of 2.3.0; new ones may be there."""
    found = {}
    for name, place in source_tree.SERVICES.items():
        module, _, kind = place.partition(":")
        now = signatures(modules()[f"pawdesk.{module}"], kind)
        found[name] = {method: now.get(method) for method in source_tree.BASE["methods"][name]}
    assert found == source_tree.BASE["methods"]
