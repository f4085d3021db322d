"""`longhaul probe` as a user has it, in real containers, with a model whose memory is known: which arms fail, what is refused, what stays as it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import pytest

from harness.cli.context.lineage import made_of
from harness.core.blob import Blob
from harness.core.events import GradeRan, ModelAsked, PartAdded, ToolCalled, TreeSeen, TrialStarted, ViewEdited
from harness.metrics.tries import of
from harness.store.sqlite import RunStore
from harness.wiring.replays import probe_of
from tests.answer.probe.ground import Ground, side, sums, told, traces, until_some, with_items, with_window
from tests.end_to_end.tiny import last

Probed: TypeAlias = tuple[Path, dict[str, Any], dict[str, str], dict[str, str]]
ARMS = "full,fresh,remind,pad,evict,no-rule,recall"
"""And absent, which is asked beside recall."""
WINDOW = 64_000


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, base_image: object) -> Ground:
    return Ground(tmp_path_factory.mktemp("probe"), "--window", str(WINDOW))


@pytest.fixture(scope="module")
def probed(ground: Ground) -> Probed:
    """A probe's folder, its document, and the parent's files before and after."""
    before = sums(ground.parent)
    done = ground.do("probe", "parent", "--arms", ARMS, "-k", "1", "--points", "3", "--parallel", "2", "--failures", "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    return last(ground.folder).folder, json.loads(done.stdout), before, sums(ground.parent)


def test_each_arm_fails_as_the_models_memory_has_it(probed: Probed) -> None:
    """The rule far back is lost under full and under nothing that states it near the end; without it in the view it is never kept."""
    points = side(probed[1])["points"]
    assert len(points) >= 4
    for point in points:
        shares = {arm: count["failed"] / count["rolls"] for arm, count in point["counts"].items()}
        assert shares["evict"] == shares["no-rule"] == 1.0
        assert shares["fresh"] == shares["remind"] == shares["pad"] == 0.0
        assert shares["full"] == float(point["point"]["place"]["turn"] > 4)
    assert {point["point"]["how"] for point in points} >= {"failure"}


def test_every_planned_replay_has_its_outcome(probed: Probed) -> None:
    """planned = passed + failed + broken + invalid + pending, in the document and in the run's own report."""
    folder, document, _, _ = probed
    points = side(document)["points"]
    assert sum(document["trials"].values()) == 8 * len(points)
    with closing(RunStore(folder)) as store:
        assert len(store.settled_shorts()) == len(store.keys()) == 8 * len(points)


def test_the_parent_stays_as_it_was(probed: Probed) -> None:
    """Byte for byte, every file."""
    assert probed[2] == probed[3]


def test_every_arm_begins_in_the_same_world(probed: Probed) -> None:
    """The restored tree of each replay is the recorded one of its point, on record, and no tool ran before it."""
    with closing(RunStore(probed[0])) as store:
        probe = probe_of(store)
        assert probe
        worlds: dict[str, set[str]] = {}
        for key in store.keys().values():
            point = probe.of(key)
            assert point
            restored = next(seen for seen in of(store.trace(key), TreeSeen) if seen.author == "harness")
            worlds.setdefault(point.name, set()).add(f"{restored.tree} {restored.extra} {restored.git}")
    assert {len(each) for each in worlds.values()} == {1}
    assert len(set.union(*worlds.values())) > 1


def test_full_is_through_before_any_other_arm_begins(probed: Probed) -> None:
    """What it is worth to go on is decided between."""
    with closing(RunStore(probed[0])) as store:
        ends = {short: at.settled or 0.0 for short, at in store.progress().items()}
        full = {short for short, key in store.keys().items() if key.variant == "full"}
    assert max(ends[short] for short in full) <= min(ends[short] for short in ends.keys() - full)


def test_a_window_ends_with_its_opportunity(probed: Probed) -> None:
    """One question where the item was honoured; where it was violated three, two turns to repair it, or two where `finish` settled it."""
    asked = {arm: {len(of(trace, ModelAsked)) for _, trace in traces(probed[0], arm)} for arm in ("fresh", "evict")}
    assert asked["fresh"] == {1}
    assert {3} <= asked["evict"] <= {2, 3}


def test_a_recall_asks_and_does_nothing(probed: Probed) -> None:
    """One question, no tool, scored by exact match: what is lost under full is not known when asked for, and what is kept is."""
    for _, trace in (*traces(probed[0], "recall"), *traces(probed[0], "absent")):
        assert (len(of(trace, ModelAsked)), len(of(trace, ToolCalled))) == (1, 0)
    for point in side(probed[1])["points"]:
        assert point["counts"]["recall"]["failed"] == point["counts"]["full"]["failed"]
    cells = side(probed[1])["knows"]
    assert cells["lost"] + cells["kept"] == sum(point["point"]["how"] != "failure" for point in side(probed[1])["points"])


