"""What can't be compared is refused in one sentence that names the first difference and the way on."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from harness.answer.compare.compared import Wish
from harness.answer.compare.question import Known, ask
from harness.answer.side import sides
from harness.core.errors import PlanError
from harness.metrics.environment import Environment
from harness.metrics.row import Row, RowDigests
from tests.answer.asked import HOSTED, LOCAL, THIRD, one, played, suited, told, two
from tests.answer.laid import FACTS, LIMITS

A, B = suited(12, 6)


def refused(*, rows: Sequence[Row] | None = None, wish: Wish = Wish(), words: tuple[str, str] = (LOCAL, HOSTED)) -> tuple[str, str, str]:  # noqa: B008
    """Field, found, expected."""
    with pytest.raises(PlanError) as fault:
        told(two(A, B) if rows is None else rows, *words, wish)
    complaint = fault.value.complaint
    return complaint.field, complaint.found, complaint.expected


def other(task: str = "", prompt: str = "sha256:p", tools: str = "sha256:u", limits: str = '{"turns":150}') -> tuple[Row, ...]:
    """Both sides, of which the second was asked something else; `task`: another digest of task-003."""
    first = Environment("0.1.0 sha256:h", '{"turns":150}')
    changed = (
        msgspec.structs.replace(row, digests=RowDigests(task if task and row.task == "task-003" else row.digests.task, "sha256:i", prompt, tools, row.digests.model))
        for row in played(HOSTED, B, environment=Environment("0.1.0 sha256:h", limits))
    )
    return (*played(LOCAL, A, environment=first), *changed)


@pytest.mark.parametrize(
    ("name", "change", "found"),
    [
        ("tasks", {"task": "sha256:other"}, "task-003: sha256:task-003 against sha256:other"),
        ("prompts", {"prompt": "sha256:prose"}, "sha256:p against sha256:prose"),
        ("tools", {"tools": "sha256:fewer"}, "sha256:u against sha256:fewer"),
        ("limits", {"limits": '{"turns":100}'}, "task-000: turns 150 against turns 100, and 11 more tasks"),
    ],
)
def test_another_question_is_refused_by_name_or_accepted_and_said(name: str, change: dict[str, str], found: str) -> None:
    """Digests of both sides are in the sentence; with --accept it goes on, and the answer says so."""
    rows = other(**change)
    assert refused(rows=rows) == (name, found, f"the same for {LOCAL} and {HOSTED}, or --accept {name} to compare all the same")
    accepted = one(rows, wish=Wish(accept=frozenset({name})))
    assert accepted.accepted == (f"{name} differ and were accepted: {found}",)
    assert accepted.accepted[0] in accepted.doubts


def test_a_trial_whose_worker_died_is_no_other_limit() -> None:
    """Its record says nothing of limits."""
    rows = other()
    died = tuple(played(LOCAL, {"task-000": "b"}, environment=Environment("0.1.0 sha256:h", "{}")))
    assert one(rows + died).accepted == ()


def test_agents_differ_with_their_prompts_and_that_is_told() -> None:
    """Between two agents prompts and tools are what is asked about."""
    rows = played(LOCAL, A) + played(LOCAL, B, agent="bash_only", digests=RowDigests("", "", "sha256:other", "sha256:none", ""))
    found = one(rows, f"coder:{LOCAL}", f"bash_only:{LOCAL}")
    assert found.word in ("worse", "undecided")
    assert any("the agents differ" in words for words in found.told)
    assert found.sentence.startswith(("Undecided between coder:", "coder:"))


def test_no_task_in_common_is_refused() -> None:
    """Also where only drafts are."""
    assert refused(rows=played(LOCAL, A) + played(HOSTED, {"else": "p"}))[:2] == ("tasks", f"no task in common between {LOCAL} and {HOSTED}")
    assert refused(rows=two(A, B, draft=True))[1].startswith("drafts alone in common")


def test_more_attempts_than_were_run_are_refused() -> None:
    """Pass^3 of one attempt is nobody's figure."""
    rows = two(dict.fromkeys(A, "p"), dict.fromkeys(B, "p"))
    assert refused(rows=rows, wish=Wish(k=3)) == ("-k", f"3, where {LOCAL} has 1 attempt at a task", "a k up to 1")


