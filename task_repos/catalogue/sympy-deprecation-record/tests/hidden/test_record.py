"""What the refactoring asks for: the record, the call sites, the decorator, the former ways that still work, and texts as they were."""

import ast
import dataclasses
import hashlib
import json
import warnings
from pathlib import Path

import pytest
import sympy
from sympy.utilities import exceptions
from sympy.utilities.decorator import deprecated
from sympy.utilities.exceptions import SymPyDeprecationWarning

ROOT = Path(sympy.__file__).resolve().parents[1]
PACKAGE = ROOT / "sympy"
BASE = json.loads((Path(__file__).parent / "base.json").read_text())
FORMER = "sympy_deprecation_warning"
HERE = Path(__file__).name


def record(*args, **kwargs):
    return exceptions.Deprecation(*args, **kwargs)


def trees():
    for path in sorted(PACKAGE.rglob("*.py")):
        if not {"tests", "hidden"} & set(path.parts):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def calls():
    """(file, call) of every call in the package, by the last name of what is called."""
    found = {}
    for name, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if called in (FORMER, "Deprecation", "deprecated", "warn"):
                    found.setdefault(called, []).append((name, node))
    return found


def caught(act):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        act()
    return seen


def test_the_record_is_frozen_and_has_three_texts():
    made = record("Gone.", "1.9", "gone-target")
    assert [field.name for field in dataclasses.fields(made)] == ["message", "since", "target"]
    assert made == record(message="Gone.", since="1.9", target="gone-target")
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.since = "2.0"


def test_a_target_with_marks_is_refused_when_the_record_is_made():
    with pytest.raises(ValueError, match="active_deprecations_target"):
        record("Gone.", "1.9", "(gone)=")


def test_it_warns_with_the_words_of_before():
    (seen,) = caught(lambda: record("Gone.", "1.9", "gone-target").warn())
    assert seen.category is SymPyDeprecationWarning
    assert str(seen.message) == str(SymPyDeprecationWarning("Gone.", deprecated_since_version="1.9", active_deprecations_target="gone-target"))


@pytest.mark.parametrize("level, line", [(2, "inner"), (3, "outer")])
def test_it_is_charged_to_the_same_line(level, line):
    def inner():
        record("Gone.", "1.9", "gone-target").warn(stacklevel=level)

    def outer():
        inner()

    expected = {"inner": inner.__code__.co_firstlineno + 1, "outer": outer.__code__.co_firstlineno + 1}[line]
    (seen,) = caught(outer)
    assert (Path(seen.filename).name, seen.lineno) == (HERE, expected)


def test_the_former_function_gives_the_same_warning_once():
    def caller():
        exceptions.sympy_deprecation_warning("Gone.", deprecated_since_version="1.9", active_deprecations_target="gone-target", stacklevel=2)

    (seen,) = caught(caller)
    assert seen.category is SymPyDeprecationWarning
    assert (Path(seen.filename).name, seen.lineno) == (HERE, caller.__code__.co_firstlineno + 1)


@pytest.mark.parametrize("way", ["record", "former"])
def test_the_decorator_takes_both(way):
    decorate = deprecated(record("Gone.", "1.9", "gone-target")) if way == "record" else deprecated(
        "Gone.", deprecated_since_version="1.9", active_deprecations_target="gone-target")

    @decorate
    def double(number):
        "Twice."
        return 2 * number

    @decorate
    class Point:
        def __init__(self, x):
            self.x = x

    assert double._sympy_deprecated_func(21) == 42
    assert (double.__name__, double.__doc__, Point.__name__) == ("double", "Twice.", "Point")
    (seen,) = caught(lambda: double(1))
    assert "since SymPy version 1.9" in str(seen.message)
    (seen,) = caught(lambda: Point(7))
    assert seen.category is SymPyDeprecationWarning


def test_nobody_calls_the_former_function(calls):
    assert [name for name, _ in calls.get(FORMER, [])] == []


def test_nobody_imports_the_former_function():
    strays = [name for name, tree in trees() for node in ast.walk(tree)
              if isinstance(node, ast.ImportFrom) and FORMER in [alias.name for alias in node.names]]
    assert strays == []


def test_records_are_made_where_calls_were(calls):
    made = {}
    for name, _ in calls["Deprecation"]:
        made[name] = made.get(name, 0) + 1
    wrong = {name: (count, made.get(name, 0)) for name, count in BASE["sites"].items() if made.get(name, 0) != count}
    assert wrong == {}


def test_no_decorator_is_used_in_the_former_way(calls):
    strays = [name for name, node in calls["deprecated"] if {"deprecated_since_version", "active_deprecations_target"} & {word.arg for word in node.keywords}]
    assert strays == []


def test_versions_and_targets_are_what_they_were(calls):
    seen = []
    for name, node in calls["Deprecation"]:
        values = dict(zip(("message", "since", "target"), node.args)) | {word.arg: word.value for word in node.keywords}
        if isinstance(values.get("since"), ast.Constant) and isinstance(values.get("target"), ast.Constant):
            seen.append(f"{name} {values['since'].value} {values['target'].value}")
    digest = hashlib.sha256("\n".join(sorted(seen)).encode()).hexdigest()
    assert (len(seen), digest) == (BASE["constants"], BASE["values"])


def test_messages_are_what_they_were(calls):
    seen = []
    for name, node in calls["Deprecation"]:
        values = dict(zip(("message", "since", "target"), node.args)) | {word.arg: word.value for word in node.keywords}
        if name in BASE["sites"]:
            seen.append(f"{name} {ast.dump(values['message'])}")
    assert hashlib.sha256("\n".join(sorted(seen)).encode()).hexdigest() == BASE["messages"]


def test_stack_levels_are_what_they_were(calls):
    seen = []
    for name, node in calls["warn"]:
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call) and getattr(node.func.value.func, "id", "") == "Deprecation" and name in BASE["sites"]:
            level = [*node.args, *(word.value for word in node.keywords if word.arg == "stacklevel")]
            seen.append(f"{name} {ast.dump(level[0]) if level else 'none'}")
    assert hashlib.sha256("\n".join(sorted(seen)).encode()).hexdigest() == BASE["levels"]


def test_no_test_was_touched():
    whole = hashlib.sha256()
    for path in sorted(path for path in PACKAGE.rglob("*.py") if "tests" in path.parts):
        whole.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    assert whole.hexdigest() == BASE["tests"]
