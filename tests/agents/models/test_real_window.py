"""Window truth against two generations of real Ollama servers: refused, cut, dropped, shifted, and four hundred turns of none of it."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from agents.models.ollama import create
from harness.core.chat import Origin, Role
from harness.core.events import ModelAsked, ModelReplied, PromptCounted
from harness.core.facts import ModelSettings
from harness.core.trial import Outcome, Reason
from harness.metrics.context.cuts import LOSSES, cuts, losses, undeclared
from harness.metrics.tries import of
from harness.metrics.verdict import judge
from harness.metrics.window import signatures
from tests.agents.models.talk import Talk, as_declared, chatter
from tests.metrics.test_verdict import CHECK
from tests.services.scripted_script import Wanted
from tests.services.servers import OllamaServer

WINDOW = 1024
RULE = "Keep the rule <|rule|> at all times."


def opened(server: OllamaServer, name: str, *, arm: bool, window: int = WINDOW):  # type: ignore[no-untyped-def]
    return create(base_url=server.url).open(ModelSettings(name, window=window, seed=7, thinking="off", as_users_run_it=arm))


def kinds(talk: Talk) -> list[str]:
    return [cut.kind for cut in talk.cuts]


def test_what_is_refused_is_told_and_no_loss(ollama: OllamaServer) -> None:
    """A view that grows until the server refuses it: every turn before is clean, the refusal is A4, and two counts of a prompt agree."""
    with opened(ollama, ollama.create(Wanted("loop")), arm=False) as model:
        talk = Talk(model)
        assert chatter(talk, 40, 1) >= 4
    assert (model.facts.counting, model.facts.cuts_declared, model.facts.truncation_excluded) == ("agrees", False, True)
    assert kinds(talk) == ["A4"]
    assert losses(talk.trace) == undeclared(talk.trace) == ()
    assert of(talk.trace, PromptCounted) == ()


def test_one_long_result_is_cut_by_default_and_seen(ollama: OllamaServer) -> None:
    """The half window of the newer engine and the whole window of the older one are A1, with the rule among the parts that were lost."""
    with opened(ollama, ollama.create(Wanted()), arm=True) as model:
        talk = Talk(model)
        talk.add(Role.SYSTEM, RULE, Origin.HARNESS)
        talk.add(Role.USER, "Look around.")
        talk.ask()
        talk.results("word " * 3000)
        assert talk.ask() is not None
    (cut, *rest) = talk.cuts
    assert of(talk.trace, ModelReplied)[-1].usage.input_total in signatures(WINDOW)
    assert (cut.turn, cut.kind, cut.declared, {each.kind for each in rest} <= {"A3"}) == (2, "A1", True, True)
    assert {"m1.1", "m2.1", "m3.1"} <= set(cut.parts)
    assert cut.tokens is not None
    assert cut.tokens > WINDOW


def test_dropped_messages_are_seen_below_the_window(ollama: OllamaServer) -> None:
    """The count stays below the window and rises and falls as it likes: from the turn on at which the conversation no longer fits, every one is A2."""
    with opened(ollama, ollama.create(Wanted("loop")), arm=True) as model:
        talk = Talk(model)
        chatter(talk, 9, 1)
    counts = [event.usage.input_total or 0 for event in of(talk.trace, ModelReplied)]
    found = [cut for cut in talk.cuts if cut.kind == "A2"]
    assert [cut.turn for cut in found] == list(range(found[0].turn, 10))
    assert found[0].turn <= 8
    for cut in found:
        assert counts[cut.turn - 1] < WINDOW
        assert cut.parts[:2] == ("m2.1", "a1.1")  # the task first, the system text never
        assert not {"m1.1", f"m{cut.turn + 1}.1"} & set(cut.parts)
    assert all(len(one.parts) <= len(other.parts) for one, other in pairwise(found))


def test_a_shift_while_the_answer_is_written_is_seen(ollama: OllamaServer) -> None:
    """An answer longer than what is left of the window: A3, and undeclared it breaks the trial, where declared it is judged by its work."""
    with opened(ollama, ollama.create(Wanted("runaway")), arm=True, window=512) as model:
        talk = Talk(model, max_output=400)
        talk.add(Role.USER, "Look around.")
        talk.ask()
    assert kinds(talk) == ["A3"]
    hidden, said = (judge(CHECK, as_declared(talk.trace, declared=declared)) for declared in (False, True))
    assert (hidden.outcome, hidden.reason) == (Outcome.BROKEN, Reason.WINDOW)
    assert "window of 512" in hidden.evidence[0]
    assert said.outcome is Outcome.PENDING


def test_the_same_answer_is_ended_where_shifting_is_refused(ollama: OllamaServer) -> None:
    """The arm that refuses ends it at the window and tells the agent: A4, never A3."""
    with opened(ollama, ollama.create(Wanted("runaway")), arm=False, window=512) as model:
        talk = Talk(model, max_output=400)
        talk.add(Role.USER, "Look around.")
        talk.ask()
    assert kinds(talk) == ["A4"]


def test_only_the_two_fields_differ_between_the_arms(ollama: OllamaServer) -> None:
    """What goes over the wire in the arm as-users-run-it is the other arm's body without `truncate` and `shift`."""
    bodies = []
    for arm in (False, True):
        with opened(ollama, ollama.create(Wanted()), arm=arm) as model:
            talk = Talk(model)
            talk.add(Role.USER, "Look around.")
            talk.ask()
        (reply,) = of(talk.trace, ModelReplied)
        assert reply.body is not None
        bodies.append(json.loads(talk.blobs.get(reply.body)))
    strict, loose = bodies
    assert (strict.pop("truncate"), strict.pop("shift")) == (False, False)
    assert strict == loose


