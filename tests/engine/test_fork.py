"""Going on from a recorded try: a fork that changes nothing continues as its parent did, and what was lived through is told and counted."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from harness.core.agent import Conversation, Stop
from harness.core.chat import Role
from harness.core.events import (
    LimitReached,
    ModelAsked,
    PartAdded,
    RequestGiven,
    Trace,
    TreeSeen,
    TrialBroke,
    TrialStarted,
    ViewEdited,
)
from harness.core.lived import OutsideSeen, PastLived
from harness.core.parts import views
from harness.core.task import Limits
from harness.core.trial import Parent
from harness.engine.fork import past_at
from harness.engine.moment import entries_at, grouped, turns, unrestored
from harness.engine.trial import run_trial
from harness.metrics.context.seen.life import life
from harness.metrics.row import row
from harness.metrics.spend import total
from harness.metrics.tries import last, of
from harness.plan import seed_of
from harness.store.sqlite import create
from harness.wiring import forking
from harness.wiring.trees import trees
from tests.engine.doubles import KEY, Stage, Time, Written, job, stage
from tests.engine.forks import CHILD, TOOLS, Scripted, Stopping, alive, forked, interrupted, played


@pytest.fixture
def here(tmp_path: Path) -> Stage:
    return stage(tmp_path)


CLOCKS = re.compile(r'"(at|seq|seconds|wall|prefill|decode|first_token|host_load|container|ended_at)":[^,}]*|longhaul-host-\w+|"environment":(null|{[^}]*})')
"""Also the variables: on the host the folder's own name is among them."""


def told_after(entries: Trace, turn: int, past: set[str]) -> list[str]:
    """The events as text, without clocks and machines, without the parts of the past, and without the first view's splices."""
    lines = []
    for entry in entries:
        event = entry.event
        if isinstance(event, ModelAsked) and event.turn == turn + 1:
            event = msgspec.structs.replace(event, splices=())
        if not (isinstance(event, PartAdded) and event.id in past):
            lines.append(CLOCKS.sub("", msgspec.json.encode(event).decode()))
    return lines


@pytest.mark.parametrize("turn", range(6))
def test_a_fork_that_changes_nothing_continues_as_its_parent(here: Stage, tmp_path: Path, turn: int) -> None:
    """Whatever the turn: the same events follow, byte for byte, but for clocks and machines; the whole view is told once more."""
    parent = played(here, tmp_path)
    _, child = forked(here, tmp_path, turn)
    lived_through = entries_at(parent, turn)
    past = {event.id for event in of(lived_through, PartAdded)}
    led = next(entry.seq for entry in child if isinstance(entry.event, PastLived))
    assert told_after(child[led:], turn, past) == told_after(parent[len(lived_through) :], turn, past)
    assert of(child, RequestGiven) == ()


def test_a_fork_begins_with_what_its_parent_had(here: Stage, tmp_path: Path) -> None:
    """The tree is the recorded one, the parent is named, what is not restored is told, and the first view holds all of the past."""
    parent = played(here, tmp_path)
    child, trace = forked(here, tmp_path, 3)
    started, event = last(trace, TrialStarted), last(trace, PastLived)
    assert started is not None
    assert event is not None
    assert started.parent == Parent("run", "t0001", 1, 3, "full")
    assert (event.turn, event.tool_calls, event.lost) == (3, 2, ("what was outside",))
    begun, restored, *_ = of(trace, TreeSeen)
    assert (begun.author, restored.author) == ("start", "harness")
    assert restored.tree == last(entries_at(parent, 3), TreeSeen).tree
    assert restored.extra == last(entries_at(parent, 3), TreeSeen).extra
    assert views(trace, child.store.blobs.get)[0] == views(parent, here.store.blobs.get)[3]


def test_directory_and_variables_live_on(here: Stage, tmp_path: Path) -> None:
    """The shell of a fork knows what its parent's had exported."""
    played(here, tmp_path)
    _, trace = forked(here, tmp_path, 2)
    shown = [part.content.text for part in of(trace, PartAdded) if part.id == "m6.1"]
    assert "kept" in shown[0]


def test_the_short_view_replaces_the_past_by_a_digest(here: Stage, tmp_path: Path) -> None:
    """System text and request stay, a digest of files and tests stands for the rest, and what comes after the fork stays."""
    played(here, tmp_path)
    child, trace = forked(here, tmp_path, 3, "short")
    first, second, *_ = dict.fromkeys(views(trace, child.store.blobs.get))
    assert [message.id for message in first] == ["a1", "m1", "v1"]
    assert [message.id for message in second][:3] == ["a1", "m1", "v1"]
    assert [message.role for message in second][3:] == [Role.ASSISTANT, Role.TOOL]
    digest = first[2].text
    assert "- a.txt (changed)" in digest
    assert "- d/l (added)" in digest
    assert "kept" in digest.partition("The last test result, of `echo $WORD")[2]
    (edit,) = of(trace, ViewEdited)
    assert (edit.policy, edit.dropped, {new for _, new in edit.replaced}) == ("view short", (), {"v1"})


