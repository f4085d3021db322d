"""The standing rules, as they hold in the end."""

from __future__ import annotations

import ast

import source_tree

BARE = {"ValueError", "KeyError", "RuntimeError", "LookupError", "IndexError", "ArithmeticError", "Exception", "AssertionError"}


def test_frozen_migrations_are_untouched() -> None:
    """The files under ledgerlite/migrations are the same, byte for byte, and no other is there."""
    frozen = {name: d for name, d in source_tree.BASE["ledgerlite"].items() if "/migrations/" in name}
    assert source_tree.files("ledgerlite/migrations") == frozen


def test_every_changed_module_is_announced() -> None:
    """CHANGES.md has a line under Unreleased for each public module that was changed or added; contributed ones need none."""
    needed = {name for name in source_tree.touched_modules() if not name.startswith("ledgerlite.contrib")}
    assert sorted(needed - source_tree.announced_modules()) == []


def test_existing_tests_are_untouched() -> None:
    """The test files that came with the repository are still there and the same."""
    now = source_tree.files("tests")
    assert {name: now.get(name) for name in source_tree.BASE["tests"]} == source_tree.BASE["tests"]


def test_nothing_new_computes_in_floats() -> None:
    """No float literal and no call of float() in a new module, nor more of them in a core module than there were; compat reads old arguments."""
    for path in source_tree.new_modules():
        found = [node for node in ast.walk(source_tree.tree(path)) if source_tree.is_float(node)]
        assert found == [], path
    for name in ("money", "queries", "errors", "book", "entries", "posting"):
        module = source_tree.tree(source_tree.PACKAGE / f"{name}.py")
        assert not [node for node in ast.walk(module) if source_tree.is_float(node)], name


def test_new_modules_name_their_keeper() -> None:
    """Every module that was added begins with the line that was asked for."""
    heads = {path.name: path.read_text(encoding="utf-8").split("\n", 1)[0] for path in source_tree.new_modules()}
    assert set(heads.values()) <= {"# keeper: north-desk"}, heads


def test_new_functions_take_keywords_but_for_the_first() -> None:
    """Public functions of new modules, and those added to queries."""
    wrong = []
    for path in [*source_tree.new_modules(), source_tree.PACKAGE / "queries.py"]:
        if path.name == "compat.py":
            continue
        for name, node in source_tree.functions(source_tree.tree(path)):
            mine = path.name != "queries.py" or name in {"largest", "idle_accounts"}
            taken = [*node.args.posonlyargs, *node.args.args]
            taken = [arg for arg in taken if arg.arg not in {"self", "cls"}]
            if mine and not name.startswith("_") and "." not in name and (len(taken) > 1 or node.args.vararg):
                wrong.append(f"{path.name}: {name}")
    assert wrong == []


def test_no_bare_errors_are_raised() -> None:
    """What a caller may handle is a class of errors.py."""
    wrong = []
    for path in sorted(source_tree.PACKAGE.rglob("*.py")):
        for node in ast.walk(source_tree.tree(path)):
            if isinstance(node, ast.Raise) and node.exc is not None:
                raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
                if isinstance(raised, ast.Name) and raised.id in BARE:
                    wrong.append(f"{path.name}: {raised.id}")
    assert wrong == []


def test_contributed_modules_stay_apart() -> None:
    """Nothing outside contrib imports from it."""
    wrong = []
    for path in sorted(source_tree.PACKAGE.rglob("*.py")):
        if "contrib" in path.parts:
            continue
        for node in ast.walk(source_tree.tree(path)):
            if isinstance(node, ast.ImportFrom):
                names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            else:
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            wrong += [f"{path.name}: {name}" for name in names if "contrib" in name.split(".")]
    assert wrong == []
