"""Probes are scored by exact words, sets and abstention, and the table of knowing and doing counts items."""

from __future__ import annotations

import msgspec
import pytest

from harness.core.memory import Manifest
from harness.metrics.context.recalled import (
    Question,
    absent,
    blanked,
    changed,
    clozes,
    does,
    f1,
    questions,
    score,
    table,
)
from tests.metrics.context.detectors.played import NEW, OLD, PORT, SUFFIX, Play, function, named

LITERAL = Question("literal", "port", "Which port?", ("48213",))
NEWEST = Question("superseded", "new", "How many?", ("9038",), ("4771",))
ORDER = Question("order", "", "Which first?", ("b", "a"))
ABSENT = Question("absent", "", "Which value for `x`?")
FILES = Question("own_artifact", "", "Which files?", ("pkg/a.py", "pkg/b.py"))

OWN = Question("own_decision", "indent", "How?", ("tabs",))
PLACE = Question("provenance", "port", "Which request?", ("2",))
LATENT = Question("latent", "indent", "How?", ("tabs",))


@pytest.mark.parametrize(
    ("question", "reply", "outcome"),
    [
        (LITERAL, '{"answer": "48213"}', "right"), (LITERAL, '```json\n{"answer": 48213}\n```', "right"),
        (LITERAL, '{"answer": "port 48213."}', "right"), (LITERAL, '{"answer": "148213"}', "wrong"),
        (LITERAL, '{"answer": null}', "abstained"), (LITERAL, '{"answer": "I don\'t know"}', "abstained"),
        (LITERAL, "48213", "format"), (LITERAL, '{"answer": {"port": 1}}', "format"), (LITERAL, '{"answer": "a", "b": 1}', "format"),
        (NEWEST, '{"answer": "9038"}', "right"), (NEWEST, '{"answer": "4771"}', "former"), (NEWEST, '{"answer": "4771, then 9038"}', "wrong"),
        (ORDER, '{"answer": ["b", "a"]}', "right"), (ORDER, '{"answer": "b, a"}', "right"), (ORDER, '{"answer": ["a", "b"]}', "wrong"),
        (ABSENT, '{"answer": null}', "right"), (ABSENT, '{"answer": "17"}', "wrong"), (ABSENT, '{"answer": "unknown"}', "right"),
        (LITERAL, '{"answer": ["48213"]}', "right"), (LITERAL, '{"answer": ["48213", null]}', "right"), (LITERAL, '{"answer": ["1", "48213", "7"]}', "wrong"),
        (NEWEST, '{"answer": ["9038", "17"]}', "wrong"), (NEWEST, '{"answer": ["4771", "17"]}', "wrong"), (OWN, '{"answer": ["tabs", "blanks"]}', "wrong"),
        (LATENT, '{"answer": ["tabs", "blanks"]}', "wrong"), (PLACE, '{"answer": ["1", "2", "3"]}', "wrong"), (PLACE, '{"answer": 2}', "right"), (LITERAL, '```json\n{"answer": "48213"}\n \n```', "right"), (LITERAL, '```\n{"answer": "48213"}```', "right"),
        (FILES, '{"answer": ["./pkg/b.py", "pkg/a.py"]}', "right"), (FILES, '{"answer": ["pkg/a.py"]}', "wrong"),
    ],
)  # fmt: skip
def test_an_answer_is_scored_by_its_words(question: Question, reply: str, outcome: str) -> None:
    """Newest wins only alone; nothing stated means nothing answered; form is apart from memory."""
    assert score(question, [reply]).outcome == outcome


def test_a_reply_of_the_wrong_form_may_be_asked_for_once_more() -> None:
    """Twice at most, and not after one of the right form."""
    assert score(LITERAL, ["It is 48213", '{"answer": "48213"}']).tries == 2
    assert score(LITERAL, ["a", "b", '{"answer": "48213"}']).outcome == "format"
    assert score(LITERAL, ['{"answer": "1"}', '{"answer": "48213"}']).outcome == "wrong"
    with pytest.raises(ValueError, match="no reply"):
        score(LITERAL, [])


