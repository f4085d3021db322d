"""What holds of every detector of lost rules, facts, work and state, whatever it finds: prefixes, idle turns, other names, other orders."""

from __future__ import annotations

import random
import tracemalloc
from collections import Counter

import msgspec
import pytest

from harness.core.findings import Finding, Reached
from harness.core.memory import Manifest
from harness.metrics.context.detectors import (
    constraints,
    duplicates,
    imagined,
    recall,
    regressions,
    stale_edits,
    superseded,
    unnoticed,
)
from harness.metrics.context.done.history import history
from harness.metrics.context.roots import rooted
from harness.metrics.context.scene import Scene
from tests.metrics.context.detectors.played import NEW, OLD, PORT, Play, holding
from tests.metrics.context.detectors.wandering import MANIFEST, wander

OURS = (constraints, recall, regressions, stale_edits, imagined, superseded, unnoticed, duplicates)
SEEDS = range(12)


def told(scene: Scene) -> tuple[Finding, ...]:
    return rooted((found for detector in OURS for found in detector.find(scene)), scene)


def test_the_tries_are_full_of_losses() -> None:
    """Else what follows would hold of nothing."""
    kinds = Counter(one.kind for seed in SEEDS for one in told(wander(seed).scene()))
    assert {"C1", "C2", "C4", "D1", "G1", "G2", "G4", "I1", "I2", "I4", "L2"} <= set(kinds), kinds


@pytest.mark.parametrize("seed", SEEDS)
def test_a_live_reading_and_a_later_one_agree(seed: int) -> None:
    """On every prefix just those findings that are known by its end, links and all."""
    play = wander(seed)
    whole = told(play.scene())
    for turn in sorted(random.Random(seed).sample(range(1, len(play.turns)), 8)):
        assert told(play.scene(upto=turn)) == tuple(one for one in whole if one.known <= turn), turn


@pytest.mark.parametrize("seed", SEEDS)
def test_every_finding_is_in_order_and_proven(seed: int) -> None:
    """Onset, turn and knowledge come in this order; evidence is there; names are unique."""
    play = wander(seed)
    found = told(play.scene())
    assert all(1 <= one.onset <= one.turn <= one.known <= len(play.turns) for one in found)
    assert all(one.evidence and one.detail for one in found)
    assert len({one.name for one in found}) == len(found)


def plain(found: tuple[Finding, ...]) -> list[tuple[str, str, int]]:
    return [(one.kind, one.item, one.turn) for one in found]


@pytest.mark.parametrize("seed", SEEDS)
def test_reading_again_and_an_equal_manifest_in_another_order_change_nothing(seed: int) -> None:
    """Purity; and no detector rests upon the order of items, rules and milestones."""
    scene = wander(seed).scene()
    turned = msgspec.structs.replace(
        MANIFEST, items=MANIFEST.items[::-1], constraints=MANIFEST.constraints[::-1], milestones=MANIFEST.milestones[::-1]
    )
    other = msgspec.structs.replace(scene, manifest=turned, opportunities=scene.opportunities[::-1], reached=scene.reached[::-1])
    assert told(scene) == told(msgspec.structs.replace(scene))
    assert plain(told(other)) == plain(told(scene))


@pytest.mark.parametrize("seed", SEEDS)
def test_other_names_for_folders_change_nothing_else(seed: int) -> None:
    """Paths translated throughout, the findings are the same ones, translated."""
    assert translated(seed) == sorted(plain(told(wander(seed).scene())), key=lambda one: (one[2], one[0], one[1]))


@pytest.mark.parametrize("seed", SEEDS)
def test_other_names_in_the_code_change_nothing_else(seed: int) -> None:
    """Identifiers renamed throughout, in code, calls and manifest: the same findings."""
    assert translated(seed, NAMES) == sorted(plain(told(wander(seed).scene())), key=lambda one: (one[2], one[0], one[1]))


FOLDERS = (("pkg/", "parts/"), ("from pkg.", "from parts."))
NAMES = (("PORT", "HAVEN"), ("HOST", "WARD"))


def swapped(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for old, new in pairs:
        text = text.replace(old, new)
    return text


def translated(seed: int, pairs: tuple[tuple[str, str], ...] = FOLDERS) -> list[tuple[str, str, int]]:
    """The same try in a repository whose package, or whose names, are called otherwise; items called as before."""
    play = wander(seed)
    words = swapped(msgspec.json.encode(MANIFEST).decode(), pairs)
    other = Play(msgspec.json.decode(words, type=type(MANIFEST)), {swapped(path, pairs): swapped(text, pairs) for path, text in files_of(play).items()})
    for turn in play.turns:
        other.stage = turn.stage
        for did in turn.calls:
            now = {path: play.trees.content(oid).decode() for path, oid in play.trees.files(did.after).items()}
            before = other._tree()
            other.files = {swapped(path, pairs): swapped(body, pairs) for path, body in now.items()}
            other._did(did.name, msgspec.json.decode(swapped(did.raw, pairs)), before, swapped(did.output, pairs), ok=did.ok, exit_code=did.exit_code)
        other._end(turn.said, turn.claim, yielded=turn.yielded)
    other.words, other.requests = dict(play.words), list(play.requests)
    renumbered = [msgspec.structs.replace(new, seqs=old.seqs, seq=old.seq) for new, old in zip(other.turns, play.turns, strict=True)]
    other.turns = renumbered
    back = tuple((new, old) for old, new in pairs)
    return sorted(((kind, swapped(item, back), turn) for kind, item, turn in plain(told(other.scene()))), key=lambda one: (one[2], one[0], one[1]))


def files_of(play: Play) -> dict[str, str]:
    return {path: play.trees.content(oid).decode() for path, oid in play.trees.files(play.base).items()}


def test_idle_turns_before_every_act_keep_what_has_no_grace() -> None:
    """Turns without an act move findings and make none; graces are counted in turns, so only they may close sooner."""
    free = ("G4", "I1", "I2", "I4", "D1", "L1", "L2", "L3", "G3")
    for seed in SEEDS:
        few = Counter((one.kind, one.item) for one in told(wander(seed).scene()) if one.kind in free and "::" not in one.item)
        many = Counter((one.kind, one.item) for one in told(wander(seed, idle=lambda n: n % 2).scene()) if one.kind in free and "::" not in one.item)
        assert few == many, seed


def test_a_long_try_is_read_in_little_memory() -> None:
    """190 changes of files of 50 kB, all of them looked at for a fact: kept is little more than what was changed."""
    manifest = Manifest(items=(PORT, OLD, NEW), milestones=(holding(2, "9038", ("new", "port")),))
    play, body = Play(manifest).finish(), "\n".join(f"LINE_{number} = {number}" for number in range(2_500))
    for number in range(190):
        play.write(f"pkg/big_{number % 40}.py", f"{body}\nMARK = {number}\n").over()
    play.finish()
    scene = msgspec.structs.replace(play.scene(judged=False), reached=(Reached("s2.1", len(play.turns), held=False),))
    tracemalloc.start()
    assert [one.kind for one in told(scene)] == ["D1"]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000
    assert len(history(scene).changes) == 190
