"""Which paths a predicate may depend on, so that a turn that touches none of them need not be judged again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from harness.core import predicates as ask
from harness.core.predicates import Predicate
from harness.metrics.context.predicates.globs import within

_CODE = ("**/*.py", "**/*.pyi")
_PLAIN = (ask.Exists, ask.Says, ask.Silent, ask.Headed, ask.Unchanged, ask.Announced, ask.Longest, ask.Tested)


@lru_cache(maxsize=4096)
def footprint(predicate: Predicate) -> tuple[str, ...]:
    """Globs; of one that follows imports, or tells what is new from what was moved, all code."""
    match predicate:
        case ask.Every(of=of) | ask.Some(of=of):
            return tuple(dict.fromkeys(glob for one in of for glob in footprint(one)))
        case ask.Not(of=below):
            return footprint(below)
        case ask.Tested():
            return ("**",)
        case ask.Named() | ask.Decorated():
            return (*predicate.paths, *_CODE)
        case ask.Exports() | ask.Acyclic():
            return _CODE
        case ask.Announced():
            return (predicate.log, *predicate.paths)
        case _:
            return (predicate.path,) if hasattr(predicate, "path") else predicate.paths


def touches(predicate: Predicate, changed: Iterable[str]) -> bool:
    """Whether what changed may change what the predicate says."""
    globs = footprint(predicate)
    return any(within(path, globs) for path in changed)


def needed(predicate: Predicate) -> tuple[tuple[str, ...], ...]:
    """The test ids of every Tested in it."""
    match predicate:
        case ask.Tested(ids=ids):
            return (ids,)
        case ask.Every(of=of) | ask.Some(of=of):
            return tuple(dict.fromkeys(ids for one in of for ids in needed(one)))
        case ask.Not(of=below):
            return needed(below)
        case _:
            return ()


def parses(predicate: Predicate) -> bool:
    """Whether a syntax error can keep it from being judged."""
    match predicate:
        case ask.Every(of=of) | ask.Some(of=of):
            return any(map(parses, of))
        case ask.Not(of=below):
            return parses(below)
        case ask.Named(kind="file"):
            return False
        case _:
            return not isinstance(predicate, _PLAIN)
