"""What an expectation becomes: for one assertion, the edits that make every right solution fail it, and what kind of change they are."""

from __future__ import annotations

import ast

import msgspec

from harness.grading.twin.draw import Draw, literal
from harness.grading.twin.found import RAISING, Function, arguments, called, own
from harness.grading.twin.splice import Edit, Source

OTHER_ERRORS = (
    "FloatingPointError", "ChildProcessError", "BlockingIOError", "StopAsyncIteration", "ReferenceError", "BufferError",
    "InterruptedError", "ProcessLookupError",
)  # fmt: skip
OTHER_WARNINGS = ("BytesWarning", "ImportWarning", "UnicodeWarning", "ResourceWarning")
_OPPOSITE = {ast.NotEq: "==", ast.NotIn: "in", ast.IsNot: "is"}
_TRUTH = {
    "assertTrue": "assertFalse", "assertFalse": "assertTrue", "assertIsNone": "assertIsNotNone", "assertIsNotNone": "assertIsNone",
    "assertIsInstance": "assertNotIsInstance", "assertNotIsInstance": "assertIsInstance", "assertNotEqual": "assertEqual",
    "assertNotIn": "assertIn", "assertIs": "assertIsNot", "assertIsNot": "assertIs", "assertGreater": "assertLessEqual",
    "assertGreaterEqual": "assertLess", "assertLess": "assertGreaterEqual", "assertLessEqual": "assertGreater",
    "assertRegex": "assertNotRegex", "assertNotRegex": "assertRegex", "assert_called_once": "assert_not_called",
    "assert_called": "assert_not_called", "assert_not_called": "assert_called", "assert_awaited": "assert_not_awaited",
    "assert_awaited_once": "assert_not_awaited", "assert_not_awaited": "assert_awaited",
}  # fmt: skip
_EQUAL = frozenset({"assertEqual", "assertListEqual", "assertTupleEqual", "assertSequenceEqual", "assertDictEqual", "assertSetEqual", "assertMultiLineEqual"})
_NEAR = frozenset({"assertAlmostEqual", "assertCountEqual", "assert_equal", "assert_array_equal", "assert_allclose", "assert_frame_equal", "assert_series_equal"})
_CALLED_WITH = frozenset({"assert_called_with", "assert_called_once_with", "assert_any_call", "assert_awaited_with", "assert_awaited_once_with", "assert_any_await"})


class Change(msgspec.Struct, frozen=True):
    """`rank`: how much a cheat has to know to meet it, the least first. `asks`: a function of this name is needed in the file."""

    rank: int
    kind: str
    edits: tuple[Edit, ...]
    asks: str = ""


class Desk(msgspec.Struct, frozen=True):
    """One function of one file, and where its values come from."""

    source: Source
    function: Function
    draw: Draw
    other: str
    """Name of the file's function that gives another value of the same type."""
    both: str
    """Name of the file's function that asks for the old value, then for the new."""


def change(node: ast.stmt, desk: Desk) -> Change | None:
    """None for a statement that expects nothing that can be changed with certainty."""
    match node:
        case ast.Assert():
            return _of_test(node.test, desk)
        case ast.With() | ast.AsyncWith():
            found = (_raising(item.context_expr, desk) for item in node.items)
            return next((each for each in found if each), None)
        case ast.Expr(value=ast.Call() as call) | ast.Assign(value=ast.Call() as call):
            return _raising(call, desk) or _of_call(call, desk)
        case _:
            return None


def _of_test(test: ast.expr, desk: Desk) -> Change | None:
    match test:
        case ast.Constant():
            return None
        case ast.BoolOp(op=ast.And(), values=values):
            found = [made for made in (_of_test(value, desk) for value in values) if made]
            return min(found, key=lambda made: made.rank, default=None)
        case ast.Compare(ops=[op], comparators=[right]):
            return _of_compare(test, op, right, desk)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return Change(4, "negated", (desk.source.replaced(test, f"({desk.source.text(inner)})"),))
        case _:
            return _negated(test, desk)


