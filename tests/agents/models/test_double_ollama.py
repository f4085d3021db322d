"""The native adapter against what a real Ollama can't be made to do on demand."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from agents.models.ollama import create
from harness.core.chat import ReplyStop, Thinking, ToolCall
from harness.core.errors import Blame, ContextOverflow, Fault, MissingError, ModelError, PlanError
from harness.core.facts import ModelSettings
from tests.agents.models.double_server import Answer, Double, lines, serving, whole
from tests.agents.models.words import START, ask, asked, calls, fails, with_results

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.core.ports import Model

REFUSED = whole({"error": "the input length exceeds the context length"}, 400)
COUNT = whole({"model": "m", "done": True, "prompt_eval_count": 90})
LOADED = whole({"model": "m", "done": True, "done_reason": "load"})
SHOW: dict[str, Any] = {
    "details": {"family": "qwen3", "parameter_size": "8B", "quantization_level": "Q4_K_M"},
    "model_info": {"general.architecture": "qwen3", "qwen3.context_length": 40960},
    "capabilities": ["completion", "tools"],
    "template": "{{ .Messages }}",
    "parameters": 'temperature 0.6\nstop "x"',
    "renderer": "qwen3",
    "parser": "qwen3",
}  # fmt: skip
TAG = {"model": "m:latest", "digest": "d" * 64, "size": 5, "details": {}}


def said(content: str = "", **extra: object) -> dict[str, object]:
    return {"model": "m", "message": {"role": "assistant", "content": content, **extra}, "done": False}


def done(reason: str = "stop", **extra: object) -> dict[str, object]:
    return {"model": "m", "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": reason, "prompt_eval_count": 100, "eval_count": 5, **extra}


def routes(*chat: Answer, show: dict[str, Any] | None = None, ps: object = None, tag: object = None) -> dict[str, list[Answer]]:
    """A server that loads, refuses what is too long, and then gives the chat answers in turn."""
    running = [] if ps is None else [{"model": "m:latest", "digest": "d" * 64, **ps}]
    return {
        "/api/version": [whole({"version": "0.34.0"})],
        "/api/tags": [whole({"models": [tag or TAG]})],
        "/api/show": [whole(show or SHOW)],
        "/api/ps": [whole({"models": running})],
        "/api/chat": [LOADED, REFUSED, COUNT, COUNT, *chat],
    }


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def talk(stack: ExitStack, *chat: Answer, settings: dict[str, Any] | None = None, repair: bool = False, **named: Any) -> tuple[Model, Double]:
    double = stack.enter_context(serving(routes(*chat, **named)))
    models = create(base_url=double.url, repair_leaked=repair)
    return stack.enter_context(models.open(ModelSettings("m", **({"window": 4096} | (settings or {}))))), double


def test_facts_come_from_show_ps_and_the_own_parameters(stack: ExitStack) -> None:
    """Renderer, parser, quantisation, residency and the Modelfile's sampling are on record."""
    model, _ = talk(stack, lines(done()), ps={"size": 100, "size_vram": 100, "context_length": 4096})
    facts = model.facts
    assert (facts.renderer, facts.parser, facts.quantisation, facts.on_gpu) == ("qwen3", "qwen3", "Q4_K_M", 1.0)
    assert (facts.window.granted, facts.window.resident) == (4096, 4096)
    assert facts.sampling.temperature == 0.6
    assert facts.sampling.origin.startswith("modelfile")


def test_a_partly_offloaded_model_is_opened_only_when_allowed(stack: ExitStack) -> None:
    """The plan error says how much fits and what to do."""
    with pytest.raises(PlanError, match="50% fits the GPU"):
        talk(stack, ps={"size": 100, "size_vram": 50, "context_length": 4096})
    model, _ = talk(stack, ps={"size": 100, "size_vram": 50, "context_length": 4096}, settings={"allow_offload": True})
    assert model.facts.on_gpu == 0.5


def test_a_server_that_ignores_truncate_false_is_refused_by_probe(stack: ExitStack) -> None:
    """It answers the overlong prompt, and its version is not asked: one sentence on what to install."""
    answers = routes() | {"/api/chat": [LOADED, lines(said("fine"), done())]}
    double = stack.enter_context(serving(answers))
    with pytest.raises(MissingError, match=r"cuts overlong prompts silently.*Ollama 0\.12\.6"), create(base_url=double.url).open(ModelSettings("m", window=4096)):
        pass


