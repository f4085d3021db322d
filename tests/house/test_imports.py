"""Who may import whom: the table of ARCHITECTURE.md, checked on the syntax trees of every module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("harness", "agents", "sandboxes", "task_repos")

MAY = {
    "harness.core": set(),
    "harness.metrics": {"harness.core"},
    "harness.store": {"harness.core"},
    "harness.contracts": {"harness.core"},
    "harness.plan": {"harness.core"},
    "harness.log": {"harness.core"},
    "harness.settings": set(),
    "harness.grading": {"harness.core", "harness.metrics"},
    "harness.report": {"harness.core", "harness.metrics"},
    "harness.answer": {"harness.core", "harness.metrics", "harness.report"},
    "harness.exchange": {"harness.core", "harness.metrics", "harness.report", "harness.store"},
    "harness.engine": {"harness.core", "harness.metrics", "harness.grading"},
    "harness.corpus": {"harness.core", "harness.metrics", "harness.engine"},
    "harness.wiring": {
        "harness.core", "harness.settings", "harness.plan", "harness.store", "harness.grading", "harness.engine", "harness.log",
    },
    "harness.cli": {
        "harness.core", "harness.metrics", "harness.store", "harness.plan", "harness.settings", "harness.grading",
        "harness.report", "harness.engine", "harness.wiring", "harness.log", "harness.contracts", "harness.exchange", "harness.answer",
        "harness.corpus",
    },
    "agents": {"harness.core"},
    "sandboxes": {"harness.core"},
    "task_repos": {"harness.core"},
}
"""A room may import itself, the rooms named here, the standard library, and the packages of DOORS."""

DOORS = {
    "docker": ("sandboxes",),
    "requests": ("sandboxes",),
    "ollama": ("agents.models.ollama",),
    "anthropic": ("agents.models.claude",),
    "openai": ("agents.models.openai",),
    "httpx": ("agents.models.",),
    "httpx2": ("agents.models.",),
    "git": ("task_repos.", "harness.store.", "harness.cli.record.differences"),
    "swebench": ("task_repos.swebench_child",),
    "pyarrow": ("task_repos.swebench_parquet",),
    "structlog": ("harness.log",),
    "typer": ("harness.cli",),
    "rich": ("harness.cli",),
    "re2": ("harness.core.patterns",),
    "zstandard": ("harness.store.blobs", "harness.exchange."),
    "jinja2": ("harness.report.", "harness.answer."),
    "altair": ("harness.report.", "harness.answer."),
    "vl_convert": ("harness.report.",),
    "numpy": ("harness.metrics.statistics.",),
    "scipy": ("harness.metrics.statistics.",),
    "msgspec": ROOMS,
}
"""Package -> beginnings of the module names that may import it."""


def modules() -> Iterator[tuple[str, Path]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if "bundled" not in parts and "catalogue" not in parts:
                yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(modules())


@cache
def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {f"{node.module}.{alias.name}" if f"{node.module}.{alias.name}" in MODULES else node.module for alias in node.names}
    return found


def room_of(module: str) -> str:
    return ".".join(module.split(".")[: 2 if module.startswith("harness.") else 1])


def test_every_module_imports_only_what_its_room_may() -> None:
    """The import table holds for every module."""
    ours = [(module, name) for module in MODULES if module != "harness" for name in imported(MODULES[module]) if name.split(".")[0] in ROOMS]
    wrong = [f"{module} imports {name}" for module, name in ours if room_of(name) not in MAY[room_of(module)] | {room_of(module)}]
    assert wrong == []


def test_every_package_has_one_door() -> None:
    """Every third party is imported only behind its door."""
    strange = [(module, name) for module, path in MODULES.items() for name in {name.split(".")[0] for name in imported(path)} & set(DOORS)]
    assert [f"{module} imports {name}" for module, name in strange if not module.startswith(DOORS[name])] == []


def test_there_is_no_import_cycle() -> None:
    """The graph of our own modules has no cycle."""
    graph = {name: imported(path) & set(MODULES) for name, path in MODULES.items()}
    done: set[str] = set()

    def walk(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, f"cycle: {' -> '.join((*above, name))}"
        if name not in done:
            for below in graph[name]:
                walk(below, (*above, name))
            done.add(name)

    for name in graph:
        walk(name, ())


def test_only_settings_reads_the_environment() -> None:
    """os.environ and getenv stand in one file."""
    for module, path in MODULES.items():
        if module != "harness.settings":
            names = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
            assert not names & {"environ", "getenv"}, module


def test_only_the_command_line_prints() -> None:
    """print and exit stand in harness.cli only."""
    for module, path in MODULES.items():
        if not module.startswith("harness.cli") and module != "task_repos.swebench_child":
            calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
            assert not {call.id for call in calls if isinstance(call, ast.Name)} & {"print", "exit", "input"}, module