def test_a_reply_of_blanks_is_read_at_once() -> None:
    """No fence ends where nothing but white space is, and the end is not looked for from each of its places to each other."""
    assert score(LITERAL, ["a" + " " * 300_000 + "b"]).outcome == "format"
    assert score(LITERAL, ["```" + "\n" * 300_000 + "b"]).outcome == "format"


def test_sets_are_scored_by_their_overlap() -> None:
    """F1 by hand: one of two found with one too many is 1/2; nothing of nothing is 1."""
    assert f1(["a", "x"], ["a", "b"]) == 0.5
    assert f1([], []) == 1.0
    assert score(FILES, ['{"answer": ["pkg/a.py"]}']).share == pytest.approx(2 / 3)


def test_its_own_files_are_those_that_differ_by_its_own_hand() -> None:
    """What is again as it was, and what others changed, is not among them; what it took away is."""
    play = Play(files={"a.py": "1", "b.py": "1", "c.py": "1", "d.py": "1"}).write("a.py", "2").over().write("b.py", "2").over()
    play.write("b.py", "1").over().others({"c.py": "2"}).shell("rm d.py", gone=("d.py",)).over()
    assert changed(play.scene(), 1) == {"a.py"}
    assert changed(play.scene(), 4) == {"a.py", "d.py"}


def test_questions_hide_their_keys_and_ask_only_what_holds() -> None:
    """No question has its answer in it; a superseded item is asked for in its newest version."""
    play = Play(Manifest(items=(PORT, OLD, NEW, SUFFIX)), {"a.py": ""}).write("a.py", "x").over().finish().over()
    early, late = questions(play.scene(), 1), questions(play.scene(), 3)
    assert all(word not in one.text for one in (*early, *late) for word in ("48213", "4771", "9038"))
    assert [(one.kind, one.item) for one in early if one.kind in ("literal", "superseded")] == [("literal", "port"), ("literal", "old")]
    assert {(one.kind, one.item) for one in late if one.item == "new"} == {("superseded", "new"), ("provenance", "new")}
    assert {one.kind for one in late} >= {"order", "absent", "own_artifact"}
    assert blanked(SUFFIX) == ""


def test_what_nobody_stated_was_never_shown() -> None:
    """A name that stands in any text that the model saw is not asked for, in whatever letters; each point has its own, and the same again."""
    first = absent((), "7 p001")
    name = first.text.split("`")[1]
    assert name.endswith("_limit")
    assert absent(("of " + name.upper(), "else"), "7 p001") != first
    assert absent((name.removesuffix("_limit"),), "7 p001") != first
    assert absent(("other words",), "7 p001") == first != absent((), "7 p002")


def test_knowing_and_doing_make_four_cells() -> None:
    """An item that is in one of the two only is in none."""
    knows = {"a": True, "b": True, "c": False, "d": False, "e": True}
    told = table(knows, {"a": True, "b": False, "c": True, "d": False})
    assert told == {"kept": 1, "knows_but_does_not_act": 1, "acts_without_knowing": 1, "lost": 1}


def test_doing_is_the_next_opportunity() -> None:
    """The first one after the turn of the question; none is no answer."""
    play = Play(Manifest(items=(SUFFIX,), constraints=(named(),)), {"pkg/__init__.py": ""})
    for word in ("a_op", "b", "c_op"):
        play.write(f"pkg/{word}.py", function(word)).over()
    scene = play.over().over().scene()
    assert [does(scene, turn) for turn in (0, 1, 2, 3)] == [{"suffix": True}, {"suffix": False}, {"suffix": True}, {}]


def test_what_asks_for_a_value_needs_no_tree() -> None:
    """The questions about items alone, of a scene whose trees can't be read any more."""
    made = Play(Manifest(items=(PORT, SUFFIX))).hear("The port is 48213.", request=True).over().over().scene()
    gone = msgspec.structs.replace(made, trees=None)  # type: ignore[arg-type]
    assert clozes(gone, 1) == tuple(each for each in questions(made, 1) if each.kind == "literal")
    assert [each.item for each in clozes(gone, 1)] == ["port", "suffix"][: len(clozes(gone, 1))] != []
