"""A model of known memory plays staged tasks as its curve says, and finds its place in every view that a replay may show."""

from __future__ import annotations

import json
import math
from collections import Counter

import pytest

from agents.models.forgetter import Forgetter, back, forgetter
from agents.models.lessons import lessons
from agents.models.merging import merged
from agents.models.recollection import Curve, curve
from agents.models.simulated import create
from agents.prose import prose
from harness.core.chat import Origin, Role, Text, ToolCall, ToolOutput, message
from harness.core.errors import PlanError
from harness.core.facts import ModelSettings
from harness.core.memory import Item, Use
from harness.metrics.context.recalled import AGAIN, absent
from task_repos.staging.generating import generate
from tests.agents.models.staged_talk import Talk, laid, task

ITEM = Item("port", "fact", "The port is 48213.", ("48213",), value="48213")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("tasks")
    laid(place, "S,family=T6,rules=1,count=2")
    return place


def model(name, folder, **options):
    with create(moves=str(folder), **options).open(ModelSettings(name)) as opened:
        return opened


def to_the_end(talk, one):
    while not talk.over:
        talk.ask(one)
    return talk


def moves(one):
    return [call for stage in one.played.moves for move in stage for call in move.calls]


def test_one_who_never_forgets_plays_the_solution(folder):
    """Every move of the right one of two tasks, in order, none of its edits failing."""
    for seed in (3, 4):
        one = task(seed)
        talk = to_the_end(Talk(one), model("never", folder))
        assert talk.done() == moves(one)
        assert talk.failed == 0


def test_one_who_keeps_nothing_slips_at_every_item(folder):
    """All items of a move at once, and its slips are those of the task."""
    one = task()
    talk = to_the_end(Talk(one), model("always", folder))
    assert talk.done() != moves(one)
    values = [item.telling.item.value for item in one.task.told if item.telling.item.kind == "fact"]
    assert not [value for value in values for text in talk.files.values() if value in text]
    assert talk.failed == 0


def test_a_threshold_parts_near_from_far(folder):
    """What was said nearer than the threshold is used, what was further back is not: to the token."""
    one = task()
    talk, player = Talk(one), model("threshold-d50=6000", folder)
    told = {each.telling.item.id: each.telling.item for each in one.task.told if each.telling.item.kind == "fact"}
    kept, lost = [], []
    for move in (move for stage in one.played.moves for move in stage):
        facts = [told[name] for name in move.items if name in told]
        distances = {item.id: back(tuple(talk.view), item.fingerprints) for item in facts}
        said = talk.ask(player)
        for item in facts if move.calls[0].tool == "replace" else ():
            words = " ".join(call.raw_arguments for call in said.calls)
            (kept if item.value in words else lost).append(distances[item.id])
    assert kept
    assert lost
    assert max(kept) <= 6000 < min(lost)


@pytest.mark.parametrize("made", [Curve("logistic", 3000, 2.0), Curve("plateau", 1000, floor=0.4), Curve("recency", 2000), Curve("random", p=0.3)])
def test_draws_follow_the_curve(made):
    """Over 1,500 seeds the share kept is the curve's, within five standard errors, at three distances."""
    for distance in (500, 3000, 12_000):
        view = (message("m1", Role.USER, Origin.TASK, Text("48213" + "." * 4 * distance)),)
        share = sum(Forgetter(made).keeps(ITEM, view, seed) for seed in range(1500)) / 1500
        wanted = made.kept(distance)
        assert abs(share - wanted) <= 5 * math.sqrt(max(wanted * (1 - wanted), 1e-3) / 1500)


def test_half_of_a_curve_is_where_it_says():
    """D50 as the instrument has it: where half of what is kept at once is left."""
    for made in (Curve("logistic", 3000, 2.0), Curve("plateau", 1000, floor=0.4), Curve("recency", 2000)):
        assert made.half is not None
        assert made.kept(made.half) == pytest.approx(0.5)
    assert Curve("plateau", floor=0.6).half is None
    assert Curve("never").half is None


def test_what_is_not_in_the_view_is_guessed():
    """With the rate of guesses, whatever the curve."""
    view = (message("m1", Role.USER, Origin.TASK, Text("nothing of it")),)
    assert not any(Forgetter(Curve("never")).keeps(ITEM, view, seed) for seed in range(50))
    share = sum(Forgetter(Curve("always"), 0.25).keeps(ITEM, view, seed) for seed in range(4000)) / 4000
    assert share == pytest.approx(0.25, abs=0.035)


