"""The tables from error words to faults, with the words that versions and servers really say."""

from __future__ import annotations

import json

import pytest

from agents.models import claude_errors, ollama_errors, openai_errors
from agents.models.fault_rules import Said, classify, fault_of, sizes, waiting
from harness.core.errors import Blame, ContextOverflow, Fault, Wire

ENGINE = json.dumps({"error": {"code": 400, "message": "request (18222 tokens) exceeds the available context size (2048 tokens), try increasing it", "type": "exceed_context_size_error", "n_prompt_tokens": 18222, "n_ctx": 2048}})

OLLAMA = [
    (400, {"error": "the input length exceeds the context length"}, Fault.OVERFLOW),
    (400, {"error": ENGINE}, Fault.OVERFLOW),
    (400, {"error": "the prompt is longer than the context length currently available for this model"}, Fault.OVERFLOW),
    (400, {"error": "registry.ollama.ai/library/tiny:latest does not support tools"}, Fault.NO_CAPABILITY),
    (400, {"error": '"tiny" does not support thinking'}, Fault.NO_CAPABILITY),
    (500, {"error": "XML syntax error on line 9: element <parameter> closed by </function>"}, Fault.TOOL_SYNTAX),
    (200, {"error": "error parsing tool call: raw='{\"a' err=unexpected end of JSON input"}, Fault.TOOL_SYNTAX),
    (500, {"error": "no user query found in messages"}, Fault.OVERFLOW),
    (503, {"error": "server busy, please try again. maximum pending requests exceeded"}, Fault.OVERLOADED),
    (404, {"error": "model 'tiny' not found"}, Fault.BAD_REQUEST),
    (401, {"error": "unauthorized", "signin_url": "https://example.org"}, Fault.AUTH),
    (500, {"error": "model runner has unexpectedly stopped, this may be due to resource limitations"}, Fault.CRASH),
    (200, {"error": "an error was encountered while running the model: unexpected EOF"}, Fault.CRASH),
    (500, {"error": "model requires more system memory (9.0 GiB) than is available (3.1 GiB)"}, Fault.CRASH),
    (500, {"error": "something nobody has seen"}, Fault.CRASH),
    (418, {"error": "something nobody has seen"}, Fault.BAD_REQUEST),
]


@pytest.mark.parametrize(("status", "body", "fault"), OLLAMA)
def test_ollamas_words(status: int, body: dict[str, str], fault: Fault) -> None:
    """Both generations' words, before the stream and in it, have their fault."""
    assert classify(ollama_errors.RULES, ollama_errors.read(status, json.dumps(body).encode()))[0] is fault


CLAUDE = [
    (400, "invalid_request_error", "prompt is too long: 203456 tokens > 200000 maximum", Fault.OVERFLOW),
    (400, "invalid_request_error", "input length and `max_tokens` exceed context limit: 199000 + 32000 > 200000", Fault.OVERFLOW),
    (413, "request_too_large", "Request exceeds the maximum size", Fault.OVERFLOW),
    (400, "invalid_request_error", "messages.3: tool_use ids were found without tool_result blocks", Fault.BAD_REQUEST),
    (400, "invalid_request_error", "Your credit balance is too low to access the API", Fault.AUTH),
    (401, "authentication_error", "invalid x-api-key", Fault.AUTH),
    (403, "permission_error", "no", Fault.AUTH),
    (404, "not_found_error", "model: claude-none", Fault.BAD_REQUEST),
    (429, "rate_limit_error", "This request would exceed your rate limit", Fault.RATE),
    (500, "api_error", "Internal server error", Fault.CRASH),
    (529, "overloaded_error", "Overloaded", Fault.OVERLOADED),
    (200, "overloaded_error", "Overloaded", Fault.OVERLOADED),
    (504, "timeout_error", "Request timed out", Fault.TIMEOUT),
    (503, "", "ServiceUnavailableException", Fault.OVERLOADED),
    (429, "", "ThrottlingException: Too many tokens, please wait", Fault.RATE),
    (400, "", "Input is too long for requested model.", Fault.OVERFLOW),
    (400, "exceed_context_size_error", "request (2300 tokens) exceeds the available context size (2048 tokens)", Fault.OVERFLOW),
]


