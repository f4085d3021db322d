"""Which files a predicate is about, and which of them hold a value that it asks for; pure."""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.memory import Milestone
from harness.core.predicates import Every, Not, Predicate, Some


def leaves(predicate: Predicate) -> Iterator[Predicate]:
    """Its parts that have no parts, in order."""
    match predicate:
        case Every(of=parts) | Some(of=parts):
            for part in parts:
                yield from leaves(part)
        case Not(of=part):
            yield from leaves(part)
        case _:
            yield predicate


def places(predicate: Predicate) -> tuple[str, ...]:
    """Globs of the files that it looks at; () where it names none, as tests do not."""
    found: list[str] = []
    for leaf in leaves(predicate):
        path, paths = getattr(leaf, "path", ""), getattr(leaf, "paths", ())
        package = getattr(leaf, "package", "")
        found += [path] if path else []
        found += [*paths, *([f"{package.replace('.', '/')}/**"] if package else [])]
    return tuple(dict.fromkeys(found))


def scope(milestone: Milestone) -> tuple[str, ...]:
    """Globs of the files that work on it may change: its own scope and what its predicate looks at; () for anywhere."""
    return tuple(dict.fromkeys((*places(milestone.predicate), *milestone.scope)))


def asking(predicate: Predicate, value: str) -> tuple[Predicate, ...]:
    """The leaves that name the value in what they ask for."""
    asked = ("value", "pattern", "name", "names", "callee")
    return tuple(leaf for leaf in leaves(predicate) if value and any(value in str(getattr(leaf, field, "")) for field in asked))
