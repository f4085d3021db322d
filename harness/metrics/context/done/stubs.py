"""Code that stands for other code: elision markers, functions without a body, notes of what is still to be written. By parsing alone.

Two degrees: a function that *may* be empty on purpose (a hook, a method that others fill in), and one that says by itself that its code is
missing: no method, under no decorator, its body `...` or NotImplementedError, or nothing but an empty value with a note that it is to be written.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

_OPEN = r"(?:#|//|/\*|--|;|<!--|\"\"\"|%)"
ELISION = re.compile(
    rf"^\s*(?:{_OPEN}+\s*)?(?:\.\.\.|…|\[\.\.\.\])?\s*[(\[<{{]?\s*(?:\.\.\.\s*)?(?:(?:keep|leave|and)\s+)?(?:(?:the\s+)?(?:rest|remainder)\s+(?:of\s+(?:the\s+)?[\w ]{{1,30}}\s+)?"
    r"(?:is\s+|are\s+|remains?\s+|stays?\s+|goes\s+)?(?:un(?:changed|modified|touched)|as (?:before|is|it (?:was|is|stands)|they (?:were|are))|the same|omitted|here)"
    r"|(?:the\s+)?(?:rest|remainder) of (?:the |this )?(?:file|code|class|function|module|implementation|methods?|functions?)"
    r"|(?:existing|previous|original|remaining|other|same)\s+(?:code|implementation|methods?|functions?|imports?|content|tests|lines)"
    r"(?:\s+(?:here|as before|goes? here|above|below|un(?:changed|modified|touched)|remains?(?:\s+\w+)?|stays?(?:\s+\w+)?|continues?|omitted))?"
    r"|un(?:changed|modified)(?:\s+\w+){0,2}|(?:code|content|lines|implementation)\s+(?:omitted|elided|truncated|unchanged)(?:\s+for\s+brevity)?|(?:omitted|elided) for brevity|snip(?:ped)?|same as (?:before|above))"
    r"\s*(?:\.\.\.|…)?\s*[)\]>}]?\s*(?:\.\.\.|…)?\s*(?:\*/|-->|\"\"\")?\s*$",
    re.IGNORECASE,
)
MARKED = re.compile(rf"{_OPEN}|\.\.\.|…|^\s*[<\[]")
"""An elision says that it is one: a comment, an ellipsis or a bracket; a plain line of prose is none."""
PENDING = re.compile(
    rf"{_OPEN}+\s*(?:TODO|FIXME|XXX)\b[:( ].*\b(?:implement\w*|complete|finish|fill|write|add|port|migrate|convert|handle|support|remaining|rest|later|missing|actual|real|proper)\b"
    rf"|{_OPEN}+\s*(?:(?:your|actual|real) (?:code|implementation|logic) (?:here|goes here)|implement(?:ation)? (?:me|here|goes here|later)|not (?:yet )?implemented|placeholder)\b",
    re.IGNORECASE,
)
CODE = re.compile(r"\.(?:py|pyi|js|jsx|ts|tsx|mjs|go|rs|java|kt|c|h|cc|cpp|hpp|cs|rb|php|swift|scala|sh|sql|lua)$")
FREE = frozenset({"abstractmethod", "overload", "abstractproperty", "singledispatch", "fixture"})
"""Decorators whose functions need no body."""
OPEN_BASES = frozenset({"Protocol", "ABC", "ABCMeta", "TypedDict", "NamedTuple"})
_NOTHING = re.compile(r"^\s*(?:(?:async\s+)?def\b.*:\s*)?(?:pass|\.\.\.|raise NotImplementedError\b.*)\s*(?:#.*)?$|^[^#]*\)\s*(?:->[^:]+)?:\s*(?:pass|\.\.\.)\s*$")
LARGEST = 1_000_000
"""Bytes of a file that is looked at; larger ones are data."""


def elided(line: str) -> bool:
    """The line stands for code that is left out."""
    # White space as one blank: the expression may begin in many ways with some, and would try each place of a long run for each of them.
    return len(line) < 160 and bool(MARKED.search(line)) and bool(ELISION.match(" ".join(line.split())))


def pending(line: str) -> bool:
    """A comment says that the code is still to come."""
    return len(line) < 400 and bool(PENDING.search(line))


def added(old: bytes | None, new: bytes) -> Iterator[str]:
    """Lines of the new text that the old one did not have, as text."""
    known = frozenset((old or b"").splitlines())
    return (line.decode("utf-8", "replace") for line in new.splitlines() if line not in known)


def may_be_hollow(line: str) -> bool:
    """The line can stand in a body that does nothing; asked before a module is parsed."""
    return bool(_NOTHING.search(line))


def may_stand_in(line: str) -> bool:
    """The line can be what shows that a function's code is missing; asked before a module is parsed."""
    return may_be_hollow(line) or pending(line)


@lru_cache(maxsize=16)
def _parsed(data: bytes) -> ast.Module:
    """Each version of a file is asked for several times. Empty for what can't be parsed."""
    try:
        return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def stand_ins(data: bytes) -> frozenset[str]:
    """Names of a Python module's functions that say that their code is missing; none for what can't be parsed."""
    tree = _parsed(data)
    lines = data.decode("utf-8", "replace").splitlines()
    functions = [each for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and not each.decorator_list]
    return frozenset(each.name for each in functions if _stands_in(each, lines[each.lineno : each.end_lineno]))


def _stands_in(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> bool:
    """`lines`: those below its head."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    if not body or isinstance(body[0], ast.Pass) or _is_empty_value(body[0]):
        return len(body) == 1 and any(pending(line) for line in lines)
    return all(_is_nothing(statement) for statement in body)


def _is_empty_value(statement: ast.stmt) -> bool:
    """`return` of nothing, of a zero, or of an empty container."""
    if not isinstance(statement, ast.Return):
        return False
    match statement.value:
        case None:
            return True
        case ast.Constant(value=value):
            return not value
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Dict(keys=parts):
            return not parts
        case ast.Call(func=ast.Name(id="set" | "list" | "dict" | "tuple" | "frozenset"), args=[], keywords=[]):
            return True
        case _:
            return False


def hollow(data: bytes) -> frozenset[str]:
    """Dotted names of functions of a Python module whose body does nothing, but for those that need none; none for what can't be parsed."""
    try:
        return frozenset(_hollow(_parsed(data), ""))
    except RecursionError:  # each elif of a chain is a level
        return frozenset()


def _hollow(node: ast.AST, prefix: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            if _is_hollow(child) and not {_last(each) for each in child.decorator_list} & FREE:
                yield prefix + child.name
        elif isinstance(child, ast.ClassDef):
            if not {_last(base) for base in child.bases} & OPEN_BASES:
                yield from _hollow(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.If) and _last(child.test) == "TYPE_CHECKING":
            for each in child.orelse:  # what is told to type checkers alone needs no body
                yield from _hollow(ast.Module([each], []), prefix)
        elif isinstance(child, ast.If | ast.Try):
            yield from _hollow(child, prefix)


def _last(node: ast.AST) -> str:
    """The last name of a dotted, called or subscripted expression."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_hollow(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return all(_is_nothing(statement) for statement in body)


def _is_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Pass):
        return True
    if isinstance(statement, ast.Raise) and statement.exc is not None:
        return _last(statement.exc) == "NotImplementedError"
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and statement.value.value is ...
