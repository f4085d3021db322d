"""One question about one tree: the tree, the tree that the agent began with, and the sources of both."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

import msgspec

from harness.metrics.context.predicates.facts import Definition, Module
from harness.metrics.context.predicates.sources import Scope, Sources

Value = TypeVar("Value")


class Look(msgspec.Struct, frozen=True):
    tree: str
    base: str
    sources: Sources

    def swept(self, key: Hashable, scope: Scope, one: Callable[[str, str], Value | None]) -> Mapping[str, Value]:
        return self.sources.swept(key, (self.tree, self.base), scope, one)

    def module(self, path: str) -> Module | None:
        return self.sources.at(self.tree, path)

    def there(self, path: str) -> bool:
        """Whether a file of this name is there and does not parse, where `module` gives nothing."""
        return self.sources.file(self.tree, path) is not None

    def fresh(self, path: str) -> bool:
        """Whether the agent began without it."""
        return path not in self.sources.files(self.base)

    def began(self, path: str) -> Module | None:
        """The module as the agent found it."""
        return self.sources.at(self.base, path)

    def added(self, path: str, now: Module, kind: str) -> tuple[Definition, ...]:
        """Definitions of this kind that the module does not have in the tree that the agent began with."""
        old = self.began(path)
        known = {one.name for every in old.definitions.values() for one in every if one.kind == kind} if old else set()
        return tuple(every[-1] for name, every in now.definitions.items() if every[-1].kind == kind and name not in known)

    def moved(self, name: str, kind: str) -> bool:
        """Whether the agent only moved this definition: some module that had it at the beginning has it no more."""
        return any(self._gone(path, name) for path in self.sources.homes(self.base, kind).get(name, ()))

    def _gone(self, path: str, name: str) -> bool:
        oid = self.sources.file(self.tree, path)
        if oid is not None and oid == self.sources.file(self.base, path):
            return False
        now = self.module(path)
        return oid is None or (now is not None and name not in now.definitions)
