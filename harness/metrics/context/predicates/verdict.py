"""What a predicate says of a tree, with what breaks it and what makes it hold."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Judged(msgspec.Struct, frozen=True):
    """`held`: None only where tests decide that were not run. `breaches`: what breaks it, "path" or "path:name"; `grounds`: what makes it hold.

    `blind`: files that it asks about and that do not parse. A demand on such a file is broken by it; a prohibition is not held while one is
    there, and names no breach for it: what the file did before it stopped parsing still stands, and what it does now nobody can tell.
    """

    held: bool | None
    breaches: frozenset[str] = frozenset()
    grounds: frozenset[str] = frozenset()
    blind: frozenset[str] = frozenset()


def demanded(ok: bool, name: str, blind: bool = False) -> Judged:
    """Of one place that must show something."""
    if ok:
        return Judged(held=True, grounds=frozenset({name}))
    return Judged(held=False, breaches=frozenset({name}), blind=frozenset({name.partition(":")[0]}) if blind else frozenset())


def forbidden(breaches: Iterable[str], blind: Iterable[str] = ()) -> Judged:
    """Of places that must not show something."""
    broken, unseen = frozenset(breaches), frozenset(blind)
    return Judged(held=not broken and not unseen, breaches=broken, blind=unseen)
