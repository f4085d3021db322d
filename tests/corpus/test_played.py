"""One run of every kind, played through the engine: what was planted is what the record shows, and what detectors say of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
import pytest

from harness.cli.context.corpus_ground import ground, on_this_machine
from harness.cli.context.corpus_running import folder_for, scored
from harness.core.events import Trace
from harness.corpus.deck import families, kinds
from harness.corpus.matching import matched
from harness.corpus.playing import Played, play
from harness.corpus.proving import faults
from harness.corpus.resolving import cuts, stood
from harness.corpus.script import Called, Case, Shown, Viewed
from harness.metrics.context.all import detectors, findings
from tests.corpus.ground import case, played

EVERY = [(name, kind) for name, family in families().items() for kind in kinds(family, name)]
HELD = frozenset(kind for each in detectors() for kind in each.to_target)


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, Played]]:
    cases = tuple(case(name, kind) for name, kind in EVERY)
    with folder_for() as folder, played(folder / "runs", *cases) as made:
        yield {f"{each.case.family} {kind}": each for each, (_, kind) in zip(made, EVERY, strict=True)}


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_what_was_planted_is_what_the_record_shows(name: str, kind: str, runs: dict[str, Played]) -> None:
    """Every proof holds on trace and trees, every turn was played, and no edit missed but on purpose."""
    assert faults(runs[f"{name} {kind}"]) == ()


@pytest.mark.parametrize(("name", "kind"), EVERY)
def test_detectors_find_it_and_nothing_else(name: str, kind: str, runs: dict[str, Played]) -> None:
    """Of kinds held to a target: each planted fault is found where it began, and nothing is said that nobody planted."""
    made = runs[f"{name} {kind}"]
    got = matched(made.case, stood(made), findings(made.scene), cuts(made))
    assert [(hit.kind, hit.error) for hit in got.hits if hit.kind in HELD] == [(hit.kind, 0) for hit in got.hits if hit.kind in HELD]
    assert [one.name for one in got.false if one.kind in HELD] == []


def test_one_script_is_one_trace() -> None:
    """Played twice, a case leaves the same events and the same findings, but for the folder that the machine chose, what hangs on its name, and seconds."""
    drawn = case("compaction", "B1")
    told = []
    for _ in range(2):
        with folder_for() as folder, played(folder / "runs", drawn) as (made,):
            told.append((_plain(made.trace), [one.name for one in findings(made.scene)]))
    assert told[0] == told[1]


def test_a_proof_that_does_not_hold_is_told(runs: dict[str, Played]) -> None:
    """Proofs are looked up, not taken on trust: each kind of them, turned round, is a fault of the corpus."""
    for name, wrong in (
        ("constraints C1", Shown("s1.define", "check.sh", has="no such line")), ("regressions G4", Called("s1.define", "replace", ok=False)),
        ("compaction B1", Viewed("The requests so far", there=False)),
    ):  # fmt: skip
        made = runs[name]
        truth = msgspec.structs.replace(made.case.truths[0], proofs=(wrong,))
        again = msgspec.structs.replace(made, case=msgspec.structs.replace(made.case, truths=(truth,)))
        assert len(faults(again)) == 1


def test_a_truth_that_never_came_about_is_told(runs: dict[str, Played]) -> None:
    """A server that was to drop messages and did not has nothing to be found."""
    made = runs["alike_work finished"]
    planted = msgspec.structs.replace(runs["window A2"].case, base=made.case.base)
    assert faults(msgspec.structs.replace(made, case=planted)) == ("A2 never came about",)


def test_a_run_that_cannot_be_played_is_no_miss() -> None:
    """What the engine could not play is a fault of the corpus, named, and not held against a detector."""
    drawn = case("regressions", "G1")
    other: Case = msgspec.structs.replace(drawn, name="nobody planned this one")
    with folder_for() as folder, ground(folder, (drawn,), on_this_machine()) as at:
        assert play(drawn, at).scene.stop is not None
        got = scored(other, at)
    assert got.run.hits == ()
    assert "could not be played" in got.faults[0]


def _plain(trace: Trace) -> list[str]:
    text = msgspec.json.encode([entry.event for entry in trace]).decode()
    return re.sub(r"longhaul-host-\w+|\"seconds\":[0-9.e-]+|\"(digest|sha256)\":\"\w+\"|sha256:\w+|\"size\":\d+", "", text).split('{"type"')
