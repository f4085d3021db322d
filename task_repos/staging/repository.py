"""The files that an agent begins with: package, visible tests, documents, and what the rules need to stand there."""

from __future__ import annotations

from task_repos.staging.draw import Draw
from task_repos.staging.graph import Graph
from task_repos.staging.honouring import DELIVERED
from task_repos.staging.imports import head, merged
from task_repos.staging.lexicon import nonce
from task_repos.staging.rendering import caller_text, module, module_test
from task_repos.staging.rules import INDEX, LOG, Rule

ERRORS = '''"""What can go wrong, by kind."""


class {title}Error(Exception):
    """Anything that a user of the package may want to catch."""


class RecordError({title}Error):
    """A record that can't be."""


class ParseError({title}Error):
    """A text that can't be read."""


class StoreError({title}Error):
    """A record that is missing, or there already."""


class FlowError({title}Error):
    """A step that may not follow."""
'''
SETTINGS = '''"""What is set once for the whole package."""

RELEASE = "{release}"
RELEASE_MARK_1 = ""
RELEASE_MARK_2 = ""
RELEASE_MARK_3 = ""
'''
PROJECT = """[project]
name = "{package}"
version = "{release}"
requires-python = ">=3.11"

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]
addopts = "--basetemp=.pytest_tmp"

[tool.ruff]
line-length = 140
"""
IGNORED = "__pycache__/\n*.pyc\n.pytest_cache/\n.pytest_tmp/\n"
"""Tests keep their temporary files here, so that a work tree is all that a replay has to restore."""
README = """# {package}

Keeps {trade}. One folder of `{package}/` for each kind of thing: {nouns}.

In each folder: `record` (the thing itself), `policy` (its states), `history` (its changes), `parser` and `store` (text and files), `service` (totals), `report` and `console` (for people). Folders may lack some.

The tests run with `python3 -m pytest -q`. Only the standard library and pytest are used.
"""
LEGACY = 4
"""Callers in one file of the frozen folder."""


def files(graph: Graph, rules: tuple[Rule, ...], draw: Draw) -> dict[str, str]:
    """Path -> text, sorted by path."""
    package, release = graph.package, f"{draw.between(0, 4)}.{draw.between(1, 9)}.0"
    nouns = list(dict.fromkeys(each.thing.noun for each in graph.modules))
    title = package.capitalize()
    made = {
        f"{package}/__init__.py": f'"""Keeps {graph.domain.trade}."""\n',
        f"{package}/errors.py": ERRORS.format(title=title), f"{package}/settings.py": SETTINGS.format(release=release),
        ".gitignore": IGNORED, "pyproject.toml": PROJECT.format(package=package, release=release),
        "README.md": README.format(package=package, trade=graph.domain.trade, nouns=", ".join(f"`{noun}`" for noun in nouns)),
        LOG: f"# Changes\n\n## Unreleased\n\n- README.md: how the folders are laid out\n\n## {release}\n\n- first release that others use\n",
        **{f"{package}/{noun}/__init__.py": f'"""All about each {noun}."""\n' for noun in nouns},
    }  # fmt: skip
    for each in graph.modules:
        made[each.path] = module(graph, each)
        made[f"tests/test_{each.thing.noun}_{each.shape}.py"] = module_test(graph, each)
    made |= _needed(graph, {rule.id: rule for rule in rules}, draw)
    made[INDEX] = "# Test files\n" + "".join(f"{path}\n" for path in sorted(made) if path.startswith("tests/"))
    return dict(sorted(made.items()))


def _needed(graph: Graph, rules: dict[str, Rule], draw: Draw) -> dict[str, str]:
    made = legacy(graph) if "frozen" in rules else {}
    if "decorator" in rules:
        made[f"{graph.package}/marks.py"] = _marks(draw.child("marks"), rules["decorator"].word)
    return made


def legacy(graph: Graph) -> dict[str, str]:
    """Old callers of every target, which nobody may touch."""
    made = {f"{graph.package}/legacy/__init__.py": DELIVERED}
    for number, start in enumerate(range(0, len(graph.targets), LEGACY), start=1):
        targets = graph.targets[start : start + LEGACY]
        imports: list[tuple[str, tuple[str, ...]]] = [(graph.home(target).dotted, (target.name,)) for target in targets]
        callers = [next(iter(graph.calling(target))) for target in targets]
        imports += [("collections.abc", caller.link.typing) for caller in callers]
        parts = [caller_text(graph, caller, target.name).replace(f"def {caller.name}(", f"def old_{caller.name}(") for caller, target in zip(callers, targets, strict=True)]
        text = f'"""Delivery {number} of the first customer."""\n\n{head(merged(imports), graph.package)}\n\n' + "\n\n".join(parts)
        made[f"{graph.package}/legacy/delivery{number}.py"] = text
    return made


def _marks(draw: Draw, word: str) -> str:
    words = draw.shuffled([word, nonce(draw), nonce(draw)])
    parts = [
        f'def {each}(function: F) -> F:\n    """Note a function for desk {number}; it stays what it is."""\n    NOTED.append(("{each}", function.__name__))\n    return function\n'
        for number, each in enumerate(words, start=1)
    ]
    head_lines = 'from __future__ import annotations\n\nfrom collections.abc import Callable\nfrom typing import Any, TypeVar\n\nF = TypeVar("F", bound=Callable[..., Any])\n'
    return f'"""Marks that desks put on functions."""\n\n{head_lines}NOTED: list[tuple[str, str]] = []\n\n\n' + "\n\n".join(parts)
