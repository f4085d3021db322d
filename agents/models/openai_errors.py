"""The error words of OpenAI-compatible servers (llama.cpp, vLLM, LM Studio, SGLang, Ollama's /v1, OpenAI) as faults; pure."""

from __future__ import annotations

from agents.models.fault_rules import Rule
from harness.core.errors import Blame, Fault

RULES: tuple[Rule, ...] = (
    Rule(Fault.OVERFLOW, type=r"exceed_context_size_error|context_length_exceeded"),
    Rule(Fault.OVERFLOW, words=r"exceed_context_size_error|exceeds? the (available )?(model's )?(maximum )?context (length|size|window)"),
    Rule(Fault.OVERFLOW, words=r"maximum context length|model's context length is|longer than the (model's )?(maximum )?context length|maximum model length"),
    Rule(Fault.OVERFLOW, words=r"tokens to keep from the initial prompt|greater than the context length|prompt is too long"),
    Rule(Fault.NO_CAPABILITY, words=r"does not support (tools|thinking|tool use|chat)|requires --(enable-auto-tool-choice|tool-call-parser|jinja)", blame=Blame.HARNESS),
    Rule(Fault.NO_CAPABILITY, words=r"auto.? tool choice requires|tools param requires", blame=Blame.HARNESS),
    Rule(Fault.TOOL_SYNTAX, words=r"XML syntax error|error parsing tool call|failed to parse (input|tool|function)|tool call parsing", blame=Blame.MODEL),
    Rule(Fault.AUTH, type=r"authentication_error|invalid_api_key|insufficient_quota|permission"),
    Rule(Fault.RATE, type=r"rate_limit|tokens|requests_per"),
    Rule(Fault.OVERLOADED, words=r"loading model|server busy|overloaded|no slot available|queue is full|maximum pending requests"),
    Rule(Fault.BAD_REQUEST, type=r"invalid_request_error|not_found_error", blame=Blame.HARNESS),
    Rule(Fault.CRASH, words=r"engine (is )?dead|EngineDeadError|model (has )?crashed|process has terminated|out of memory"),
)  # fmt: skip
