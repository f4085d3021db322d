"""Small conversations with a server's native endpoints, as the tests of the servers hold them."""

from __future__ import annotations

from typing import Any

from tests.services.servers import loopback_client

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "shell",
            "description": "Run a command.",
            "parameters": {
                "type": "object",
                "properties": {"command": {"type": "string"}, "seconds": {"type": "integer"}},
                "required": ["command", "seconds"],
            },
        },
    }
]
STRICT = {"truncate": False, "shift": False}
RULE = {"role": "system", "content": "Keep the rule <|rule|> at all times."}
TASK = {"role": "user", "content": "Look around."}


def chat(url: str, model: str, messages: list[dict[str, Any]], **fields: Any) -> tuple[int, dict[str, Any]]:
    """One POST /api/chat without streaming: the HTTP status and the body; `fields` go into the request as they are."""
    request = {"model": model, "messages": messages, "tools": TOOLS, "stream": False, "options": {"num_ctx": 2048}}
    with loopback_client(url) as client:
        answer = client.post("/api/chat", json=request | fields)
    return answer.status_code, answer.json()


def complete(url: str, messages: list[dict[str, Any]], **fields: Any) -> tuple[int, dict[str, Any]]:
    """One POST /v1/chat/completions: the HTTP status and the body."""
    with loopback_client(url) as client:
        answer = client.post("/v1/chat/completions", json={"messages": messages, "tools": TOOLS} | fields)
    return answer.status_code, answer.json()


def with_result(messages: list[dict[str, Any]], reply: dict[str, Any], result: str) -> list[dict[str, Any]]:
    """The messages, the model's, and one tool result for each of its calls."""
    answers = [
        {"role": "tool", "content": result, "tool_name": each["function"]["name"], "tool_call_id": each.get("id", "")}
        for each in reply.get("tool_calls") or []
    ]
    return [*messages, reply, *answers]
