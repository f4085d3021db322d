"""Images from registries: one at a time, with patience where a registry is busy."""

from __future__ import annotations

import re
import time
from typing import Final

import docker
import requests
from docker.errors import APIError, DockerException
from docker.models.images import Image

from harness.core.errors import MissingError
from harness.core.ports import Say
from sandboxes.docker_base import patience

PULL_TIMEOUT_S: Final = 600
WAITS_S: Final = (5.0, 30.0)
BUSY: Final = re.compile(r"toomanyrequests|rate limit|429|502|503|unexpected EOF|connection reset|i/o timeout|TLS handshake timeout", re.IGNORECASE)


def mend(name: str) -> str:
    return f"`docker pull {name}` where a registry answers, or `docker load` a bundle"


def pull(client: docker.DockerClient, name: str, say: Say) -> Image:
    """The image of that name or digest; raises MissingError when no registry gives it, after two more tries with one that is busy."""
    say(f"pulling {name}")
    named = name if "@" in name or ":" in name.rpartition("/")[2] else f"{name}:latest"
    for wait_s in (*WAITS_S, None):
        try:
            with patience(client, PULL_TIMEOUT_S):
                return client.images.pull(named)
        except (APIError, DockerException, requests.RequestException) as fault:
            said = str(getattr(fault, "explanation", None) or fault)
            if wait_s is None or not BUSY.search(said):
                raise MissingError(f"the image {name} (no registry gave it: {said})", mend(name)) from fault
            say(f"{name}: the registry is busy ({said[:120]}); once more in {wait_s:g} s")
            time.sleep(wait_s)
    raise AssertionError("the last try returns or raises")
