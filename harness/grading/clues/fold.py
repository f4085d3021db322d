"""Strings that code builds from constants, read without running it: sums, joins, slices, formats, characters, usual encodings."""

from __future__ import annotations

import ast
import base64
import binascii
import codecs
import re
from collections.abc import Callable, Iterable, Iterator

_LONGEST = 10_000
_INNER = re.compile(r"\{[^{}:!]*\.")
"""A field that asks for an attribute."""
_WIDTH = re.compile(r"[%{][^a-zA-Z%}]*(\d{3}|\*|\{)")


def folded(node: ast.expr) -> str | None:
    """The string that an expression of constants gives, or None where it is none or can't be known."""
    try:
        value = node.value if isinstance(node, ast.Constant) else _value(node)
    except (ValueError, TypeError, AttributeError, IndexError, LookupError, OverflowError, RecursionError, binascii.Error):
        return None
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value if isinstance(value, str) else None


def strings(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """The outermost expressions that give a known string, docstrings left out: they do nothing."""
    words = frozenset(id(node) for node in _docstrings(tree))
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        value = folded(node) if isinstance(node, ast.expr) else None
        if value is not None and id(node) not in words:
            yield node, value  # type: ignore[misc]
        elif value is None:
            waiting += ast.iter_child_nodes(node)


def _docstrings(tree: ast.AST) -> Iterator[ast.expr]:
    """Every string that stands as a statement."""
    return (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _value(node: ast.expr) -> object:
    match node:
        case ast.Constant(value=str() | bytes() as text):
            _short(text)
            return text
        case ast.Constant(value=int() as number):
            return number
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _sum(_value(left), _value(right))
        case ast.BinOp(left=left, op=ast.Mod(), right=right):
            return _short(_template(_value(left)) % _several(right))
        case ast.JoinedStr(values=parts):
            return "".join(str(_value(part.value if isinstance(part, ast.FormattedValue) else part)) for part in parts)
        case ast.Subscript(value=inner, slice=ast.Slice() as cut):
            return _short(_value(inner))[slice(*(None if part is None else _number(part) for part in (cut.lower, cut.upper, cut.step)))]
        case ast.Call(func=ast.Attribute(value=owner, attr=name), args=arguments):
            return _called(owner, name, arguments)
        case ast.Call(func=ast.Name(id="chr"), args=[number]):
            return chr(_number(number))
        case ast.Call(func=ast.Name(id="bytes"), args=[ast.List() | ast.Tuple() as listed]):
            return bytes(_number(each) for each in listed.elts)
        case _:
            raise ValueError


def _called(owner: ast.expr, name: str, arguments: list[ast.expr]) -> object:
    if name in _DECODERS and arguments:
        return _DECODERS[name](_bytes(_value(arguments[0])))
    if name == "join" and (figures := _characters(arguments[0])) is not None:
        return _joined(str(_value(owner)), [chr(_number(each)) for each in figures])
    if name == "join" and isinstance(arguments[0], ast.List | ast.Tuple):
        return _joined(str(_value(owner)), [str(_value(each)) for each in arguments[0].elts])
    if name == "decode" and isinstance(owner, ast.Name) and owner.id == "codecs":
        if str(_value(arguments[1])).replace("_", "").replace("-", "") != "rot13":
            raise ValueError
        return codecs.decode(str(_value(arguments[0])), "rot13")
    inner = _value(owner)
    if name in ("decode", "encode", "lower", "upper", "title", "strip", "swapcase"):
        return getattr(inner, name)() if name not in ("decode", "encode") else inner
    if name == "replace":
        return _short(str(inner).replace(str(_value(arguments[0])), str(_value(arguments[1]))))
    if name == "format":
        if _INNER.search(_template(inner).replace("{{", "")):
            raise ValueError
        return _short(_template(inner).format(*(str(_value(each)) for each in arguments)))
    raise ValueError


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "b64decode": base64.b64decode, "b32decode": base64.b32decode, "b85decode": base64.b85decode, "fromhex": lambda data: bytes.fromhex(data.decode()),
    "unhexlify": binascii.unhexlify,
}  # fmt: skip


def _characters(node: ast.expr) -> list[ast.expr] | None:
    """The figures of `map(chr, [...])` and `chr(x) for x in [...]`."""
    match node:
        case ast.Call(func=ast.Name(id="map"), args=[ast.Name(id="chr"), ast.List(elts=figures) | ast.Tuple(elts=figures)]):
            return figures
        case (
            ast.GeneratorExp(elt=ast.Call(func=ast.Name(id="chr")), generators=[ast.comprehension(iter=ast.List(elts=figures) | ast.Tuple(elts=figures))])
            | ast.ListComp(elt=ast.Call(func=ast.Name(id="chr")), generators=[ast.comprehension(iter=ast.List(elts=figures) | ast.Tuple(elts=figures))])
        ):
            return figures
        case _:
            return None


def _template(value: object) -> str:
    """A width could ask for all the memory there is."""
    text = str(value)
    if _WIDTH.search(text):
        raise ValueError
    return text


def _several(node: ast.expr) -> tuple[object, ...]:
    return tuple(_value(each) for each in node.elts) if isinstance(node, ast.Tuple) else (_value(node),)


def _sum(left: object, right: object) -> object:
    if isinstance(left, str) and isinstance(right, str):
        return _short(left + right)
    if isinstance(left, bytes) and isinstance(right, bytes):
        return left + right
    raise ValueError


def _joined(between: str, words: list[str]) -> str:
    if len(between) * len(words) > _LONGEST:
        raise ValueError
    return _short(between.join(words))


def _number(node: ast.expr) -> int:
    sign = -1 if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else 1
    value = _value(node.operand if isinstance(node, ast.UnaryOp) else node)
    if not isinstance(value, int):
        raise ValueError
    return sign * value


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _short(value: object) -> str:
    """A format may ask for a million blanks."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    if len(text) > _LONGEST:
        raise ValueError
    return text


def joined(lines: Iterable[tuple[int, str]]) -> str:
    """Numbered lines at their places, those between them empty."""
    found = dict(lines)
    return "\n".join(found.get(number, "") for number in range(1, max(found, default=0) + 1))
