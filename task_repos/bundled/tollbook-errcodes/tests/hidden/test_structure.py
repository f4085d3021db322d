"""One registry and nothing beside it: judged from syntax trees, files and the registry's own entries."""

from __future__ import annotations

import ast
import json
import re
from string import Formatter

import source_tree
from source_tree import CODE, PACKAGE, RECORDED, ROOT, codes, named, outside, registry, sites, texts, under

SPEAKERS = ("tollbook.errors", "tollbook.consignments.problems")
"""Modules in which errors and problems come about by codes that are handed to them."""
SHORTEST = 10
FAMILIES = ("TB", "TX", "SP", "W")


def literals(template: str) -> list[str]:
    """Pieces between the fields of a template that are long enough to be known again."""
    pieces = [text.strip() for text, _, _, _ in Formatter().parse(template)]
    return [text for text in pieces if len(text) >= SHORTEST and " " in text]


def names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_entries_are_frozen() -> None:
    """Entries can't be changed, nor can what holds them."""
    found = registry()
    assert found.get("frozen") is True
    assert found["kind"] == "tuple"
    assert found["reserved_kind"] in ("tuple", "frozenset")


def test_codes_are_registered_once() -> None:
    """No code twice, no reserved one among them."""
    found = codes()
    assert sorted(found) == sorted(set(found))
    assert set(found) & set(registry()["reserved"]) == set()
    assert [code for code in found if not CODE.fullmatch(code)] == []


def test_every_code_is_used() -> None:
    """Each code stands in a module other than the registry."""
    used = {code for tree in outside().values() for node in texts(tree) for code in named(node)}
    assert sorted(set(codes()) - used) == []


def test_sites_name_one_registered_code() -> None:
    """What raises, logs or makes a problem names one code by itself; all codes that are named are registered."""
    known = set(codes())
    found = []
    for name, tree in outside().items():
        if name not in SPEAKERS:
            found += [(name, node.lineno, ast.unparse(node)) for node in sites(tree) if len(named(node)) != 1]
        found += [(name, node.lineno, node.value) for node in texts(tree) if CODE.fullmatch(node.value) and node.value not in known]
    assert sorted(found) == []


def test_no_template_outside_the_registry() -> None:
    """No piece of a template stands in other modules, be it in an f-string."""
    pieces = {piece for each in registry().get("entries", []) for piece in literals(each["template"])}
    assert len(pieces) > 40
    found = []
    for name, tree in outside().items():
        found += [(name, node.lineno, node.value) for node in texts(tree) if any(piece in node.value for piece in pieces)]
    assert sorted(found) == []


def composed(site: ast.AST) -> bool:
    """Whether a text is put together, or simply told, where an error is raised."""
    for node in ast.walk(site):
        if isinstance(node, ast.JoinedStr):
            return True
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
            if any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (node.left, node.right)):
                return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "format_map"):
            return True
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value.split()) > 2:
            return True
    return False


def test_sites_tell_fields_alone() -> None:
    """No f-string, no formatting and no sentence where an error is raised, a problem made or something logged."""
    assert codes()
    found = [(name, node.lineno, ast.unparse(node)) for name, tree in outside().items() for node in sites(tree) if composed(node)]
    assert sorted(found) == []


def test_numbers_stand_in_the_registry_alone() -> None:
    """No number of a code, no exit status and no status in the modules that map them, nor in new ones."""
    entries = registry().get("entries", [])
    assert entries
    numbers = {value for each in entries for value in (each["exit_status"], each["status"])} - {0, 1, 2}
    numbers |= {int(each["code"][3:]) for each in entries if each["code"].startswith("TB-")}
    numbers -= {200, 201, 202, 204}
    mapping = {"tollbook.api", "tollbook.cli", *SPEAKERS}
    before = {source_tree.module_name(ROOT / name) for name in source_tree.BASE["tollbook"] if name.endswith(".py")}
    found = [
        (name, node.lineno, node.value)
        for name, tree in outside().items()
        if name in mapping or name not in before
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value in numbers
    ]
    assert sorted(found) == []


def test_gaps_stay_reserved() -> None:
    """Retired codes are reserved, and nothing speaks of them but the registry."""
    assert registry().get("reserved") == RECORDED["reserved"]
    found = [(name, node.value) for name, tree in outside().items() for node in texts(tree) if set(named(node)) & set(RECORDED["reserved"])]
    assert found == []


def test_catalogues_follow_the_registry() -> None:
    """Translations are told by code, of registered codes alone, with the names of the fields of the template."""
    fields = {each["code"]: names(each["template"]) for each in registry().get("entries", [])}
    assert fields
    paths = sorted((PACKAGE / "locale").glob("*.json"))
    assert [path.stem for path in paths] == ["de", "fr"]
    for path in paths:
        told = json.loads(path.read_text(encoding="utf-8"))
        assert type(told) is dict
        assert {code: names(text) for code, text in told.items()} == {code: fields.get(code) for code in told}


def place(code: str) -> tuple[int, int]:
    family, number = re.fullmatch(r"([A-Z]+)-?(\d+)", code).groups()
    return FAMILIES.index(family), int(number)


def rows() -> list[str]:
    """The table as the request describes it."""
    told = {code: f"| {code} | reserved | - | - | - | - |" for code in registry().get("reserved", [])}
    for each in registry().get("entries", []):
        message = "".join(text + (f"{{{name}}}" if name else "") for text, name, _, _ in Formatter().parse(each["template"]))
        cells = (each["code"], each["severity"], each["exit_status"], each["status"], each["since"], message)
        told[each["code"]] = f"| {' | '.join(str(cell) for cell in cells)} |"
    heads = ["| Code | Severity | Exit | Status | Since | Message |", "| --- | --- | --- | --- | --- | --- |"]
    return [*heads, *(told[code] for code in sorted(told, key=place))]


def test_docs_hold_the_table_of_the_registry() -> None:
    """docs/errors.md has the table between its marks, and no code outside of it."""
    assert codes()
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    before, _, rest = text.partition("<!-- codes -->\n")
    block, mark, after = rest.partition("<!-- /codes -->")
    assert mark
    assert block.splitlines() == rows()
    assert CODE.findall(before + after) == []


def test_the_registry_knows_nothing_else() -> None:
    """The registry imports nothing of the package but itself."""
    found = {name: tree for name, tree in source_tree.modules().items() if under(name, "tollbook.registry")}
    assert found
    asked = [(name, node.lineno, module) for name, tree in found.items() for node in ast.walk(tree) for module in imported(node)]
    assert [each for each in asked if under(each[2], "tollbook") and not under(each[2], "tollbook.registry")] == []


def imported(node: ast.AST) -> list[str]:
    """Dotted names of what an import asks for."""
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    if node.level == 1 and (PACKAGE / "registry").is_dir():
        return ["tollbook.registry"]
    start = "tollbook" if node.level else ""
    module = ".".join(part for part in (start, node.module) if part)
    return [f"tollbook.{each.name}" for each in node.names] if module == "tollbook" else [module]
