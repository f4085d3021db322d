"""Predicates and occasions of tests/longhaul.toml: strictly those that there are, with globs, expressions and values that can be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import PurePosixPath
from typing import Any, get_args

import msgspec

from harness.core.errors import TaskError, unread
from harness.core.patterns import EXPECTED, Expression, PatternError, expression
from harness.core.predicates import Adds, At, Edits, Every, Longest, Not, Occasion, Predicate, Runs, Some
from task_repos.harbor_schema import converted, shown

Told = Callable[[str], int | None]
"""The number of a step, None for a name that is none."""
DEEPEST = 16
"""Of a value: deeper ones are no literals to who reads code."""
LONGEST = 1000
"""Characters of a path or a glob."""
PLACES = ("path", "log", "package")
GLOBS = ("paths", "but", "scope")
NEVER_EMPTY = ("paths", "names", "ids", "blocking", "of", "path", "log", "package", "name", "module", "callee", "target", "by", "pattern", "category")
"""Fields of predicates and occasions that say nothing when they are empty."""


def predicate(data: Mapping[str, Any], file: str, at: str) -> Predicate:
    """Raises TaskError."""
    known(data, Predicate, file, at)
    made: Predicate = converted(data, Predicate, file, at)  # type: ignore[arg-type]
    for one in each(made):
        sound(one, file, at)
    return made


def occasion(data: Mapping[str, Any], file: str, at: str, number: Callable[[str], int | None]) -> Occasion:
    """`stage` of an `at` may be the name of a step. Raises TaskError."""
    known(data, Occasion, file, at)
    if isinstance(data.get("stage"), str):
        stage = number(data["stage"])
        if stage is None:
            raise TaskError(file, f"{at}.stage", repr(data["stage"]), "the name of a step")
        data = {**data, "stage": stage}
    made: Occasion = converted(data, Occasion, file, at)  # type: ignore[arg-type]
    sound(made, file, at)
    return made


def each(whole: Predicate) -> Iterator[Predicate]:
    """The predicate and all that are in it."""
    yield whole
    inner: tuple[Predicate, ...] = whole.of if isinstance(whole, Every | Some) else (whole.of,) if isinstance(whole, Not) else ()
    for one in inner:
        yield from each(one)


def known(data: object, union: Any, file: str, at: str, deep: int = 0) -> None:
    """A type that there is, and no key that it has not, however deep: a misspelt `but` would forbid too much in silence. Raises TaskError."""
    if not isinstance(data, Mapping):
        raise TaskError(file, at, f"a value of type {type(data).__name__}", 'a table such as { type = "exists", path = "a.py" }')
    name, tags = data.get("type"), _tags(union)
    if not isinstance(name, str) or name not in tags:
        found = "no type" if name is None else f"type {name!r}"
        raise TaskError(file, at, found, f"type = one of {', '.join(sorted(tags))}")
    fields = tags[name].__struct_fields__
    extra = next((key for key in data if key != "type" and key not in fields), None)
    if extra is not None:
        raise TaskError(file, f"{at}.{shown(str(extra))}", "an unknown key", f"{name} takes {', '.join(fields)}")
    if deep > 20:
        raise TaskError(file, at, "nesting deeper than 20", "a predicate that somebody can read")
    inner = data.get("of", [])
    for one in inner if isinstance(inner, list) else [inner]:
        known(one, union, file, f"{at}.of", deep + 1)


@cache
def _tags(union: Any) -> dict[str, type[msgspec.Struct]]:
    return {str(kind.__struct_config__.tag): kind for kind in get_args(union)}


def sound(one: Predicate | Occasion, file: str, at: str) -> None:
    """Raises TaskError where a field of it can't mean anything."""
    for field in one.__struct_fields__:
        value, where = getattr(one, field), f"{at}.{field}"
        if field in NEVER_EMPTY and (not value or value == ("",) or (isinstance(value, tuple) and "" in value)):
            raise TaskError(file, where, "nothing", "at least one" if isinstance(value, tuple) else "a value")
        if field in PLACES:
            glob(value, file, where)
        elif field in GLOBS:
            for path in value:
                glob(path, file, where)
        elif field == "pattern":
            pattern(value, file, where)
        elif field == "value":
            _json(value, file, where)
    if isinstance(one, Longest) and one.lines < 1:
        raise TaskError(file, f"{at}.lines", one.lines, "a number above 0")


def glob(text: str, file: str, at: str) -> None:
    """Raises TaskError unless it is a relative path without `..`."""
    parts = PurePosixPath(text).parts
    if not text.strip() or text.startswith("/") or ".." in parts or "\0" in text or "\\" in text:
        raise TaskError(file, at, repr(text[:80]), "a path relative to the workdir, without ..")
    if len(text) > LONGEST:
        raise TaskError(file, at, f"{text[:80]!r}: {len(text):,} characters", f"at most {LONGEST:,}")


def pattern(text: str, file: str, at: str) -> Expression:
    """Raises TaskError."""
    try:
        return expression(text)
    except PatternError as fault:
        raise TaskError(file, at, fault, EXPECTED) from fault


def _json(text: str, file: str, at: str) -> None:
    try:
        level = [json.loads(text, parse_constant=_no_constant)]
    except (ValueError, RecursionError) as fault:
        raise TaskError(file, at, f"{text[:80]!r}: {unread(fault)}", "a value as JSON text") from fault
    for _ in range(DEEPEST):
        level = [one for each in level if isinstance(each, dict | list) for one in (each.values() if isinstance(each, dict) else each)]
    if level:
        raise TaskError(file, at, f"{text[:80]!r}, nested deeper than {DEEPEST}", "a value that somebody can read")


def _no_constant(word: str) -> object:
    raise ValueError(f"{word} is not JSON")


def only_at(one: Occasion) -> int | None:
    """The one stage at which the occasion can come; None where it can come at any."""
    match one:
        case At(stage=stage):
            return stage
        case Adds() | Edits() | Runs():
            return None
