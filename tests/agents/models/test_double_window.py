"""The words and counts of Ollama's other versions, over a real socket, through the adapter and the engine's asking."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from agents.models.ollama import create
from harness.core.chat import Role
from harness.core.errors import PlanError
from harness.core.events import ModelAsked, PromptCounted
from harness.core.facts import ModelSettings
from harness.core.findings import Finding, Mechanism
from harness.metrics.context.cuts import losses
from harness.metrics.context.detectors import window
from harness.metrics.context.reading import scene
from harness.metrics.tries import of
from harness.plan import ModelEntry, Plan, checked
from tests.agents.models.double_server import Answer, lines, serving, whole
from tests.agents.models.talk import Talk
from tests.agents.models.test_double_ollama import COUNT, LOADED, REFUSED, SHOW, done, routes, said
from tests.metrics.context.detectors.played import Trees
from tests.metrics.context.telling import a_task

LONG = "word " * 40_000
SHORT = "go on"


def counted(tokens: int) -> Answer:
    return whole({"model": "m", "done": True, "prompt_eval_count": tokens})


def told(prompt: int | None, output: int = 5, reason: str = "stop") -> Answer:
    line = done(reason, eval_count=output) | {"prompt_eval_count": prompt}
    return lines(said("yes"), {name: value for name, value in line.items() if value is not None})


def too_long(tokens: int, window: int) -> Answer:
    inner = {"error": {"type": "exceed_context_size_error", "message": "too long", "n_prompt_tokens": tokens, "n_ctx": window}}
    return whole({"error": json.dumps(inner)}, 400)


def talked(words: Sequence[str], *chat: Answer, window: int = 4096, arm: bool = False, opening: tuple[Answer, ...] | None = None, **show: object) -> Talk:
    """So many questions, each with these words added."""
    start = opening if opening is not None else (LOADED, COUNT, COUNT) if arm else (LOADED, REFUSED, COUNT, COUNT)
    answers = routes(show=SHOW | show) | {"/api/chat": [*start, *chat]}
    with serving(answers) as double, create(base_url=double.url).open(ModelSettings("m", window=window, as_users_run_it=arm)) as model:
        talk = Talk(model, window=window, max_output=20_000)
        for each in words:
            talk.add(Role.USER, each)
            talk.ask()
    return talk


def kinds(talk: Talk) -> list[str]:
    return [cut.kind for cut in talk.cuts]


@pytest.mark.parametrize(("window", "evaluated"), [(4096, 2050), (4096, 2051), (8192, 4098), (8192, 4099), (32768, 16386), (4096, 4096), (4096, 4095)])
def test_each_versions_cut_is_known_by_its_count(window: int, evaluated: int) -> None:
    """Half of the window, with and without a token of beginning, the whole of it and one less: A1, counted and refused in plain numbers."""
    talk = talked((SHORT, LONG), told(900), told(evaluated, 1), too_long(41_000, window), window=window, arm=True)
    (cut,) = losses(talk.trace)
    assert (cut.kind, cut.turn, cut.tokens, cut.declared) == ("A1", 2, 41_000 - evaluated, True)


def test_a_server_that_cuts_the_counting_too_is_seen_all_the_same() -> None:
    """It says 2050 both times; words of 200 kB can't be that few tokens of a window of 4096."""
    talk = talked((SHORT, LONG), told(900), told(2050), counted(2050))
    assert [(cut.kind, cut.declared) for cut in losses(talk.trace)] == [("A1", False)]


def test_refusals_of_both_generations_are_told_and_no_loss() -> None:
    """The older words have no numbers, the newer ones do."""
    assert [cut.tokens for cut in talked((LONG,), REFUSED).cuts] == [None]
    talk = talked((LONG,), too_long(41_000, 4096))
    assert [(cut.kind, cut.tokens) for cut in talk.cuts] == [("A4", 41_000 - 4096)]
    assert losses(talk.trace) == ()


def test_a_template_left_without_a_request_is_told_as_too_long() -> None:
    """500 "no user query found": what dropping left could not be rendered; the agent hears that its view does not fit."""
    talk = talked((LONG,), whole({"error": "no user query found in messages"}, 500), arm=True)
    assert kinds(talk) == ["A4"]


def test_a_server_that_counts_uncached_tokens_alone_raises_no_alarm() -> None:
    """As 0.30.0 did: two counts of one prompt disagree when it is opened, and a count that falls shows nothing then."""
    opening = (LOADED, REFUSED, counted(90), counted(1))
    talk = talked((SHORT, SHORT, SHORT), told(900), told(14), counted(1), told(15), counted(1), opening=opening)
    assert talk.cuts == ()


def test_the_same_fall_on_a_server_whose_counts_agree_is_a_loss() -> None:
    """The look-alike's other side: messages dropped, and the count says so."""
    talk = talked((SHORT, SHORT), told(3900), told(3700), too_long(4100, 4096), arm=True)
    assert [(cut.kind, cut.tokens) for cut in losses(talk.trace)] == [("A2", 400)]


def test_a_count_confirmed_by_another_is_no_loss() -> None:
    """A template that renders less than before: fewer tokens, and an independent count that agrees."""
    talk = talked((SHORT, SHORT), told(900), told(700), counted(700))
    assert ([each.tokens for each in of(talk.trace, PromptCounted)], talk.cuts) == ([700], ())


