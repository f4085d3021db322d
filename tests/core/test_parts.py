"""Views as folds of splices, and contents that survive the record whatever they hold."""

from __future__ import annotations

import hashlib

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from harness.core.blob import Blob
from harness.core.chat import (
    Content,
    Message,
    Origin,
    Part,
    Role,
    Sampling,
    Text,
    Thinking,
    ToolCall,
    ToolOutput,
    message,
)
from harness.core.events import Entry, ModelAsked, PartAdded
from harness.core.parts import INLINE, added, packed, part_ids, spliced, splices, unpacked, views, whole

WORDS = st.text(st.characters(), max_size=60) | st.text("\ud800\udfff\x00a", max_size=9)
IDS = st.lists(st.sampled_from([f"m{n}.1" for n in range(12)]), unique=True, max_size=12).map(tuple)
CONTENTS: st.SearchStrategy[Content] = st.one_of(
    st.builds(Text, WORDS),
    st.builds(Thinking, WORDS, WORDS),
    st.builds(ToolCall, WORDS, WORDS, WORDS),
    st.builds(ToolOutput, WORDS, WORDS, WORDS, st.booleans()),
)


class Shelf:
    """Blobs in a dictionary."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    def put(self, data: bytes) -> Blob:
        name = hashlib.sha256(data).hexdigest()
        self.held[name] = data
        return Blob(name, len(data))

    def get(self, blob: Blob) -> bytes:
        return self.held[blob.sha256]


@given(IDS, IDS)
def test_splices_lead_from_one_view_to_the_other(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    """Whatever two views are, applying the splices to the first gives the second."""
    assert spliced(old, splices(old, new)) == new


def test_an_append_is_one_splice_of_the_new_ids() -> None:
    """A history that only grew costs what is new, not the whole view."""
    old = tuple(f"m{n}.1" for n in range(1000))
    (only,) = splices(old, (*old, "m1000.1"))
    assert (only.at, only.drop, only.insert) == (1000, 0, ("m1000.1",))


def test_a_masked_middle_costs_what_was_masked() -> None:
    """Replacing one part in the middle of a long view is one small splice."""
    old = tuple(f"m{n}.1" for n in range(1000))
    (only,) = splices(old, (*old[:500], "a1.1", *old[501:]))
    assert (only.at, only.drop, only.insert) == (500, 1, ("a1.1",))


@given(CONTENTS)
def test_any_content_survives_packing(content: Content) -> None:
    """Lone surrogates, NUL and all: what was packed is what comes out."""
    assert unpacked(packed(content)) == content


@given(CONTENTS)
def test_any_content_survives_the_record(content: Content) -> None:
    """An event made of hostile words can be encoded, decoded, and read back whole."""
    shelf = Shelf()
    words = Message("m1", Role.USER, (Part("m1.1", Origin.TASK, content),))
    event = added(words, words.parts[0], shelf.put)
    entry = msgspec.json.decode(msgspec.json.encode(Entry(1, 0.0, event)), type=Entry)
    assert isinstance(entry.event, PartAdded)
    assert whole(entry.event, shelf.get) == content


def test_bulky_words_leave_an_excerpt_in_the_event() -> None:
    """A ten-megabyte part is a blob; its event stays small."""
    shelf = Shelf()
    words = message("m1", Role.TOOL, Origin.TOOL, Text("x" * 10_000_000))
    event = added(words, words.parts[0], shelf.put)
    assert event.blob is not None
    assert len(msgspec.json.encode(event)) < 2 * INLINE


def test_views_are_rebuilt_from_a_trace() -> None:
    """Every prompt that was put before the model can be rebuilt from its events."""
    shelf = Shelf()
    first = message("m1", Role.USER, Origin.TASK, Text("do it"))
    second = message("m2", Role.ASSISTANT, Origin.MODEL, Text("thinking " * 2000), ToolCall("c1", "shell", "{}"))
    shown = [(first,), (first, second), (second,)]
    entries: list[Entry] = []
    known: set[str] = set()
    ids: tuple[str, ...] = ()
    for turn, view in enumerate(shown, 1):
        for each in view:
            fresh = [part for part in each.parts if part.id not in known]
            entries += [Entry(0, 0.0, added(each, part, shelf.put)) for part in fresh]
            known.update(part.id for part in fresh)
        asked = ModelAsked(turn, splices(ids, part_ids(view)), Sampling(), None, 100, "", "")
        ids = part_ids(view)
        entries.append(Entry(0, 0.0, asked))
    assert views(tuple(entries), shelf.get) == shown
