"""Hidden tests: one module for each stage, one for the rules, one for what must stay; and which of them must come to pass."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Final

import msgspec

from task_repos.staging.plan import Staged
from task_repos.staging.rules import INDEX, LOG
from task_repos.staging.toml import Micro
from task_repos.staging.work import Tree

FOLDER: Final = "tests/hidden"
TEST: Final = re.compile(r"^def (test_\w+)", re.MULTILINE)
SOURCES: Final = '''"""What the package's source says, by its syntax trees."""

import ast
import hashlib
import json
from pathlib import Path

BASE = json.loads(Path(__file__).with_name("base_tree.json").read_text(encoding="utf-8"))


def modules(package, but=()):
    """Path -> tree of every module of the package, those left out whose paths begin with one of `but`."""
    paths = (path for path in sorted(Path(package).rglob("*.py")) if not path.as_posix().startswith(tuple(but)))
    return {path.as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def names(tree):
    """Every name that is defined, imported, read or called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield from (node.name.rpartition(".")[2], node.asname)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name


def users(package, name, but=()):
    return [path for path, tree in modules(package, but).items() if name in set(names(tree))]


def functions(tree):
    return {node.name: node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}


def calls(path, function, callee):
    """Whether the function calls the other."""
    node = functions(ast.parse(Path(path).read_text(encoding="utf-8"))).get(function)
    found = [each.func for each in ast.walk(node) if isinstance(each, ast.Call)] if node else []
    return any(callee in (getattr(each, "id", None), getattr(each, "attr", None)) for each in found)


def mentions(path, name):
    """Whether code of the file uses the name."""
    return Path(path).is_file() and name in set(names(ast.parse(Path(path).read_text(encoding="utf-8"))))


def fresh(package, but=()):
    """(path, function) of every function that the base does not have in that module."""
    for path, tree in modules(package, but).items():
        for name, node in functions(tree).items():
            if name not in BASE["functions"].get(path, []) and not name.startswith("_"):
                yield path, node


def changed(package):
    """Modules that are not as they were, and those that are new."""
    found = {path.as_posix(): digest(path) for path in sorted(Path(package).rglob("*.py"))}
    return [path for path, held in found.items() if BASE["digests"].get(path) != held]


def new_tests():
    return [path for path in sorted(Path("tests").glob("test_*.py")) if path.as_posix() not in BASE["digests"]]


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
'''
RULES: Final = {
    "frozen": '    held = [path.as_posix() for path in sorted(Path("{word}").rglob("*")) if path.is_file() and path.suffix != ".pyc"]\n'
    '    assert {{path: digest(path) for path in held}} == {{path: found for path, found in BASE["digests"].items() if path.startswith("{word}")}}\n',
    "locked": '    assert digest("{word}") == BASE["digests"]["{word}"]\n',
    "banned": "    for tree in modules({package!r}).values():\n        assert not [node for node in ast.walk(tree) if imports(node, {word!r})]\n",
    "naming": '    for path, node in fresh({package!r}, but=("{package}/legacy/",)):\n        assert re.fullmatch({pattern!r}, node.name), (path, node.name)\n',
    "decorator": '    for path, node in fresh({package!r}, but=("{package}/legacy/",)):\n        assert {word!r} in [ast.unparse(each).rpartition(".")[2] for each in node.decorator_list], (path, node.name)\n',
    "header": '    for path in new_tests():\n        assert path.read_text(encoding="utf-8").splitlines()[0] == {word!r}, path\n',
    "changelog": '    unreleased = Path({log!r}).read_text(encoding="utf-8").partition("## Unreleased")[2].partition("\\n## ")[0]\n'
    "    assert not [path for path in changed({package!r}) if path not in unreleased]\n",
    "index": '    listed = Path({index!r}).read_text(encoding="utf-8")\n    assert not [path for path in new_tests() if path.as_posix() not in listed]\n',
}  # fmt: skip
RULES_HEAD: Final = '''import ast
import re
from pathlib import Path

from source_tree import BASE, changed, digest, fresh, modules, new_tests


def imports(node, module):
    """Whether the node imports the module or anything below it."""
    names = [each.name for each in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
    return any(name == module or name.startswith(module + ".") for name in names)
'''
KEPT: Final = '''from source_tree import BASE, digest, functions, modules


def test_public_names_are_kept() -> None:
    """Whatever could be imported can be imported still."""
    now = modules({package!r})
    for path, names in BASE["functions"].items():
        assert set(names) <= set(functions(now[path])), path


def test_existing_tests_are_kept() -> None:
    """Test files of the beginning are as they were."""
    assert not [path for path, held in BASE["digests"].items() if path.startswith("tests/test_") and digest(path) != held]
'''


class Checks(msgspec.Struct, frozen=True):
    """`files`: path below the task -> text; `items`: (id, weight, selected ids)."""

    files: dict[str, str]
    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...]
    visible: tuple[str, ...]
    items: tuple[tuple[str, Micro, tuple[str, ...]], ...]


def checks(task: Staged, base: Tree, chosen: tuple[int, ...]) -> Checks:
    """For the stages at these indices, of an agent that begins with `base`."""
    package = task.ground.graph.package
    files = {f"{FOLDER}/source_tree.py": SOURCES, f"{FOLDER}/base_tree.json": json.dumps(_facts(base, package), indent=1, sort_keys=True) + "\n"}
    files[f"{FOLDER}/test_kept.py"] = KEPT.format(package=package)
    goal, kept, parts = [], _ids(files[f"{FOLDER}/test_kept.py"], f"{FOLDER}/test_kept.py"), []
    for index in chosen:
        work, path = task.works[index], f"{FOLDER}/test_stage_{index + 1:02d}.py"
        if not work.interlude:
            files[path] = f"import pytest\nfrom source_tree import calls, mentions, users\n\n\n{work.hidden}"
            goal += [f"{path}::{name}" for name in work.names]
            kept += [f"{path}::{name}" for name in work.keeps]
            parts.append((f"stage-{index + 1:02d}", tuple(f"{path}::{name}" for name in (*work.names, *work.keeps))))
    ruled: list[tuple[str, tuple[str, ...]]] = [(f"rule-{rule.id}", (f"{FOLDER}/test_rules.py::test_{rule.id}",)) for rule in task.rules if rule.telling.item.kind == "rule"]
    if ruled:
        files[f"{FOLDER}/test_rules.py"] = _ruled(task)
    visible = tuple(sorted(path for path in base if path.startswith("tests/test_") and path.endswith(".py")))
    every = [*kept, *(ids[0] for _, ids in ruled), *(each for path in visible for each in _ids(base[path], path))]
    rest = ("kept", tuple(each for each in every if each not in {one for _, ids in (*parts, *ruled) for one in ids}))
    return Checks(files, tuple(goal), tuple(every), visible, _weighed(parts, ruled, rest))


def _ids(text: str, path: str) -> list[str]:
    return [f"{path}::{name}" for name in TEST.findall(text)]


def _weighed(stages: list[tuple[str, tuple[str, ...]]], rules: list[tuple[str, tuple[str, ...]]], rest: tuple[str, tuple[str, ...]]) -> tuple[tuple[str, Micro, tuple[str, ...]], ...]:
    """A tenth for what is kept, a fifth for the rules, the rest for the stages, each as much as the next; what does not divide goes to the last."""
    shares = [(stages, 700_000 if rules else 900_000), (rules, 200_000 if rules else 0)]
    made = [(name, Micro(share // len(group)), ids) for group, share in shares for name, ids in group]
    return (*made, (rest[0], Micro(1_000_000 - sum(weight.count for _, weight, _ in made)), rest[1]))


def _facts(base: Tree, package: str) -> dict[str, object]:
    code = {path: text for path, text in base.items() if path.endswith(".py") and path.startswith(f"{package}/")}
    return {
        "digests": {path: hashlib.sha256(text.encode()).hexdigest() for path, text in base.items()},
        "functions": {path: sorted(set(re.findall(r"^\s*(?:async )?def (\w+)", text, re.MULTILINE))) for path, text in code.items()},
    }


def _ruled(task: Staged) -> str:
    package = task.ground.graph.package
    parts = []
    for rule in (rule for rule in task.rules if rule.telling.item.kind == "rule"):
        pattern = getattr(rule.telling.checks[0][0], "pattern", "")
        body = RULES["banned" if rule.id == "shunned" else rule.id].format(package=package, word=rule.word, log=LOG, index=INDEX, pattern=pattern)
        parts.append(f"\n\ndef test_{rule.id}() -> None:\n{body}")
    return RULES_HEAD + "".join(parts)