def clean(server: OllamaServer, turns: int, *, arm: bool) -> list[str]:
    """Kinds of what was found over so many turns that fit, in conversations that fill the window."""
    found: list[str] = []
    with opened(server, server.create(Wanted("loop")), arm=arm) as model:
        seed = done = 0
        while done < turns:
            seed += 1
            talk = Talk(model, counting=True)
            fits = 8 if arm else 40  # where nothing refuses, conversations end before they are too long
            done += chatter(talk, min(fits, turns - done), seed, most=4)
            found += [cut.kind for cut in talk.cuts if cut.kind in LOSSES]
            seen = {turn for turn, reply in enumerate(of(talk.trace, ModelReplied), 1) if turn == 5 and reply}
            assert len(of(talk.trace, PromptCounted)) >= len(seen)  # its turn had come
    return found


@pytest.mark.parametrize("arm", [False, True], ids=["refused", "as-users-run-it"])
def test_clean_turns_raise_no_alarm(ollama: OllamaServer, arm: bool) -> None:
    """A slice, every day."""
    assert clean(ollama, 20, arm=arm) == []


@pytest.mark.long
def test_four_hundred_clean_turns_raise_no_alarm(ollama: OllamaServer) -> None:
    """Both arms, two hundred turns each, on each server."""
    assert [clean(ollama, 200, arm=arm) for arm in (False, True)] == [[], []]


def test_a_prefix_of_a_record_gives_the_cuts_of_its_turns(ollama_034: OllamaServer) -> None:
    """What is told while a trial runs is what is told of it later."""
    with opened(ollama_034, ollama_034.create(Wanted("loop")), arm=True) as model:
        talk = Talk(model)
        chatter(talk, 9, 2)
    ends = [entry.seq for entry in talk.trace if isinstance(entry.event, ModelAsked)][1:]
    for turn, seq in enumerate(ends, 1):
        assert cuts(talk.trace[: seq - 1]) == tuple(cut for cut in talk.cuts if cut.turn <= turn)
