"""Structural demands as a hidden test file that a person can read, and as weighted items. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from task_repos.mine_structure import Demands

FILE: Final = "tests/hidden/test_structure.py"
HEAD: Final = '''"""Where names are written and who takes them from where: read from the source tree by its syntax, nothing is imported."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[2]
'''
READERS: Final = '''

@functools.cache
def modules() -> dict[str, str]:
    """Name to path of every module of the project, and of those that the facts speak of."""
    found = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py"))
    told = [path for fact in (*CALLERS, *IMPORTS) for path in fact[:2]]
    return {module_name(path): path for path in (*told, *found) if is_module(path)}


def names(path: str) -> dict[str, ast.stmt]:
    """What a module writes; nothing where there is no such module."""
    return written(ast.parse((ROOT / path).read_bytes())) if (ROOT / path).is_file() else {}


def uses(path: str) -> set[tuple[str, str]]:
    """What a module takes from others; nothing where there is no such module."""
    return taken(ast.parse((ROOT / path).read_bytes()), path, modules()) if (ROOT / path).is_file() else set()


def named(facts):
    return [":".join(str(word) for word in fact) for fact in facts]

'''
TESTS: Final = {
    "gone": """def test_gone(fact):
    path, name = fact
    assert name not in names(path)
""",
    "moved": """def test_moved(fact):
    name, start, end = fact
    assert name not in names(start)
    assert name in names(end)
""",
    "renamed": """def test_renamed(fact):
    start, old, end, new = fact
    assert old not in names(start)
    assert new in names(end)
""",
    "callers": """def test_callers(fact):
    caller, path, name = fact
    assert (path, name) not in uses(caller)
""",
    "imports": """def test_imports(fact):
    path, place, wanted = fact
    assert ((place, "") in uses(path)) == wanted
""",
}


def checks(demands: Demands) -> str:
    """The text of the hidden test file; the same for the same demands."""
    reading = Path(__file__).with_name("mine_reading.py").read_text(encoding="utf-8")
    body = reading.partition("from pathlib import PurePosixPath\n")[2].strip("\n")
    tests = "".join(
        f'\n\n@pytest.mark.parametrize("fact", {kind.upper()}, ids=named({kind.upper()}))\n{text}'
        for kind, text in TESTS.items() if getattr(demands, kind)
    )  # fmt: skip
    return f"{HEAD}\n{facts(demands)}\n\n{body}\n{READERS}{tests}"


def facts(demands: Demands) -> str:
    """The demands as constants, one fact a line."""
    lines: list[str] = []
    for kind in Demands.__struct_fields__:
        rows = getattr(demands, kind)
        lines += [f"{kind.upper()}: list = [", *(f"    {row!r}," for row in rows), "]"]
    return "\n".join(lines) + "\n"


def items(ids: Iterable[str]) -> tuple[tuple[str, float, tuple[str, ...]], ...]:
    """Id, weight and tests of each kind of check, all kinds weighing the same; weights sum to 1."""
    every = sorted(ids)
    kinds = [kind for kind in Demands.__struct_fields__ if any(one.startswith(f"{FILE}::test_{kind}[") for one in every)]
    share = round(1 / len(kinds), 4) if kinds else 0.0
    weights = [share] * (len(kinds) - 1) + [round(1 - share * (len(kinds) - 1), 4)]
    return tuple(
        (kind, weight, tuple(one for one in every if one.startswith(f"{FILE}::test_{kind}[")))
        for kind, weight in zip(kinds, weights, strict=False)
    )
