"""Items that a machine knows of: what was read, run and written in a trial, and what its requests name, list and forbid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count

import msgspec

from harness.core.chat import PartId
from harness.core.memory import Item, Manifest, Stage
from harness.metrics.context.kept.fingerprints import literal, whole_word
from harness.metrics.context.kept.instruction import picked
from harness.metrics.context.scene import Did, Turn
from harness.metrics.context.seen.looks import Look, looks, relative
from harness.metrics.context.seen.spoken import Spoken

SUMMARY = 120
"""Characters of a call's arguments in an item's text."""


class Observed(msgspec.Struct, frozen=True):
    """`parts`: the items that a part is an exposure of by itself, whatever its words; `born`: the turn in which the item came to be."""

    items: Mapping[str, Item]
    parts: Mapping[PartId, tuple[str, ...]]
    born: Mapping[str, int]


def observed(turns: Iterable[Turn], parts: Mapping[PartId, Spoken], workdir: str) -> Observed:
    """Results, files and own edits of a trial: `result:CALL`, `file:PATH`, `edit:PATH@TURN`."""
    seen = _Observing(parts, workdir)
    for turn in turns:
        for did in turn.calls:
            seen.add(turn, did)
    return Observed(seen.items(), {part: tuple(items) for part, items in seen.parts.items()}, seen.born)


def requested(texts: Iterable[tuple[int, str]]) -> dict[str, Item]:
    """Items of the requests (index, words): `name:WORD`, `point:N`, and `sentence:N` for standing sentences, which nobody has validated."""
    found: dict[str, Item] = {}
    numbers = {"point": count(1), "sentence": count(1)}
    for index, text in texts:
        chosen = picked(text)
        for word in chosen.names:
            found.setdefault(f"name:{word}", Item(f"name:{word}", "fact", word, (whole_word(word),), index, value=word))
        for words in chosen.points:
            item = Item(f"point:{next(numbers['point'])}", "fact", words, (literal(words),), index)
            found[item.id] = item
        for words in chosen.sentences:
            item = Item(f"sentence:{next(numbers['sentence'])}", "rule", words, (literal(words),), index, manner="prohibition", validated=False)
            found[item.id] = item
    return found


def derived(requests: Iterable[tuple[str, int, str]]) -> Manifest:
    """The manifest of a task without one; `requests`: (id, index, words)."""
    every = tuple(requests)
    stages = tuple(Stage(name) for name, _, _ in every)
    return Manifest(stages, tuple(requested((index, text) for _, index, text in every).values()), derived=True)


class _Observing:
    """Gathers over the calls of a trial."""

    def __init__(self, parts: Mapping[PartId, Spoken], workdir: str) -> None:
        self._all, self._workdir = parts, workdir
        self._items: dict[str, Item] = {}
        self._ranges: dict[str, list[Look]] = {}
        self.parts: dict[PartId, list[str]] = {}
        self.born: dict[str, int] = {}

    def items(self) -> dict[str, Item]:
        """All of them, files with the lines that were shown."""
        return self._items | {name: msgspec.structs.replace(self._items[name], value=_told(each)) for name, each in self._ranges.items()}

    def add(self, turn: Turn, did: Did) -> None:
        if did.returned is not None and did.part:
            name = f"result:{did.id}"
            self._item(Item(name, "observation", f"{did.name} {did.raw[:SUMMARY]}", (), turn.stage, recoverable="derivable", exposure="tool"), turn, did.part)
        for look in looks(did, self._workdir):
            self._file(look, turn, did.part)
        path = did.arguments.get("path") if did.arguments and did.ok and did.name in ("write", "replace") else None
        if isinstance(path, str):
            self._edited(relative(path, self._workdir), turn, did)

    def _edited(self, path: str, turn: Turn, did: Did) -> None:
        wrote = self._call_part(turn, did)
        name = f"edit:{path}@{turn.number}"
        self._item(Item(name, "own_decision", f"{did.name} of {path}", (), turn.stage, recoverable="on_disk", exposure="tool"), turn, wrote)
        if did.name == "write":
            self._file(Look(path), turn, wrote)

    def _file(self, look: Look, turn: Turn, part: PartId) -> None:
        name = f"file:{look.path}"
        self._item(Item(name, "observation", look.path, (), turn.stage, recoverable="on_disk", exposure="tool"), turn, part)
        self._ranges.setdefault(name, []).append(look)

    def _item(self, item: Item, turn: Turn, part: PartId) -> None:
        self._items.setdefault(item.id, item)
        self.born.setdefault(item.id, turn.number)
        held = self.parts.setdefault(part, [])
        if part and item.id not in held:
            held.append(item.id)

    def _call_part(self, turn: Turn, did: Did) -> PartId:
        """Where the model wrote the call: the part of its raw words, else the reply's last one."""
        for ident in turn.parts:
            part = self._all.get(ident)
            if part is not None and part.kind == "call" and part.text == did.raw:
                return ident
        return turn.parts[-1] if turn.parts else ""


def _told(each: list[Look]) -> str:
    """The lines shown, as "1-60,80-": joined where they touch; those counted from the end stand as they are."""
    spans = sorted((look.first, look.last) if look.last else (look.first, 1 << 60) for look in each if look.first > 0)
    merged: list[tuple[int, int]] = []
    for first, last in spans:
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    told = [f"{first}-{'' if last == 1 << 60 else last}" for first, last in merged]
    return ",".join([*told, *dict.fromkeys(str(look.first) for look in each if look.first < 0)])
