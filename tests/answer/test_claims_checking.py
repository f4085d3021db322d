"""The word on a claim: each of the five, from rows of runs, with what bounds it and what stands between the figure and the run."""

from __future__ import annotations

import random

import msgspec
import pytest

from harness.answer.claim.checking import Checked, Terms, checked, reckoned
from harness.answer.claim.claims import Claim
from harness.answer.claim.members import rolls
from harness.answer.claim.published import Sample
from harness.answer.claim.registry import own
from harness.answer.side import Side, sides
from harness.core.facts import ModelFacts, Sampling
from harness.core.trial import Parent
from harness.metrics.statistics.tally import Tally
from tests.answer.laid import a_night

OWN = {claim.id: claim for claim in own().claims}
QWEN = OWN["qwen3.6-27b-swe-verified-qwen"]
"""77.2 % of 500 tasks, attempts unknown."""
MODEL = "ollama/qwen3.6:27b"
VERIFIED = sorted(rolls()["swe-bench-verified"])
SOURCE = "swebench:verified.jsonl"


def nights(passed: int, tasks: int, *, word: str = "p", other: str = "f", run: str = "r1", source: str = SOURCE, **fields: object) -> tuple[Side, ...]:
    """One run on so many tasks of Verified, `passed` of them ended as `word` says."""
    ends = {task: word if place < passed else other for place, task in enumerate(VERIFIED[:tasks])}
    return sides((run, row) for row in a_night(ends, task_source=source, **fields))


def settled(passed: int, tasks: int, claim: Claim = QWEN, terms: Terms = Terms(), **given: object) -> Checked:  # noqa: B008
    return checked(claim, nights(passed, tasks, **given), terms=terms)  # type: ignore[arg-type]


def test_reproduced() -> None:
    """386 of 500 is the figure itself, and 500 trials pin it down to five points; the listed differences stay listed."""
    done = settled(386, 500)
    assert (done.word, done.needed) == ("reproduced", None)
    (check,) = done.checks
    assert (check.observed.whole, check.observed.pooled, check.observed.tasks) == (True, True, 500)
    assert {"agent", "grader", "window", "quantisation"} <= {each.field for each in check.departures}
    assert "tasks" not in {each.field for each in check.departures}


def test_not_reproduced_under_the_listed_differences() -> None:
    """330 of 500 is too low even for a claim that is a sample of 500, and the sentence says under which conditions."""
    done = settled(330, 500)
    assert done.word == "not reproduced"
    assert "lower than 77.2 % under the listed differences" in done.reason
    assert done.checks[0].reckonings[0].p_sample < 0.001


def test_not_reproduced_because_it_is_higher() -> None:
    """A rate clearly above the figure is not the figure either."""
    done = settled(450, 500)
    assert done.word == "not reproduced"
    assert "higher than 77.2 %" in done.reason


def test_underpowered_says_how_many_trials_are_needed() -> None:
    """17 of 25 tasks: neither; the rate seen is what the further trials are reckoned for."""
    done = settled(17, 25)
    assert done.word == "underpowered"
    assert done.needed is not None
    assert done.needed.rate == pytest.approx(0.68)
    assert done.needed.refute is not None
    assert 120 < done.needed.refute < 200
    assert done.checks[0].departures[0].words == "tasks: published 500, here 25 of them, whoever chose them"


def test_a_claim_that_is_a_sample_is_doubted_less() -> None:
    """364 of 500 rejects the figure if it is true to the digit, not if it is a sample of 500: underpowered, with both p's said."""
    seen = settled(364, 500).checks[0].reckonings[0]
    assert seen.p_exact < 0.05 < seen.p_sample
    done = settled(364, 500)
    assert done.word == "underpowered"
    assert "if it were true to the digit" in done.reason


def test_not_comparable() -> None:
    """No grader here; a figure that is no count; no run of that model; tasks of another source."""
    sides_ = nights(386, 500)
    for name, words in (("gemma-4-31b-tau2-retail", "can't be run here"), ("gemma-4-31b-swe-verified-qwen", "no run that was looked at has Gemma 4 31B")):
        done = checked(OWN[name], sides_)
        assert done.word == "not comparable"
        assert words in done.reason
    average = msgspec.structs.replace(QWEN, entry=msgspec.structs.replace(QWEN.entry, metric="mean of domains"))
    assert checked(average, sides_).word == "not comparable"
    assert settled(386, 500, source="mined:./django").word == "not comparable"


def test_impossible_comes_before_every_run() -> None:
    """A figure that no count gives is that, whatever was run; assumed attempts make it so only where none are published."""
    assert settled(386, 500, claim=msgspec.structs.replace(QWEN, entry=msgspec.structs.replace(QWEN.entry, value="77.3", trials=1))).word == "impossible"
    gemma = OWN["gemma-4-31b-tau2-retail"]
    assert [checked(gemma, (), terms=Terms(attempts)).word for attempts in (None, 2, 3)] == ["not comparable", "not comparable", "impossible"]


def test_how_often_the_word_is_wrong() -> None:
    """Publisher and checker both draw 150 trials: a true figure is called not reproduced at most as often as promised, one that is 20 points too high mostly."""
    chance, trials, draws = random.Random(3), 150, 300

    def drawn(rate: float) -> int:
        return sum(chance.random() < rate for _ in range(trials))

    def refused(rate: float) -> float:
        """How often a figure of somebody at 0.75 is, where the rate here is another."""
        words = []
        for _ in range(draws):
            there = drawn(0.75)
            claim = msgspec.structs.replace(QWEN, entry=msgspec.structs.replace(QWEN.entry, value=f"{100 * there / trials:.1f}", tasks=trials))
            words.append(reckoned(claim, "seen", Tally(drawn(rate), trials), Sample(there, trials, assumed=False)).word)
        return words.count("not reproduced") / draws

    assert refused(0.75) < 0.08
    assert refused(0.55) > 0.9