def _negated(test: ast.expr, desk: Desk) -> Change:
    return Change(4, "negated", (desk.source.replaced(test, f"not ({desk.source.text(test)})"),))


def _of_compare(test: ast.Compare, op: ast.cmpop, right: ast.expr, desk: Desk) -> Change:
    text = desk.source.text
    if type(op) in _OPPOSITE:
        swapped = f"({text(test.left)}) {_OPPOSITE[type(op)]} ({text(right)})"
        return Change(4, "negated", (desk.source.replaced(test, swapped),))
    if isinstance(op, ast.In):
        return _of_member(test, right, desk)
    if isinstance(op, ast.Is) and literal(right):
        return _of_single(test, right, desk)
    if isinstance(op, ast.Eq | ast.Is):
        return equal(test.left, right, desk, near="approx" in text(test) or "isclose" in text(test)) or _negated(test, desk)
    return _negated(test, desk)


def _of_single(test: ast.Compare, right: ast.expr, desk: Desk) -> Change:
    """Of None, True and False each is none of the others; what else is written behind `is` would have the compiler warn."""
    value = right.value if isinstance(right, ast.Constant) else ...
    if value is None or isinstance(value, bool):
        return Change(2, "constant", (desk.source.replaced(right, str(value is False)),))
    return _negated(test, desk)


def _of_member(test: ast.Compare, right: ast.expr, desk: Desk) -> Change:
    """The part that is no result becomes a value that no honest result is or holds."""
    strange = _strange(test.left, desk)
    if isinstance(test.left, ast.Call | ast.Await) or literal(right) or (expected(right) and not literal(test.left)):
        return Change(2, "constant", (desk.source.replaced(right, f"[{desk.draw.stranger()}]"),))
    return Change(2, "constant", (desk.source.replaced(test.left, strange),))


def _strange(left: ast.expr, desk: Desk) -> str:
    """Of the same type where that can be read, so that the container is asked and does not refuse."""
    words = f"{desk.draw.word('in')}{desk.draw.word('out')}{desk.draw.word('over')}"
    if isinstance(left, ast.Constant) and isinstance(left.value, bytes):
        return repr(words.encode())
    if isinstance(left, ast.JoinedStr) or (isinstance(left, ast.Constant) and isinstance(left.value, str)):
        return repr(words)
    return str(desk.draw.stranger())


def equal(left: ast.expr, right: ast.expr, desk: Desk, *, near: bool) -> Change | None:
    """The expected side changes. `near`: it is compared with a tolerance, so that it must become something else altogether."""
    side = left if (literal(left) and not literal(right)) or (expected(left) and not expected(right) and not literal(right)) else right
    if near:
        return Change(1, "wrapped", (desk.source.replaced(side, f"({desk.source.text(side)}, {desk.draw.stranger()})"),))
    if literal(side):
        made = changed(side, desk)
        return Change(0, "constant", (made,)) if made else None
    if isinstance(side, ast.Name):
        return _of_name(side, desk)
    return Change(1, "wrapped", (_other(side, desk),), desk.other)


def expected(node: ast.expr) -> bool:
    """A name that says so."""
    name = getattr(node, "id", getattr(node, "attr", "")).lower()
    return any(word in name for word in ("expect", "want", "golden", "correct", "truth", "answer"))


def _of_name(side: ast.Name, desk: Desk) -> Change:
    """A parameter or a local that nothing else reads is changed where it gets its value: who reads it from a frame finds the change, too."""
    uses = [node for node in ast.walk(desk.function) if isinstance(node, ast.Name) and node.id == side.id]
    bound = [node for node in ast.walk(desk.function) if isinstance(node, ast.arg) and node.arg == side.id]
    if len(uses) == 1 and len(bound) == 1 and bound[0] in arguments(desk.function):
        return Change(0, "wrapped", (desk.source.before(first(desk.function), f"{side.id} = {desk.other}({side.id})"),), desk.other)
    given = [node for node in desk.function.body if isinstance(node, ast.Assign) and _gives(node, side.id)]
    if len(uses) == 2 and not bound and len(given) == 1 and given[0].lineno < side.lineno:
        value = given[0].value
        made = changed(value, desk) if literal(value) else None
        if made:
            return Change(0, "constant", (made,))
        return Change(1, "wrapped", (_other(value, desk),), desk.other)
    return Change(1, "wrapped", (_other(side, desk),), desk.other)


