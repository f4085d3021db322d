"""Where names are written: judged from the syntax trees, without running the package."""

from __future__ import annotations

import ast

import source_tree


def test_no_old_name_is_looked_up_in_the_package() -> None:
    """Calls, references and getattr by an old name are gone, outside compat and the migrations."""
    found = {name: source_tree.old_lookups(module) for name, module in source_tree.callers()}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_old_functions_are_imported_for_export_only() -> None:
    """Only the package and its posting module import post_batch, and they do so from compat."""
    found = {name: source_tree.old_imports(module) for name, module in source_tree.callers()}
    exporters = {"ledgerlite/__init__.py", "ledgerlite/posting.py"}
    assert {name for name, imports in found.items() if imports} <= exporters
    assert ("ledgerlite.compat", "post_batch") in found["ledgerlite/posting.py"] + found["ledgerlite/__init__.py"]


def test_old_names_are_defined_in_compat_alone() -> None:
    """compat.py holds the three methods and the function; no other class of the package has them."""
    compat = source_tree.tree(source_tree.PACKAGE / "compat.py")
    names = {node.name for node in ast.walk(compat) if isinstance(node, ast.FunctionDef)}
    assert names >= source_tree.OLD
    others = {name: list(source_tree.book_methods(module)) for name, module in source_tree.callers()}
    assert {name: items for name, items in others.items() if items} == {}


def test_new_functions_take_keywords_only() -> None:
    """Everything after the first argument is keyword-only, with the names that were asked for."""
    book = dict(source_tree.functions(source_tree.tree(source_tree.PACKAGE / "book.py")))
    posting = dict(source_tree.functions(source_tree.tree(source_tree.PACKAGE / "posting.py")))
    signatures = {
        name: ([a.arg for a in node.args.args], sorted(a.arg for a in node.args.kwonlyargs))
        for name, node in {**book, **posting}.items()
        if name.split(".")[-1] in {"record_transfer", "record_entry", "record_reversal", "record_all"}
    }
    assert signatures == {
        "Book.record_transfer": (["self", "amount"], ["note", "on", "reference", "source", "target"]),
        "Book.record_entry": (["self", "lines"], ["note", "on", "reference"]),
        "Book.record_reversal": (["self", "number"], ["note", "on"]),
        "record_all": (["book", "drafts"], ["skip_invalid"]),
    }


def test_quickpost_counts_without_floats() -> None:
    """No float literal and no call of float() is left in contrib/quickpost.py."""
    module = source_tree.tree(source_tree.PACKAGE / "contrib" / "quickpost.py")
    found = [
        ast.unparse(node)
        for node in ast.walk(module)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "float")
    ]
    assert found == []


def test_strangers_keep_their_methods() -> None:
    """The outbox and the webhook client have nothing to do with the book."""
    outbox = dict(source_tree.functions(source_tree.tree(source_tree.PACKAGE / "notify" / "outbox.py")))
    signatures = {name: [a.arg for a in node.args.args] for name, node in outbox.items()}
    assert signatures["Outbox.post"] == ["self", "to", "body"]
    assert signatures["Outbox.reverse"] == ["self", "number"]
    assert signatures["WebhookClient.post"] == ["self", "event", "payload"]
    assert not [name for name in signatures if "record" in name]
    tax = dict(source_tree.functions(source_tree.tree(source_tree.PACKAGE / "tax.py")))
    assert {"post_sale", "post_purchase"} <= set(tax)
