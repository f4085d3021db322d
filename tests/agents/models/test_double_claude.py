"""The Claude adapter against what the API does and a look-alike server can't."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from agents.models.claude import create
from harness.core.chat import Origin, ReplyStop, Role, Sampling, Text, Thinking, message
from harness.core.errors import Blame, ContextOverflow, Fault, ModelError, PlanError
from harness.core.facts import ModelSettings
from tests.agents.models.double_server import Answer, Double, events, serving, whole
from tests.agents.models.words import START, ask, asked, calls, fails, text, with_results

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.core.ports import Model

NAME = "claude-opus-4-7"
USAGE = {"input_tokens": 10, "cache_creation_input_tokens": 200, "cache_read_input_tokens": 1000, "output_tokens": 1}


def yes(*names: str, of: tuple[str, ...]) -> dict[str, Any]:
    return {name: {"supported": name in names} for name in of}


INFO = {
    "id": NAME, "type": "model", "display_name": "Opus", "created_at": "2026-01-01T00:00:00Z", "lifecycle": "active",
    "max_input_tokens": 200000, "max_tokens": 64000,
    "capabilities": {
        "effort": yes("low", "high", of=("low", "medium", "high", "max")) | {"supported": True},
        "thinking": {"supported": True, "types": yes("adaptive", "disabled", of=("adaptive", "disabled", "enabled", "between_tools"))},
    },
}  # fmt: skip


def started(**usage: int) -> dict[str, Any]:
    message_ = {"id": "msg_1", "type": "message", "role": "assistant", "model": NAME, "content": [], "stop_reason": None, "stop_sequence": None, "usage": USAGE | usage}
    return {"type": "message_start", "message": message_}


def block(index: int, start: dict[str, Any], *deltas: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_start", "index": index, "content_block": start},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def stopped(reason: str, **extra: object) -> list[dict[str, Any]]:
    delta = {"stop_reason": reason, "stop_sequence": None, **extra}
    return [{"type": "message_delta", "delta": delta, "usage": {"output_tokens": 42, "output_tokens_details": {"thinking_tokens": 30}}}, {"type": "message_stop"}]


THINKING = block(
    0,
    {"type": "thinking", "thinking": "", "signature": ""},
    {"type": "thinking_delta", "thinking": "I should "},
    {"type": "thinking_delta", "thinking": "look."},
    {"type": "signature_delta", "signature": "c2ln"},
)
REDACTED = block(1, {"type": "redacted_thinking", "data": "ZGF0YQ=="})
TEXT = block(2, {"type": "text", "text": ""}, {"type": "text_delta", "text": "I look."})
USE = block(
    3,
    {"type": "tool_use", "id": "toolu_1", "name": "shell", "input": {}},
    {"type": "input_json_delta", "partial_json": '{"command": '},
    {"type": "input_json_delta", "partial_json": '"ls",  "seconds": 5}'},
)
REPLY = events(started(), {"type": "ping"}, *THINKING, *REDACTED, *TEXT, *USE, *stopped("tool_use"))
PLAIN = events(started(), *block(0, {"type": "text", "text": ""}, {"type": "text_delta", "text": "Yes."}), *stopped("end_turn"))


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def talk(stack: ExitStack, *answers: Answer, counts: int = 5000, info: Answer | None = None, **settings: Any) -> tuple[Model, Double]:
    routes = {
        f"/v1/models/{NAME}": [info or whole(INFO)],
        "/v1/messages": list(answers),
        "/v1/messages/count_tokens": [whole({"input_tokens": counts})],
    }
    double = stack.enter_context(serving(routes))
    models = create(api_key="a-secret-key", base_url=double.url)
    return stack.enter_context(models.open(ModelSettings(NAME, **settings))), double


def test_facts_come_from_the_models_endpoint(stack: ExitStack) -> None:
    """Window, output limit, thinking and the dated price, before the first turn."""
    facts = talk(stack, PLAIN)[0].facts
    assert (facts.window.trained, facts.window.granted, facts.max_output) == (200000, 200000, 32768)
    assert (facts.thinking, facts.price.input, facts.warnings) == ("on", 5.0, ())
    assert facts.server_version.startswith("20")


def test_thinking_blocks_and_calls_come_in_order_and_go_back_unchanged(stack: ExitStack) -> None:
    """Thinking with its signature and redacted thinking are given back verbatim; raw arguments keep their spelling."""
    model, double = talk(stack, REPLY, PLAIN)
    first = ask(model, asked())
    assert [type(content).__name__ for content in first.contents] == ["Thinking", "Thinking", "Text", "ToolCall"]
    assert isinstance(first.contents[0], Thinking)
    assert first.contents[0].text == "I should look."
    assert calls(first)[0].raw_arguments == '{"command": "ls",  "seconds": 5}'
    assert first.stop is ReplyStop.TOOL
    ask(model, asked(with_results(START, first)))
    blocks = double.bodies("/v1/messages")[-1]["messages"][1]["content"]
    assert blocks[0] == {"type": "thinking", "thinking": "I should look.", "signature": "c2ln"}
    assert blocks[1] == {"type": "redacted_thinking", "data": "ZGF0YQ=="}
    assert blocks[3] == {"type": "tool_use", "id": "toolu_1", "name": "shell", "input": {"command": "ls", "seconds": 5}}


def test_the_cache_is_marked_and_its_use_counted(stack: ExitStack) -> None:
    """Marks on tools, system and the last user messages; the prompt's size is the sum of the three counts."""
    model, double = talk(stack, REPLY, PLAIN)
    first = ask(model, asked())
    assert (first.usage.input_total, first.usage.cache_read, first.usage.cache_write) == (1210, 1000, 200)
    assert (first.usage.output_total, first.usage.output_thinking) == (42, 30)
    ask(model, asked(with_results(START, first)))
    sent = double.bodies("/v1/messages")[-1]
    marked = [sent["tools"][-1], sent["system"][-1], sent["messages"][0]["content"][-1], sent["messages"][2]["content"][-1]]
    assert all(piece["cache_control"] == {"type": "ephemeral", "ttl": "5m"} for piece in marked)
    assert json.dumps(sent).count("cache_control") == 4


