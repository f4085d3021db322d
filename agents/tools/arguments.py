"""Reads the arguments of a call strictly: what a model wrote is taken as it is or told back, never guessed at; pure."""

from __future__ import annotations

import json
import re
from itertools import accumulate

import msgspec

from harness.core.chat import Parameter, ToolSpec

DEEPEST = 64
LONGEST_NUMBER = 17
"""Characters, sign included."""
LARGEST = 2**53
"""Beyond it a float, which some servers pass numbers through, no longer holds every integer."""
OUTSIDE_STRINGS = re.compile(r'"(?:[^"\\]++|\\.)*+\\?(?:"|\Z)', re.DOTALL)
SURROGATE = re.compile("[\ud800-\udfff]")


class Arguments(msgspec.Struct, frozen=True):
    """Checked arguments, in the order of the specification."""

    words: tuple[tuple[str, str], ...] = ()
    numbers: tuple[tuple[str, int], ...] = ()

    def text(self, name: str) -> str:
        return dict(self.words)[name]

    def number(self, name: str) -> int:
        return dict(self.numbers)[name]


class Flaw(msgspec.Struct, frozen=True):
    """What is wrong with a call. `problem`: malformed (not a JSON object) or arguments (not those of the tool); a sentence for the model."""

    problem: str
    sentence: str


class _BadJsonError(ValueError):
    """Valid for Python's reader, but not strict JSON that we take."""


def parse(raw: str, spec: ToolSpec) -> Arguments | Flaw:
    """The arguments of a call to `spec`, or what is wrong with them. Some servers send "" where a tool takes none."""
    if not raw.strip() and not spec.parameters:
        return Arguments()
    try:
        value = _strict(raw)
    except (ValueError, RecursionError) as error:
        return Flaw("malformed", f"The arguments of `{spec.name}` are not a JSON object that can be read: {error}.")
    if not isinstance(value, dict):
        return Flaw("malformed", f"The arguments of `{spec.name}` must be one JSON object, not {_kind(value)}.")
    flaw = next((flaw for flaw in _flaws(value, spec) if flaw), None)
    if flaw is not None:
        return Flaw("arguments", f"{flaw} {_expected(spec)}")
    words = tuple((p.name, str(value[p.name])) for p in spec.parameters if p.type == "string")
    numbers = tuple((p.name, int(value[p.name])) for p in spec.parameters if p.type == "integer")
    return Arguments(words, numbers)


def depth(raw: str) -> int:
    """How deep brackets nest outside strings; linear, so that a hostile text costs nothing."""
    brackets = re.findall(r"[\[\]{}]", OUTSIDE_STRINGS.sub("", raw))
    return max(accumulate((1 if bracket in "[{" else -1 for bracket in brackets), initial=0))


def _strict(raw: str) -> object:
    if depth(raw) > DEEPEST:
        raise _BadJsonError(f"nested deeper than {DEEPEST}")
    return json.loads(raw, object_pairs_hook=_unique, parse_constant=_constant, parse_int=_integer, parse_float=_real)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    twice = next((name for k, name in enumerate(names) if name in names[:k]), None) if len(names) < DEEPEST else None
    if twice is not None or len(set(names)) < len(names):
        raise _BadJsonError("the same name occurs twice" + (f": {_short(twice)}" if twice is not None else ""))
    return dict(pairs)


def _constant(word: str) -> object:
    raise _BadJsonError(f"{word} is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise _BadJsonError(f"a number of {len(digits)} digits")
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits)
    if value in {float("inf"), float("-inf")}:
        raise _BadJsonError("a number too large")
    return value


def _flaws(value: dict[str, object], spec: ToolSpec) -> list[str]:
    known = {p.name for p in spec.parameters}
    missing = [f"`{name}` is missing." for name in (p.name for p in spec.parameters) if name not in value]
    extra = [f"`{spec.name}` takes no {_short(name)}." for name in value if name not in known]
    wrong = [_mistyped(p, value[p.name]) for p in spec.parameters if p.name in value]
    return missing + extra + wrong


def _mistyped(parameter: Parameter, value: object) -> str:
    if parameter.type == "integer":
        return "" if _is_whole(value) else f"`{parameter.name}` must be an integer of ordinary size, not {_kind(value)}."
    if not isinstance(value, str):
        return f"`{parameter.name}` must be a string, not {_kind(value)}."
    half = SURROGATE.search(value)
    where = "" if half is None else f"`{parameter.name}` holds half of a surrogate pair at character {half.start() + 1}"
    return f"{where}, which no text file can hold." if where else ""


def _is_whole(value: object) -> bool:
    """JSON Schema calls 10.0 an integer, and it is our schema that the model was given."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return value == int(value) and abs(value) <= LARGEST


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _expected(spec: ToolSpec) -> str:
    if not spec.parameters:
        return f"`{spec.name}` takes no arguments."
    return f"`{spec.name}` takes " + ", ".join(f"{p.name} ({p.type})" for p in spec.parameters) + "."


def _short(name: str) -> str:
    return ascii(name if len(name) <= 40 else name[:40] + "...")
