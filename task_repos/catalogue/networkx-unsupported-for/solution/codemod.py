"""The refactoring as a program: reads the release that lies in a folder, writes what is asked for; nothing of the release is in here."""

import ast
import re
import sys
from pathlib import Path

OLD, NEW = "not_implemented_for", "unsupported_for"
WORD = re.compile(rf"(?<![\w]){OLD}(?![\w])")
ALIAS = '''def {old}(*graph_types):
    """Former name of `networkx.utils.restrictions.{new}`.

    .. deprecated:: 3.6
    """
    import warnings

    warnings.warn(
        "{old} is deprecated: use networkx.utils.{new}",
        category=DeprecationWarning,
        stacklevel=2,
    )
    return {new}(*graph_types)
'''


def main(root: Path) -> None:
    """Move the function first, then let every module follow."""
    decorators = root / "networkx" / "utils" / "decorators.py"
    text = decorators.read_text()
    node = next(each for each in ast.parse(text).body if isinstance(each, ast.FunctionDef) and each.name == OLD)
    lines = text.splitlines(keepends=True)
    body = "".join(lines[node.lineno - 1 : node.end_lineno])
    place = decorators.with_name("restrictions.py")
    head = '"""Decorators that say which graphs a function can\'t take."""\n\nimport networkx as nx\n\n__all__ = ["' + NEW + '"]\n\n\n'
    moved = body.replace(f"_{OLD}", "_refuse").replace("return argmap(", "from networkx.utils.decorators import argmap\n\n    return argmap(")
    place.write_text(head + WORD.sub(NEW, moved))
    alias = ALIAS.format(old=OLD, new=NEW)
    text = "".join(lines[: node.lineno - 1]) + alias + "".join(lines[node.end_lineno :])
    text = text.replace("from networkx.utils import create_py_random_state, create_random_state\n",
                        f"from networkx.utils import create_py_random_state, create_random_state\nfrom networkx.utils.restrictions import {NEW}\n", 1)
    decorators.write_text(documented(text, alias))
    package = decorators.with_name("__init__.py")
    package.write_text(package.read_text().replace("from networkx.utils.decorators import *\n", "from networkx.utils.decorators import *\nfrom networkx.utils.restrictions import *\n"))
    for path in sorted((root / "networkx").rglob("*.py")):
        if "tests" not in path.parts and path not in (decorators, place) and WORD.search(path.read_text()):
            path.write_text(followed(path.read_text()))


def documented(text: str, alias: str) -> str:
    """Mentions of the name in the rest of the module's texts follow, the alias and the list of exports stay."""
    before, found, after = text.partition(alias)
    assert found
    return before + found + WORD.sub(NEW, after)


def followed(text: str) -> str:
    """The new name everywhere, imported from where it is, and import lists in order again."""
    text = text.replace(f"from networkx.utils.decorators import {OLD}\n", f"from networkx.utils.restrictions import {NEW}\n")
    lines = text.splitlines(keepends=True)
    for node in reversed([each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.ImportFrom)]):
        names = [alias.name for alias in node.names]
        if OLD not in names:
            continue
        assert all(alias.asname is None for alias in node.names)
        held = "".join(lines[node.lineno - 1 : node.end_lineno])
        lines[node.lineno - 1 : node.end_lineno] = [imported(node, names, held)]
    return WORD.sub(NEW, "".join(lines))


def imported(node: ast.ImportFrom, names: list[str], held: str) -> str:
    indent = " " * node.col_offset
    if node.module == "networkx.utils.decorators" and len(names) > 1:
        rest = [name for name in names if name != OLD]
        return f"{indent}from networkx.utils.decorators import {', '.join(rest)}\n{indent}from networkx.utils.restrictions import {NEW}\n"
    ordered = names == sorted(names) or names == sorted(names, key=lambda name: (name.islower(), name))
    new = [NEW if name == OLD else name for name in names]
    new = sorted(new) if names == sorted(names) else new
    assert ordered or new
    if "(" not in held:
        return f"{indent}from {'.' * node.level}{node.module or ''} import {', '.join(new)}\n"
    return f"{indent}from {'.' * node.level}{node.module or ''} import (\n" + "".join(f"{indent}    {name},\n" for name in new) + f"{indent})\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