def test_all_results_of_a_turn_and_a_nudge_are_one_user_message(stack: ExitStack) -> None:
    """Two results and the words after them, in this order, as the API wants them."""
    two = [*USE, *block(4, {"type": "tool_use", "id": "toolu_2", "name": "shell", "input": {}})]
    model, double = talk(stack, events(started(), *two, *stopped("tool_use")), PLAIN)
    view = with_results(START, ask(model, asked()))
    ask(model, asked((*view, message("n1", Role.USER, Origin.HARNESS, Text("Go on.")))))
    last = double.bodies("/v1/messages")[-1]["messages"][-1]
    assert [(part["type"], part.get("tool_use_id")) for part in last["content"]] == [("tool_result", "toolu_1"), ("tool_result", "toolu_2"), ("text", None)]


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("end_turn", ReplyStop.END),
        ("max_tokens", ReplyStop.MAX_OUTPUT),
        ("model_context_window_exceeded", ReplyStop.WINDOW_FULL),
        ("refusal", ReplyStop.REFUSAL),
        ("pause_turn", ReplyStop.PAUSED),
        ("stop_sequence", ReplyStop.STOP_SEQUENCE),
    ],
)
def test_every_stop_reason_has_its_end(stack: ExitStack, reason: str, stop: ReplyStop) -> None:
    """The raw word stays beside the neutral one."""
    reply = ask(talk(stack, events(started(), *stopped(reason)))[0], asked())
    assert (reply.stop, reply.raw_stop) == (stop, reason)


def test_a_refusal_says_why(stack: ExitStack) -> None:
    """Its category and explanation are on record as a warning."""
    details = {"type": "refusal", "category": "cyber", "explanation": "no exploits"}
    reply = ask(talk(stack, events(started(), *stopped("refusal", stop_details=details)))[0], asked())
    assert reply.warnings == ("stop details: cyber: no exploits",)


def test_a_stream_without_message_stop_is_cut(stack: ExitStack) -> None:
    """The package says nothing; the adapter does, with the bytes that came."""
    fault = fails(talk(stack, events(started(), *TEXT))[0])
    assert fault.fault is Fault.CUT_STREAM
    assert b"I look." in fault.wire.response


def test_a_dead_line_and_half_a_json_are_cut(stack: ExitStack) -> None:
    """Both are faults to be retried, not replies."""
    model, _ = talk(stack, events(started(), end="cut"), events(started(), 'event: message_delta\ndata: {"type": "mess\n\n'))
    assert fails(model).fault is Fault.CUT_STREAM
    assert fails(model).fault is Fault.CUT_STREAM


def test_silence_is_a_timeout(stack: ExitStack) -> None:
    """Before the first byte and after some."""
    model, _ = talk(stack, Answer(end="silent"), events(started(), end="silent"))
    assert fails(model, deadline=0.3).fault is Fault.TIMEOUT
    assert fails(model, deadline=0.3).fault is Fault.TIMEOUT


