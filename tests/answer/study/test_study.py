"""Studies over made-up populations whose truth is known: the word is the one that the rule gives, void where it must be, and counts are those of the rows."""

from __future__ import annotations

import random

import msgspec
import pytest

from harness.answer.probe.attribution import At, Told
from harness.answer.probe.deciding import Count, decide
from harness.answer.study.chances import Given, differences, rows
from harness.answer.study.claims import STUDIES, UNSETTLED, Claim
from harness.answer.study.curves import figures
from harness.answer.study.designs import Sizes, claims, legs
from harness.answer.study.judging import Verdict, verdicts
from harness.answer.study.promise import promises
from harness.core.probe import Place, Point
from harness.core.trial import AS_USERS_RUN_IT
from harness.metrics.context.account import Account
from tests.report.context.populations import TURNS, a_chance, a_cut, a_rule, an_account

MODEL = "ollama/made"
SIZES = Sizes("S", ("T1", "T6"), 10, 2, 0, ("coder", "masking"), {}, ("4k", "16k"), (16384, 32768), (1, 5), ("first", "file"), users=True)


def fading(low: float, high: float, *, tasks: int = 20, seed: int = 0, **more: object) -> list[Given]:
    """Two trials of each task, twelve uses low in the window and twelve near its top, all 1,000 tokens back; kept with these chances."""
    return [_made(task, trial, low, high, random.Random(f"{seed} {task} {trial}"), more) for task in range(tasks) for trial in range(2)]


def _made(task: int, trial: int, low: float, high: float, draw: random.Random, more: dict[str, object]) -> Given:
    each = [a_chance(turn, honoured=draw.random() < (low if turn <= 12 else high), fill=0.2 if turn <= 12 else 0.9) for turn in (*range(1, 13), *range(25, 37))]
    account = an_account(10 * task + trial, f"task-{task}", chances=tuple(each), findings=(), **more)
    return Given(account, {})


def replays(tasks: int, full: float, fresh: float, *, late: float = 0.0, void: str = "", seed: int = 0) -> Told:
    """Three points of each task, eight re-rolls of each arm; `late`: how much more often fresh fails at the last stage than at the first."""
    draw = random.Random(seed)
    points = [_point(task, stage, full, fresh + late * (stage - 1) / 2, draw) for task in range(tasks) for stage in (1, 2, 3)]
    return Told(MODEL, "coder", tuple(points), {}, (), (), None, (), {}, {}, void)


def _point(task: int, stage: int, full: float, fresh: float, draw: random.Random) -> At:
    place = Place(f"t{task}", f"task-{task}", "coder", MODEL, "suffix", stage, stage)
    counts = {arm: Count(sum(draw.random() < rate for _ in range(8)), 8) for arm, rate in (("full", full), ("fresh", fresh))}
    return At(Point(f"p{task}.{stage}", place, "every"), counts, decide(counts, visible=True))


def word(given: list[Given], told: list[Told], claim: str = "near-full") -> Verdict:
    found, _ = verdicts(claims("fading", SIZES), given, told)
    return next(each for each in found if each.claim == claim)


SOUND = replays(20, 0.3, 0.3)


@pytest.mark.parametrize(("high", "expected"), [(0.5, "supported"), (0.95, "contradicted"), (0.85, "inconclusive")])
def test_the_rule_gives_the_word(high: float, expected: str) -> None:
    """A fall of 45 points is fading, none is not, one of ten is undecided; the truth is in the interval and every opportunity is counted."""
    found = word(fading(0.95, high), [SOUND])
    assert found.word == expected, found
    assert found.low is not None
    assert found.high is not None
    assert found.low <= high - 0.95 + 0.02
    assert found.high >= high - 0.95 - 0.02
    assert (found.tasks, found.sides) == (20, (480, 480))


def test_equal_distance_is_not_fill() -> None:
    """Where only distance differs and no octave has both ends of the window, nothing is compared at all."""
    far = [_with(each, lambda chance: msgspec.structs.replace(chance, distance=16_000 if chance.turn > 12 else 1_000)) for each in fading(0.95, 0.2)]
    found = word(far, [SOUND])
    assert (found.word, found.tasks, found.estimate) == ("inconclusive", 0, None)


def _with(given: Given, change: object) -> Given:
    return msgspec.structs.replace(given, account=msgspec.structs.replace(given.account, chances=tuple(change(each) for each in given.account.chances)))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("more", "told", "why"),
    [
        ({"cuts": (a_cut(),)}, [SOUND], "(A > 0)"),
        ({"inferred": True}, [SOUND], "only inferred"),
        ({}, [], "no replays yet"),
        ({}, [replays(20, 0.3, 0.3, void="full differs from itself (A/A check)")], "A/A check"),
        ({}, [replays(20, 0.5, 0.1, late=0.8)], "not exchangeable"),
    ],
)
def test_what_makes_a_claim_void(more: dict[str, object], told: list[Told], why: str) -> None:
    """A cut that nobody declared, views that are only inferred, no replays, a failed A/A check, stages that grow harder: no word, however clear the figures."""
    found = word(fading(0.95, 0.3, **more), told)
    assert found.word == "void"
    assert why in found.why


