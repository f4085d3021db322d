"""Measuring a model: what is found out, within its seconds, and that nothing that goes wrong in it is more than named."""

from __future__ import annotations

import threading

import msgspec
import pytest

from harness.core.chat import (
    Content,
    ModelRequest,
    Parameter,
    Reply,
    ReplyStop,
    Text,
    Timing,
    ToolCall,
    ToolSpec,
    Usage,
)
from harness.core.errors import Fault, ModelError, Wire
from harness.core.facts import ModelFacts, Window
from harness.core.ports import Progress
from harness.engine import probes
from harness.engine.probing import BUDGET_S, measure
from tests.engine.doubles import Time

SHELL = ToolSpec("shell", "Run a command.", (Parameter("command", "string", "It."), Parameter("seconds", "integer", "How long.")))
FIX = '{"command": "sed -i s/-/+/ calc.py", "seconds": 10}'
CHARACTERS = 4


class Pupil:
    """Reads and writes at given speeds on a clock of its own; finds what it looks for, and answers whoever offers tools with one call."""

    def __init__(self, time: Time, *, reads: float = 1000.0, writes: float = 50.0, window: int = 32768, arguments: str = FIX, fault: str = "") -> None:
        self.facts = ModelFacts("ollama", "pupil", window=Window(window, window, window))
        self.time, self.reads, self.writes, self.arguments, self.fault = time, reads, writes, arguments, fault
        self.asked: list[ModelRequest] = []

    def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
        self.asked.append(request)
        words = request.view[0].text
        if self.fault and self.fault in words:
            raise ModelError(Fault.CRASH, "the server fell over")
        tokens = sum(len(message.text) for message in request.view) // CHARACTERS
        read = tokens / self.reads
        if deadline is not None and read > deadline:
            self.time.sleep(deadline)
            raise ModelError(Fault.TIMEOUT, "the server was silent")
        self.time.sleep(read)
        contents, out = self._said(request, words)
        for number in range(1, out + 1):
            self.time.sleep(1 / self.writes)
            progress(number)
        timing = Timing(read + out / self.writes, read, 0.0, read, out / self.writes)
        return Reply(contents, ReplyStop.END, "stop", Usage(tokens, 0, None, out), timing, Wire())

    def _said(self, request: ModelRequest, words: str) -> tuple[tuple[Content, ...], int]:
        if request.tools and len(request.view) == 1:
            return (ToolCall("c1", "shell", self.arguments),), 30
        found = words.partition("the word kept here is ")[2].partition(".")[0]
        return (Text(found or "1\n2\n3"),), min(request.max_output, 128)

    def count(self, request: ModelRequest) -> int | None:
        return None

    def render(self, request: ModelRequest) -> str | None:
        return None


def test_a_model_is_measured() -> None:
    """Speeds as they are, a round trip, an edit, and a word in nine tenths of the window; no prompt begins as another did."""
    time = Time()
    pupil = Pupil(time)
    found = measure(pupil, {"coder": (SHELL,)}, lambda: time.at)["coder"]
    assert found.missing == ()
    assert found.prefill == pytest.approx(1000, rel=0.05)
    assert found.decode == pytest.approx(50, rel=0.05)
    assert found.trip_s is not None
    assert found.edit is True
    assert found.needle is True
    assert found.needle_tokens == pytest.approx(0.9 * 32768, rel=0.03)
    assert found.seconds <= BUDGET_S
    texts = [request.view[0].text[:24] for request in pupil.asked if request.view[0].text.startswith("List")]
    assert len(set(texts)) == len(texts) > 2


@pytest.mark.parametrize("reads", [0.5, 5.0, 60.0, 300.0, 100_000.0])
@pytest.mark.parametrize("writes", [0.02, 1.0, 20.0, 5000.0])
def test_measuring_ends_within_its_seconds(reads: float, writes: float) -> None:
    """However slow a model reads and writes, two minutes and one last token are all that it is asked for, also with two agents."""
    time = Time()
    began = time.at
    found = measure(Pupil(time, reads=reads, writes=writes), {"coder": (SHELL,), "bash_only": ()}, lambda: time.at)
    assert time.at - began <= BUDGET_S + 1 / writes + 1
    assert dict(found["bash_only"].missing).keys() >= {"tool round trip", "edit"}
    for each in found.values():
        assert (each.prefill is None) == ("prefill" in dict(each.missing))


