"""The Claude and OpenAI-compatible adapters against real servers that speak those shapes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from agents.models import claude, openai_compatible
from harness.contracts.model import complaints
from harness.core.chat import ReplyStop, Thinking
from harness.core.errors import ContextOverflow, Fault, ModelError, PlanError
from harness.core.facts import ModelSettings
from tests.agents.models.words import RULE, START, TASK, ask, asked, calls, fails, text, with_results
from tests.services.scripted_gguf import TRAINED_WINDOW
from tests.services.scripted_script import Wanted
from tests.services.servers import OllamaServer, loopback_client, serving_llama

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.llama import LlamaServers

WINDOW = 2048
LONG = TRAINED_WINDOW


def windowed(server: OllamaServer, wanted: Wanted) -> str:
    """A model whose own parameter sets the window, the only way to set it behind /v1."""
    name = server.create(wanted)
    small = f"{name.partition(':')[0]}-small:latest"
    with loopback_client(server.url) as client:
        body = {"model": small, "from": name, "parameters": {"num_ctx": WINDOW}, "stream": False}
        client.post("/api/create", json=body).raise_for_status()
    return small


def messages(url: str, name: str = "scripted", **settings: object):
    named = {"thinking": "off"} | settings
    return claude.create(api_key="not-a-secret", base_url=url).open(ModelSettings(name, **named))


def completions(url: str, name: str = "scripted", *, accept_ollama: bool = False, **settings: object):
    models = openai_compatible.create(base_url=f"{url}/v1", accept_ollama=accept_ollama)
    return models.open(ModelSettings(name, **({"seed": 7} | settings)))


def test_claudes_client_drives_a_tool_conversation_on_ollama(ollama: OllamaServer) -> None:
    """/v1/messages of a real Ollama: call, result, the rule kept; the facts say that silent cutting is not excluded."""
    with messages(ollama.url, windowed(ollama, Wanted())) as model:
        first = ask(model, asked(window=None))
        (call,) = calls(first)
        assert (call.name, json.loads(call.raw_arguments)["command"]) == ("shell", "ls -la")
        assert first.stop is ReplyStop.TOOL
        assert text(ask(model, asked(with_results(START, first), window=None))) == "DONE rule-kept"
        assert not model.facts.truncation_excluded


def test_our_own_window_binds_a_server_that_would_cut_silently(ollama: OllamaServer) -> None:
    """With a window asked for, what does not fit overflows before it is sent, so the server never gets to cut it."""
    with messages(ollama.url, windowed(ollama, Wanted()), window=WINDOW) as model:
        first = ask(model, asked())
        fault = fails(model, asked(with_results(START, first, "word " * 18000)))
        assert isinstance(fault, ContextOverflow)
        assert fault.window == WINDOW


def test_claudes_client_drives_a_tool_conversation_on_llama_server(llama_server: LlamaServers) -> None:
    """/v1/messages of llama.cpp: call, result, the rule kept, tokens counted; overflow is refused by the server."""
    with messages(llama_server.url) as model:
        first = ask(model, asked(window=None))
        assert text(ask(model, asked(with_results(START, first), window=None))) == "DONE rule-kept"
        assert model.count(asked(window=None)) > 0
        fault = fails(model, asked(with_results(START, first, "word " * 18000), window=None))
        assert isinstance(fault, ContextOverflow)
        assert fault.window == WINDOW


def test_openais_client_drives_a_tool_conversation_on_llama_server(llama_server: LlamaServers) -> None:
    """/v1/chat/completions of llama.cpp: window from the server, counts equal to its own, speeds told, cache counted."""
    with completions(llama_server.url) as model:
        assert (model.facts.window.granted, model.facts.truncation_excluded) == (WINDOW, True)
        assert model.facts.server.endswith("(llama.cpp)")
        counted = model.count(asked())
        first = ask(model, asked())
        assert first.usage.input_total == counted
        assert first.timing.prefill is not None
        last = ask(model, asked(with_results(START, first)))
        assert text(last) == "DONE rule-kept"
        assert last.usage.cache_read > 0
        assert "Look around." in model.render(asked())


def test_what_is_too_long_overflows_on_llama_server(llama_server: LlamaServers) -> None:
    """The server's refusal becomes ContextOverflow with both sizes."""
    with completions(llama_server.url) as model:
        first = ask(model, asked())
        fault = fails(model, asked(with_results(START, first, "word " * 18000)))
        assert isinstance(fault, ContextOverflow)
        assert (fault.window, fault.prompt_tokens > 18000) == (WINDOW, True)