def test_what_nobody_stated_is_asked_for_beside(ground: Ground, probed: Probed) -> None:
    """At each point another name, which stands nowhere in what the parent's model saw or wrote; this one names the rule for it wherever it knows that."""
    with closing(RunStore(probed[0])) as store, closing(RunStore(ground.parent)) as parent:
        probe = probe_of(store)
        assert probe
        names = [json.loads(probe.questions[f"{point.name} absent"])["text"].split("`")[1] for point in probe.points]
        asked = ["".join(part.content.text for part in of(trace, PartAdded)) for _, trace in traces(probed[0], "absent")]
        shown = "".join(part.content.text for key in parent.keys().values() for part in of(parent.trace(key), PartAdded))
    assert len(set(names)) == len(names)
    assert not any(name in shown for name in names)
    assert sorted(name for name in names for words in asked if f"`{name}`" in words) == sorted(names)
    cells = side(probed[1])["knows"]
    assert side(probed[1])["absent"] == {"abstained": cells["lost"], "asked": cells["lost"] + cells["kept"], "named": cells["kept"], "unreadable": 0}
    assert f"abstained {cells['lost']}, named one {cells['kept']}, no readable answer 0, of {cells['lost'] + cells['kept']}; who names one guesses" in ground.do("probe", probed[0].name, "--result").stdout


def test_no_replay_is_the_original(probed: Probed) -> None:
    """Each re-roll has a seed of its own, none of them the parent's; and no test was run."""
    seeds: list[int | None] = []
    for _, trace in traces(probed[0], "full"):
        seeds += [event.seed for event in of(trace, TrialStarted)]
        assert {event.phase for event in of(trace, GradeRan)} == {"observe"}
    assert len(set(seeds)) == len(seeds)


def test_what_a_view_leaves_out_is_confessed(probed: Probed) -> None:
    """On record before the first question; full needs no word."""
    for arm, edits in (("full", 0), ("fresh", 1), ("evict", 1)):
        for _, trace in traces(probed[0], arm):
            assert len(of(trace, ViewEdited)) == edits


def test_fresh_tells_state_and_items_and_no_history(probed: Probed) -> None:
    """Files changed, the open points' numbers, the items that hold; not one earlier reply."""
    for key, trace in traces(probed[0], "fresh"):
        first = next(index for index, entry in enumerate(trace) if isinstance(entry.event, ModelAsked))
        parts = {each.id: each.content.text for each in of(trace[:first], PartAdded)}
        assert set(parts) == {"a1.1", "v1i.1", "m1.1", "v1.1"}, key
        assert "Every new function ends with `_op`." in parts["v1i.1"]
        assert "still open: 1." in parts["v1.1"] or "is open" in parts["v1.1"]
        assert "step_" not in "".join(parts.values())


def test_the_result_is_told_again(ground: Ground, probed: Probed) -> None:
    """From the record, the same document; and as text with its floor."""
    again = ground.do("probe", probed[0].name, "--result", "--json")
    assert json.loads(again.stdout) == probed[1]
    words = ground.do("probe", probed[0].name, "--result").stdout
    assert "no rate under 30 points or 10 tasks" in words
    assert "selected on failure" in words


def test_an_estimate_spends_nothing(ground: Ground, probed: object) -> None:
    """Turns and tokens per arm, no run, no money."""
    before = ground.runs()
    done = ground.do("probe", "parent", "--estimate", "--json", "-k", "3")
    body = json.loads(done.stdout)
    assert [arm["arm"] for arm in body["outlay"]["arms"]] == ["full", "fresh", "remind", "pad"]
    assert (body["outlay"]["usd"], body["offered"]) == (None, 7)
    assert ground.runs() == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("parent", "--arms", "full,fersh"), "--arms: found 'fersh', expected 'fresh', perhaps"),
        (("parent", "--arms", "full,"), "--arms: found '', expected one of"),
        (("parent", "--arms", "full"), "--arms: found 'full', expected another arm beside full"),
        (("parent", "--item", "sufix"), "--item: found 'sufix', expected an item that has a [[constraint]]: suffix"),
        (("nowhere",), "RUN: found 'nowhere'"),
        (("probe of", "--arms", "full,fresh"), "a probe itself"),
    ],
)
def test_what_can_not_be_probed_is_one_sentence(ground: Ground, probed: tuple[Path, object, object, object], words: tuple[str, ...], sentence: str) -> None:
    """Exit 2, no traceback, and no run was made."""
    before = ground.runs()
    named = tuple(probed[0].name if word == "probe of" else word for word in words)
    done = ground.do("probe", *named)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert sentence in done.stderr
    assert ground.runs() == before


@pytest.mark.parametrize("more", [(), ("--estimate",)])
def test_what_can_not_be_widened_is_refused_before_it_is_priced(ground: Ground, more: tuple[str, ...]) -> None:
    """A run that set no window: one sentence and no table, also where only the price is asked for."""
    before, window = ground.runs(), with_window(ground.parent, None)
    try:
        done = ground.do("probe", "parent", "--arms", "full,wide", *more)
    finally:
        with_window(ground.parent, window)
    assert (done.returncode, done.stdout) == (2, "")
    assert "whose window the run did not set" in done.stderr
    assert ground.runs() == before