def test_a_server_that_drips_is_left_behind() -> None:
    """It is never silent and never done; it is asked no more, and every figure says why it is missing."""
    time, over = Time(), threading.Event()

    class Dripping(Pupil):
        def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
            self.asked.append(request)
            over.wait(60)
            raise ModelError(Fault.CRASH, "the test is over")

    dripping = Dripping(time)
    found = measure(dripping, {"coder": (SHELL,)}, lambda: time.at, budget=0.05)["coder"]
    over.set()
    assert (found.paced, len(dripping.asked)) == (False, 1)
    assert dict(found.missing)["decode"].startswith("its server began an answer and did not end it")


def test_a_needle_that_would_take_too_long_is_left_out_with_the_reason() -> None:
    """The measured speed says so beforehand, and the reason says how long it would take and how long there was."""
    time = Time()
    found = measure(Pupil(time, reads=200.0, window=262144), {"coder": (SHELL,)}, lambda: time.at)["coder"]
    assert found.needle is None
    assert "235,929 tokens would take 1,200 s" in dict(found.missing)["needle"]
    assert found.prefill == pytest.approx(200, rel=0.05)


@pytest.mark.parametrize(("words", "probe"), [("List", "prefill"), ("Count", "decode"), ("notes.txt", "tool round trip"), ("calc.py", "edit"), ("kept here", "needle")])
def test_a_probe_that_fails_is_named_and_the_others_go_on(words: str, probe: str) -> None:
    """The server's own words stand under the probe's name."""
    time = Time()
    found = measure(Pupil(time, fault=words), {"coder": (SHELL,)}, lambda: time.at)["coder"]
    missing = dict(found.missing)
    assert "fell over" in missing.pop(probe)
    assert set(missing) <= ({"needle"} if probe == "prefill" else set())


ARGUMENTS = {
    '{"command": "sed -i s/-/+/ calc.py"}': False,
    '{"command": "sed -i s/-/+/ calc.py", "seconds": "10"}': False,
    '{"command": "sed -i s/-/+/ calc.py", "seconds": true}': False,
    '{"command": "sed -i s/-/+/ calc.py", "seconds": 10': False,
    '["sed + "]': False,
    '{"command": "ls", "seconds": 10}': False,
    FIX: True,
}


@pytest.mark.parametrize(("arguments", "holds"), ARGUMENTS.items())
def test_an_edit_counts_only_with_valid_arguments(arguments: str, holds: bool) -> None:
    """All arguments, each in its type, in whole JSON, and with the change that was asked for."""
    time = Time()
    assert measure(Pupil(time, arguments=arguments), {"coder": (SHELL,)}, lambda: time.at)["coder"].edit is holds


def test_a_haystack_holds_its_needle_once_in_the_middle() -> None:
    """And is new to a cache from its first line on."""
    text = probes.haystack("mark", 10_000, "K42")
    assert text.count("K42") == 1
    assert 0.45 < text.index("K42") / len(text) < 0.55
    assert text.startswith("List mark.")
    assert len(text) == pytest.approx(10_000, rel=0.05)


def test_a_script_that_counts_no_time_is_said_to(tmp_path: object) -> None:
    """A model whose server tells nothing of its time leaves figures out instead of inventing them."""

    class Mute(Pupil):
        def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
            told = super().reply(request, deadline=deadline, progress=progress)
            return msgspec.structs.replace(told, timing=Timing(1.0))

    time = Time()
    found = measure(Mute(time), {"coder": (SHELL,)}, lambda: time.at)["coder"]
    assert (found.prefill, found.decode) == (None, None)
    assert "counts no tokens, or no time" in dict(found.missing)["prefill"]
