"""All six detectors over one story: what they say does not hang on ids, on idle turns or on how words are cut into parts."""

from __future__ import annotations

import re

import msgspec
import pytest

from harness.core.chat import ReplyStop
from harness.core.events import Entry
from harness.core.memory import Item, Manifest, Stage
from harness.metrics.context.detectors import compaction, endings, exploring, loops, refusals, tool_syntax
from harness.metrics.context.scene import Scene
from tests.metrics.context.detectors.acting import Acting, Find, agrees, points

ALL: tuple[Find, ...] = (compaction.find, endings.find, exploring.find, loops.find, refusals.find, tool_syntax.find)
PORT = Item("port", "fact", "The bridge listens on port key KQ7-ZD4X2.", ("KQ7-ZD4X2",), value="KQ7-ZD4X2")
MANIFEST = Manifest(stages=(Stage("s01"), Stage("s02")), items=(PORT,), milestones=points("1.1", "1.2", "2.1"))


class Idling(Acting):
    """Every turn is followed by one that does nothing."""

    def shell(self, command: str, output: str = "out", *, code: int = 0, tree: str = ""):
        shown = super().shell(command, output, code=code, tree=tree)
        super().shell("true", "")
        return shown


class Louder(Acting):
    """Every command says all that it says twice."""

    def shell(self, command: str, output: str = "out", *, code: int = 0, tree: str = ""):
        return super().shell(command, f"{output}\n{output}" if output else "", code=code, tree=tree)


def story(told: Acting) -> Acting:
    seen = told.shell("cat notes.txt", PORT.text)
    told.read("a.py")
    told.shell("ls", "a.py")
    told.read("a.py")
    told.replace(seen, "[result cleared]")
    told.shell("git log", "none")
    told.act("nope", {}, "There is no tool.", ok=False, problem="unknown_tool")
    told.said("I can't help with that.\nSorry.")
    told.write("b.py", "def f():\n    pass\n", "t1")
    told.holds(True, "m1.1", turn=told.now + 1)
    told.holds(False, "m1.2", turn=told.now + 1)
    told.finish("1.1 and 1.2", last=False)
    told.request("Do 2.1.")
    for _ in range(4):
        told.shell("make check-style", "same", code=0)
    told.holds(False, "m2.1", "m1.2", turn=told.now + 1)
    told.holds(True, "m1.1", turn=told.now + 1)
    told.finish("", "")
    return told


def said(scene: Scene) -> list[tuple[str, str]]:
    return sorted((finding.kind, finding.item) for find in ALL for finding in find(scene))


PLAIN = [
    ("B1", "port"), ("E1", ""), ("E1", ""), ("E1", ""), ("E1", "a.py"), ("F1", ""), ("H1", "m1.2"), ("H2", "m2.1"),
    ("J2", ""), ("K2", ""), ("K3", "b.py"),
]  # fmt: skip


def test_the_story_is_told_in_full() -> None:
    """Each fault that was put there, and with a loop the looks that it repeats."""
    assert said(story(Acting(MANIFEST)).scene()) == PLAIN


def test_idle_turns_change_nothing() -> None:
    """The same kinds about the same items."""
    assert said(story(Idling(MANIFEST)).scene()) == PLAIN


def test_words_in_more_parts_change_nothing() -> None:
    """A reply's lines may come in a part each."""
    told = Acting(MANIFEST)
    told.chunked = True
    assert said(story(told).scene()) == PLAIN


def test_twice_the_distraction_changes_nothing() -> None:
    """Outputs of twice the length."""
    assert said(story(Louder(MANIFEST)).scene()) == PLAIN


def test_other_ids_change_nothing() -> None:
    """Of messages, calls and trees."""
    told = story(Acting(MANIFEST))
    text = msgspec.json.encode(told.entries).decode()
    for old, new in ((r'"call_(\d)', r'"toolu_\1'), (r'"t(\d)"', r'"9f\1"'), (r'"m(\d+)([."])', r'"z\1\2')):
        text = re.sub(old, new, text)
    told.entries = msgspec.json.decode(text, type=list[Entry])
    told.trees = {"t0": {}, "9f0": {}, "9f1": told.trees["t1"]}
    assert said(told.scene()) == PLAIN


@pytest.mark.parametrize("find", ALL)
def test_live_and_later_readings_agree(find: Find) -> None:
    """On every prefix of the story."""
    agrees(find, story(Acting(MANIFEST)))
    agrees(find, story(Idling(MANIFEST)))


@pytest.mark.parametrize("find", ALL)
def test_a_clean_story_is_silent(find: Find) -> None:
    """Reads before edits, tests after them, a true claim, twice."""
    told = Acting(MANIFEST, "The bridge's port key is KQ7-ZD4X2. Do 1.1 and 1.2.", {"t0": {"a.py": "x = 1\n", "b.py": "y = 1\n"}})
    for stage, tree in ((1, "t1"), (2, "t3")):
        told.read("a.py", f"[a.py]\n1\tx = {stage}")
        told.read("b.py", f"[b.py]\n1\ty = {stage}")
        told.write("a.py", f"x = {stage + 1}\n", tree)
        told.shell("pytest -q", "1 failed", code=1)
        told.write("b.py", f"y = {stage + 1}\n", f"{tree}b")
        told.shell("pytest -q", "3 passed")
        told.holds(True, "m1.1", "m1.2", *(["m2.1"] if stage == 2 else []), turn=told.now + 1)
        told.finish("all", "", last=stage == 2)
        if stage == 1:
            told.request("Do 2.1.")
    assert list(find(told.scene())) == []


@pytest.mark.parametrize("find", ALL)
def test_a_trial_that_never_asked_is_silent(find: Find) -> None:
    """No turn, no finding; nor where the first question was never answered."""
    told = Acting(MANIFEST)
    assert list(find(told.scene())) == []
    told.ask()
    assert list(find(told.scene())) == []


def test_a_refusal_ends_a_story_without_a_claim() -> None:
    """K1 alone: who refuses does not forget."""
    told = Acting(MANIFEST)
    told.shell("ls")
    told.holds(False, "m1.1", "m1.2", turn=2)
    told.said("", stop=ReplyStop.REFUSAL)
    told.end()
    assert said(told.scene()) == [("K1", "")]
