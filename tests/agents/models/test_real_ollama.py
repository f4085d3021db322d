"""The native adapter against two generations of real Ollama servers and both engines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest

from agents.models.ollama import create
from harness.contracts.model import complaints
from harness.core.chat import CUT, Origin, ReplyStop, Role, Sampling, Text, Thinking, message
from harness.core.errors import Blame, ContextOverflow, Fault, MissingError, ModelError, PlanError
from harness.core.facts import ModelSettings
from tests.agents.models.words import RULE, START, TASK, ask, asked, calls, fails, text, with_results
from tests.services.scripted_gguf import TRAINED_WINDOW, write_model
from tests.services.scripted_script import Wanted
from tests.services.servers import OllamaServer, loopback_client, serving_ollama

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.scripted_gguf import Architecture

ARCHITECTURES = pytest.mark.parametrize("architecture", ["llama", "qwen3"])


def opened(server: OllamaServer, name: str, **settings: object):
    return create(base_url=server.url).open(ModelSettings(name, **({"window": 2048, "seed": 7, "thinking": "off"} | settings)))


@ARCHITECTURES
def test_a_conversation_with_a_tool_ends_with_the_rule_kept(ollama: OllamaServer, architecture: Architecture) -> None:
    """A call comes with id and raw arguments, its result goes back, and the model still sees the first message."""
    with opened(ollama, ollama.create(Wanted(), architecture=architecture)) as model:
        first = ask(model, asked())
        (call,) = calls(first)
        assert (call.name, json.loads(call.raw_arguments)) == ("shell", {"command": "ls -la", "seconds": 10})
        assert call.id
        assert first.stop is ReplyStop.TOOL
        last = ask(model, asked(with_results(START, first)))
        assert (text(last), last.stop) == ("DONE rule-kept", ReplyStop.END)
        assert last.usage.input_total > first.usage.input_total > 0


@ARCHITECTURES
def test_what_is_too_long_overflows_and_is_never_cut(ollama: OllamaServer, architecture: Architecture) -> None:
    """An overlong tool result is ContextOverflow, where the server's defaults would answer 200 with the prompt cut."""
    with opened(ollama, ollama.create(Wanted(), architecture=architecture)) as model:
        first = ask(model, asked())
        fault = fails(model, asked(with_results(START, first, "word " * 18000)))
        assert isinstance(fault, ContextOverflow)
        assert fault.wire.status == 400
        if ollama.url and model.facts.server_version.startswith("0.34"):
            assert fault.window == 2048
            assert fault.prompt_tokens > 18000


@ARCHITECTURES
def test_many_turns_never_lose_the_first_message_silently(ollama: OllamaServer, architecture: Architecture) -> None:
    """Turns that the server would drop whole (with a count below the window) are refused too."""
    words = "some words that fill the window little by little " * 10
    long = tuple(message(f"x{k}", Role.ASSISTANT if k % 2 else Role.USER, Origin.USER, Text(words)) for k in range(20))
    with opened(ollama, ollama.create(Wanted(), architecture=architecture)) as model:
        assert isinstance(fails(model, asked(RULE + long + TASK)), ContextOverflow)


def test_a_full_window_and_a_full_output_are_different_ends(ollama: OllamaServer) -> None:
    """A runaway reply is cut by the output limit or, with a larger one, by the window, and says which."""
    with opened(ollama, ollama.create(Wanted("runaway")), window=512) as model:
        assert ask(model, asked(window=512, max_output=20)).stop is ReplyStop.MAX_OUTPUT
        full = ask(model, asked(window=512, max_output=4000))
        assert full.stop is ReplyStop.WINDOW_FULL
        assert full.stop in CUT


