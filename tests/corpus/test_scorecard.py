"""The figures of a scorecard, its words, and what is kept of it."""

from __future__ import annotations

import random

import msgspec
import pytest

from harness.core.errors import StoreError
from harness.core.findings import Finding
from harness.corpus.matching import Hit, Matched
from harness.corpus.merging import merged
from harness.corpus.published import experimental, read
from harness.corpus.scorecard import CAUTION, Detected, Scorecard, Scored, scorecard

ONE = Finding("C1", "naming", 10, 10, 12, "so it was")
DETECTORS = {"C1": Detected("constraints", 3, held=True), "B2": Detected("compaction", 1, held=False)}


def found(number: int, error: int = 0) -> Scored:
    return Scored(Matched(f"c{number}", "fault", (Hit("C1", ONE, error, seen=True),), (), ()))


def missing(number: int) -> Scored:
    return Scored(Matched(f"m{number}", "fault", (Hit("C1", None),), (), ()))


def alike(number: int, *false: Finding) -> Scored:
    return Scored(Matched(f"a{number}", "alike", (), (), false))


def card(*runs: Scored, full: bool = True) -> Scorecard:
    return scorecard(runs, DETECTORS, corpus=1, seed=1, full=full)


def test_two_hundred_of_two_hundred_hold() -> None:
    """All found, nothing false: both lower bounds are above 0.97, and the target is reached."""
    made = card(*map(found, range(200)), *map(alike, range(1000)))
    (only,) = made.kinds
    assert (only.word, only.recall.value, only.precision.value) == ("holds", 1.0, 1.0)
    assert only.recall.low == pytest.approx(0.981, abs=0.002)
    assert (made.below, made.noisy, made.alike.count) == ((), False, 0)


def test_misses_and_false_findings_are_counted_where_they_belong() -> None:
    """Recall over what was planted, precision over what was said; a false finding in a look-alike counts for both its kind and the noise."""
    made = card(*map(found, range(190)), *map(missing, range(10)), alike(0, ONE), *map(alike, range(1, 100)))
    (only,) = made.kinds
    assert (only.recall.count, only.recall.of) == (190, 200)
    assert (only.precision.count, only.precision.of, only.false_alike) == (190, 191, 1)
    assert only.word == "below"
    assert made.below == ("C1",)
    assert made.noisy
    assert made.false_per_100 == 1.0


def test_a_late_onset_is_under_target() -> None:
    """Found, but said to have begun elsewhere: median and 95th percentile are held to, too."""
    assert card(*(found(number, error=2) for number in range(200))).kinds[0].why == (
        "onset off by 2 turns in the middle; onset off by 2 turns at the 95th percentile"
    )
    assert card(*(found(number, error=number % 20 == 0) for number in range(200))).kinds[0].word == "holds"


def test_few_positives_are_too_few() -> None:
    """A full scorecard with less than the target wants says so; a slice is judged by what it observed."""
    assert card(*map(found, range(50))).kinds[0].word == "too few"
    assert card(*map(found, range(50)), full=False).kinds[0].word == "holds"


def test_what_is_not_held_is_experimental() -> None:
    """Whatever its figures, it is below nothing."""
    made = card(Scored(Matched("b", "fault", (Hit("B2", None),), (), ())))
    assert [each.word for each in made.kinds] == ["experimental"]
    assert made.below == ()


def test_runs_that_are_not_what_they_say_count_for_nothing() -> None:
    """A fault of the corpus is told and stands in no figure."""
    made = card(found(1), msgspec.structs.replace(missing(2), faults=("its proof does not hold",)))
    assert made.kinds[0].recall.of == 1
    assert made.faults == ("m2: its proof does not hold",)


def test_the_order_of_runs_has_no_effect() -> None:
    """Chunks may end in any order."""
    runs = [*map(found, range(9)), *map(missing, range(3)), alike(0, ONE)]
    shuffled = random.Random(3).sample(runs, len(runs))
    assert card(*runs) == card(*shuffled)


def test_the_code_decides_what_is_experimental() -> None:
    """Another version than the scored one, a slice, a kind under its target or never scored: each keeps a kind out of headlines."""
    made = card(*map(found, range(200)))
    assert experimental("C1", 3, made) == ""
    assert experimental("C1", 4, made) == "scored as version 3, this is version 4"
    assert experimental("C1", 3, msgspec.structs.replace(made, full=False)) == "scored on a slice only"
    assert experimental("D1", 1, made) == experimental("C1", 3, None) == "never scored"
    assert "recall" in experimental("C1", 3, card(*map(found, range(100)), *map(missing, range(100))))


def test_every_figure_says_what_it_is_validated_on() -> None:
    """Until a human audit is there."""
    made = card(found(1))
    assert made.caution == CAUTION == "validated on planted faults only"
    assert msgspec.structs.replace(made, audited=True).caution == ""


def test_single_kinds_are_put_into_a_card_that_is_kept() -> None:
    """Their rows alone, with the versions that they were scored as; look-alikes of whichever played more; another corpus is refused."""
    two = Finding("B2", "naming", 10, 10, 12, "so it was")
    kept = card(*map(missing, range(200)), Scored(Matched("b", "fault", (Hit("B2", two, 0),), (), ())), *map(alike, range(10)), alike(10, ONE))
    better = scorecard([*map(found, range(200)), *map(alike, range(1000))], {"C1": Detected("constraints", 4, held=True)}, corpus=1, seed=1, full=True)
    made = merged(kept, better, ("C1",))
    assert [(each.kind, each.version, each.word) for each in made.kinds] == [("B2", 1, "experimental"), ("C1", 4, "holds")]
    assert (made.alike, made.false_per_100, made.full) == (better.alike, 0.0, True)
    assert merged(better, kept, ("B2",)).alike == better.alike
    with pytest.raises(ValueError, match=r"corpus 1 of seed 1, while this is corpus 2 of seed 1"):
        merged(kept, msgspec.structs.replace(better, corpus=2), ("C1",))


def test_what_was_other_in_a_container_is_told_until_it_was_played_there_again() -> None:
    """Sentences about runs of the kinds put in go where these were played in containers again, and stay where they were not."""
    kept = msgspec.structs.replace(card(found(1)), again=460, unlike=("A2-window-20: other", "C1-constraints-3: other"))
    fresh = msgspec.structs.replace(card(found(1)), again=20, unlike=("A2-window-40: other",))
    assert merged(kept, fresh, ("A2",)).unlike == ("C1-constraints-3: other", "A2-window-40: other")
    assert merged(kept, msgspec.structs.replace(fresh, again=0, unlike=()), ("A2",)).unlike == kept.unlike
    first = merged(msgspec.structs.replace(kept, again=0, unlike=()), fresh, ("C1",))
    assert (first.again, first.unlike) == (20, fresh.unlike)
    assert merged(kept, msgspec.structs.replace(fresh, unlike=("C1-constraints-3: otherwise",)), ("A2",)).unlike == ("C1-constraints-3: otherwise",)


def test_kept_figures_come_back() -> None:
    """What is written reads as it was; what is none is one sentence."""
    made = card(*map(found, range(20)), alike(1, ONE))
    assert read(msgspec.json.encode(made), "scorecard.json") == made
    for bad in (b"{}", b"[1, NaN]", b'{"schema": 3}', msgspec.json.encode(msgspec.structs.replace(made, schema="other/9"))):
        with pytest.raises(StoreError, match=r"^scorecard\.json: "):
            read(bad, "scorecard.json")