@pytest.mark.parametrize("where", ["name", "show", "show_model"])
def test_a_model_served_elsewhere_needs_leave(stack: ExitStack, where: str) -> None:
    """By its name or by what the server says of it; nothing is sent to it before."""
    show = SHOW | {"show": {"remote_host": "https://ollama.com"}, "show_model": {"remote_model": "big"}}.get(where, {})
    double = stack.enter_context(serving(routes(show=show)))
    name = "m:cloud" if where == "name" else "m"
    with pytest.raises(PlanError, match="--allow-remote"), create(base_url=double.url).open(ModelSettings(name)):
        pass
    assert not double.bodies("/api/chat")


def test_a_server_on_another_machine_needs_leave() -> None:
    """Told from the address alone."""
    with pytest.raises(PlanError, match="--allow-remote"), create(base_url="http://192.0.2.1:9").open(ModelSettings("m")):
        pass


def test_a_stream_that_ends_without_done_is_cut(stack: ExitStack) -> None:
    """The repeat guard ends a stream politely without `done`: never a success, and the text heard is kept."""
    model, _ = talk(stack, lines(said("again "), said("again ")))
    fault = fails(model)
    assert (fault.fault, fault.wire.status) == (Fault.CUT_STREAM, 200)
    assert fault.wire.response.count(b"again") == 2
    assert json.loads(fault.wire.request)["model"] == "m:latest"


def test_a_line_that_goes_dead_is_cut(stack: ExitStack) -> None:
    """A connection lost in mid-reply."""
    model, _ = talk(stack, lines(said("half"), end="cut"))
    assert fails(model).fault is Fault.CUT_STREAM


def test_half_a_line_of_json_is_cut(stack: ExitStack) -> None:
    """The stream ends inside a line."""
    model, _ = talk(stack, Answer((b'{"message": {"content": "x"}, "do',)))
    assert fails(model).fault is Fault.CUT_STREAM


def test_silence_is_a_timeout(stack: ExitStack) -> None:
    """The deadline is for silence, between two lines as well as before the first."""
    model, _ = talk(stack, lines(said("a"), end="silent"))
    fault = fails(model, deadline=0.3)
    assert (fault.fault, fault.retryable) == (Fault.TIMEOUT, True)
    assert b'"a"' in fault.wire.response


def test_an_error_in_the_stream_is_named_by_its_words(stack: ExitStack) -> None:
    """HTTP 200, then an error line: a parser of the server gave up, blamed on the model, the bytes kept."""
    model, _ = talk(stack, lines(said("x"), {"error": "XML syntax error on line 3: unexpected EOF"}))
    fault = fails(model)
    assert (fault.fault, fault.blame) == (Fault.TOOL_SYNTAX, Blame.MODEL)
    assert b"XML syntax" in fault.wire.response


def test_a_busy_server_says_when_to_come_back(stack: ExitStack) -> None:
    """503 with retry-after is overloaded, with the wait."""
    model, _ = talk(stack, whole({"error": "server busy, please try again. maximum pending requests exceeded"}, 503, retry_after="3"))
    fault = fails(model)
    assert (fault.fault, fault.wait_s) == (Fault.OVERLOADED, 3.0)


def test_the_newer_engines_refusal_has_both_sizes(stack: ExitStack) -> None:
    """JSON text inside the error text."""
    inner = json.dumps({"error": {"type": "exceed_context_size_error", "message": "too long", "n_prompt_tokens": 5000, "n_ctx": 4096}})
    model, _ = talk(stack, whole({"error": inner}, 400))
    fault = fails(model)
    assert isinstance(fault, ContextOverflow)
    assert (fault.prompt_tokens, fault.window) == (5000, 4096)


def test_a_server_without_call_ids_gets_them_made(stack: ExitStack) -> None:
    """The id depends on the place in the view alone, and goes back with the result and the tool's name."""
    call = {"function": {"name": "shell", "arguments": {"command": "ls", "seconds": 1}}}
    model, double = talk(stack, lines(said(tool_calls=[call]), done()), lines(done()))
    first = ask(model, asked())
    assert calls(first) == [ToolCall("call_1_1", "shell", '{"command": "ls", "seconds": 1}')]
    ask(model, asked(with_results(START, first)))
    sent = double.bodies("/api/chat")[-1]["messages"]
    assert sent[-2]["tool_calls"][0] == {"id": "call_1_1", "function": {"index": 0, **call["function"]}}
    assert (sent[-1]["role"], sent[-1]["tool_name"], sent[-1]["tool_call_id"]) == ("tool", "shell", "call_1_1")


