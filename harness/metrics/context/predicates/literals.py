"""Literals in one canonical form: folded where Python itself would give one value, whatever way it is written. Pure, and bounded."""

from __future__ import annotations

import ast
import hashlib
import json
import math
from collections.abc import Callable, Mapping
from typing import Final

DEEPEST: Final = 64
"""Of one expression; what is nested deeper counts as no literal."""
_BITS: Final = 256
"""Of a whole number: a longer one is nobody's constant, and its digits cost quadratic time."""
_LONG: Final = 200
"""Characters of a text that is kept as it is; of a longer one its digest is."""
_MOST: Final = 1 << 16
_WHOLE: Final = 1 << 21
"""Weight of all that is folded in one module: each of its lines could make a row or a text of the greatest size out of a name."""
_NONE: Final = object()
"""No literal; None is one."""

_TWO: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b, ast.FloorDiv: lambda a, b: a // b, ast.LShift: lambda a, b: int(a) << min(int(b), _BITS),
    ast.Pow: lambda a, b: a**b if abs(b) <= 64 and abs(a) < 1 << 64 else math.nan,
}  # fmt: skip


class _Row(list[object]):
    """A row, or the values of a table, and how much there is in it."""

    def __init__(self, found: list[object], weight: int) -> None:
        super().__init__(found)
        self.weight, self.text = weight, ""


class _Table(dict[str, object]):
    def __init__(self, found: dict[str, object], weight: int) -> None:
        super().__init__(found)
        self.weight, self.text = weight, ""


def _weight(value: object) -> int:
    """What a value counts in a row around it. Rows count double: names put into rows of names would grow without end, and nest as deep."""
    if isinstance(value, (_Row, _Table)):
        return 1 + 2 * value.weight
    return 1 + len(value) if isinstance(value, str) else 1


class Folder:
    """Folds the expressions of one module; `names` are the module's own constants so far, by name."""

    def __init__(self) -> None:
        self.names: dict[str, object] = {}
        self._known: dict[ast.expr, object] = {}
        self._left = _WHOLE

    def value(self, node: ast.expr, depth: int = 0) -> object:
        """The Python value, or what `is_literal` says no to."""
        if type(node) is ast.Constant:
            return node.value if isinstance(node.value, (str, int, float, type(None))) else _NONE
        if depth > DEEPEST:
            return _NONE
        # Each node is asked for from above and by itself: without this, what is nested would cost the square of its depth.
        if node not in self._known:
            self._known[node] = self._folded(node, depth) if self._left > 0 else _NONE
            self._left -= _weight(self._known[node])
        return self._known[node]

    def _folded(self, node: ast.expr, depth: int) -> object:
        match node:
            case ast.Name(id=name):
                return self.names.get(name, _NONE)
            case ast.JoinedStr(values=values):
                return self._joined(values, depth)
            case ast.UnaryOp():
                return self._signed(node, depth)
            case ast.BinOp():
                return self._both(node, depth)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return self._row(elements, depth)
            case ast.Set(elts=elements):
                return _ordered(self._row(elements, depth))
            case ast.Dict():
                return self._table(node, depth)
        return _NONE

    def _row(self, nodes: list[ast.expr], depth: int) -> object:
        found: list[object] = []
        weight = 0
        for node in nodes:
            found.append(self.value(node, depth + 1))
            weight += _weight(found[-1])
            if found[-1] is _NONE or weight > _MOST:
                return _NONE
        return _Row(found, weight)

    def _table(self, node: ast.Dict, depth: int) -> object:
        if any(key is None for key in node.keys):
            return _NONE
        keys, values = self._row([key for key in node.keys if key], depth), self._row(node.values, depth)
        if not (isinstance(keys, _Row) and isinstance(values, _Row)) or any(isinstance(key, (list, dict)) for key in keys):
            return _NONE
        found = {key if isinstance(key, str) else canonical(key): value for key, value in zip(keys, values, strict=True)}
        return _Table(found, keys.weight + values.weight)

    def _joined(self, nodes: list[ast.expr], depth: int) -> object:
        """An f-string whose parts are all known, without conversions or formats."""
        words: list[str] = []
        long = 0
        for node in nodes:
            if isinstance(node, ast.FormattedValue) and (node.conversion not in (-1, 115) or node.format_spec):
                return _NONE
            value = self.value(node.value if isinstance(node, ast.FormattedValue) else node, depth + 1)
            if not isinstance(value, (str, int, float)):
                return _NONE
            words.append(str(value) if not isinstance(value, int) or value.bit_length() <= _BITS else "")
            long += len(words[-1])
            if long > _MOST:
                return _NONE
        return "".join(words)

    def _signed(self, node: ast.UnaryOp, depth: int) -> object:
        value = self.value(node.operand, depth + 1)
        if isinstance(node.op, ast.Not) and isinstance(value, bool):
            return not value
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return _NONE
        return -value if isinstance(node.op, ast.USub) else value if isinstance(node.op, ast.UAdd) else _NONE

    def _both(self, node: ast.BinOp, depth: int) -> object:
        left, right = self.value(node.left, depth + 1), self.value(node.right, depth + 1)
        if isinstance(node.op, ast.Add) and isinstance(left, _Row) and isinstance(right, _Row):
            weight = left.weight + right.weight
            return _Row([*left, *right], weight) if weight <= _MOST else _NONE
        if isinstance(node.op, ast.Add) and isinstance(left, str) and isinstance(right, str):
            return _bounded(left + right) if len(left) + len(right) <= _MOST else _NONE
        if not all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in (left, right)):
            return _NONE
        if any(isinstance(one, int) and one.bit_length() > _BITS for one in (left, right)):
            return _NONE
        work = _TWO.get(type(node.op))
        try:
            return _bounded(work(left, right)) if work else _NONE  # type: ignore[arg-type]
        except (ArithmeticError, ValueError, TypeError):
            return _NONE


def is_literal(value: object) -> bool:
    return value is not _NONE


def canonical(value: object) -> str:
    """One text for equal values: a whole float is its integer, true is not 1, a row is a row however it is bracketed."""
    if isinstance(value, str):
        return f"sha256:{hashlib.sha256(value.encode('utf-8', 'surrogatepass')).hexdigest()}" if len(value) > _LONG else json.dumps(value)
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1 << 53 else repr(value)
    if isinstance(value, int):
        return str(value) if value.bit_length() <= _BITS else "a longer number"
    if isinstance(value, (_Row, _Table)):
        value.text = value.text or _listed(value)  # once: any number of names may stand for it
        return value.text
    return _listed(value)


def _listed(value: object) -> str:
    if isinstance(value, list):
        return f"[{','.join(map(canonical, value))}]"
    return f"{{{','.join(f'{canonical(key)}:{canonical(one)}' for key, one in sorted(value.items()))}}}" if isinstance(value, dict) else "?"


def told(text: str) -> str:
    """The canonical form of JSON text. Raises ValueError for text that is none."""
    return canonical(json.loads(text))


def _ordered(row: object) -> object:
    """The members of a set; a whole number of more digits than Python writes is none of a literal's."""
    try:
        return _Row(sorted(row, key=repr), row.weight) if isinstance(row, _Row) else _NONE
    except ValueError:
        return _NONE


def _bounded(value: object) -> object:
    if isinstance(value, complex) or (isinstance(value, float) and math.isnan(value)):
        return _NONE
    if isinstance(value, int) and value.bit_length() > _BITS:
        return _NONE
    return _NONE if isinstance(value, (str, list)) and len(value) > _MOST else value