def test_the_rule_is_lost_when_it_is_not_sent(llama_server: LlamaServers) -> None:
    """The scripted model really tells whether it saw the rule: without it the answer is another."""
    with completions(llama_server.url) as model:
        first = ask(model, asked(TASK))
        assert text(ask(model, asked(with_results(TASK, first)))) == "DONE rule-lost"
        assert RULE


def test_a_smaller_window_than_the_servers_is_kept_by_us(llama_server: LlamaServers) -> None:
    """--window below the server's: overflow at the smaller one, and an answer cut by it ends as window_full."""
    with completions(llama_server.url, window=1024) as model:
        assert model.facts.window.granted == 1024
        fault = fails(model, asked((*START, *with_results(START, ask(model, asked(window=1024)), "word " * 900)), window=1024))
        assert isinstance(fault, ContextOverflow)
        assert fault.window == 1024
    running = llama_server.serve(Wanted("runaway"))
    with completions(running.url, window=512) as model:
        assert ask(model, asked(window=512, max_output=500)).stop is ReplyStop.WINDOW_FULL


def test_cut_by_output_and_cut_by_window_differ_on_llama_server(llama_server: LlamaServers) -> None:
    """Both end with the word length; the counts tell them apart."""
    with completions(llama_server.serve(Wanted("runaway")).url) as model:
        assert ask(model, asked(max_output=20)).stop is ReplyStop.MAX_OUTPUT
        assert ask(model, asked(max_output=4000)).stop is ReplyStop.WINDOW_FULL


def test_reasoning_is_a_thinking_part(llama_server: LlamaServers) -> None:
    """llama.cpp's reasoning_content becomes Thinking."""
    with completions(llama_server.serve(Wanted("thinkonly")).url) as model:
        assert [type(content) for content in ask(model, asked()).contents] == [Thinking]


def test_a_window_larger_than_the_servers_is_a_plan_error(llama_server: LlamaServers) -> None:
    """One sentence with what was found and expected, before any trial."""
    with pytest.raises(PlanError, match="found 4096, expected at most 2048"), completions(llama_server.url, window=4096):
        pass


def test_an_ollama_is_sent_to_its_own_door(ollama: OllamaServer) -> None:
    """openai/NAME pointed at an Ollama says to use ollama/NAME, because its /v1 can't set the window."""
    with pytest.raises(PlanError, match=r"expected ollama/tiny"), completions(ollama.url, "tiny"):
        pass


def test_openais_client_drives_a_tool_conversation_on_ollama(ollama: OllamaServer) -> None:
    """Accepted by a named option only, with the window of the model, and marked as a server that may cut."""
    name = windowed(ollama, Wanted())
    with completions(ollama.url, name, accept_ollama=True, window=WINDOW) as model:
        first = ask(model, asked())
        assert text(ask(model, asked(with_results(START, first)))) == "DONE rule-kept"
        assert not model.facts.truncation_excluded


def test_the_model_contract_holds_on_llama_server(llama_server: LlamaServers) -> None:
    """The claims that every adapter must satisfy, for both shapes."""
    with completions(llama_server.url) as model:
        assert complaints(model) == ()
    with messages(llama_server.url, window=WINDOW) as model:
        assert complaints(model) == ()


def test_a_server_killed_in_mid_reply_is_a_retryable_fault(llama_server: LlamaServers, tmp_path: Path) -> None:
    """The stream breaks off: never a success, and what was heard is kept."""
    running = llama_server.serve(Wanted("runaway"))
    gguf = next(path for path in llama_server.folder.glob("*.gguf") if path.name.startswith(_stem(running.log)))
    # A reply of many megabytes: more than the sockets between the two can hold at the first word, so it can't be whole when the server dies.
    with serving_llama(llama_server.binary, gguf, tmp_path / "log", window=LONG) as server, completions(server.url) as model:
        heard: list[int] = []

        def kill(count: int) -> None:
            if not heard:
                server.kill()
            heard.append(count)

        with pytest.raises(ModelError) as caught:
            model.reply(asked(window=LONG, max_output=LONG - WINDOW), deadline=60, progress=kill)
        assert caught.value.fault in {Fault.CUT_STREAM, Fault.CONNECTION}
        assert caught.value.retryable
        assert b"again" in caught.value.wire.response
        assert heard[-1] < LONG - WINDOW
        assert fails(model).fault is Fault.CONNECTION


def _stem(log: Path) -> str:
    return log.name.removesuffix(".log")
