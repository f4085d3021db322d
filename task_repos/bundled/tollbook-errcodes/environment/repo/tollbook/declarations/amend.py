"""Amendments: what may still be changed after a declaration was lodged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tollbook.declarations.states import Declaration
from tollbook.errors import AmendmentError

FREE = frozenset({"invoice", "relief", "receiver"})
STATES = frozenset({"draft", "lodged", "accepted"})


def amend(declaration: Declaration, changes: dict[str, Any], limit: int = 3) -> Declaration:
    """A declaration with other values in its consignment; a draft may be changed as often as one likes."""
    for name in sorted(changes):
        _check_field(declaration, name)
    if declaration.state == "draft":
        return replace(declaration, consignment=replace(declaration.consignment, **changes))
    if declaration.amended >= limit:
        raise AmendmentError(
            f"declaration {declaration.number} has been amended {declaration.amended} times, at most {limit} are allowed"
        )
    return replace(
        declaration,
        consignment=replace(declaration.consignment, **changes),
        amended=declaration.amended + 1,
    )


def _check_field(declaration: Declaration, name: str) -> None:
    if declaration.state not in STATES or (declaration.state != "draft" and name not in FREE):
        raise AmendmentError("field %s of declaration %s can not be amended" % (name, declaration.number), 604)


def difference(before: Declaration, after: Declaration) -> dict[str, tuple[Any, Any]]:
    """What was changed: values before and after, by the names of fields."""
    names = before.consignment.__dataclass_fields__
    pairs = {name: (getattr(before.consignment, name), getattr(after.consignment, name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
