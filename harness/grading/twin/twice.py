"""An assertion that asks twice: whether what held before still holds, and whether what can't hold does.

A solution that pretends only now and then would fail the changed expectation as a right one does, whenever it does not pretend. Where the
old expectation does not hold either, the test is left undecided: what passed before and does not now is neither passed nor failed.
"""

from __future__ import annotations

import ast

from harness.grading.twin.expect import Change, Desk
from harness.grading.twin.splice import Edit


def twice(node: ast.stmt, made: Change, desk: Desk) -> Change | None:
    """None where the assertion is no equality, or where what changes is neither written in it nor a name of it."""
    if not (isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare)):
        return None
    test = node.test
    if len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq):
        return None
    sides = (test.left, test.comparators[0])
    now = [_changed(side, made, desk) for side in sides]
    if (now[0] is None) == (now[1] is None):
        return None
    asked, held = sides if now[0] is None else sides[::-1]
    text = f"{desk.both}({desk.source.text(asked)}, {desk.source.text(held)}, {now[0] or now[1]})"
    return Change(made.rank, "twice", (desk.source.replaced(test, text),), desk.other)


def _changed(side: ast.expr, made: Change, desk: Desk) -> str | None:
    """What this side of an equality becomes; None for the other one."""
    span = desk.source.span(side)
    if all(_within(edit, span) for edit in made.edits):
        return _text(side, made.edits, desk)
    given = any(edit.text.startswith(f"{getattr(side, 'id', '')} = {desk.other}(") for edit in made.edits)
    return f"{desk.other}({desk.source.text(side)})" if given and isinstance(side, ast.Name) else None


def _within(edit: Edit, span: tuple[int, int]) -> bool:
    return span[0] <= edit.start and edit.end <= span[1]


def _text(node: ast.expr, edits: tuple[Edit, ...], desk: Desk) -> str:
    """What the expression reads with these edits."""
    (start, end), pieces = desk.source.span(node), []
    for edit in sorted(edits, key=lambda edit: edit.start):
        pieces += [desk.source.data[start : edit.start].decode(), edit.text]
        start = edit.end
    return "".join([*pieces, desk.source.data[start:end].decode()])