@ARCHITECTURES
def test_the_facts_are_known_before_the_first_turn(ollama: OllamaServer, architecture: Architecture) -> None:
    """Version, digest, template, capabilities, windows and the thinking path are on record when the model is opened."""
    with opened(ollama, ollama.create(Wanted(), architecture=architecture, trained_window=16384), thinking="") as model:
        facts = model.facts
    assert facts.server_version.startswith(("0.24", "0.34"))
    assert facts.family == architecture
    assert (facts.window.asked, facts.window.granted, facts.window.trained, facts.window.resident) == (2048, 2048, 16384, None)
    assert facts.on_gpu == 0.0
    assert {"tools", "thinking"} <= set(facts.capabilities)
    assert (facts.thinking, facts.thinking_path) == ("on", "kept")
    assert facts.template_digest.startswith("sha256:")
    assert len(facts.digest) == 64
    assert facts.truncation_excluded
    assert (facts.remote, facts.price) == (False, None)


def test_without_a_gpu_the_window_is_the_smaller_of_32k_and_the_trained_one(ollama_024: OllamaServer) -> None:
    """No window asked for: nothing above what the model was trained with, and 32k where more would be."""
    for trained, granted in ((8192, 8192), (65536, 32768)):
        with opened(ollama_024, ollama_024.create(Wanted(), trained_window=trained), window=None) as model:
            assert model.facts.window.granted == granted


def test_a_window_beyond_the_trained_one_is_a_plan_error(ollama_024: OllamaServer) -> None:
    """The server would clip it and cut by another number than it says."""
    name = ollama_024.create(Wanted(), trained_window=8192)
    with pytest.raises(PlanError, match=r"found 9000, expected at most 8192"), opened(ollama_024, name, window=9000):
        pass


def test_thinking_kept_is_told_for_every_turn_and_lost_by_the_path_without_a_renderer(ollama_034: OllamaServer) -> None:
    """The same model file created without a Go template takes the path on which thinking vanishes, and the facts say so."""
    kept = ollama_034.create(Wanted())
    bare = _without_template(ollama_034, Wanted(kept="DONE without a template"))
    thought = message("a1", Role.ASSISTANT, Origin.MODEL, Thinking("a thought of my own"), Text("Yes."))
    view = (*START, thought, message("m3", Role.USER, Origin.HARNESS, Text("Go on.")))
    with opened(ollama_034, kept, thinking="on") as model:
        assert model.facts.thinking_path == "kept"
        assert ask(model, asked(view)).thinking_kept is True
        assert "a thought of my own" in model.render(asked(view))
    with opened(ollama_034, bare, thinking="on") as model:
        assert model.facts.thinking_path == "dropped"
        assert ask(model, asked(view)).thinking_kept is False
        assert "a thought of my own" not in model.render(asked(view))


def test_thinking_comes_as_its_own_part(ollama: OllamaServer) -> None:
    """A thought is a Thinking part, not text."""
    with opened(ollama, ollama.create(Wanted("thinkonly")), thinking="on") as model:
        contents = ask(model, asked()).contents
    assert [type(content) for content in contents] == [Thinking]
    assert "look at the files" in contents[0].text


def test_a_prompt_can_be_counted_and_rendered(ollama: OllamaServer) -> None:
    """`count` is the server's own count of the prompt that `reply` then reports; `render` holds every message's words."""
    with opened(ollama, ollama.create(Wanted())) as model:
        counted = model.count(asked())
        assert counted == ask(model, asked()).usage.input_total
        assert "Look around." in model.render(asked())


def test_every_call_carries_the_same_switches(ollama: OllamaServer) -> None:
    """Every request as sent has truncation and shifting off, the window, the seed, thinking, all sampling and keep_alive."""
    chosen = {"temperature": 0.25, "top_p": 0.9, "top_k": 11, "min_p": 0.05, "repeat_penalty": 1.1, "presence_penalty": 0.3}
    with opened(ollama, ollama.create(Wanted()), sampling=Sampling(**chosen)) as model:
        sampling = msgspec.structs.replace(model.facts.sampling, seed=7)  # as the engine asks: the model's own, the trial's seed
        first = ask(model, asked(sampling=sampling))
        last = ask(model, asked(with_results(START, first), sampling=sampling))
    for sent in (json.loads(reply.wire.request) for reply in (first, last)):
        assert (sent["truncate"], sent["shift"], sent["stream"], sent["think"]) == (False, False, True, False)
        assert sent["keep_alive"] == "15m"
        assert sent["options"] == chosen | {"num_ctx": 2048, "num_predict": 256, "seed": 7}


