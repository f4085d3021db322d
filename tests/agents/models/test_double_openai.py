"""The OpenAI-compatible adapter against the words and gaps of servers that are not here."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from agents.models.openai_compatible import create
from harness.core.chat import ReplyStop, Sampling, Thinking
from harness.core.errors import ContextOverflow, Fault, MissingError, PlanError
from harness.core.facts import ModelSettings
from tests.agents.models.double_server import Answer, Double, events, serving, whole
from tests.agents.models.words import START, ask, asked, calls, fails, text, with_results

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.core.ports import Model

NAME = "qwen3.6-27b"
VLLM = whole({"object": "list", "data": [{"id": NAME, "object": "model", "owned_by": "vllm", "max_model_len": 4096}]})
BARE = whole({"object": "list", "data": [{"id": NAME, "object": "model", "owned_by": "somebody"}]})
BARE_QWEN3 = whole({"object": "list", "data": [{"id": "qwen3:8b", "object": "model", "owned_by": "somebody"}]})
REFUSED = whole({"error": {"message": "This model's maximum context length is 4096 tokens.", "type": "BadRequestError", "code": 400}}, 400)


def chunk(delta: dict[str, Any] | None = None, reason: str | None = None, **extra: Any) -> dict[str, Any]:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": reason}]
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": NAME, "choices": choices, **extra}


def ended(reason: str = "stop", prompt: int = 100, written: int = 9, **details: Any) -> list[Any]:
    usage = {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written, **details}
    return [chunk({}, reason), chunk(None, usage=usage), "data: [DONE]\n\n"]


def piece(index: int, arguments: str, **named: Any) -> dict[str, Any]:
    named_ = {"name": named.pop("name")} if "name" in named else {}
    return {"tool_calls": [{"index": index, "type": "function", "function": {**named_, "arguments": arguments}, **named}]}


PLAIN = events(chunk({"role": "assistant", "content": "Yes."}), *ended())


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def talk(stack: ExitStack, *answers: Answer, listed: Answer = VLLM, routes: dict[str, list[Answer]] | None = None, window: int = 0, named: str = NAME, **settings: Any) -> tuple[Model, Double]:
    """A server of vLLM's kind unless told otherwise; its first completion is the refusal of the probe."""
    found = {"/v1/models": [listed], "/v1/chat/completions": [REFUSED, *answers], **(routes or {})}
    double = stack.enter_context(serving(found))
    models = create(base_url=f"{double.url}/v1", api_key="a-secret-key", window=window)
    return stack.enter_context(models.open(ModelSettings(named, **settings))), double


def test_the_window_comes_from_the_server_else_it_is_demanded(stack: ExitStack) -> None:
    """vLLM tells max_model_len; a server that tells nothing needs --window, by option or by plan."""
    assert talk(stack, PLAIN)[0].facts.window.granted == 4096
    with pytest.raises(PlanError, match="--window"):
        talk(stack, PLAIN, listed=BARE)
    assert talk(stack, PLAIN, listed=BARE, window=1000)[0].facts.window.granted == 1000
    with pytest.raises(PlanError, match="found 5000, expected at most 4096"):
        talk(stack, PLAIN, window=5000)


def test_lm_studio_and_sglang_are_known_by_their_own_addresses(stack: ExitStack) -> None:
    """Each tells its window elsewhere."""
    studio = {f"/api/v0/models/{NAME}": [whole({"id": NAME, "loaded_context_length": 8192, "max_context_length": 40960, "quantization": "Q4_K_M", "arch": "qwen3"})]}
    facts = talk(stack, PLAIN, listed=BARE, routes=studio)[0].facts
    assert (facts.window.granted, facts.window.trained, facts.quantisation) == (8192, 40960, "Q4_K_M")
    sglang = {"/get_model_info": [whole({"model_path": "/models/q"})], "/get_server_info": [whole({"context_length": 16384, "version": "0.5.23"})]}
    facts = talk(stack, PLAIN, listed=BARE, routes=sglang)[0].facts
    assert (facts.window.granted, facts.server_version) == (16384, "0.5.23")


def test_a_server_that_does_not_refuse_is_on_record_as_one_that_may_cut(stack: ExitStack) -> None:
    """LM Studio's default and SGLang's switch cut silently; the probe sees it."""
    double = stack.enter_context(serving({"/v1/models": [VLLM], "/v1/chat/completions": [PLAIN]}))
    model = stack.enter_context(create(base_url=double.url).open(ModelSettings(NAME)))
    assert not model.facts.truncation_excluded
    assert "silent cutting is not excluded" in model.facts.warnings[0]