def test_fewer_than_ten_tasks_give_no_word() -> None:
    """0 of 9 would reject the figure at once, and says nothing of 500 tasks."""
    done = settled(0, 9)
    assert done.word == "underpowered"
    assert "fewer than 10 tasks" in done.reason


def test_broken_trials_bound_the_word_both_ways() -> None:
    """Where the broken trials decide the word there is none; above 5 % there is none either; a few that change nothing are borne."""
    few = settled(330, 500, other="f", word="p")
    assert few.word == "not reproduced"
    deciding = checked(QWEN, _mixed(passed=355, broken=20, failed=125))
    assert deciding.word == "underpowered"
    assert "decide the word" in deciding.reason
    many = checked(QWEN, _mixed(passed=330, broken=40, failed=130))
    assert many.word == "underpowered"
    assert "8 % of the trials broke" in many.reason
    borne = checked(QWEN, _mixed(passed=300, broken=20, failed=180))
    assert borne.word == "not reproduced"
    assert [(each.case, each.passed, each.trials) for each in borne.checks[0].reckonings] == [("seen", 300, 480), ("best", 320, 500), ("worst", 300, 500)]


def test_attempts_of_a_part_of_the_tasks_are_not_independent() -> None:
    """On a part of the tasks the first attempt of each counts alone; on all of them every attempt does."""
    part = settled(30, 40, word="ppp", other="fff").checks[0]
    assert (part.observed.pooled, part.reckonings[0].passed, part.reckonings[0].trials) == (False, 30, 40)
    first = settled(30, 40, word="bpf", other="fff").checks[0].reckonings
    assert [(each.case, each.passed, each.trials) for each in first] == [("seen", 30, 40), ("best", 30, 40), ("worst", 0, 40)]
    every = settled(386, 500, word="ppp", other="fff").checks[0]
    assert (every.observed.pooled, every.reckonings[0].trials) == (True, 1500)


def test_uneven_attempts_are_not_pooled() -> None:
    """Where tasks were tried unequally often, pooling would weigh them by that."""
    ends = dict.fromkeys(VERIFIED, "p") | {VERIFIED[0]: "ppppp"}
    done = checked(QWEN, sides(("r1", row) for row in a_night(ends, task_source=SOURCE)))
    assert (done.checks[0].observed.pooled, done.checks[0].reckonings[0].trials) == (False, 500)


def test_of_several_runs_the_largest_speaks_whatever_it_says() -> None:
    """Not the kindest: the one with the most tasks, then trials; of equals the newest."""
    small, large = nights(20, 20, run="20260301-000000-aaaa"), nights(330, 500, run="20260101-000000-aaaa")
    done = checked(QWEN, (*small, *large))
    assert (done.word, [check.observed.runs[0][:8] for check in done.checks]) == ("not reproduced", ["20260101", "20260301"])
    newer = nights(400, 500, run="20260201-000000-aaaa")
    assert checked(QWEN, (*large, *newer)).checks[0].observed.runs == ("20260201-000000-aaaa",)


def test_drafts_forks_and_pending_trials_say_nothing() -> None:
    """A draft's request is nobody's, a fork lives through another's past, and a trial that has not begun has not failed."""
    assert settled(386, 500, draft=True).word == "not comparable"
    assert settled(386, 500, parent=Parent("another", "t0001", 1, 5, "")).word == "not comparable"
    assert settled(386, 500, parent=Parent("r1", "t0001", 1, 5, "")).word == "reproduced"
    assert settled(0, 500, other=".").word == "not comparable"
    assert settled(0, 20, other="b").word == "underpowered"


def test_what_was_published_and_is_so_here_is_no_difference() -> None:
    """Sampling, agent and quantisation that agree are left out; the figure's own parameters are enough."""
    alike = ModelFacts("ollama", "qwen3.6:27b", quantisation="BF16", sampling=Sampling(temperature=1.0, top_p=0.95, top_k=20, seed=3))
    claim = msgspec.structs.replace(QWEN, protocol=msgspec.structs.replace(QWEN.protocol, agent="coder", quantisation="bf16"))
    fields = {each.field for each in settled(386, 500, claim=claim, facts=alike).checks[0].departures}
    assert fields == {"model", "window", "thinking", "grader", "version"}
    apart = {each.field: each.words for each in settled(386, 500).checks[0].departures}
    assert apart["sampling"] == "sampling: published temperature 1, top_p 0.95, here temperature 0.6"


def test_a_variant_is_a_difference() -> None:
    """Fresh seeds are told as what they are, like any other setting of a side."""
    (check,) = settled(386, 500, variant="fresh seeds").checks
    assert "variant: published none, here fresh seeds" in [each.words for each in check.departures]


def test_warnings_of_a_source_are_differences() -> None:
    """What a source said of its tasks stands in the list, once."""
    done = checked(QWEN, nights(386, 500), lambda _: ("the image is a guess", "the image is a guess"))
    assert [each.here for each in done.checks[0].departures if each.field == "tasks"] == ["the image is a guess"]


def test_the_tolerance_is_the_users() -> None:
    """500 trials pin the rate down to 4 points, not to 3."""
    assert settled(386, 500, terms=Terms(tolerance=0.04)).word == "reproduced"
    assert settled(386, 500, terms=Terms(tolerance=0.03)).word == "underpowered"


def _mixed(passed: int, broken: int, failed: int) -> tuple[Side, ...]:
    letters = "p" * passed + "b" * broken + "f" * failed
    return sides(("r1", row) for row in a_night(dict(zip(VERIFIED, letters, strict=True)), task_source=SOURCE))
