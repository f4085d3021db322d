"""Which items a part exposes, and how much of the part comes after an item's last words in it."""

from __future__ import annotations

from collections.abc import Mapping

from harness.core.chat import PartId
from harness.core.memory import Item
from harness.metrics.context.kept.derived import Observed
from harness.metrics.context.kept.fingerprints import Finder, printed
from harness.metrics.context.seen.arguments import parsed, strings
from harness.metrics.context.seen.spoken import Spoken


class Exposing:
    """Each part is looked through once, when it is first shown; `items` are all of the ledger's."""

    def __init__(self, items: Mapping[str, Item], parts: Mapping[PartId, Spoken], found: Observed) -> None:
        self._finder = Finder({name: [printed(each) for each in item.fingerprints] for name, item in items.items() if item.fingerprints})
        self._parts, self._own = parts, found.parts
        self._by_part: dict[PartId, tuple[str, ...]] = {}
        self._by_text: dict[tuple[str, str], tuple[str, ...]] = {}
        self._after: dict[tuple[str, PartId], float] = {}

    def items(self, part: PartId) -> tuple[str, ...]:
        known = self._by_part.get(part)
        if known is None:
            known = self._by_part[part] = (*self._own.get(part, ()), *self._matched(part))
        return known

    def _matched(self, part: PartId) -> tuple[str, ...]:
        """The same words are looked through once: files are read again and again."""
        spoken = self._parts[part]
        key = (spoken.kind, spoken.text)
        if key not in self._by_text:
            self._by_text[key] = tuple(sorted(self._finder.items(searched(spoken))))
        return self._by_text[key]

    def after(self, item: str, part: PartId) -> float:
        """The share of the part, 0..1, that comes after the item's last words in it; 0 where the part is the exposure as a whole."""
        key = (item, part)
        if key not in self._after:
            self._after[key] = self._share(item, part)
        return self._after[key]

    def _share(self, item: str, part: PartId) -> float:
        if item in self._own.get(part, ()):
            return 0.0
        text = searched(self._parts[part])
        end = self._finder.end(item, text)
        return (len(text) - end) / len(text) if end > 0 else 0.0


def searched(part: Spoken) -> str:
    """The words in which fingerprints are looked for: of a call those of its arguments, without JSON's escapes where it can be read."""
    if part.kind != "call" or "\\" not in part.text:
        return part.text
    arguments = parsed(part.text)
    return part.text if arguments is None else "\n".join(strings(arguments))