def test_an_ollama_is_sent_to_its_own_door(stack: ExitStack) -> None:
    """Known by /api/version on the same host."""
    with pytest.raises(PlanError, match=f"expected ollama/{NAME}"):
        talk(stack, PLAIN, listed=BARE, routes={"/api/version": [whole({"version": "0.34.0"})]})


def test_calls_come_in_pieces_and_reasoning_goes_back_in_the_servers_field(stack: ExitStack) -> None:
    """Arguments are joined as text; vLLM wants `reasoning`, and gets the result under the call's id."""
    stream = events(
        chunk({"reasoning": "hm "}), chunk({"reasoning_content": "yes"}), chunk({"content": "I look."}),
        chunk(piece(0, '{"comm', id="call_a", name="shell")), chunk(piece(0, 'and": "ls"}')), chunk(piece(1, "{}", id="call_b", name="shell")),
        *ended("tool_calls", prompt_tokens_details={"cached_tokens": 64}, completion_tokens_details={"reasoning_tokens": 4}),
    )  # fmt: skip
    model, double = talk(stack, stream, PLAIN)
    first = ask(model, asked())
    assert first.contents[0] == Thinking("hm yes")
    assert [(call.id, call.raw_arguments) for call in calls(first)] == [("call_a", '{"command": "ls"}'), ("call_b", "{}")]
    assert (first.usage.cache_read, first.usage.output_thinking, first.stop) == (64, 4, ReplyStop.TOOL)
    ask(model, asked(with_results(START, first)))
    *_, said, one, two = double.bodies("/v1/chat/completions")[-1]["messages"]
    assert said["reasoning"] == "hm yes"
    assert (one["tool_call_id"], two["tool_call_id"]) == ("call_a", "call_b")


def test_two_calls_numbered_alike_stay_two(stack: ExitStack) -> None:
    """Some servers number every call 0; another id is another call."""
    stream = events(chunk(piece(0, "{}", id="a", name="shell")), chunk(piece(0, "{}", id="b", name="shell")), *ended("tool_calls"))
    assert [call.id for call in calls(ask(talk(stack, stream)[0], asked()))] == ["a", "b"]


def test_arguments_that_are_no_json_are_kept_as_received(stack: ExitStack) -> None:
    """The tool's border complains, not the adapter."""
    stream = events(chunk(piece(0, '{"command": "ls', id="a", name="shell")), *ended("tool_calls"))
    (call,) = calls(ask(talk(stack, stream)[0], asked()))
    assert call.raw_arguments == '{"command": "ls'


@pytest.mark.parametrize(
    ("end", "stop"),
    [
        (ended("length", 100, 256), ReplyStop.MAX_OUTPUT),
        (ended("length", 2000, 47), ReplyStop.WINDOW_FULL),
        (ended("content_filter"), ReplyStop.REFUSAL),
        (ended("stop"), ReplyStop.END),
    ],
)
def test_every_finish_reason_has_its_end(stack: ExitStack, end: list[Any], stop: ReplyStop) -> None:
    """`length` by the counts against the window of 2048."""
    assert ask(talk(stack, events(chunk({"content": "x"}), *end))[0], asked()).stop is stop


def test_a_call_in_a_reply_cut_by_length_is_marked(stack: ExitStack) -> None:
    """finish_reason length with half a call: the stop says that it must not run."""
    stream = events(chunk(piece(0, '{"comman', id="a", name="shell")), *ended("length", 100, 256))
    assert ask(talk(stack, stream)[0], asked()).stop is ReplyStop.MAX_OUTPUT


def test_a_missing_finish_reason_is_a_cut_stream(stack: ExitStack) -> None:
    """An empty chunk and the end, as after an error that the server kept to itself; also a dead line and half a JSON."""
    model, _ = talk(stack, events(chunk({"content": "x"})), events(chunk({"content": "x"}), end="cut"), events(chunk({"content": "x"}), 'data: {"choices": [\n\n'))
    assert [fails(model).fault for _ in range(3)] == [Fault.CUT_STREAM] * 3


def test_silence_is_a_timeout(stack: ExitStack) -> None:
    """Between chunks and before the first."""
    model, _ = talk(stack, Answer(end="silent"), events(chunk({"content": "x"}), end="silent"))
    assert [fails(model, deadline=0.3).fault for _ in range(2)] == [Fault.TIMEOUT] * 2