def test_a_fork_of_a_fork_lives_through_both(here: Stage, tmp_path: Path) -> None:
    """The first past, the view after it, and the second past: the grandchild goes on where its parent was."""
    played(here, tmp_path)
    child, _ = forked(here, tmp_path, 1, "short")
    grandchild, trace = forked(here, tmp_path, 4, "full", source=child)
    (key,) = child.store.keys().values()
    theirs = list(dict.fromkeys(views(child.store.trace(key), child.store.blobs.get)))
    assert [message.id for message in theirs[3]][:3] == ["a1", "m1", "v1"]
    assert views(trace, grandchild.store.blobs.get)[0] == theirs[3]
    assert last(trace, PastLived).turn == 4
    assert of(trace, TreeSeen)[-1].tree == of(child.store.trace(key), TreeSeen)[-1].tree


def test_a_fork_can_be_looked_at_without_its_parent(here: Stage, tmp_path: Path) -> None:
    """Every work tree that the past saw is in the fork's record, and in that of a fork of it: what became of the past is read from them."""
    played(here, tmp_path)
    child, first = forked(here, tmp_path, 3)
    grandchild, second = forked(here, tmp_path, 4, source=child)
    for stage_, trace in ((child, first), (grandchild, second)):
        seen = {event.tree for event in of(life(trace, stage_.store.blobs.get).entries, TreeSeen)}
        assert len(seen) > 2
        with trees(stage_.store.folder) as recorded:
            assert all("a.txt" in recorded.files(tree) for tree in seen)


def test_limits_count_what_was_lived(here: Stage, tmp_path: Path) -> None:
    """A fork has no fresh budget of turns, calls, tokens or seconds; money is its own."""
    parent = played(here, tmp_path)
    used = total(entries_at(parent, 3))
    _, by_turns = forked(here, tmp_path, 3, "full", limits=Limits(turns=4))
    _, by_tokens = forked(here, tmp_path, 2, "full", limits=Limits(tokens=used.tokens))
    assert (last(by_turns, LimitReached).stop, last(by_turns, LimitReached).spent) == (Stop.TURNS, 4.0)
    assert last(by_tokens, LimitReached).stop is Stop.TOKENS
    assert [asked.turn for asked in of(by_tokens, ModelAsked)] == [3]
    told = row("t0001", CHILD, job(tmp_path).task, by_turns)
    assert (told.turns, told.calls.ok, told.parent.turn, told.origin) == (4, 1, 3, "")


def test_the_first_attempt_of_a_fork_has_its_parents_seed(here: Stage, tmp_path: Path) -> None:
    """The parent's attempt decides, so that a fork without another seed samples as its parent did."""
    played(here, tmp_path)
    _, trace = forked(here, tmp_path, 1)
    assert last(trace, TrialStarted).seed == seed_of(0, "task", 1)


def test_an_agent_that_is_another_now_breaks_the_fork_as_ours(here: Stage, tmp_path: Path) -> None:
    """Where an agent parts from its past, that is our fault and named with both sides."""
    played(here, tmp_path)
    past = past_at(entries_at(here.store.trace(KEY), 2), here.store.blobs.get, Parent("run", "t0001", 1, 2, ""), forking.through)

    def other(_assignment: object) -> Conversation:
        yield from ()
        return Stop.GAVE_UP

    key = msgspec.structs.replace(KEY, attempt=2)
    child = Stage(create(tmp_path / "other", (key,), {}), Time())
    forking.take_trees(here.store.folder / "trees.git", child.store.folder / "trees.git", (past.tree,))
    work = msgspec.structs.replace(job(tmp_path), key=key, past=past)
    run_trial(work, child.world(Written(other), Scripted(), tools=TOOLS, blobs=here.store.blobs), child.store.begin(key))
    broke = last(child.store.trace(key), TrialBroke)
    assert (broke.where, broke.will_retry) == ("harness", False)
    assert "turn 1: the agent wished the end (gave_up), on record is a question of 2 messages" in broke.text


def test_turns_that_can_be_gone_on_from(here: Stage, tmp_path: Path) -> None:
    """Every whole turn, from before the first question; the one that was under way is none."""
    assert turns(played(here, tmp_path)) == range(6)
    (tmp_path / "other").mkdir()
    other = stage(tmp_path / "other")
    assert turns(interrupted(other, tmp_path / "other", Stopping(2))) == range(3)
    assert turns(()) == range(0)


def test_what_a_fresh_machine_has_not_is_named(here: Stage, tmp_path: Path) -> None:
    """Living processes, and what is outside the workspace: by name where the trial ended, else as not on record."""
    trace = tuple(alive(entry) for entry in played(here, tmp_path))
    assert unrestored(trace, 1, watched=False) == ("1 process that was alive", "what was changed outside the workspace: it is not on record")
    assert unrestored(trace, 1, watched=True) == ("1 process that was alive",)
    assert unrestored(trace, 0, watched=True) == ("1 process that was alive",)


def test_many_paths_outside_are_told_by_their_folder() -> None:
    """Two hundred files of a test runner are one word; those that are not on record by name are counted."""
    seen = OutsideSeen(("/etc/hosts.new", *(f"/tmp/pytest-of-agent/{number}" for number in range(3))), 9)
    assert grouped(seen) == ("/etc/hosts.new", "/tmp/pytest-of-agent (3 paths)", "and 5 more")
    assert grouped(OutsideSeen(("/tmp/outside",), 1)) == ("/tmp/outside",)
