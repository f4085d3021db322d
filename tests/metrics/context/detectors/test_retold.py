"""One story of a generated task, read by every detector at once: they say the same of it however it is cut, called, dragged out or kept.

Single detectors are held to these laws by test_invariances.py (rules, facts, own work, state) and test_together.py (views, endings, looks,
loops, refusals, calls); here are all of them over one record, and with it those laws that one of the two files leaves out.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import msgspec
import pytest

from tests.metrics.context.detectors.retelling import Chunked, Idling, Louder, Story, found, story
from tests.metrics.context.detectors.unplaced import Told, unplaced
from tests.metrics.context.telling import Telling

ROOT = Path(__file__).resolve().parents[4]
STAGES = ("s01", "s02", "s03", "s04", "s05")
KINDS = {"C1": 1, "D1": 1, "E1": 3, "F1": 1, "G4": 1, "H1": 2, "I1": 1, "K3": 1, "L1": 1}
FOLDERS = (("orchardry", "farmstead"),)
NAMES = (("settle", "fathom"), ("judge", "gauge"), ("waves", "tides"), ("pairs", "twins"), ("keys", "bolts"), ("_CODE", "_TAG"))
PROGRAM = """
import sys
from tests.metrics.context.detectors.test_retold import written
from tests.metrics.context.telling import Telling
sys.stdout.buffer.write(written(Telling(), stored=True))
"""


def said(telling: Telling, tale: Story | None = None, *, stored: bool = False) -> list[Told]:
    scene, ones = found(tale or story(), telling, stored=stored)
    return unplaced(ones, scene, STAGES)


@lru_cache(maxsize=1)
def plain() -> list[Told]:
    return said(Telling())


def written(telling: Telling, *, stored: bool = False) -> bytes:
    return msgspec.json.encode(found(story(), telling, stored=stored)[1])


def test_the_story_has_a_loss_of_many_kinds() -> None:
    """Each where it was put."""
    assert Counter(one.kind for one in plain()) == KINDS, [(one.kind, one.item, one.turn) for one in plain()]


def test_words_in_more_parts_change_nothing() -> None:
    """Requests and replies line by line, each a part of its own: turns, roots and sight are the same."""
    assert said(Chunked()) == plain()


def test_twice_the_distraction_changes_nothing() -> None:
    """Whatever commands and tests show, they show twice."""
    assert said(Louder()) == plain()


def test_idle_turns_keep_what_was_lost_where() -> None:
    """A turn without an act before every turn: the same kinds of the same items in the same stages, linked to the same kinds."""
    def short(ones: Sequence[Told]) -> list[tuple[str, str, str, str]]:
        return sorted((one.turn[0], one.kind, one.item, one.root[:2]) for one in ones)

    assert short(said(Idling())) == short(plain())


@pytest.mark.parametrize("pairs", [FOLDERS, NAMES], ids=["folders", "names"])
def test_other_names_change_nothing_else(pairs: tuple[tuple[str, str], ...]) -> None:
    """Folders, or the names in the code, called otherwise in files, requests, calls and manifest: the same findings under those names."""
    tale = msgspec.json.decode(swapped(msgspec.json.encode(story()).decode(), pairs), type=Story)
    expected = msgspec.json.decode(swapped(msgspec.json.encode(plain()).decode(), pairs), type=list[Told])
    assert tale != story()
    assert said(Telling(), tale) == sorted(expected)


def swapped(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for old, new in pairs:
        assert new not in text
        text = text.replace(old, new)
    return text


def test_a_stored_trace_read_again_gives_the_same_bytes() -> None:
    """By another process with other hashes, of the trace as JSON brings it back: byte for byte what was said at first."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "4"}
    again = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, env=env, capture_output=True, check=True).stdout
    assert again == written(Telling())
