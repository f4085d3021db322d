"""A server that speaks Ollama's native chat and plays a trial of so many turns: a command of two kilobytes of output each, then the fix."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "player:latest"
WINDOW = 131072
COMMAND = "echo {turn}; seq -s ' ' 1 450; echo {turn} >> log.txt"
CAPABLE = {"capabilities": ["completion", "tools"], "model_info": {"general.architecture": "llama", "llama.context_length": 131072}}


@contextmanager
def serving(turns: int) -> Iterator[str]:
    """Its address, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _player(turns))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def played(asked: dict[str, Any], turns: int) -> tuple[int, dict[str, Any]]:
    """Status and body: the reply after as many answers as the request holds; a prompt beyond the window is refused."""
    words = sum(len(str(message.get("content", ""))) for message in asked["messages"])
    tokens, turn = words // 3, sum(message["role"] == "assistant" for message in asked["messages"]) + 1
    if tokens > asked["options"]["num_ctx"]:
        return 400, {"error": "the input length exceeds the context length"}
    name, arguments = ("shell", {"command": COMMAND.format(turn=turn), "seconds": 60}) if turn < turns else ("finish", {"done": "all", "not_done": ""})
    call = {"id": f"call_{turn}", "function": {"name": name, "arguments": arguments}}
    counts = {"prompt_eval_count": tokens, "eval_count": 40, "prompt_eval_duration": 10**6, "eval_duration": 10**6}
    return 200, {"message": {"role": "assistant", "content": f"Step {turn}.", "tool_calls": [call]}, "done": True, "done_reason": "stop", **counts}


def _player(turns: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            held = {"name": MODEL, "model": MODEL, "digest": "d" * 64, "size": 1, "size_vram": 1, "context_length": WINDOW}
            self._say(200, {"version": "0.34.0"} if self.path == "/api/version" else {"models": [held]})

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            self._say(*((200, CAPABLE) if self.path == "/api/show" else played(asked, turns)))

        def _say(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode() + b"\n"
            self.send_response(status)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_words: object) -> None:
            """Nobody reads it."""

    return Handler
