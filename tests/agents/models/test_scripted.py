"""The scripted model: a transcript played by its place in the view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from agents.models import script_file
from agents.models.scripted import create
from harness.contracts.model import complaints
from harness.core.chat import Origin, ReplyStop, Role, Text, message
from harness.core.errors import ContextOverflow, Fault, MissingError, PlanError
from harness.core.facts import ModelSettings
from tests.agents.models.words import START, ask, asked, calls, fails, text, with_results

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """
format = 1
task = "some-task"
match = "Look around"
[[reply]]
text = "First I look."
[[reply.call]]
name = "shell"
arguments = { command = "ls", seconds = 5 }
[[reply]]
fault = "overloaded"
text = "Then I am done."
"""


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "some.toml"
    path.write_text(SCRIPT)
    return str(path)


def test_a_script_is_played_by_its_place_in_the_view(script: str) -> None:
    """Two models asked the same give the same, ids included, so a replay or a fork goes on where it was."""
    with create(script=script).open(ModelSettings("demo")) as one, create(script=script).open(ModelSettings("demo")) as two:
        first = ask(one, asked())
        assert first.contents == ask(two, asked()).contents
        (call,) = calls(first)
        assert (call.id, call.name, call.raw_arguments) == ("call_1_1", "shell", '{"command": "ls", "seconds": 5}')
        assert first.stop is ReplyStop.TOOL


def test_a_fault_is_raised_once_then_the_reply_given_then_done(script: str) -> None:
    """The fault at its place, the reply at the next try, DONE after the last reply, and all again in the next trial."""
    with create(script=script).open(ModelSettings("demo")) as model:
        view = with_results(START, ask(model, asked()))
        assert fails(model, asked(view)).fault is Fault.OVERLOADED
        second = ask(model, asked(view))
        assert (text(second), second.stop) == ("Then I am done.", ReplyStop.END)
        assert text(ask(model, asked(with_results(view, second)))) == "DONE"
        ask(model, asked())
        assert fails(model, asked(view)).fault is Fault.OVERLOADED


def test_the_conversation_tells_the_place_where_the_view_has_forgotten(script: str) -> None:
    """A fork's first question is answered as its parent's next was, whatever the view shows, and the fault of that place comes again."""
    with create(script=script).open(ModelSettings("demo")) as model:
        for _ in range(2):  # a second trial of a model kept open
            later = msgspec.structs.replace(asked(), replies=1)
            assert fails(model, later).fault is Fault.OVERLOADED
            assert text(ask(model, later)) == "Then I am done."


def test_a_window_too_small_overflows_with_both_sizes(script: str) -> None:
    """Its own count, a token per four characters, against the window of the request."""
    with create(script=script).open(ModelSettings("demo")) as model:
        tokens = model.count(asked())
        fault = fails(model, asked(window=tokens - 1))
        assert isinstance(fault, ContextOverflow)
        assert (fault.prompt_tokens, fault.window) == (tokens, tokens - 1)
        assert ask(model, asked(window=tokens)).usage.input_total == tokens


def test_the_model_contract_holds(tmp_path: Path) -> None:
    """The claims that every adapter must satisfy."""
    plain = tmp_path / "plain.toml"
    plain.write_text(SCRIPT.replace('fault = "overloaded"', ""))
    with create(script=str(plain)).open(ModelSettings("demo")) as model:
        assert complaints(model) == ()


def test_a_task_without_a_script_is_told_so() -> None:
    """The demo model says that no script fits, as plain text, and does not act."""
    with create().open(ModelSettings("demo")) as model:
        strange = (message("m1", Role.USER, Origin.TASK, Text("A task nobody wrote a script for.")),)
        if len(script_file.bundled()) != 1:
            assert "No script" in text(ask(model, asked(strange)))


def test_an_unknown_script_names_the_known_ones() -> None:
    """A missing script is a missing prerequisite."""
    with pytest.raises(MissingError, match="no script nobody"), create().open(ModelSettings("nobody")):
        pass


def test_bundled_scripts_can_be_read() -> None:
    """Every transcript that ships is well formed and says which task it is for."""
    for script in script_file.bundled():
        assert script.task or script.match
        assert script.replies


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("format = 2", "s.toml: format: found 2, expected 1"),
        ("format = 1\nwhat = 3", "s.toml: script: what: found an unknown field"),
        ('format = 1\n[[reply]]\nfault = "bad luck"', "s.toml: reply 1: fault: found bad luck"),
        ("format = 1\n[[reply]]\n[[reply.call]]\nnam = 'x'", "s.toml: reply 1: call: nam: found an unknown field"),
        ("format =", "s.toml: script: found"),
    ],
)
def test_a_wrong_script_is_one_sentence(toml: str, sentence: str) -> None:
    """File, field, found and expected."""
    with pytest.raises(PlanError) as caught:
        script_file.read("s.toml", toml)
    assert str(caught.value).startswith(sentence)
