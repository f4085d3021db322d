"""The shape of the solution, read from the source without importing it."""

import ast
import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "stationlog"
BASE = json.loads(Path(__file__).with_name("base.json").read_text(encoding="utf-8"))
SCALES = (32.0, 1.8, 0.5555555555555556, 273.15, 459.67)


def modules():
    return {path.relative_to(ROOT).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def touched():
    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in modules().items()}
    return {name for name, digest in digests.items() if BASE.get(name) != digest}


def constant(node):
    """The value of a number, or of a quotient of two numbers as in 5.0 / 9.0."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        above, below = constant(node.left), constant(node.right)
        return above / below if above is not None and below else None
    return None


def scale_constants(module):
    """The constants of temperature scales; 5 / 9 may also be spelt as a product and a quotient: (x * 5) / 9."""
    for node in ast.walk(module):
        value = constant(node)
        if value is not None and any(abs(abs(value) - scale) < 1e-6 for scale in SCALES):
            yield value
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and constant(node.right) in (5.0, 9.0):
            yield constant(node.right)


def uses_convert(module):
    """Whether a module imports `convert`, under any name, or reaches for it through its module or by its name as a text."""
    units = set()
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom):
            if any(alias.name in ("convert", "*") for alias in node.names):
                return True
            units |= {alias.asname or alias.name for alias in node.names if alias.name == "units"}
        elif isinstance(node, ast.Import):
            units |= {(alias.asname or alias.name).split(".")[-1] for alias in node.names if alias.name.endswith("units")}
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr == "convert":
            if {getattr(node.value, "id", ""), getattr(node.value, "attr", "")} & units:
                return True
        elif isinstance(node, ast.Constant) and node.value == "convert":
            return True
    return False


def test_only_units_knows_the_scales():
    found = {name: list(scale_constants(tree(path))) for name, path in modules().items() if name != "stationlog/units.py"}
    assert {name: values for name, values in found.items() if values} == {}


def test_only_quantity_converts():
    assert [name for name, path in modules().items() if uses_convert(tree(path))] == ["stationlog/quantity.py"]


def test_every_touched_module_has_its_line_in_the_changes():
    text = (ROOT / "docs" / "CHANGES.md").read_text(encoding="utf-8")
    section = re.split(r"^## ", text, flags=re.MULTILINE)
    (unreleased,) = [part for part in section if part.startswith("Unreleased")]
    listed = set(re.findall(r"^- `?(stationlog/[\w/]+\.py)`?: \S", unreleased, flags=re.MULTILINE))
    assert touched(), "no module was touched"
    assert touched() <= listed


def test_earlier_entries_of_the_changes_stand():
    text = (ROOT / "docs" / "CHANGES.md").read_text(encoding="utf-8")
    assert text[text.index("## 2.3.0"):] == BASE["released"]
