"""A provider that says exactly the bytes it is told to, over a real loopback socket: for what a real server can't be made to do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal


@dataclass(frozen=True)
class Answer:
    """One answer: chunks as they go out, then how it ends: whole, cut (the line goes dead), or silent (nothing more comes)."""

    chunks: tuple[bytes, ...] = ()
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    end: Literal["whole", "cut", "silent"] = "whole"


@dataclass
class Double:
    """`answers` by path, used up in order, the last one for ever; `seen` is what was asked, as (path, headers, body)."""

    answers: Mapping[str, list[Answer]]
    seen: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)

    def next(self, path: str) -> Answer:
        queue = self.answers.get(path, [Answer((b'{"error": "not here"}',), 404)])
        return queue.pop(0) if len(queue) > 1 else queue[0]

    def bodies(self, path: str) -> list[dict[str, Any]]:
        """The JSON bodies sent to a path."""
        return [json.loads(body) for at, _, body in self.seen if at == path]


@contextmanager
def serving(answers: Mapping[str, list[Answer]]) -> Iterator[Double]:
    """A double until the block ends."""
    double = Double(answers)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(double))
    server.daemon_threads = False
    double.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield double
    finally:
        double.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def whole(value: object, status: int = 200, **headers: str) -> Answer:
    """A JSON answer."""
    named = tuple((name.replace("_", "-"), text) for name, text in headers.items())
    return Answer((json.dumps(value).encode(),), status, (("content-type", "application/json"), *named))


def lines(*values: object, end: Literal["whole", "cut", "silent"] = "whole") -> Answer:
    """A stream of JSON lines, as Ollama's."""
    return Answer(tuple(json.dumps(value).encode() + b"\n" for value in values), headers=(("content-type", "application/x-ndjson"),), end=end)


def events(*values: object, end: Literal["whole", "cut", "silent"] = "whole") -> Answer:
    """Server-sent events; a dict's `type` names its event, text goes out as it is."""
    return Answer(tuple(_event(value) for value in values), headers=(("content-type", "text/event-stream"),), end=end)


def _event(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode()
    assert isinstance(value, dict)
    name = f"event: {value['type']}\n" if "type" in value and "choices" not in value else ""
    return f"{name}data: {json.dumps(value)}\n\n".encode()


def _handler(double: Double) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            path = self.path.partition("?")[0]
            double.seen.append((path, {k.lower(): v for k, v in self.headers.items()}, body))
            answer = double.next(path)
            self.send_response(answer.status)
            for name, text in answer.headers:
                self.send_header(name, text)
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            self.close_connection = True
            for chunk in answer.chunks:
                self.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
                self.wfile.flush()
            self._end(answer.end)

        def _end(self, end: str) -> None:
            if end == "silent":
                double.stopping.wait()
            if end == "whole":
                self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_words: object) -> None:
            """Nobody reads it."""

    return Handler
