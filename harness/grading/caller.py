"""Calls entry points one after the other and answers in JSON; runs in the container, on whatever Python 3 it has, beside no test."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any


def serve() -> None:
    """Requests on standard input; one answer a line on the descriptor that the first argument names: {"returned": ...} or {"raised": [...]}."""
    asked = json.load(sys.stdin)
    place = os.dup(int(sys.argv[1]))
    os.close(int(sys.argv[1]))
    sys.path.insert(0, str(Path.cwd()))
    for one in asked:
        data = answered(one).encode("ascii") + b"\n"
        while data:
            data = data[os.write(place, data) :]


def answered(one: dict[str, Any]) -> str:
    """What a call gave as JSON; a value that is no plain data gives an answer that equals nothing."""
    try:
        module, _, name = one["entry"].partition(":")
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
        told: dict[str, Any] = {"returned": found(*one["arguments"], **one["keywords"])}
    except BaseException as fault:  # noqa: BLE001  whatever it is, its name is the answer
        told = {"raised": [each.__name__ for each in type(fault).__mro__]}
    try:
        return json.dumps(told, allow_nan=True)
    except (TypeError, ValueError, RecursionError):
        return json.dumps({"unplain": type(told.get("returned")).__name__})
