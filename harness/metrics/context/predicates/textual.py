"""Predicates on files as they lie there: existence, lines, bytes, lengths. Nothing is parsed, so nothing can fail to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from harness.core.predicates import Announced, Exists, Headed, Longest, Says, Silent, Unchanged
from harness.metrics.context.predicates.look import Look
from harness.metrics.context.predicates.sources import Scope
from harness.metrics.context.predicates.text import counted, hits
from harness.metrics.context.predicates.verdict import Judged, demanded, forbidden

_HEAD = 3
_SHOWN = 80


def exists(ask: Exists, look: Look) -> Judged:
    """A link counts, whatever it leads to."""
    return demanded(ask.path in look.sources.files(look.tree), ask.path)


def says(ask: Says, look: Look) -> Judged:
    """Of comments, docstrings and code alike."""
    found = look.swept(ask, Scope(ask.paths), lambda _, oid: bool(hits(look.sources.lines(oid), ask.pattern)) or None)
    return Judged(held=True, grounds=frozenset(found)) if found else Judged(held=False, breaches=frozenset(ask.paths))


def silent(ask: Silent, look: Look) -> Judged:
    """A breach is path:words, so that a further slip in the same file is a further breach."""

    def broken(path: str, oid: str) -> tuple[str, ...] | None:
        return tuple(f"{path}:{word.strip()[:_SHOWN]}" for word in hits(look.sources.lines(oid), ask.pattern)) or None

    return forbidden(each for every in look.swept(ask, Scope(ask.paths, ask.but), broken).values() for each in every)


def headed(ask: Headed, look: Look) -> Judged:
    def broken(path: str, oid: str) -> bool | None:
        return (look.fresh(path) and not hits(look.sources.lines(oid)[:_HEAD], ask.pattern)) or None

    return forbidden(look.swept(ask, Scope(ask.paths), broken))


def unchanged(ask: Unchanged, look: Look) -> Judged:
    """Links count as what they are: one in a file's place is a change, and so is one that was not there."""
    scope, left = Scope(ask.paths), look.sources.left_out(look.base)
    return forbidden(path for path in look.sources.changed(look.base, look.tree) if scope.holds(path) and not left(path))


def longest(ask: Longest, look: Look) -> Judged:
    return forbidden(look.swept(ask, Scope(ask.paths), lambda _, oid: counted(look.sources.data(oid)) > ask.lines or None))


def announced(ask: Announced, look: Look) -> Judged:
    """A package's `__init__.py` is named by its folder, too; the log itself needs no mention. A file that is as it was needs none any more."""
    scope, left = Scope(ask.paths), look.sources.left_out(look.base)
    paths = [path for path in look.sources.changed(look.base, look.tree) if scope.holds(path) and path != ask.log and not left(path)]
    new = "\n".join(_new_lines(ask.log, look))
    return forbidden(path for path in paths if not any(_names(new, word) for word in _words(path, ask.name)))


def _new_lines(log: str, look: Look) -> Iterator[str]:
    now, old = look.sources.file(look.tree, log), look.sources.file(look.base, log)
    before = Counter(look.sources.lines(old)) if old else Counter[str]()
    for line in look.sources.lines(now) if now else ():
        if before[line]:
            before[line] -= 1
        else:
            yield line


def _names(lines: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", lines) is not None


def _words(path: str, name: str) -> tuple[str, ...]:
    if name == "path":
        return (path,)
    parts = path.split("/")
    stem = parts[-1].rpartition(".")[0] or parts[-1]
    return (stem, parts[-2]) if stem == "__init__" and len(parts) > 1 else (stem,)
