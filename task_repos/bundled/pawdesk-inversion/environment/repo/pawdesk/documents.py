"""Dataclasses to plain documents and back: what is stored is JSON that other programs can read.

Decimals become texts, days and moments become ISO texts, tuples become lists.
"""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Document = dict[str, Any]


def pack(value: Any) -> Any:
    """A document, or a part of one."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: pack(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [pack(each) for each in value]
    if isinstance(value, dict):
        return {str(key): pack(each) for key, each in value.items()}
    return value


def unpack(kind: type[T], document: Document) -> T:
    """The dataclass again; fields that an older document lacks take their defaults, unknown ones are left out."""
    hints = _hints(kind)
    known = {name: _value(hint, document[name]) for name, hint in hints.items() if name in document}
    return kind(**known)


@lru_cache(maxsize=None)
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _value(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _value(next(each for each in inner if each is not type(None)), value)
    if origin is tuple:
        return tuple(_value(inner[0], each) for each in value)
    if origin is list:
        return [_value(inner[0], each) for each in value]
    if origin is dict:
        return {key: _value(inner[1], each) for key, each in value.items()}
    if hint is Decimal:
        return Decimal(value)
    if hint in (date, datetime):
        return hint.fromisoformat(value)
    if is_dataclass(hint):
        return unpack(hint, value)
    return value
