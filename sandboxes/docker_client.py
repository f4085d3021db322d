"""The one place that makes a client of the engine, and that turns its complaints into our faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound
from docker.models.images import Image

from harness.core.errors import MachineGoneError, MissingError, SandboxError
from sandboxes.docker_engine import CLIENT_TIMEOUT_S, Place, connect, knock

SYSTEM_SOCKET = "unix:///var/run/docker.sock"


def open_client(base_url: str = "", certificates: str = "", timeout_s: int = CLIENT_TIMEOUT_S) -> docker.DockerClient:
    """A client of the engine at `base_url` (the system's socket if empty); `certificates` is a folder of PEM files.

    Raises MissingError when nothing answers there.
    """
    url = base_url or SYSTEM_SOCKET
    place = Place(origin="settings", url=url, certificates=certificates or None)
    try:
        knock(place)
        return connect(place, timeout_s=timeout_s)
    except (DockerException, requests.RequestException, OSError) as fault:
        raise MissingError(f"no Docker Engine answers at {url} ({fault})", "`longhaul doctor`") from fault


@contextmanager
def engine_faults(doing: str) -> Iterator[None]:
    """Whatever the engine refuses while `doing` this becomes a SandboxError that says so, one that nobody hears a MachineGoneError."""
    try:
        yield
    except APIError as fault:
        raise SandboxError(f"{doing}: the engine said {fault.explanation or fault}") from fault
    except requests.ConnectionError as fault:
        # One slow answer is no dead engine; the library tells it by the same type when it stops in the middle.
        kind = SandboxError if "timed out" in str(fault) else MachineGoneError
        raise kind(f"{doing}: no Docker Engine answers ({fault})") from fault
    except (DockerException, requests.RequestException) as fault:
        raise SandboxError(f"{doing}: the engine did not answer ({fault})") from fault


def find_image(client: docker.DockerClient, name: str) -> Image | None:
    """The local image of that name or id."""
    try:
        return client.images.get(name)
    except ImageNotFound:
        return None