def test_the_last_exposure_counts_wherever_it_stands():
    """In a request, in a tool's output, in the words of its own call, seen through JSON's escapes."""
    prints = ("a\nb",)
    told = message("m1", Role.USER, Origin.TASK, Text("a\nb" + "x" * 40))
    assert back((told,), prints) == 10
    later = message("m2", Role.TOOL, Origin.TOOL, ToolOutput("c", "read", "a\nb" + "y" * 8, ok=True))
    assert back((told, later), prints) == 2
    own = message("m3", Role.ASSISTANT, Origin.MODEL, ToolCall("c1", "write", json.dumps({"path": "p", "content": "a\nb"})))
    assert back((told, later, own), prints) == 0
    assert back((later,), ("re:y{9}",)) is None


def test_a_replay_agrees_and_a_further_roll_may_not(folder):
    """The same seed and view give the same reply; over twenty seeds both outcomes come."""
    one, player = task(), model("random-p=0.5", folder)
    talks = [Talk(one, seed) for seed in range(20)]
    said = []
    for talk in talks:
        for _ in range(2):
            talk.ask(player)
        twice = [player.reply(talk.request(), deadline=None, progress=lambda _: None).contents for _ in range(2)]
        assert twice[0] == twice[1]
        said.append(twice[0])
    assert len(set(map(str, said))) > 1


def test_it_asks_for_each_trial_s_seed(folder):
    """A model whose facts name no seed is given none, and all of its re-rolls would be one."""
    with create(moves=str(folder)).open(ModelSettings("never", seed=1)) as opened:
        assert opened.facts.sampling.seed is not None


def fresh(talk, digest="What was done so far stands in the files."):
    """The system text, the request now worked on and a digest: nothing of its own is in it."""
    request = [each for each in talk.view if each.role is Role.USER][-1]
    return (talk.view[0], request, message("d1", Role.USER, Origin.HARNESS, Text(digest)))


def test_it_finds_its_place_in_a_view_without_its_own_words(folder):
    """At every turn of the task the next move of a fresh view is that of the whole one; it knows its place by replies and request alone."""
    one, player = task(), model("never", folder)
    talk = Talk(one)
    while not talk.over:
        replies = talk.replies
        short = player.reply(talk.request(fresh(talk)), deadline=None, progress=lambda _: None).contents
        said = talk.ask(player)
        wanted = [(call.name, call.raw_arguments) for call in said.calls]
        mine = [(call.name, call.raw_arguments) for call in short if isinstance(call, ToolCall)]
        values = {item.value for item in player._known[0].items.values()} | {item.value for item in player._known[1].items.values()}
        assert mine == wanted or any(value and value in str(wanted) for value in values), replies


def test_it_finds_its_place_where_parts_of_its_past_are_gone(folder):
    """Without any of its replies but every third, with or without words of requests: the same move."""
    one, player = task(), model("never", folder)
    talk = Talk(one)
    while not talk.over:
        kept = tuple(each for place, each in enumerate(talk.view) if each.role is not Role.ASSISTANT or place % 3 == 0)
        thin = player.reply(talk.request(kept), deadline=None, progress=lambda _: None).contents[0]
        assert thin == talk.ask(player).parts[0].content


def test_a_summary_says_where_it_stands(folder):
    """Asked to summarise it calls no tool, and goes on from its own summary although the replies no longer count moves alone."""
    one, player = task(), model("never", folder)
    talk = Talk(one)
    for _ in range(10):
        talk.ask(player)
    asking = (*talk.view, message("s1", Role.USER, Origin.HARNESS, Text(prose("summarise"))))
    summary = player.reply(talk.request(asking), deadline=None, progress=lambda _: None).contents
    assert [type(each) for each in summary] == [Text]
    talk.replies += 1
    said = player.reply(talk.request((*fresh(talk), message("s2", Role.USER, Origin.MODEL, *summary))), deadline=None, progress=lambda _: None)
    talk.replies -= 1
    assert said.contents[0] == talk.ask(player).parts[0].content


def test_it_answers_a_question_of_recall(folder):
    """With the value while it keeps the item, null when it does not, and no tool is called."""
    one = task()
    item = next(each.telling.item for each in one.task.told if each.telling.item.kind == "fact")
    form = 'Answer with one JSON object and nothing else: {"answer": VALUE}.'
    asks = message("q1", Role.USER, Origin.HARNESS, Text(f"What belongs in place of _____?\n{item.text.replace(item.value, '_____')}\n\n{form}"))
    for name, answer in (("never", item.value), ("always", None)):
        said = model(name, folder).reply(Talk(one).request((*Talk(one).view, asks)), deadline=None, progress=lambda _: None)
        assert [json.loads(each.text) for each in said.contents] == [{"answer": answer}]


