"""What is wrong with the plan of a study, from a parser's words to file, field, found and expected; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from harness.cli.preparing.plans import nearest
from harness.core.errors import PlanError
from harness.plan import Allowed, ModelEntry, PlanLimits, RunLimits

KINDS: Final = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "a text", "array": "a list", "object": "a table"}
TABLES: Final[dict[str, type[msgspec.Struct]]] = {"models": ModelEntry, "limits": PlanLimits, "run_limits": RunLimits, "allow": Allowed}
EXAMPLE: Final = 'use = "ollama/qwen3:8b"'


def mistake(path: str, fault: msgspec.ValidationError, read: Mapping[str, Any], keys: Collection[str]) -> PlanError:
    """`read`: the plan as it was written; `keys`: those of its outermost table that this study has."""
    what, _, place = str(fault).partition(" - at ")
    field = place.strip("`").removeprefix("$").removeprefix(".")
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", what, re.DOTALL):
        known = TABLES[re.split(r"[.\[]", field)[0]].__struct_fields__ if field else keys
        return PlanError(path, field, repr(unknown[1]), f"one of {', '.join(known)}{nearest(unknown[1], known)}")
    if missing := re.fullmatch(r"Object missing required field `(.*)`", what):
        return PlanError(path, f"{field}.{missing[1]}".removeprefix("."), "none", f"KIND/NAME, such as {EXAMPLE}" if field else f"at least one [[models]], such as {EXAMPLE}")
    wanted = re.fullmatch(r"Expected `(.*)`, got `(.*)`", what)
    if wanted is None:
        return PlanError(path, field, "a value that is none", "a value as docs/study.md has it")
    return PlanError(path, field.replace("[...]", ""), _found(read, field, wanted[2]), _kinds(wanted[1]))


def _kinds(words: str) -> str:
    return " or ".join(KINDS.get(word, word) for word in words.split(" | ") if word != "null")


def _found(read: Mapping[str, Any], field: str, kind: str) -> str:
    """The value as it was written where its place is told, else its kind; lists and tables are not repeated."""
    value: Any = read
    for name, index in re.findall(r"(\w+)|\[(\d+|\.\.\.)\]", field):
        if index == "..." or kind in ("array", "object"):
            return KINDS.get(kind, kind)
        value = value[name] if name else value[int(index)]
    return str(value).lower() if isinstance(value, bool) else repr(value)
