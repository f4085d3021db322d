"""An engine that nobody hears is told apart from one that refuses."""

from __future__ import annotations

import socket
from pathlib import Path

import msgspec
import pytest
import requests
from docker.errors import APIError

from harness.core.errors import MachineGoneError, SandboxError
from harness.core.machine import PreparedImage
from harness.core.task import ImageTag
from sandboxes.docker import create
from sandboxes.docker_client import engine_faults
from sandboxes.docker_images import create as create_images

pytestmark = pytest.mark.docker


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (requests.ConnectionError("Connection refused"), MachineGoneError),
        (requests.ConnectionError("Read timed out."), SandboxError),
        (requests.ReadTimeout("Read timed out."), SandboxError),
        (APIError("no such container"), SandboxError),
    ],
)
def test_only_silence_is_a_machine_that_is_gone(fault: Exception, kind: type[Exception]) -> None:
    """A slow answer and a refusal are one trial's; a closed door is everybody's."""
    with pytest.raises(SandboxError) as told, engine_faults("looking"):
        raise fault
    assert type(told.value) is kind


def test_a_closed_door_is_a_machine_that_is_gone(base: PreparedImage, order_of, tmp_path: Path) -> None:
    """Where containers are made and where images are alike."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"tcp://127.0.0.1:{door.getsockname()[1]}"
    order = order_of(base)
    with pytest.raises(MachineGoneError, match="no Docker Engine answers"), create(base_url=url).open(order):
        pass
    shelf = create_images(base_url=url, cache=str(tmp_path))
    with pytest.raises(MachineGoneError, match="no Docker Engine answers"):
        shelf.prepare(msgspec.structs.replace(order.place, image=ImageTag("longhaul/base:bookworm-1")), print)
