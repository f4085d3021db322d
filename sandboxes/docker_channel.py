"""The one way into a container: frames over its own stdio, hijacked from the engine's attach call."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

import msgspec
from docker import APIClient

from harness.core.errors import SandboxError
from sandboxes.docker_frames import Command, Exit, Frame, decode_exit, encode, encode_command, engine_chunks, frames

RECEIVE: Final = 1 << 18
WORDS_KEPT: Final = 4096
# Beyond a command's own deadline: the warden's kill takes two seconds at worst, a crowded machine the rest.
KILL_PATIENCE_S: Final = 30.0
WATCH_S: Final = 1.0


class Stream(Protocol):
    """What a hijacked connection must do; sockets and TLS sockets do."""

    def sendall(self, data: bytes, /) -> None: ...
    def recv(self, size: int, /) -> bytes: ...
    def settimeout(self, seconds: float | None, /) -> None: ...
    def close(self) -> None: ...


class Outcome(msgspec.Struct, frozen=True):
    """What a command left: its streams as kept, its exit, or the error number that kept it from starting."""

    stdout: bytes
    stderr: bytes
    state: bytes
    exit: Exit | None
    error: int = 0


class SilenceError(SandboxError):
    """The warden did not answer in time."""


def attach(api: APIClient, container: str) -> Channel:
    """Attach to a created container's stdio; to be called before it starts, else its first words are lost."""
    params = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
    try:
        held: Any = api.attach_socket(container, params=params)
    except OSError as fault:
        raise SandboxError(f"attaching to the container: {fault}") from fault
    # Over a unix socket or plain tcp the library hands out a read-only SocketIO around the real socket.
    stream: Stream = getattr(held, "_sock", None) or held
    return Channel(stream, held)


class Channel:
    """Asks and hears, one command at a time. Any unasked end of the stream is a SandboxError: "container gone"."""

    def __init__(self, stream: Stream, held: object = None) -> None:
        # `held` keeps the library's response alive: its end would close the connection.
        self._stream, self._held = stream, held
        self._raw, self._plain = bytearray(), bytearray()
        self._ready: list[Frame] = []
        self._words = b""
        self._number = 0
        self._stream.settimeout(None)

    def hello(self, patience_s: float) -> bytes:
        """The warden's first frame. Raises SandboxError."""
        frame = self._hear(time.monotonic() + patience_s)
        if frame.kind != "H":
            raise SandboxError(f"the container spoke {frame.kind!r} where the warden's greeting was due")
        return frame.payload

    def ask(self, kind: str, payload: bytes = b"", *, patience_s: float = 60.0) -> Frame:
        """One question, one answer. Raises SandboxError."""
        *_, last = self.stream(kind, payload, last=kind, patience_s=patience_s)
        return last

    def stream(self, kind: str, payload: bytes, *, last: str, patience_s: float) -> Iterator[Frame]:
        """One question, many answers, up to the frame of kind `last` or a failure; both are given too."""
        number = self._say(kind, payload)
        until = time.monotonic() + patience_s
        while True:
            frame = self._hear(until)
            if frame.id == number:
                yield frame
            if frame.id == number and frame.kind in (last, "F"):
                return

    def run(self, command: Command, watch: Callable[[], bool] | None = None) -> Outcome:
        """Run to the end. `watch`, asked every second or so of a long command, cancels it by saying True. Raises SandboxError."""
        number = self._say("R", encode_command(command))
        parts: dict[str, list[bytes]] = {"O": [], "E": [], "V": []}
        for frame in self._heard(number, command.limit_s, watch):
            if frame.kind in parts:
                parts[frame.kind].append(frame.payload)
                continue
            out, err, state = (b"".join(parts[kind]) for kind in "OEV")
            if frame.kind == "X":
                return Outcome(out, err, state, decode_exit(frame.payload))
            return Outcome(out, err, state, None, int.from_bytes(frame.payload, "little"))
        raise SandboxError("the warden stopped in the middle of a command")

    def close(self) -> None:
        """Ends the warden too: it lives as long as its stdin."""
        try:
            self._stream.close()
            if self._held is not None and self._held is not self._stream:
                self._held.close()  # type: ignore[attr-defined]
        except OSError:
            pass  # the other side was faster

    def _heard(self, number: int, limit_s: float, watch: Callable[[], bool] | None) -> Iterator[Frame]:
        until = time.monotonic() + limit_s + KILL_PATIENCE_S
        look = time.monotonic() + WATCH_S
        while True:
            try:
                frame = self._hear(min(until, look) if watch else until)
            except SilenceError:
                if watch is None or time.monotonic() >= until:
                    raise
                frame = None
            if watch and time.monotonic() >= look:
                look = self._look(number, watch)
            if frame is not None and frame.id == number:
                yield frame

    def _look(self, number: int, watch: Callable[[], bool]) -> float:
        began = time.monotonic()
        if watch():
            self._send(encode("C", number))
        took = time.monotonic() - began
        # Never more than a twentieth of the time goes into looking.
        return began + max(WATCH_S, 20 * took)

    def _say(self, kind: str, payload: bytes) -> int:
        self._number += 1
        self._send(encode(kind, self._number, payload))
        return self._number

    def _send(self, data: bytes) -> None:
        try:
            self._stream.settimeout(120.0)
            self._stream.sendall(data)
        except OSError as fault:
            raise SandboxError(f"container gone: {fault}{self._last_words()}") from fault

    def _hear(self, until: float) -> Frame:
        while not self._ready:
            self._receive(until)
        return self._ready.pop(0)

    def _receive(self, until: float) -> None:
        left = until - time.monotonic()
        if left <= 0:
            raise SilenceError(f"the container stopped answering{self._last_words()}")
        try:
            self._stream.settimeout(left)
            data = self._stream.recv(RECEIVE)
        except TimeoutError:
            return
        except OSError as fault:
            raise SandboxError(f"container gone: {fault}{self._last_words()}") from fault
        if not data:
            raise SandboxError(f"container gone: its stream ended{self._last_words()}")
        self._take(data)

    def _take(self, data: bytes) -> None:
        self._raw += data
        for stream, chunk in engine_chunks(self._raw):
            if stream == 2:
                self._words = (self._words + chunk)[-WORDS_KEPT:]
            else:
                self._plain += chunk
        self._ready.extend(frames(self._plain))

    def _last_words(self) -> str:
        return f"; it last said: {self._words.decode(errors='replace').strip()}" if self._words else ""
