"""Ollama's error words, of both generations of its engine, as faults; pure."""

from __future__ import annotations

import json

from agents.models.fault_rules import Rule, Said
from harness.core.errors import Blame, Fault

RULES: tuple[Rule, ...] = (
    Rule(Fault.OVERFLOW, words=r"exceed_context_size_error|exceeds the (available )?context (length|size|window)"),
    Rule(Fault.OVERFLOW, words=r"prompt is longer than the context length|input length exceeds|exceeds maximum context"),
    Rule(Fault.OVERFLOW, words=r"prompt too long; exceeded max context length|context length exceeded"),
    Rule(Fault.NO_CAPABILITY, words=r"does not support (tools|thinking|chat|generate|insert|vision|completion)", blame=Blame.HARNESS),
    # Seen when a model without a Go template shares its file with one that has it: the running engine is taken for both.
    Rule(Fault.NO_CAPABILITY, words=r"tools param requires --jinja", blame=Blame.SERVER),
    Rule(Fault.NO_CAPABILITY, words=r"think value .* is not supported|invalid think value", blame=Blame.HARNESS),
    # A parser of the server that fails hard on a malformed call; the model's own text is lost with it.
    Rule(Fault.TOOL_SYNTAX, words=r"XML syntax error|error parsing tool call|invalid tool call|unexpected end of JSON input", blame=Blame.MODEL),
    Rule(Fault.TOOL_SYNTAX, words=r"tool call parsing failed|failed to parse (input|tool|the model)|invalid character .* (looking for|after|in)", blame=Blame.MODEL),
    Rule(Fault.TOOL_SYNTAX, words=r"EOF.*(element|tool_call|parameter)|element <\w+> closed by", blame=Blame.MODEL),
    # What is left of a conversation whose first messages the server dropped (ollama/ollama#18107): it was too long, in other words.
    Rule(Fault.OVERFLOW, words=r"no user query found"),
    Rule(Fault.OVERLOADED, words=r"server busy|maximum pending requests exceeded|loading model|too many requests"),
    Rule(Fault.AUTH, words=r"unauthorized|signin_url|api key"),
    Rule(Fault.BAD_REQUEST, status=404, words=r"not found", blame=Blame.HARNESS),
    Rule(Fault.CRASH, words=r"model runner has unexpectedly stopped|llama.?(runner|server) process has terminated|signal: |CUDA error|out of memory"),
    Rule(Fault.CRASH, words=r"requires more system memory|unable to load model|failed to load|error loading model|binary not found"),
    Rule(Fault.CRASH, words=r"repeat|unexpected EOF|connection (refused|reset)|broken pipe|do (load|encode|completion) request|POST predict"),
    Rule(Fault.TIMEOUT, words=r"timed out|timeout|context deadline exceeded"),
)  # fmt: skip


def read(status: int | None, body: bytes) -> Said:
    """What an error body says; from 0.30 on `error` may itself be JSON text of the engine."""
    text = body.decode("utf-8", "replace").strip()
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return Said(status, "", text)
    error = said.get("error", text) if isinstance(said, dict) else text
    words = error if isinstance(error, str) else json.dumps(error)
    extra = f" (signin_url: {said['signin_url']})" if isinstance(said, dict) and "signin_url" in said else ""
    return Said(status, _inner_type(words), words + extra)


def _inner_type(words: str) -> str:
    try:
        inner = json.loads(words)
    except (ValueError, RecursionError):
        return ""
    error = inner.get("error", inner) if isinstance(inner, dict) else {}
    return str(error.get("type", "")) if isinstance(error, dict) else ""