def test_declared_cuts_void_nothing() -> None:
    """As-users-run-it declares them beforehand, and its cost is what is asked."""
    plain = fading(0.95, 0.95)
    users = fading(0.4, 0.4, seed=1, cuts=(a_cut(declared=True),))
    users = [msgspec.structs.replace(each, account=msgspec.structs.replace(each.account, variant=AS_USERS_RUN_IT)) for each in users]
    found, healths = verdicts(claims("rules", SIZES), [*plain, *users], [])
    told = {each.claim: each for each in found}
    assert told["defaults"].word == "supported"
    assert told["context"].word == "void"
    assert healths[0].cut == 0


def test_the_context_is_to_blame_only_where_fresh_does_better() -> None:
    """Equal arms are no loss to the context, however many fail; unequal ones are."""
    given = fading(0.9, 0.9)
    assert word(given, [replays(20, 0.5, 0.5)], "context").word == "inconclusive"
    assert word(given, [replays(20, 0.6, 0.1)], "context").word == "supported"
    assert word(given, [replays(20, 0.1, 0.5)], "context").word == "contradicted"


def test_few_have_no_word() -> None:
    """Nine tasks, or fewer than 30 opportunities on a side, stay inconclusive with the figures shown."""
    found = word(fading(0.95, 0.1, tasks=9), [SOUND])
    assert (found.word, "no word under 10 tasks" in found.why, found.estimate is not None) == ("inconclusive", True, True)


def test_holm_goes_over_all_models() -> None:
    """The p of a primary endpoint is never smaller after it, and more models make it larger."""
    one = word(fading(0.95, 0.6), [SOUND])
    two = [msgspec.structs.replace(each, account=msgspec.structs.replace(each.account, model="ollama/other")) for each in fading(0.95, 0.95, seed=5)]
    other = replays(20, 0.3, 0.3, seed=3)
    found, _ = verdicts(claims("fading", SIZES), [*fading(0.95, 0.6), *two], [SOUND, msgspec.structs.replace(other, model="ollama/other")])
    again = next(each for each in found if each.claim == "near-full" and each.model == MODEL)
    assert one.p is not None
    assert one.adjusted is not None
    assert again.adjusted is not None
    assert again.p == one.p <= one.adjusted <= again.adjusted


def test_no_effect_is_rarely_called_one() -> None:
    """Of 40 studies at the threshold itself, not more than a few have a word."""
    found = [word(fading(0.9, 0.8, tasks=12, seed=seed), [SOUND]).word for seed in range(40)]
    assert sum(each != "inconclusive" for each in found) <= 5


def test_the_order_of_accounts_says_nothing() -> None:
    """Rows backwards, the same figures."""
    given = fading(0.95, 0.7)
    assert word(given, [SOUND]) == word(list(reversed(given)), [SOUND])


def test_pairs_are_of_one_task_whatever_it_was_made_under() -> None:
    """Family and seed name a task; strata without both sides are in nothing; guessable and unvalidated items and interludes are left out."""
    chances = (a_chance(4), a_chance(8, honoured=False), a_chance(12, aside=True), a_chance(16, item="guessed"), a_chance(20, item="loose"))
    items = (a_rule(), a_rule("guessed", guess=0.9), a_rule("loose", validated=False))
    made: list[Account] = [msgspec.structs.replace(an_account(k, f"id-{k}", chances=chances, items=items, family="T6"), seed=3) for k in (1, 2)]
    told = rows([Given(made[0], {"rules": "1"}), Given(made[1], {"rules": "5"})])
    assert {row.task for row in told} == {"T6-3"}
    assert len(told) == 4
    assert differences(told, {"rules": "5"}, {"rules": "1"}, ()) == ({"T6-3": 0.0}, 2, 2)
    assert differences(told, {"rules": "5"}, {"rules": "1"}, ("nowhere",)) == ({}, 0, 0)
    assert differences(told, {"rules": "5"}, {"rules": "9"}, ()) == ({}, 0, 0)


def test_designs_name_what_they_compare() -> None:
    """Every label that a claim compares is one that the design gives or an account has; ids are unique; primaries come first."""
    known = {"agent", "variant", "fill", "octave", "kind", "manner"}
    for study in STUDIES:
        given = {name for leg in legs(study, SIZES) for labels in leg.words.values() for name in labels} | known | {"window"}
        made = claims(study, SIZES)
        assert len({each.id for each in made}) == len(made)
        assert {each.primary for each in made} == {True, False}
        assert [each.primary for each in made] == sorted((each.primary for each in made), reverse=True)
        assert {name for each in made for name in (*each.a, *each.b, *each.within)} <= given
        assert UNSETTLED[study]