def test_missing_counts_are_no_alarm() -> None:
    """A reply without a count is judged by nothing, and the next is held against the last that had one."""
    assert talked((SHORT, SHORT, SHORT), told(900), told(None), told(930)).cuts == ()


def test_an_engine_without_a_window_raises_no_alarm() -> None:
    """The MLX engine takes no heed of it: prompt and answer beyond it are not a shift."""
    mlx = SHOW["details"] | {"format": "safetensors"}
    assert talked((SHORT,), told(4000, output=900), details=mlx).cuts == ()
    assert [cut.kind for cut in talked((SHORT,), told(4000, output=900), counted(4000)).cuts] == ["A3"]


def test_an_answer_at_its_own_limit_is_no_loss() -> None:
    """`length` at num_predict."""
    assert talked((SHORT,), told(900, output=20_000, reason="length"), window=40_000).cuts == ()


@pytest.mark.parametrize("use", ["claude/claude-opus-4-7", "openai/gpt", "scripted/demo"])
def test_the_arm_is_refused_for_models_that_have_none(use: str) -> None:
    """One sentence, before anything is asked."""
    with pytest.raises(PlanError, match=r"as_users_run_it: found .*, expected an ollama/ model"):
        checked(Plan(("bundled",), models=(ModelEntry(use, as_users_run_it=True),)), "plan.toml")


def found(talk: Talk) -> tuple[Finding, ...]:
    return tuple(window.find(scene("t0001", a_task(), talk.trace, talk.blobs.get, Trees())))


def test_a_cut_becomes_a_finding_with_its_tokens_and_what_was_lost() -> None:
    """Eviction by definition, known at its own turn, and the arm's cuts are told as declared."""
    talk = talked((SHORT, LONG), told(900), told(2050, 1), too_long(41_000, 4096), arm=True)
    (cut,) = found(talk)
    assert (cut.kind, cut.turn, cut.known, cut.tokens, cut.mechanism) == ("A1", 2, 2, 41_000 - 2050, Mechanism.EVICTION)
    assert "as the arm declares" in cut.detail
    assert talk.cuts[0].parts == ("m1.1", "a1.1", "m2.1")


def test_a_reload_and_a_prefix_read_again_are_findings() -> None:
    """Loading above a second between turns; and of 3000 earlier tokens ten were cached."""
    slow = lines(said("yes"), done(load_duration=5_000_000_000, prompt_eval_duration=2_000_000_000, prompt_eval_cached_count=10) | {"prompt_eval_count": 3050})
    talk = talked((SHORT, SHORT), told(3000), slow)
    assert [(each.kind, each.turn, each.tokens) for each in found(talk)] == [("A5", 2, 3050), ("A6", 2, 2990)]
    quick = lines(said("yes"), done(prompt_eval_duration=2_000_000_000, prompt_eval_cached_count=3000) | {"prompt_eval_count": 3050})
    assert found(talked((SHORT, SHORT), told(3000), quick)) == ()


def test_a_live_reading_tells_what_a_later_one_tells() -> None:
    """On the record up to each turn: the findings of the whole that are known by then, of every kind that this detector reports."""
    slow = lines(said("yes"), done(load_duration=5_000_000_000, prompt_eval_duration=2_000_000_000, prompt_eval_cached_count=10) | {"prompt_eval_count": 3050})
    talk = talked((SHORT, SHORT, LONG, SHORT), told(3000), slow, told(2050, 1), too_long(41_000, 4096), told(2051, 1), too_long(41_010, 4096), arm=True)
    whole, ends = found(talk), [entry.seq for entry in talk.trace if isinstance(entry.event, ModelAsked)][1:]
    assert {each.kind for each in whole} >= {"A1", "A5", "A6"}
    for turn, seq in enumerate(ends, 1):
        part = scene("t0001", a_task(), talk.trace[: seq - 1], talk.blobs.get, Trees())
        assert tuple(window.find(part)) == tuple(each for each in whole if each.known <= turn), turn


def test_a_counted_trial_counts_one_prompt_in_twenty() -> None:
    """The fifth turn and every twentieth after it; a trial that is not there for it counts none."""
    turns = range(1, 46)
    chat = [[told(900 + 30 * turn), *([counted(900 + 30 * turn)] if turn % 20 == 5 else [])] for turn in turns]
    answers = routes(show=SHOW) | {"/api/chat": [LOADED, REFUSED, COUNT, COUNT, *(each for some in chat for each in some)]}
    with serving(answers) as double, create(base_url=double.url).open(ModelSettings("m", window=40_000)) as model:
        talk = Talk(model, counting=True, window=40_000)
        for _ in turns:
            talk.add(Role.USER, SHORT)
            talk.ask()
    asked = [entry.event for entry in talk.trace if isinstance(entry.event, ModelAsked | PromptCounted)]
    at = [sum(isinstance(each, ModelAsked) for each in asked[:place]) for place, event in enumerate(asked) if isinstance(event, PromptCounted)]
    assert at == [5, 25, 45]
    assert of(talked((SHORT,) * 6, *(told(900 + 30 * turn) for turn in range(6)), window=40_000).trace, PromptCounted) == ()