@pytest.mark.parametrize("again", [False, True])
def test_asked_for_what_nobody_stated_it_says_so(folder, again):
    """Null, whatever it remembers, also where the form is demanded once more; no tool is called."""
    asks = [message("q1", Role.USER, Origin.HARNESS, Text(absent((), "1 p001").words)), message("q2", Role.USER, Origin.HARNESS, Text(AGAIN))]
    for name in ("never", "always"):
        said = model(name, folder).reply(Talk(task()).request((*Talk(task()).view, *asks[: 1 + again])), deadline=None, progress=lambda _: None)
        assert [json.loads(each.text) for each in said.contents] == [{"answer": None}]


def test_it_says_so_where_it_knows_no_task(folder):
    """A request that none of its tasks has: no call, one sentence."""
    view = (message("m1", Role.USER, Origin.TASK, Text("Please write a poem about the sea, in nine lines or so.")),)
    said = model("never", folder).reply(Talk(task()).request(view), deadline=None, progress=lambda _: None)
    assert not [each for each in said.contents if isinstance(each, ToolCall)]


def test_several_losses_change_what_each_of_them_changes():
    """Changes of different words are put together; of the same words the first wins."""
    plain = (Use("replace", json.dumps({"path": "a", "new": "@mark\ndef f() -> None:\n    return CODE\n"})),)
    bare = (Use("replace", json.dumps({"path": "a", "new": "def f() -> None:\n    return CODE\n"})),)
    wrong = (Use("replace", json.dumps({"path": "a", "new": "@mark\ndef f() -> None:\n    return GUESS\n"})),)
    more = (*plain, Use("read", json.dumps({"path": "b"})))
    both = merged(plain, [bare, wrong, more])
    assert [json.loads(each.arguments) for each in both] == [{"path": "a", "new": "def f() -> None:\n    return GUESS\n"}, {"path": "b"}]
    assert merged(plain, [wrong, bare, wrong])[0] != plain[0]
    assert merged(plain, []) == plain


def test_losses_that_leave_out_put_in_and_change_are_all_seen():
    """Everything forgotten at once: in every turn of a task each loss leaves its own new lines, and what it leaves out is gone."""
    folder = generate("S", 2, "T3", turned={"rules": 8}).folders[0]
    for move in folder.moves:
        slips = {slip.item: slip.calls for slip in move.slips}
        done = Counter(merged(move.calls, list(slips.values())))
        for item, calls in slips.items():
            apart = Counter(calls) - Counter(move.calls), Counter(move.calls) - Counter(calls)
            if not apart[0]:
                assert not apart[1] & done, (move.text, item)
            elif not apart[1]:
                assert apart[0] <= done, (move.text, item)


@pytest.mark.parametrize(
    "name", ["", "cubic", "logistic-d50", "logistic-d50=0", "logistic-d50=nan", "logistic-d50=x", "logistic-floor=0.2", "plateau-floor=2", "random-p=-1", "never-d50=3"]
)
def test_a_name_that_gives_no_curve_is_one_sentence(name, folder):
    """Shape, field and bounds are checked before anything is asked."""
    with pytest.raises(PlanError) as fault:
        model(name, folder)
    assert "\n" not in str(fault.value)


def test_options_go_before_the_name_and_a_folder_without_moves_is_told(tmp_path):
    """`-o model.d50` wins; guess is a share; no folder, an empty one and a broken one are one sentence each."""
    assert curve("logistic-d50=5-slope=3", {"d50": 7}) == Curve("logistic", 7.0, 3.0)
    assert forgetter("x", {"shape": "threshold", "d50": 9}, 0.0).curve == Curve("threshold", 9.0)
    with pytest.raises(PlanError):
        forgetter("never", {}, 1.5)
    broken = tmp_path / "broken" / "solution"
    broken.mkdir(parents=True)
    (broken / "moves.json").write_text("[]")
    (tmp_path / "empty").mkdir()
    for place in ("", str(tmp_path / "empty"), str(tmp_path / "none"), str(tmp_path / "broken")):
        with pytest.raises(PlanError):
            lessons(place)