def test_faults_are_asked_once_and_say_when_to_come_back(stack: ExitStack) -> None:
    """429 with retry-after, 503 while loading, 500: no hidden retry."""
    model, double = talk(
        stack,
        whole({"error": {"message": "Rate limit reached", "type": "rate_limit_exceeded"}}, 429, retry_after="2"),
        whole({"error": {"message": "Loading model", "type": "unavailable_error"}}, 503),
        whole({"error": {"message": "boom"}}, 500),
        PLAIN,
    )
    first = fails(model)
    assert (first.fault, first.wait_s) == (Fault.RATE, 2.0)
    assert [fails(model).fault for _ in range(2)] == [Fault.OVERLOADED, Fault.CRASH]
    assert len(double.bodies("/v1/chat/completions")) == 4


def test_an_error_inside_the_stream_is_named(stack: ExitStack) -> None:
    """LM Studio says overflow under 200, without an end."""
    words = "The number of tokens to keep from the initial prompt is greater than the context length"
    model, _ = talk(stack, events(f"data: {json.dumps({'error': {'message': words}})}\n\n"))
    assert isinstance(fails(model), ContextOverflow)


def test_vllms_refusal_has_both_sizes(stack: ExitStack) -> None:
    """Its words, with numbers."""
    words = "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4500 in the messages, 500 in the completion)."
    fault = fails(talk(stack, whole({"error": {"message": words, "type": "BadRequestError", "code": 400}}, 400))[0])
    assert isinstance(fault, ContextOverflow)
    assert (fault.prompt_tokens, fault.window) == (5000, 4096)


def test_what_a_server_is_not_told_is_neither_on_record_nor_taken_silently(stack: ExitStack) -> None:
    """A server of unknown kind gets no top_k: the vendor's advice leaves it out, and a plan that asks for it, or for no thinking, is refused."""
    own = talk(stack, PLAIN, listed=BARE_QWEN3, window=1000, named="qwen3:8b")[0].facts.sampling
    assert (own.temperature, own.top_k, own.min_p) == (0.7, None, None)
    with pytest.raises(PlanError, match="top_k: found 20"):
        talk(stack, PLAIN, listed=BARE, window=1000, sampling=Sampling(top_k=20, origin="plan"))
    with pytest.raises(PlanError, match="thinking: found off"):
        talk(stack, PLAIN, listed=BARE, window=1000, thinking="off")


def test_sampling_and_extras_are_sent_in_the_servers_words(stack: ExitStack) -> None:
    """vLLM: repetition_penalty, top_k and the template's switch in the body; the key in no bytes kept."""
    model, double = talk(stack, PLAIN, thinking="off")
    sampling = Sampling(temperature=0.7, top_p=0.8, top_k=20, min_p=0.0, repeat_penalty=1.05, seed=5)
    reply = ask(model, asked(sampling=sampling))
    assert text(reply) == "Yes."
    body = double.bodies("/v1/chat/completions")[-1]
    assert {key: body[key] for key in ("temperature", "top_p", "top_k", "repetition_penalty", "seed", "max_tokens")} == {
        "temperature": 0.7, "top_p": 0.8, "top_k": 20, "repetition_penalty": 1.05, "seed": 5, "max_tokens": 256,
    }  # fmt: skip
    assert body["chat_template_kwargs"] == {"enable_thinking": False}
    assert body["stream_options"] == {"include_usage": True}
    assert b"a-secret-key" not in reply.wire.request + reply.wire.response


def test_no_server_is_a_missing_prerequisite_and_another_machine_needs_leave() -> None:
    """Nobody listens; or somebody elsewhere would see the code."""
    with pytest.raises(MissingError, match="no server answers"), create(base_url="http://127.0.0.1:9/v1").open(ModelSettings(NAME)):
        pass
    with pytest.raises(PlanError, match="--allow-remote"), create(base_url="http://192.0.2.1:9/v1").open(ModelSettings(NAME)):
        pass


def test_a_model_that_is_not_served_names_those_that_are(stack: ExitStack) -> None:
    """vLLM would answer 404 at the first turn."""
    double = stack.enter_context(serving({"/v1/models": [VLLM]}))
    with pytest.raises(MissingError, match=f"serves {NAME}, not other"), create(base_url=double.url).open(ModelSettings("other")):
        pass
