"""Claude's error types and words, as its API, the clouds and servers of the same shape say them, as faults; pure."""

from __future__ import annotations

from agents.models.fault_rules import Rule
from harness.core.errors import Blame, Fault

RULES: tuple[Rule, ...] = (
    Rule(Fault.OVERFLOW, words=r"prompt is too long|exceeds? (the )?context (limit|window)|input is too long for requested model"),
    Rule(Fault.OVERFLOW, type=r"request_too_large|exceed_context_size_error"),
    Rule(Fault.OVERFLOW, words=r"exceed_context_size_error|exceeds the (available )?context (length|size)"),
    Rule(Fault.NO_CAPABILITY, words=r"does not support (tools|thinking|tool use)|(thinking|effort|tool)\S* (is|are) not supported", blame=Blame.HARNESS),
    Rule(Fault.TOOL_SYNTAX, words=r"XML syntax error|error parsing tool call", blame=Blame.MODEL),
    Rule(Fault.RATE, type=r"rate_limit_error"),
    Rule(Fault.RATE, words=r"ThrottlingException|quota exceeded|too many (requests|tokens)"),
    Rule(Fault.OVERLOADED, type=r"overloaded_error"),
    Rule(Fault.OVERLOADED, words=r"overloaded|ModelNotReadyException|ServiceUnavailableException"),
    Rule(Fault.AUTH, type=r"authentication_error|permission_error|billing_error"),
    Rule(Fault.AUTH, words=r"credit balance is too low|invalid x-api-key|UnrecognizedClientException|AccessDeniedException"),
    Rule(Fault.TIMEOUT, type=r"timeout_error"),
    Rule(Fault.TIMEOUT, words=r"ModelTimeoutException"),
    Rule(Fault.BAD_REQUEST, type=r"invalid_request_error|not_found_error", blame=Blame.HARNESS),
    Rule(Fault.CRASH, type=r"api_error"),
)  # fmt: skip
