"""The refactoring as a program: reads the release that lies in a folder, writes what is asked for; nothing of the release is in here."""

import ast
import re
import sys
from pathlib import Path

CALL, RECORD, DECORATOR = "sympy_deprecation_warning", "Deprecation", "deprecated"
FIELDS = {"deprecated_since_version": "since", "active_deprecations_target": "target"}
CLASS = '''@dataclass(frozen=True)
class Deprecation:
    """
    A deprecated feature: what to say of it, since when, and where it is documented.

    See Also
    ========

    sympy.utilities.decorator.deprecated
    """

    message: str
    since: str
    target: str

    def __post_init__(self):
        self._warning()

    def _warning(self):
        return SymPyDeprecationWarning(self.message,
            deprecated_since_version=self.since,
            active_deprecations_target=self.target)

    def warn(self, stacklevel=3):
        """Give the warning; ``stacklevel`` is that of ``warnings.warn``."""
        warnings.warn(self._warning(), stacklevel=stacklevel)


'''


class Edits:
    """Replacements in a text by position, made from the end."""

    def __init__(self, text):
        self.text, self.found = text, []
        self.lines = [0]
        for line in text.encode().splitlines(keepends=True):
            self.lines.append(self.lines[-1] + len(line))

    def at(self, line, column):
        return self.lines[line - 1] + column

    def put(self, start, end, new):
        self.found.append((start, end, new))

    def done(self):
        data = self.text.encode()
        for start, end, new in sorted(self.found, reverse=True):
            data = data[:start] + new.encode() + data[end:]
        return data.decode()


def main(root):
    exceptions = root / "sympy" / "utilities" / "exceptions.py"
    decorator = root / "sympy" / "utilities" / "decorator.py"
    exceptions.write_text(with_record(exceptions.read_text()))
    decorator.write_text(with_decorator(decorator.read_text()))
    for path in sorted((root / "sympy").rglob("*.py")):
        if "tests" in path.parts or path in (exceptions, decorator):
            continue
        text = path.read_text()
        if CALL in text or re.search(rf"\b{DECORATOR}\(", text):
            path.write_text(followed(text))


def with_record(text):
    """The class before the function that used to do its work, which keeps its signature and its documentation."""
    text = text.replace("import warnings\nimport contextlib\n", "import warnings\nimport contextlib\n\nfrom dataclasses import dataclass\n", 1)
    tree = ast.parse(text)
    (function,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == CALL]
    edits = Edits(text)
    start = edits.at(function.lineno, 0)
    body = function.body[1:]
    edits.put(start, start, CLASS)
    edits.put(edits.at(body[0].lineno, 0), edits.at(body[-1].end_lineno, body[-1].end_col_offset),
              f"    {RECORD}(message, since=deprecated_since_version,\n        target=active_deprecations_target).warn(stacklevel=stacklevel + 1)")
    return edits.done()


def with_decorator(text):
    """A record, or as before a text with two keywords."""
    tree = ast.parse(text)
    (function,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == DECORATOR]
    edits = Edits(text)
    first = function.body[0]
    edits.put(edits.at(function.lineno, 0), edits.at(first.lineno, 0),
              f"def {DECORATOR}(record, *, deprecated_since_version=None,\n               active_deprecations_target=None, stacklevel=3):\n")
    (kwargs,) = [node for node in function.body if isinstance(node, ast.Assign)]
    edits.put(edits.at(kwargs.lineno, kwargs.col_offset), edits.at(kwargs.end_lineno, kwargs.end_col_offset),
              f"if not isinstance(record, {RECORD}):\n        record = {RECORD}(record, since=deprecated_since_version,\n            target=active_deprecations_target)")
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == CALL:
            edits.put(edits.at(node.lineno, node.col_offset), edits.at(node.end_lineno, node.end_col_offset), "record.warn(stacklevel=stacklevel)")
    text = edits.done()
    return re.sub(rf"^(from sympy\.utilities\.exceptions import .*)\b{CALL}\b", rf"\1{RECORD}", text, flags=re.MULTILINE)


def followed(text):
    edits, tree = Edits(text), ast.parse(text)
    decorated = False
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, (ast.Name, ast.Attribute)):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        keywords = {keyword.arg for keyword in node.keywords}
        if name == CALL:
            warned(edits, node)
        elif name == DECORATOR and FIELDS.keys() <= keywords:
            decorated = True
            wrapped(edits, node)
    return imported(edits.done(), decorated)


def renamed(edits, node):
    for keyword in node.keywords:
        if keyword.arg in FIELDS:
            edits.put(edits.at(keyword.lineno, keyword.col_offset), edits.at(keyword.lineno, keyword.col_offset + len(keyword.arg)), FIELDS[keyword.arg])


def warned(edits, node):
    """The record, then the warning; a stack level moves from the one to the other, with the comma that stood before it."""
    renamed(edits, node)
    edits.put(edits.at(node.lineno, node.func.col_offset), edits.at(node.func.end_lineno, node.func.end_col_offset), RECORD)
    level = ""
    data = edits.text.encode()
    for keyword in node.keywords:
        if keyword.arg == "stacklevel":
            start, end = edits.at(keyword.lineno, keyword.col_offset), edits.at(keyword.end_lineno, keyword.end_col_offset)
            level = data[start:end].decode()
            before = re.search(rb",\s*$", data[:start])
            edits.put(before.start(), end, "")
    end = edits.at(node.end_lineno, node.end_col_offset)
    edits.put(end, end, f".warn({level})")


def wrapped(edits, node):
    renamed(edits, node)
    assert not [keyword for keyword in node.keywords if keyword.arg == "stacklevel"]
    start, end = edits.at(node.args[0].lineno, node.args[0].col_offset), edits.at(node.end_lineno, node.end_col_offset)
    edits.put(start, start, f"{RECORD}(")
    edits.put(end, end, ")")


def imported(text, decorated):
    """The record in place of the function, once; beside the decorator where only that was imported."""
    edits, tree = Edits(text), ast.parse(text)
    used = RECORD in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and CALL in [alias.name for alias in node.names]:
            for alias in node.names:
                if alias.name == CALL:
                    edits.put(edits.at(alias.lineno, alias.col_offset), edits.at(alias.end_lineno, alias.end_col_offset), RECORD)
    text = edits.done()
    there = any(isinstance(node, ast.ImportFrom) and RECORD in [alias.name for alias in node.names] for node in ast.parse(text).body)
    if decorated and used and not there:
        for node in ast.parse(text).body:
            if isinstance(node, ast.ImportFrom) and DECORATOR in [alias.name for alias in node.names]:
                lines = text.splitlines(keepends=True)
                lines.insert(node.end_lineno, f"from sympy.utilities.exceptions import {RECORD}\n")
                return "".join(lines)
    return text


if __name__ == "__main__":
    main(Path(sys.argv[1]))