def test_a_probe_without_trees_is_refused(ground: Ground, probed: object) -> None:
    """One sentence before anything is spent."""
    trees, aside = ground.parent / "trees.git", ground.parent / "aside.git"
    trees.rename(aside)
    try:
        done = ground.do("probe", "parent")
    finally:
        aside.rename(trees)
    assert done.returncode == 2
    assert "a run without recorded trees" in done.stderr


@pytest.mark.parametrize(("words", "sentence"), [(None, "whose tasks have no items"), ({"fingerprints": ()}, "a view that needs an absent item")])
def test_items_that_are_not_there_are_named(ground: Ground, probed: object, words: dict[str, Any] | None, sentence: str) -> None:
    """A run without items, and a view about an item that has no words to be found by."""
    manifest = told(ground.parent)
    assert manifest
    (item,) = manifest.items
    with_items(ground.parent, msgspec.structs.replace(manifest, items=(msgspec.structs.replace(item, **words),)) if words else None)
    try:
        done = ground.do("probe", "parent", "--arms", "full,evict")
    finally:
        with_items(ground.parent, manifest)
    assert done.returncode == 2
    assert sentence in done.stderr


@pytest.mark.parametrize("view", ["remind", "evict", "no-rule"])
def test_a_fork_under_a_view_that_needs_an_item_is_refused(ground: Ground, view: str) -> None:
    """One sentence that says where there is one."""
    done = ground.do("fork", "parent", "t0001", "--turn", "3", "--view", view)
    assert done.returncode == 2
    assert "a view that needs no item" in done.stderr


def test_a_fork_has_the_new_views(ground: Ground, probed: Probed) -> None:
    """Where they need no item: fresh tells the task's items and what is open, as in a probe. A replay itself is not forked."""
    done = ground.do("fork", probed[0].name, "t0001", "--turn", "3")
    assert (done.returncode, "a probe, expected the run that it replays" in done.stderr) == (2, True)
    done = ground.do("fork", "parent", "t0001", "--turn", "3", "--view", "fresh", "--run", "child")
    assert done.returncode == 0, done.stderr
    store = last(ground.folder)
    words = {each.id: each.content.text for key in store.keys().values() for each in of(store.trace(key), PartAdded)}
    store.close()
    assert "Every new function ends with `_op`." in words["v1i.1"]
    assert "still open: 1.2." in words["v1.1"]


def test_a_probe_is_of_the_record_that_it_goes_on_from(ground: Ground, probed: Probed) -> None:
    """Whatever an archive says: the run's id, a trial's name or another past alone make it no probe of this run."""
    with closing(RunStore(ground.parent)) as parent, closing(RunStore(probed[0])) as store:
        probe = probe_of(store)
        assert probe is not None
        assert made_of(parent, store, probe)
        first, *others = probe.points
        later = next(each for each in others if each.place.turn != first.place.turn)
        strange = msgspec.structs.replace(first, place=msgspec.structs.replace(first.place, trial="t9999"))
        shifted = msgspec.structs.replace(probe, pasts=probe.pasts | {f"{first.name} full": probe.pasts[f"{later.name} full"]})
        no_blob = msgspec.structs.replace(probe, pasts=probe.pasts | {f"{first.name} full": Blob("0" * 64, 1)})
        for false in (*(msgspec.structs.replace(probe, **each) for each in ({"run": "other"}, {"pasts": {}}, {"points": ()}, {"points": (strange,)})), shifted, no_blob):
            assert not made_of(parent, store, false)


def test_a_killed_probe_goes_on(ground: Ground, probed: object) -> None:
    """kill -9 in the middle: nothing settled is done twice, the rest is done by resume, and the result is whole; and the arm wide had a window
    twice as large for the same words.
    """
    env = {**os.environ, "LONGHAUL_HOME": str(ground.folder), "OLLAMA_HOST": "127.0.0.1:9", "NO_COLOR": "1", "COLUMNS": "200"}
    words = ("probe", "parent", "--arms", "full,wide", "-k", "4", "--points", "2", "--run", "killed")
    known = set(ground.runs())
    process = subprocess.Popen([sys.executable, "-m", "harness.cli.main", *words], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    settled = until_some(ground, known)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (run,) = set(ground.runs()) - known
    done = ground.do("resume", run)
    assert done.returncode == 0, done.stderr
    with closing(RunStore(ground.folder / "runs" / run)) as store:
        assert len(store.settled_shorts()) == 16
        assert all(len(of(store.trace(store.keys()[short]), TrialStarted)) == 1 for short in settled)
    told = json.loads(ground.do("probe", run, "--result", "--json").stdout)
    assert told["trials"] | {"honoured": 0, "violated": 0} == {"honoured": 0, "violated": 0, "asked": 0, "none": 0, "broken": 0, "pending": 0}
    assert sum(told["trials"].values()) == 16
    assert [gate["holds"] for gate in side(told)["gates"] if gate["name"] == "a larger window is no worse than full"] == [True]
    assert side(told)["lengths"] == {"full": 1.0, "wide": 1.0}
    windows = {arm: {event.window for _, trace in traces(ground.folder / "runs" / run, arm) for event in of(trace, ModelAsked)} for arm in ("full", "wide")}
    assert windows == {"full": {WINDOW}, "wide": {2 * WINDOW}}