def test_thinking_goes_back_with_its_message(stack: ExitStack) -> None:
    """`thinking` is a part on the way in and a field of the assistant message on the way out."""
    model, double = talk(stack, lines(said(thinking="hm "), said(thinking="yes"), said("A."), done()), lines(done()))
    first = ask(model, asked())
    assert first.contents[0] == Thinking("hm yes")
    ask(model, asked(with_results(START, first)))
    assert double.bodies("/api/chat")[-1]["messages"][-1] == {"role": "assistant", "content": "A.", "thinking": "hm yes"}


def test_length_with_a_call_never_looks_like_a_whole_reply(stack: ExitStack) -> None:
    """A call cut by the limit is in the reply, and its stop says that it must not run."""
    call = {"id": "c1", "function": {"name": "shell", "arguments": {"command": "rm"}}}
    model, _ = talk(stack, lines(said(tool_calls=[call]), done("length", eval_count=256)))
    assert ask(model, asked()).stop is ReplyStop.MAX_OUTPUT


def test_a_reload_between_turns_is_a_warning(stack: ExitStack) -> None:
    """Load time above a second at the second call, none at the first."""
    model, _ = talk(stack, lines(done(load_duration=5_000_000_000)), lines(done(load_duration=5_000_000_000)))
    first = ask(model, asked())
    assert first.warnings == ()
    assert "loading the model" in ask(model, asked(with_results(START, first))).warnings[0]


def test_swallowed_output_is_a_warning(stack: ExitStack) -> None:
    """Tokens counted and nothing given: a parser kept them."""
    model, _ = talk(stack, lines(done(eval_count=60)))
    assert "counted 60 tokens" in ask(model, asked()).warnings[0]


def test_leaked_calls_are_counted_and_repaired_only_on_demand(stack: ExitStack) -> None:
    """The same reply without and with the option."""
    leak = lines(said('<tool_call>{"name": "shell", "arguments": {"command": "ls"}}</tool_call>'), done())
    plain = ask(talk(stack, leak)[0], asked())
    assert (plain.leaked, plain.repaired, calls(plain), plain.stop) == (1, 0, [], ReplyStop.END)
    mended = ask(talk(stack, leak, repair=True)[0], asked())
    assert (mended.leaked, mended.repaired, len(calls(mended)), mended.stop) == (1, 1, 1, ReplyStop.TOOL)


def test_hostile_text_is_kept_as_received_and_can_be_sent_back(stack: ExitStack) -> None:
    """Lone surrogates, NUL and a very long line come through, and the next request is valid bytes."""
    model, double = talk(stack, Answer((b'{"message": {"content": "\\ud800\\u0000' + b"x" * 1_000_000 + b'"}}\n', json.dumps(done()).encode())), lines(done()))
    first = ask(model, asked())
    assert first.contents[0].text.startswith("\ud800\x00")
    ask(model, asked(with_results(START, first)))
    assert double.bodies("/api/chat")[-1]["messages"][-1]["content"].startswith("\ud800\x00")


def test_a_model_that_can_not_be_shown_does_not_hide_the_others(stack: ExitStack) -> None:
    """It is listed with the server's words as a warning, and no capability."""
    double = stack.enter_context(serving(routes() | {"/api/show": [whole({"error": "broken manifest"}, 500)]}))
    (facts,) = create(base_url=double.url).offers()
    assert (facts.capabilities, facts.warnings) == ((), ("broken manifest",))


def test_no_server_is_a_missing_prerequisite() -> None:
    """Nobody listens: the command that starts one."""
    with pytest.raises(MissingError, match="ollama serve"), create(base_url="http://127.0.0.1:9").open(ModelSettings("m")):
        pass


def test_thinking_asked_of_a_model_without_it_is_a_plan_error(stack: ExitStack) -> None:
    """Found and expected, before anything is loaded."""
    with pytest.raises(PlanError, match="found high, expected off"):
        talk(stack, settings={"thinking": "high"})


def test_a_server_with_too_much_to_do_is_not_a_server_that_is_gone() -> None:
    """Only one that is missing ends a night's further trials: one that answers 503 comes back by itself."""
    table = routes() | {"/api/version": [whole({"error": "server busy"}, 503)]}
    with serving(table) as double, pytest.raises(ModelError) as told, create(base_url=double.url).open(ModelSettings("m")):
        pass
    assert told.value.fault is Fault.OVERLOADED
