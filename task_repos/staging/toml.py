"""TOML as text, for plain data: tables, lists of tables, and inline tables below them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def document(tables: Mapping[str, Any]) -> str:
    """Bare values first, then tables, then lists of tables, each in the order given. None is left out. Raises TypeError for what TOML lacks."""
    bare = [f"{key} = {inline(value)}\n" for key, value in tables.items() if value is not None and not _is_table(value)]
    parts = ["".join(bare)] if bare else []
    for key, value in tables.items():
        if isinstance(value, Mapping):
            parts.append(f"[{key}]\n{_body(value)}")
        elif _is_table(value):
            parts += [f"[[{key}]]\n{_body(each)}" for each in value]
    return "\n".join(parts)


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and bool(value) and isinstance(value[0], Mapping))


def _body(table: Mapping[str, Any]) -> str:
    return "".join(f"{_key(key)} = {inline(value)}\n" for key, value in table.items() if value is not None)


def inline(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Micro):
        return f"{value.count // 1_000_000}.{value.count % 1_000_000:06d}"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {inline(each)}" for key, each in value.items() if each is not None) + " }"
    if isinstance(value, Sequence):
        return "[" + ", ".join(inline(each) for each in value) + "]"
    raise TypeError(f"no TOML for {type(value).__name__}")


class Micro:
    """A share in millionths, written out exactly: no float is ever printed."""

    def __init__(self, count: int) -> None:
        self.count = count


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _text(key)


def _text(value: str) -> str:
    """JSON's escapes are TOML's, but for DEL and pairs of surrogates."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