def test_rules_are_told_in_words() -> None:
    """What is compared, where the interval must lie, and for which word."""
    claim = Claim("x", "it costs", a={"window": "8192"}, b={"window": "16384"}, within=("agent",), threshold=-0.1)
    assert claim.rule == (
        "window 8192 less window 16384, at equal agent: supported if the 95 % interval lies below -10 points, contradicted if it lies on the other side"
    )


def test_power_grows_and_names_what_is_needed() -> None:
    """More tasks find more; under the floor nothing is found; a hopeless study says how many tasks would do."""
    asked = msgspec.structs.replace(SIZES, families=("T6",), attempts=1, points=20, rolls=1)
    few, some, many = (promises("fading", claims("fading", asked), msgspec.structs.replace(asked, tasks=count), 20)[0] for count in (5, 12, 40))
    assert few.power == 0.0 < some.power < many.power
    assert few.hopeless
    assert few.needed is not None
    assert few.needed > 5


def test_exploratory_figures_know_their_floor() -> None:
    """D50 of a made-up forgetter lies within its interval; of a few tasks there is none, and why."""
    given = [Given(an_account(3 * task + trial, f"task-{task}", half=8_000, seed=task), {}) for task in range(20) for trial in range(3)]
    half = figures("fading", given)[0]
    assert (half.name, half.n) == ("D50", 60 * TURNS // 4)
    assert half.low is not None
    assert half.high is not None
    assert half.low <= 8_000 * 1.5**0.5 <= half.high  # half of what is kept at 4,000 tokens
    assert figures("fading", given[:6])[0].lacking
    kept = figures("rules", [msgspec.structs.replace(each, labels={"rules": "5"}) for each in given])
    assert [each.name for each in kept if not each.lacking] == ["kept to turn 80, rehearsed", "kept to turn 80, among 5 rules"]


def test_prohibitions_are_in_no_curve_of_memory_unless_their_guesses_are_known() -> None:
    """They are left out and counted, as `longhaul context` does; a manifest that says how often they are guessed brings them in."""
    given = [Given(an_account(task, f"task-{task}", half=8_000, seed=task), {}) for task in range(20)]
    items, chances = {None: a_rule("frozen"), 0.1: a_rule("frozen", guess=0.1)}, (a_chance(10, item="frozen"), a_chance(20, item="frozen"))
    for guess, left, n in ((None, 40, 200), (0.1, 0, 240)):
        held = (a_rule(), msgspec.structs.replace(items[guess], manner="prohibition"))
        more = [msgspec.structs.replace(each, account=msgspec.structs.replace(each.account, items=held, chances=(*each.account.chances, *chances))) for each in given]
        assert [(each.name, each.left, each.n) for each in figures("fading", more)][:1] == [("D50", left, n)]
        assert len(rows(more)) == 240
    guessed = [msgspec.structs.replace(each, account=msgspec.structs.replace(each.account, items=(a_rule(guess=0.4),))) for each in given]
    plain, corrected = (figures("fading", each)[0].value for each in (given, guessed))
    assert plain is not None
    assert corrected is not None
    assert corrected < plain


def test_a_past_is_in_no_figure_of_who_went_on_from_it() -> None:
    """Opportunities, curves, and cuts that would make a claim void: of a fork only what came after its turn counts."""
    whole = fading(0.95, 0.5)
    forks = [_forked(each, 20, cuts=(a_cut(5),)) for each in whole]
    assert len(rows(forks)) == len(rows(whole)) / 2 == 480
    assert {row.labels["fill"] for row in rows(forks)} == {"high"}
    assert word(forks, [SOUND]).why.startswith("0 tasks with 0 and 0 opportunities")
    _, (health,) = verdicts(claims("fading", SIZES), forks, [SOUND])
    assert health.cut == 0
    assert word([_forked(each, 2, cuts=(a_cut(5),)) for each in whole], [SOUND]).word == "void"
    far = [Given(an_account(3 * task + trial, f"task-{task}", half=8_000, seed=task), {"rules": "5"}) for task in range(20) for trial in range(3)]
    assert figures("fading", [_forked(each, 20) for each in far])[0].n == 60 * TURNS // 4 / 2
    never = [_forked(Given(an_account(3 * task + trial, f"task-{task}"), {"rules": "5"}), 20) for task in range(20) for trial in range(3)]
    assert [each.name for each in figures("rules", never) if not each.lacking] == ["kept to turn 80, rehearsed (watched to 20)", "kept to turn 80, among 5 rules (watched to 20)"]


def _forked(given: Given, past: int, **more: object) -> Given:
    return msgspec.structs.replace(given, account=msgspec.structs.replace(given.account, past=past, **more))