def error(kind: str, words: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": words}}


def test_rate_limits_and_overload_say_when_to_come_back_and_are_asked_once(stack: ExitStack) -> None:
    """429 with retry-after, 529, 500: one request each, because retries are ours and on record."""
    model, double = talk(
        stack,
        whole(error("rate_limit_error", "slow down"), 429, retry_after="12"),
        whole(error("overloaded_error", "Overloaded"), 529),
        whole(error("api_error", "Internal server error"), 500),
        whole(error("authentication_error", "invalid x-api-key"), 401),
        PLAIN,
    )
    first = fails(model)
    assert (first.fault, first.wait_s, first.retryable, first.wire.status) == (Fault.RATE, 12.0, True, 429)
    assert [fails(model).fault for _ in range(3)] == [Fault.OVERLOADED, Fault.CRASH, Fault.AUTH]
    assert len(double.bodies("/v1/messages")) == 4


def test_an_error_inside_the_stream_is_named(stack: ExitStack) -> None:
    """HTTP 200, then overloaded_error as an event."""
    assert fails(talk(stack, events(started(), error("overloaded_error", "Overloaded")))[0]).fault is Fault.OVERLOADED


def test_a_prompt_too_long_has_both_sizes(stack: ExitStack) -> None:
    """The API's words give prompt and maximum."""
    model, _ = talk(stack, whole(error("invalid_request_error", "prompt is too long: 203456 tokens > 200000 maximum"), 400))
    fault = fails(model)
    assert isinstance(fault, ContextOverflow)
    assert (fault.prompt_tokens, fault.window, fault.blame) == (203456, 200000, Blame.MODEL)


def test_a_window_asked_for_binds_before_sending(stack: ExitStack) -> None:
    """Near the window the server counts; over it nothing is sent; below it the answer's limit is what is left."""
    model, double = talk(stack, events(started(), *stopped("max_tokens")), counts=1900, window=2048)
    long = (*START, message("m3", Role.USER, Origin.USER, Text("word " * 1400)))
    reply = ask(model, asked(long, window=None))
    assert double.bodies("/v1/messages")[-1]["max_tokens"] == 148
    assert reply.stop is ReplyStop.WINDOW_FULL
    over, silent = talk(stack, PLAIN, counts=2048, window=2048)
    fault = fails(over, asked(long, window=None))
    assert isinstance(fault, ContextOverflow)
    assert (fault.prompt_tokens, fault.window) == (2048, 2048)
    assert not silent.bodies("/v1/messages")


def test_what_the_provider_can_not_give_is_refused(stack: ExitStack) -> None:
    """A temperature, or a window beyond the model's own, is the plan's mistake and never taken silently."""
    with pytest.raises(PlanError, match="sampling: found temperature, top_k"):
        talk(stack, PLAIN, sampling=Sampling(temperature=0.0, top_k=1, origin="plan"))
    with pytest.raises(PlanError, match="found 400000, expected at most 200000"):
        talk(stack, PLAIN, window=400000)


def test_a_server_that_is_busy_at_the_start_is_not_guessed_at(stack: ExitStack) -> None:
    """Its profile would be another one than that of the next trial: the fault is told, to be tried again."""
    busy = whole({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, 529)
    with pytest.raises(ModelError) as caught:
        talk(stack, PLAIN, info=busy)
    assert (caught.value.fault, caught.value.retryable) == (Fault.OVERLOADED, True)


def test_the_key_is_in_no_wire_bytes_and_no_sampling_is_sent(stack: ExitStack) -> None:
    """Headers are never kept, and the API takes no temperature."""
    model, double = talk(stack, PLAIN)
    reply = ask(model, asked())
    assert text(reply) == "Yes."
    assert b"a-secret-key" not in reply.wire.request + reply.wire.response
    assert "a-secret-key" in double.seen[-1][1]["authorization"]
    body = double.bodies("/v1/messages")[-1]
    assert not {"temperature", "top_p", "top_k"} & set(body)
    assert body["thinking"]["type"] == "adaptive"
    assert json.loads(reply.wire.request) == body


def test_a_level_of_thinking_is_sent_as_effort(stack: ExitStack) -> None:
    """think = high."""
    model, double = talk(stack, PLAIN, thinking="high")
    ask(model, asked())
    assert double.bodies("/v1/messages")[-1]["output_config"] == {"effort": "high"}


def test_a_wrong_key_is_told_when_the_model_is_opened(stack: ExitStack) -> None:
    """Before any trial starts."""
    with pytest.raises(ModelError) as caught:
        talk(stack, info=whole(error("authentication_error", "invalid x-api-key"), 401))
    assert caught.value.fault is Fault.AUTH


def test_progress_can_stop_a_reply(stack: ExitStack) -> None:
    """What it raises comes out as it is, and the connection is given up."""
    model, _ = talk(stack, REPLY)

    def stop(_count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.reply(asked(), deadline=5, progress=stop)
