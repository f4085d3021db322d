"""What the refactoring asks for: the new module, the followers, the old name that still works, and nothing else touched."""

import ast
import hashlib
import inspect
import json
import subprocess
import sys
import warnings
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(nx.__file__).resolve().parents[1]
PACKAGE = ROOT / "networkx"
OLD, NEW = "not_implemented_for", "unsupported_for"
BASE = json.loads((Path(__file__).parent / "base.json").read_text())


def modules():
    return [path for path in sorted(PACKAGE.rglob("*.py")) if not {"tests", "hidden"} & set(path.parts)]


def names(path):
    """Every name that a module's code mentions, texts aside."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.alias):
            found.add(node.name.rpartition(".")[2])
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.add(node.name)
    return found


def test_the_new_decorator_is_written_in_its_module():
    tree = ast.parse((PACKAGE / "utils" / "restrictions.py").read_text())
    assert NEW in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert nx.utils.unsupported_for.__module__ == "networkx.utils.restrictions"
    assert inspect.signature(nx.utils.unsupported_for) == inspect.signature(lambda *graph_types: None)


def test_nobody_uses_the_old_name():
    strays = [str(path.relative_to(ROOT)) for path in modules() if OLD in names(path)]
    assert strays == ["networkx/utils/decorators.py"]


def test_everybody_who_used_the_old_name_uses_the_new_one():
    followers = sorted(str(path.relative_to(ROOT)) for path in modules() if NEW in names(path))
    assert len(set(BASE["users"]) & set(followers)) == len(BASE["users"])


def test_decorations_are_as_many_as_before():
    count = 0
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and NEW in (getattr(node.func, "id", ""), getattr(node.func, "attr", "")):
                count += 1
    assert count - 1 == BASE["calls"]


def test_the_old_name_is_one_function_without_the_checks():
    tree = ast.parse((PACKAGE / "utils" / "decorators.py").read_text())
    (function,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == OLD]
    assert not [node for node in ast.walk(function) if isinstance(node, ast.Raise)]
    assert NEW in {node.id for node in ast.walk(function) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)
    }


@pytest.mark.parametrize("module", ["networkx.utils.decorators", "networkx.utils"])
def test_the_old_name_warns_at_the_callers_line_and_works(module):
    old = getattr(sys.modules[module], OLD)
    with pytest.warns(DeprecationWarning, match=NEW) as caught:
        decorate = old("directed")
    assert [Path(each.filename).name for each in caught] == ["test_restrictions.py"]
    decorated = decorate(lambda graph: graph.number_of_nodes())
    assert decorated(nx.path_graph(4)) == 4
    with pytest.raises(nx.NetworkXNotImplemented, match="not implemented for directed type"):
        decorated(nx.DiGraph())


def test_each_call_of_the_old_name_warns():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            nx.utils.not_implemented_for("multigraph")
    assert len(caught) == 3


def test_the_new_one_checks_its_arguments_as_before():
    with pytest.raises(ValueError, match="directed AND undirected"):
        nx.utils.unsupported_for("directed", "undirected")
    with pytest.raises(ValueError, match="graph AND multigraphs"):
        nx.utils.unsupported_for("multigraph", "graph")
    with pytest.raises(KeyError, match="You used"):
        nx.utils.unsupported_for("trees")


def test_types_are_joined_as_before():
    decorated = nx.utils.unsupported_for("directed", "multigraph")(lambda graph: 7)
    assert decorated(nx.DiGraph()) == 7
    assert decorated(nx.MultiGraph()) == 7
    with pytest.raises(nx.NetworkXNotImplemented, match="not implemented for directed multigraph type"):
        decorated(nx.MultiDiGraph())


def test_nothing_warns_when_the_package_is_used():
    code = (
        "import warnings; warnings.simplefilter('error', DeprecationWarning)\n"
        "import networkx as nx\nprint(nx.wiener_index(nx.path_graph(4)), len(list(nx.connected_components(nx.path_graph(3)))))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == ["10.0", "1"], done.stderr


def test_the_new_module_stands_below_the_algorithms():
    tree = ast.parse((PACKAGE / "utils" / "restrictions.py").read_text())
    targets = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    targets += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert [name for name in targets if name.startswith("networkx.") and not name.startswith("networkx.utils")] == []


def test_import_lists_in_order_stay_in_order():
    unordered = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and NEW in [alias.name for alias in node.names]:
                held = [alias.name for alias in node.names]
                before = sorted([*(name for name in held if name != NEW), OLD])
                if before == [OLD if name == NEW else name for name in held] and held != sorted(held):
                    unordered.append(str(path.relative_to(ROOT)))
    assert unordered == []


def test_no_test_was_touched():
    whole = hashlib.sha256()
    for path in sorted(path for path in PACKAGE.rglob("*.py") if "tests" in path.parts):
        whole.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    assert whole.hexdigest() == BASE["tests"]