@pytest.mark.parametrize(("status", "type_", "words", "fault"), CLAUDE)
def test_claudes_words(status: int, type_: str, words: str, fault: Fault) -> None:
    """The API's types, the clouds' exceptions and a look-alike server's words have their fault."""
    assert classify(claude_errors.RULES, Said(status, type_, words))[0] is fault


OPENAI = [
    (400, "exceed_context_size_error", "request (18222 tokens) exceeds the available context size (2048 tokens)", Fault.OVERFLOW),
    (400, "BadRequestError", "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (8000 in the messages, 1000 in the completion).", Fault.OVERFLOW),
    (400, "BadRequestError", "You passed 8193 input tokens and requested 0 output tokens. However, the model's context length is only 8192 tokens", Fault.OVERFLOW),
    (400, "", "The input (9001 tokens) is longer than the model's context length (8192 tokens).", Fault.OVERFLOW),
    (200, "", "Trying to keep the first 5000 tokens when context the overflows. However, the number of tokens to keep from the initial prompt is greater than the context length", Fault.OVERFLOW),
    (400, "context_length_exceeded", "too much", Fault.OVERFLOW),
    (400, "invalid_request_error", '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set', Fault.NO_CAPABILITY),
    (400, "invalid_request_error", "registry/tiny does not support tools", Fault.NO_CAPABILITY),
    (401, "invalid_api_key", "Incorrect API key provided", Fault.AUTH),
    (429, "insufficient_quota", "You exceeded your current quota", Fault.AUTH),
    (429, "rate_limit_exceeded", "Rate limit reached", Fault.RATE),
    (503, "unavailable_error", "Loading model", Fault.OVERLOADED),
    (500, "server_error", "Failed to parse input at pos 12", Fault.TOOL_SYNTAX),
    (500, "InternalServerError", "EngineCore encountered an issue: EngineDeadError", Fault.CRASH),
    (404, "NotFoundError", "The model `x` does not exist.", Fault.BAD_REQUEST),
    (502, "", "Bad Gateway", Fault.CONNECTION),
]


@pytest.mark.parametrize(("status", "type_", "words", "fault"), OPENAI)
def test_openai_compatible_words(status: int, type_: str, words: str, fault: Fault) -> None:
    """llama.cpp, vLLM, SGLang, LM Studio and OpenAI say overflow and the rest in their own words."""
    assert classify(openai_errors.RULES, Said(status, type_, words))[0] is fault


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (ENGINE, (18222, 2048)),
        ("prompt is too long: 203456 tokens > 200000 maximum", (203456, 200000)),
        ("This model's maximum context length is 8192 tokens. However, you requested 9000 tokens", (9000, 8192)),
        ("You passed 8193 input tokens and requested 0 output tokens. However, the model's context length is only 8192 tokens", (8193, 8192)),
        ("The input (9001 tokens) is longer than the model's context length (8192 tokens).", (9001, 8192)),
        ("the input length exceeds the context length", (None, None)),
    ],
)
def test_sizes_are_read_where_they_are_told(words: str, told: tuple[int | None, int | None]) -> None:
    """Prompt and window of an overflow, or None, never a guess."""
    assert sizes(words) == told
    fault = fault_of(openai_errors.RULES, Said(400, "context_length_exceeded", words), Wire())
    assert isinstance(fault, ContextOverflow)
    assert (fault.prompt_tokens, fault.window) == told


def test_a_malformed_call_that_the_server_can_not_parse_is_blamed_on_the_model() -> None:
    """The same words three times are the model's doing, so the blame travels with the fault."""
    said = Said(500, "", "XML syntax error on line 3")
    assert classify(ollama_errors.RULES, said) == (Fault.TOOL_SYNTAX, Blame.MODEL)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, 40.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_in_all_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, milliseconds or a date; anything else asks for nothing."""
    assert waiting(headers, now=60.0) == seconds
