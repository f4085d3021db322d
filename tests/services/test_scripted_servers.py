"""Real servers serve scripted models: whole tool conversations, the loss of a rule, and the refusal of an overflow."""

from __future__ import annotations

from typing import get_args

import pytest

from tests.services.conversation import RULE, STRICT, TASK, TOOLS, chat, complete, with_result
from tests.services.llama import LlamaServers
from tests.services.scripted_gguf import Architecture
from tests.services.scripted_script import Behaviour, Wanted, call
from tests.services.servers import OllamaServer, loopback_client, serving_ollama

ARCHITECTURES = get_args(Architecture)
ARGUMENTS = {"command": "ls -la", "seconds": 10}
FIX = (
    call("shell", command="sed -i 's/a - b/a + b/' calc.py", seconds=20),
    call("shell", command="python3 -m pytest -q", seconds=60),
    call("finish", done="the sign", not_done=""),
)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_agent_calls_and_then_keeps_the_rule(ollama: OllamaServer, architecture: Architecture) -> None:
    """On both generations a scripted model makes its call, and after the result says whether it sees the rule."""
    model = ollama.create(Wanted(), architecture=architecture)
    status, first = chat(ollama.url, model, [RULE, TASK], **STRICT)
    calls = first["message"]["tool_calls"]
    assert (status, [each["function"]["arguments"] for each in calls]) == (200, [ARGUMENTS])

    told = with_result([RULE, TASK], first["message"], "a.py\nb.py\n")
    assert chat(ollama.url, model, told, **STRICT)[1]["message"]["content"] == "DONE rule-kept"
    assert chat(ollama.url, model, told[1:], **STRICT)[1]["message"]["content"] == "DONE rule-lost"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_overflow_is_refused_when_asked_to(ollama: OllamaServer, architecture: Architecture) -> None:
    """An overlong prompt with truncation off is HTTP 400 on both generations, and without it a silent cut."""
    model = ollama.create(Wanted(), architecture=architecture)
    _, first = chat(ollama.url, model, [RULE, TASK])
    told = with_result([RULE, TASK], first["message"], "word " * 6000)
    assert chat(ollama.url, model, told, **STRICT)[0] == 400
    status, silent = chat(ollama.url, model, told)
    assert (status, silent["message"].get("content")) != (200, "DONE rule-kept")
    assert status == 200


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_solver_makes_its_calls_in_order(ollama: OllamaServer, architecture: Architecture) -> None:
    """A solver goes through its calls one a turn, by counting the results it has seen."""
    model = ollama.create(Wanted(behaviour="solver", calls=FIX), architecture=architecture)
    names = [*TOOLS, {"type": "function", "function": {"name": "finish", "parameters": {"type": "object"}}}]
    messages, made = [RULE, TASK], []
    for _ in FIX:
        _, reply = chat(ollama.url, model, messages, tools=names, **STRICT)
        [only] = reply["message"]["tool_calls"]
        made.append((only["function"]["name"], only["function"]["arguments"]))
        messages = with_result(messages, reply["message"], "fine\n")
    assert made == [(each.name, dict(each.arguments)) for each in FIX]
    assert chat(ollama.url, model, messages, tools=names, **STRICT)[1]["message"]["content"] == "DONE rule-kept"


def test_long_solver_counts_beyond_a_dozen(ollama: OllamaServer) -> None:
    """Two dozen calls of the same look are told apart, also where a server punishes repeated words."""
    steps = tuple(call("shell", command=f"echo {number}", seconds=number + 1) for number in range(24))
    model = ollama.create(Wanted(behaviour="solver", calls=steps))
    messages, seen = [RULE, TASK], []
    for _ in steps:
        _, reply = chat(ollama.url, model, messages, options={"num_ctx": 4096, "repeat_penalty": 1.1}, **STRICT)
        [only] = reply["message"]["tool_calls"]
        seen.append(only["function"]["arguments"]["command"])
        messages = with_result(messages, reply["message"], "ok\n")
    assert seen == [f"echo {number}" for number in range(24)]


SHAPES: dict[Behaviour, tuple[int, str, str]] = {
    # behaviour: calls, content, thinking; the last two by their beginning
    "loop": (1, "", ""),
    "empty": (0, "", ""),
    "runaway": (0, "again and again", ""),
    "repeat": (0, "again again", ""),
    "thinkonly": (0, "", "I should look"),
    "parallel": (2, "", ""),
}


@pytest.mark.parametrize("behaviour", SHAPES)
def test_behaviours_look_as_ordered(ollama: OllamaServer, behaviour: Behaviour) -> None:
    """Each bad habit comes out of a real server as itself."""
    model = ollama.create(Wanted(behaviour=behaviour))
    options = {"num_ctx": 2048, "num_predict": 80}
    message = chat(ollama.url, model, [RULE, TASK], options=options)[1]["message"]
    calls, content, thinking = SHAPES[behaviour]
    assert len(message.get("tool_calls") or []) == calls
    assert message["content"].startswith(content)
    assert bool(message["content"]) == bool(content)
    assert message.get("thinking", "").startswith(thinking)


def test_bad_json_makes_no_call(ollama: OllamaServer) -> None:
    """A call that is no JSON is no call to the server."""
    model = ollama.create(Wanted(behaviour="badjson"))
    assert not chat(ollama.url, model, [RULE, TASK])[1]["message"].get("tool_calls")


def test_unclosed_call_ends_the_reply(ollama: OllamaServer) -> None:
    """A reply that ends inside its call still ends by itself."""
    model = ollama.create(Wanted(behaviour="unclosed"))
    assert chat(ollama.url, model, [RULE, TASK])[1]["done_reason"] == "stop"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_llama_server_holds_the_same_conversation(llama_server: LlamaServers, architecture: Architecture) -> None:
    """llama.cpp's own server makes the call and reads the result, over the OpenAI-compatible endpoint."""
    url = llama_server.serve(Wanted(), architecture=architecture).url
    status, first = complete(url, [RULE, TASK])
    message = first["choices"][0]["message"]
    assert (status, message["tool_calls"][0]["function"]["name"]) == (200, "shell")
    told = with_result([RULE, TASK], message, "a.py\n")
    assert complete(url, told)[1]["choices"][0]["message"]["content"] == "DONE rule-kept"
    assert complete(url, told[1:])[1]["choices"][0]["message"]["content"] == "DONE rule-lost"


def test_llama_server_refuses_an_overflow(llama_server: LlamaServers) -> None:
    """A prompt beyond the window is refused by type."""
    status, body = complete(llama_server.url, [RULE, {"role": "user", "content": "word " * 6000}])
    assert (status, body["error"]["type"]) == (400, "exceed_context_size_error")


def test_killed_server_comes_back(ollama: OllamaServer, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A server killed with its children is gone at once, and starts again on its port with its models."""
    folder = tmp_path_factory.mktemp("crash")
    program = ollama.program
    with serving_ollama(program, folder) as server:
        model = server.create(Wanted())
        server.kill()
        with serving_ollama(program, folder, port=server.port) as again:
            assert again.url == server.url
            with loopback_client(again.url) as client:
                assert [each["name"] for each in client.get("/api/tags").json()["models"]] == [model]