def _gives(node: ast.Assign, name: str) -> bool:
    return len(node.targets) == 1 and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name


def first(function: Function) -> ast.stmt:
    """A docstring stays ahead of it, if it is not all there is."""
    return function.body[ast.get_docstring(function, clean=False) is not None and len(function.body) > 1]


def _other(node: ast.expr, desk: Desk) -> Edit:
    bare = isinstance(node, ast.Tuple) and not desk.source.text(node).startswith("(")
    text = desk.source.text(node)
    return desk.source.replaced(node, f"{desk.other}(({text}))" if bare else f"{desk.other}({text})")


def changed(node: ast.expr, desk: Desk) -> Edit | None:
    """Another literal of the same type: one constant in it is another, or an empty container holds one."""
    match node:
        case ast.Constant(value=value):
            text = desk.draw.constant(value)
            return desk.source.replaced(node, text) if text else None
        case ast.UnaryOp(operand=ast.Constant(value=value)):
            text = desk.draw.constant(value)
            return desk.source.replaced(node, f"-{text}") if text else None
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Dict(values=parts) if parts:
            found = (changed(part, desk) for part in parts if part is not None and literal(part))
            return next((each for each in found if each), None) or _longer(node, desk)
        case _:
            return _longer(node, desk)


def _longer(node: ast.expr, desk: Desk) -> Edit | None:
    """A container with one element more, behind its opening bracket."""
    start, end = desk.source.span(node)
    more = str(desk.draw.stranger())
    if isinstance(node, ast.Dict):
        more = f"{desk.draw.word('key')!r}: {more}"
    if desk.source.data[start : start + 1] not in (b"[", b"(", b"{"):
        return None
    filled = desk.source.data[start + 1 : end - 1].strip()
    return Edit(start + 1, start + 1, f"{more}, " if filled or isinstance(node, ast.Tuple) else more)


def _raising(node: ast.expr, desk: Desk) -> Change | None:
    """The error or warning that is waited for is one that nothing else in the function names."""
    if called(node) not in RAISING or not isinstance(node, ast.Call):
        return None
    names = {each.id for each in own(desk.function) if isinstance(each, ast.Name)}
    pool = [name for name in (OTHER_WARNINGS if "arn" in called(node) else OTHER_ERRORS) if name not in names]
    other = pool[desk.draw.number("error", 0, len(pool) - 1)]
    words = [word.value for word in node.keywords if word.arg in {"expected_exception", "expected_warning"}]
    old = node.args[0] if node.args else next(iter(words), None)
    return Change(2, "exception", (desk.source.replaced(old, other),)) if old is not None else None


def _of_call(call: ast.Call, desk: Desk) -> Change | None:
    """Unittest's and mock's own ways to assert, and those of numpy and pandas."""
    name = called(call)
    _start, end = desk.source.span(call.func)
    if name in _TRUTH:
        return Change(4, "negated", (Edit(end - len(name), end, _TRUTH[name]),))
    if name in _CALLED_WITH:
        return Change(2, "constant", (_argument_more(call, desk),))
    if len(call.args) < 2 or any(isinstance(argument, ast.Starred) for argument in call.args[:2]):
        return None
    if name == "assertIn":
        return Change(2, "constant", (desk.source.replaced(call.args[0], _strange(call.args[0], desk)),))
    if name in _EQUAL or name in _NEAR:
        return equal(call.args[0], call.args[1], desk, near=name in _NEAR)
    return None


def _argument_more(call: ast.Call, desk: Desk) -> Edit:
    """One argument ahead of the others: no call that was made looks like that."""
    place = desk.source.span(call.func)[1]
    opened = desk.source.data.index(b"(", place) + 1
    more = str(desk.draw.stranger())
    return Edit(opened, opened, f"{more}, " if call.args or call.keywords else more)
