"""The accounts of a run's trials: those that are kept are read, the others are made from their traces and kept for the next time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, suppress

import msgspec

from harness.cli.context.settled import Hands, hands, settled, with_tests
from harness.cli.record.runs import Held
from harness.core.errors import HarnessError, MissingError, StoreError
from harness.core.events import ModelAsked, TreeSeen
from harness.core.ports import Say
from harness.core.trial import TrialKey
from harness.metrics.context.account import FORMAT, Account
from harness.metrics.context.accounting import account
from harness.metrics.context.all import findings
from harness.metrics.context.reading import scene
from harness.metrics.context.scene import Scene, Trees
from harness.metrics.context.standing import settle_points
from harness.metrics.tries import lived, of
from harness.settings import Settings
from harness.store.accounts import KeptAccounts, Named
from harness.store.sqlite import Standing
from harness.wiring.digests import of_judges
from harness.wiring.trees import trees

EVERY = 25
"""Trials between two words on how far it is."""


class Entry(msgspec.Struct, frozen=True):
    """What is kept of a trial: its account, or why there is none."""

    account: Account | None = None
    why: str = ""


class Accounts(msgspec.Struct, frozen=True):
    """`unread`: (trial, why) of settled trials without an account; `pending`: trials that are not settled; `made`: traces read just now."""

    each: tuple[Account, ...]
    unread: tuple[tuple[str, str], ...]
    pending: int
    made: int = 0


def accounts(held: Held, settings: Settings, say: Say, *, tests: bool = True, anew: bool = False) -> Accounts:
    """In plan order. `tests`: those at ends of requests are run where their outcome is not kept; `anew`: nothing kept is believed.

    Raises StoreError where the record can't be read.
    """
    with ExitStack() as stack:
        reader = _Reader(held, settings, say, stack, tests=tests, anew=anew)
        entries = tuple(reader.entries())
    return Accounts(
        tuple(entry.account for _, entry in entries if entry.account is not None),
        tuple((short, entry.why) for short, entry in entries if entry.account is None), reader.pending, reader.made,
    )  # fmt: skip


def one(held: Held, settings: Settings, say: Say, short: str, *, tests: bool = True) -> Entry:
    """That of one trial. Raises StoreError."""
    with ExitStack() as stack:
        reader = _Reader(held, settings, say, stack, tests=tests, anew=False)
        return reader.entry(short, held.store.keys()[short], held.store.progress()[short])


def kept(held: Held) -> bool:
    """Whether any account of the run was ever kept."""
    return KeptAccounts(held.store.folder).any()


class _Reader:
    """Trees and hands are had only once something needs them: what is kept needs neither."""

    def __init__(self, held: Held, settings: Settings, say: Say, stack: ExitStack, *, tests: bool, anew: bool) -> None:
        self._held, self._settings, self._say, self._stack = held, settings, say, stack
        self._tests, self._anew = tests, anew
        self._kept = KeptAccounts(held.store.folder)
        self._measure = f"{of_judges()} {FORMAT}"
        self._trees: Trees | None = None
        self._hands: Hands | None = None
        self._handless = not tests
        self.pending = self.made = 0

    def entries(self) -> Iterator[tuple[str, Entry]]:
        standing = self._held.store.progress()
        for short, key in self._held.store.keys().items():
            if standing[short].settled is None:
                self.pending += 1
                continue
            yield short, self.entry(short, key, standing[short])

    def entry(self, short: str, key: TrialKey, at: Standing) -> Entry:
        task = self._held.tasks[key.task].digest if key.task in self._held.tasks else ""
        name = Named(short, self._measure, at.settled or 0.0, at.seq, task, tested=True)
        found = None if self._anew else self._found(name)
        return found or self._made(name, key)

    def _found(self, name: Named) -> Entry | None:
        """What was made with all tests serves everybody; what was made without them, only those who want none."""
        plain = () if self._tests else (msgspec.structs.replace(name, tested=False),)
        for each in (name, *plain):
            data = self._kept.find(each)
            with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                if data is not None:
                    return msgspec.json.decode(data, type=Entry)
        return None

    def _made(self, name: Named, key: TrialKey) -> Entry:
        self.made += 1
        if self.made % EVERY == 0:
            self._say(f"{self.made:,} traces read")
        entry, whole = self._entry(name.trial, key)
        with suppress(StoreError, UnicodeEncodeError):  # a record on a disk that takes no more is read all the same, so is a path that is no UTF-8
            self._kept.keep(msgspec.structs.replace(name, tested=whole), msgspec.json.encode(entry))
        return entry

    def _entry(self, short: str, key: TrialKey) -> tuple[Entry, bool]:
        """And whether tests at ends of requests leave nothing open."""
        trace = self._held.store.trace(key)
        now = lived(trace)
        if not of(now, ModelAsked):
            return Entry(why="its agent asked no model"), True
        if not of(now, TreeSeen):
            return Entry(why="no trees of its workspace are on record"), True
        try:
            made = scene(short, self._held.tasks[key.task], trace, self._held.store.blobs.get, self._recorded())
            made, untested = self._with_tests(made, key)
            return Entry(account(made, findings(made), key, untested=untested)), not untested
        except StoreError:
            raise
        except HarnessError as fault:
            return Entry(why=str(fault)), True

    def _with_tests(self, made: Scene, key: TrialKey) -> tuple[Scene, int]:
        points = settle_points(made.manifest, made.turns, made.base)
        if not points:
            return made, 0
        told = settled(self._held, key, made, self._ready(), self._say)
        return with_tests(made, told), sum(told.get(point) is None for point in points)

    def _recorded(self) -> Trees:
        if self._trees is None:
            self._trees = self._stack.enter_context(trees(self._held.store.folder))
        return self._trees

    def _ready(self) -> Hands | None:
        if self._hands is None and not self._handless:
            try:
                self._hands = hands(self._held, self._settings)
            except MissingError as fault:
                self._say(f"tests at ends of requests are not run: {fault}")
                self._handless = True
        return self._hands
