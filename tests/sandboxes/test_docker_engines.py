"""An engine over tcp, and one that goes away and comes back, behind a real loopback socket."""

from __future__ import annotations

import io
import os
import selectors
import socket
import tarfile
import threading
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec
import pytest

from harness.core.errors import SandboxError
from sandboxes.docker import create

pytestmark = pytest.mark.docker
SOCKET = "/var/run/docker.sock"


class Relay:
    """Passes every connection on to the engine's own socket, until it is cut."""

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self._pairs: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._door.accept()
            except OSError:
                return
            there = socket.socket(socket.AF_UNIX)
            there.connect(SOCKET)
            self._pairs += [here, there]
            thread = threading.Thread(target=self._pass_on, args=(here, there))
            self._threads.append(thread)
            thread.start()

    def _pass_on(self, here: socket.socket, there: socket.socket) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(here, selectors.EVENT_READ, there)
            ready.register(there, selectors.EVENT_READ, here)
            try:
                while True:
                    for key, _ in ready.select():
                        data = key.fileobj.recv(65536)
                        if not data:
                            return
                        key.data.sendall(data)
            except OSError:
                return
            finally:
                for end in (here, there):
                    end.close()

    def cut(self) -> None:
        """As an engine that stops: every connection ends, no new one is taken."""
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        for end in self._pairs:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for thread in self._threads:
            thread.join()


@pytest.fixture
def relay() -> Iterator[Relay]:
    made = Relay()
    yield made
    try:
        made.cut()
    except OSError:
        return


def test_an_engine_over_tcp_serves_like_one_on_a_socket(base, order_of, relay: Relay) -> None:
    """Commands, big binary output, files, looks, harvest and an upload, over DOCKER_HOST=tcp://."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        member = tarfile.TarInfo("workspace/laid")
        member.size, member.uid, member.mode = 2, 1000, 0o640
        tar.addfile(member, io.BytesIO(b"in"))
    order = msgspec.structs.replace(order_of(base), upload=out.getvalue())
    with create(base_url=f"tcp://127.0.0.1:{relay.port}").open(order) as sandbox:
        data = os.urandom(3_000_000)
        assert sandbox.exec(("cat",), deadline=60, stdin=data).stdout == data
        assert sandbox.read(PurePosixPath("laid")) == b"in"
        assert {entry.path for entry in sandbox.changes().entries} == {b"laid"}
        assert len(sandbox.harvest(PurePosixPath("/workspace"))) > 0


def test_an_engine_that_stops_and_returns(base, order_of, relay: Relay, client) -> None:
    """Stopped under a trial: a SandboxError at once, in every call; started again: the next trial works, and nothing is left behind."""
    with create(base_url=f"tcp://127.0.0.1:{relay.port}").open(order_of(base)) as sandbox:
        cutter = threading.Timer(0.5, relay.cut)
        cutter.start()
        with pytest.raises(SandboxError, match="container gone"):
            sandbox.shell("sleep 100", deadline=100)
        cutter.join()
        with pytest.raises(SandboxError, match="container gone"):
            sandbox.changes()
        left = sandbox.facts.container
    with (
        pytest.raises(SandboxError, match="no Docker Engine answers"),
        create(base_url=f"tcp://127.0.0.1:{relay.port}").open(order_of(base)),
    ):
        pass
    again = Relay()
    try:
        with create(base_url=f"tcp://127.0.0.1:{again.port}").open(order_of(base)) as sandbox:
            assert sandbox.shell("echo well", deadline=20).output == b"well\n"
    finally:
        again.cut()
    assert left not in {row["Id"] for row in client.api.containers(all=True)}