def test_the_sequential_method_is_for_one_pair() -> None:
    """Its bounds are not adjusted for several."""
    rows = two(A, B) + played(THIRD, A)
    assert refused(rows=rows, wish=Wish(sequential=True), words=("", ""))[0] == "--sequential"


@pytest.mark.parametrize(
    ("a", "b", "found", "expected"),
    [
        ("ollama/qwen3.6:28b", HOSTED, "'ollama/qwen3.6:28b'", LOCAL),
        (LOCAL, LOCAL, f"the side that -a names, {LOCAL}", "@RUN"),
        (THIRD, HOSTED, f"'{THIRD}', which 2 sides bear", f"coder:{THIRD}, other:{THIRD}"),
    ],
)
def test_a_word_that_names_no_side_or_several_is_answered_with_those_that_do(a: str, b: str, found: str, expected: str) -> None:
    """The nearest names, as they are typed."""
    rows = two(A, B) + played(THIRD, A) + played(THIRD, A, agent="other")
    said = refused(rows=rows, words=(a, b))
    assert said[1] == found
    assert expected in said[2]


def test_one_side_alone_is_no_comparison() -> None:
    """Nor are a model and an oracle, unless that is named."""
    rows = played(LOCAL, A) + played("none", B, agent="oracle")
    assert refused(rows=rows, words=("", ""))[1:] == (f"{LOCAL} alone", "two sides to compare: a run of two models, or a further RUN")
    assert one(rows, LOCAL, "oracle").word


def test_variants_are_sides_of_their_own() -> None:
    """Fresh seeds are left out by default, said so, and compared when named."""
    rows = two(A, B) + played(LOCAL, B, variant="fresh seeds")
    plain = told(rows, "", "")
    assert len(plain.comparisons) == 1
    assert plain.told == (f"left out because nothing named them: {LOCAL}~fresh seeds",)
    assert one(rows, LOCAL, f"{LOCAL}~fresh seeds").b.who.variant == "fresh seeds"


def test_one_model_in_two_runs_is_two_sides() -> None:
    """Last month's against this one's, without a word, or by @RUN and the beginning of its id."""
    runs = {"20260101-a": played(LOCAL, A), "20260201-b": played(LOCAL, B)}
    found = one(runs, "", "")
    assert found.sentence.startswith((f"{LOCAL}@20260101-a is", f"Undecided between {LOCAL}@20260101-a"))
    assert one(runs, f"{LOCAL}@202601", f"coder:{LOCAL}@20260201-b").a.runs == ("20260101-a",)


def test_runs_that_are_not_alike_are_not_taken_as_one() -> None:
    """The same name with other weights, or another window, in another run has to be named with its run."""
    first = played(LOCAL, A)
    changed = played(LOCAL, A, environment=Environment("0.1.0 sha256:h", LIMITS, 7, msgspec.structs.replace(FACTS, digest="sha256:new")))
    found = sides([("r1", row) for row in first] + [("r2", row) for row in changed] + [("r3", row) for row in played(HOSTED, B)])
    with pytest.raises(PlanError, match="several weights in r1, r2") as fault:
        ask(Known(found, {"r1": (), "r2": (), "r3": ()}), LOCAL, HOSTED)
    assert fault.value.complaint.expected == f"one of them: {LOCAL}@RUN"


@pytest.mark.parametrize("name", ["openai/a@b:c~d", "hf.co/owner/model:Q4_K_M@sha256", "coder:odd/name"])
def test_names_of_models_hold_any_mark(name: str) -> None:
    """A word is looked up among what is there, not taken apart."""
    rows = played(name, A) + played(LOCAL, B)
    for word in (name, f"coder:{name}", f"{name}@20260101", f"coder:{name}@20260101-200000-aaaa"):
        assert one(rows, word, LOCAL).a.who.model == name
