"""The refactoring as a program: reads the release that lies in a folder, writes what is asked for; nothing of the release is in here."""

import ast
import re
import sys
from pathlib import Path

NAME = "extension_metadata"
KEYS = ("version", "env_version", "parallel_read_safe", "parallel_write_safe")
MODULE = '''"""What an extension says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.util.typing import ExtensionMetadata


def extension_metadata(
    *,
    version: str = 'builtin',
    env_version: int | None = None,
    parallel_read_safe: bool | None = True,
    parallel_write_safe: bool | None = True,
) -> ExtensionMetadata:
    """The metadata that a ``setup()`` function returns; what is ``None`` is left out."""
    metadata: ExtensionMetadata = {'version': version}
    if env_version is not None:
        metadata['env_version'] = env_version
    if parallel_read_safe is not None:
        metadata['parallel_read_safe'] = parallel_read_safe
    if parallel_write_safe is not None:
        metadata['parallel_write_safe'] = parallel_write_safe
    return metadata
'''


def main(root):
    """Every module with such a return, then the one that they share."""
    for path in sorted((root / "sphinx").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if (found := returns(text)) is not None:
            path.write_text(imported(replaced(text, found)), encoding="utf-8")
    (root / "sphinx" / "util" / "metadata.py").write_text(MODULE, encoding="utf-8")


def returns(text):
    """The return statements of `setup` whose value is such a dictionary; None where there is none."""
    if "def setup(" not in text:
        return None
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == "setup"]
    found = [node for function in functions for node in ast.walk(function) if isinstance(node, ast.Return) and such(node.value)]
    return found or None


def such(value):
    return isinstance(value, ast.Dict) and all(isinstance(key, ast.Constant) and key.value in KEYS for key in value.keys) and bool(value.keys)


def replaced(text, found):
    lines = text.splitlines(keepends=True)
    for node in sorted(found, key=lambda each: -each.lineno):
        indent = " " * node.col_offset
        lines[node.lineno - 1 : node.end_lineno] = [f"{indent}return {call(node.value)}\n"]
    return "".join(lines)


def call(value):
    """Only what differs from the defaults."""
    held = {key.value: ast.unparse(each) for key, each in zip(value.keys, value.values)}
    words = []
    if held.get("version") != "'builtin'":
        words.append(f"version={held['version']}")
    if "env_version" in held:
        words.append(f"env_version={held['env_version']}")
    words += [f"{key}={held.get(key, 'None')}" for key in KEYS[2:] if held.get(key, "None") != "True"]
    return f"{NAME}({', '.join(words)})"


def imported(text):
    """After the last import of sphinx at the top that sorts before it, else after the last import at the top."""
    line = f"from sphinx.util.metadata import {NAME}\n"
    body = ast.parse(text).body
    imports = [node for node in body if isinstance(node, (ast.Import, ast.ImportFrom))]
    before = [node for node in imports if isinstance(node, ast.ImportFrom) and re.match(r"sphinx(\.|$)", node.module or "") and node.module < "sphinx.util.metadata"]
    plain = [node for node in imports if isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "sphinx" for alias in node.names)]
    place = max((node.end_lineno for node in (before or plain or imports)), default=0)
    lines = text.splitlines(keepends=True)
    gap = "" if before or plain else "\n"
    lines.insert(place, gap + line)
    return "".join(lines)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