def test_parallel_calls_have_ids_of_their_own(ollama: OllamaServer) -> None:
    """Two calls in one reply are two parts with two ids."""
    with opened(ollama, ollama.create(Wanted("parallel"))) as model:
        found = calls(ask(model, asked()))
    assert len(found) == 2
    assert found[0].id != found[1].id


def test_a_call_that_the_server_can_not_read_is_counted(ollama: OllamaServer) -> None:
    """Both servers throw broken JSON away and say "stop": no call runs, and the reply says that something was lost."""
    with opened(ollama, ollama.create(Wanted("badjson"))) as model:
        reply = ask(model, asked())
    assert reply.contents == ()
    assert [blame for _, blame in reply.malformed] == [Blame.MODEL]
    assert "gave none of them" in reply.warnings[0]


def test_the_repeat_guard_is_a_cut_stream(ollama: OllamaServer) -> None:
    """A server that gives up on a model repeating itself ends the stream without `done`: never a success."""
    with opened(ollama, ollama.create(Wanted("repeat"))) as model:
        fault = fails(model, asked(max_output=1000))
    assert fault.fault is Fault.CUT_STREAM
    assert b"again" in fault.wire.response


def test_the_model_contract_holds(ollama: OllamaServer) -> None:
    """The claims that every adapter must satisfy."""
    with opened(ollama, ollama.create(Wanted())) as model:
        assert complaints(model) == ()


def test_a_server_killed_in_mid_reply_is_a_fault_and_the_next_one_answers(ollama_024: OllamaServer, tmp_path: Path) -> None:
    """Killing the server in a reply is a retryable fault with what was heard; the same model goes on once it is back."""
    with serving_ollama(ollama_024.program, tmp_path) as server:
        name = server.create(Wanted("runaway"))
        with opened(server, name, window=TRAINED_WINDOW) as model:
            heard: list[int] = []

            def kill(count: int) -> None:
                if not heard:
                    server.kill()
                heard.append(count)

            # Megabytes, which no socket holds at the first word: the reply can't be whole when the server dies.
            endless = asked(window=TRAINED_WINDOW, max_output=TRAINED_WINDOW - 2048)
            with pytest.raises(ModelError) as caught:
                model.reply(endless, deadline=60, progress=kill)
            assert caught.value.fault in {Fault.CUT_STREAM, Fault.CONNECTION, Fault.CRASH}
            assert caught.value.retryable
            assert b"again" in caught.value.wire.response
            assert fails(model).fault is Fault.CONNECTION
            with serving_ollama(ollama_024.program, tmp_path, port=server.port):
                assert ask(model, asked(window=TRAINED_WINDOW, max_output=20)).stop is ReplyStop.MAX_OUTPUT


def test_offers_lists_what_the_server_holds(ollama: OllamaServer) -> None:
    """Every model with its capabilities and trained window, none loaded for it."""
    name = ollama.create(Wanted())
    offered = {facts.name: facts for facts in create(base_url=ollama.url).offers()}
    assert "tools" in offered[name].capabilities
    assert offered[name].window.trained is not None


def test_a_model_that_is_not_there_says_how_to_get_it(ollama_024: OllamaServer) -> None:
    """A missing model is a missing prerequisite with the command that mends it."""
    with pytest.raises(MissingError, match="ollama pull nobody"), opened(ollama_024, "nobody"):
        pass


def _without_template(server: OllamaServer, wanted: Wanted) -> str:
    """A file of its own: the server would serve a file that is running for another model by that model's engine."""
    name = server.create(wanted).partition(":")[0]
    bare, file = f"{name}-bare:latest", server.folder / f"{name}.gguf"
    digest = write_model(file, wanted).digest
    with loopback_client(server.url) as client:
        client.post("/api/create", json={"model": bare, "files": {file.name: digest}, "stream": False}).raise_for_status()
    return bare
