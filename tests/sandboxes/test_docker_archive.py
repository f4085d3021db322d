"""Folders out of a container by the engine's hand: what is not read to its end is let go of at once."""

from __future__ import annotations

from collections.abc import Iterator

import docker
import pytest
from docker.models.containers import Container

from harness.core.errors import WorkspaceTooLargeError
from sandboxes.docker_archive import take_folder
from sandboxes.docker_tar import kind_at

pytestmark = pytest.mark.docker
BASE = "longhaul/base:bookworm-1"


@pytest.fixture
def container() -> Iterator[Container]:
    """A container that never runs, asked with little patience, because a lock that stays would be waited for."""
    client = docker.from_env(timeout=20)
    made = client.containers.create(BASE, command=["/none"], labels={"longhaul.test": "1"})
    yield made
    made.remove(force=True)
    client.close()


def test_what_is_too_large_leaves_the_container_free(container: Container) -> None:
    """While the fault of a folder over the limit is still held, the engine serves the container: the next call isn't kept waiting."""
    api = container.client.api
    with pytest.raises(WorkspaceTooLargeError, match="MiB that can be taken out") as held:
        take_folder(api, container.id, "/usr", limit=1 << 20)
    assert len(take_folder(api, container.id, "/etc/passwd")) > 0
    assert "/usr" in str(held.value)


@pytest.mark.parametrize(("path", "kind"), [("/usr", "dir"), ("/bin/sh", "link"), ("/etc/passwd", "file"), ("/none", ""), ("/a b/ü", "")])
def test_a_kind_is_told(container: Container, path: str, kind: str) -> None:
    """Folder, link, file or nothing, by the engine's own stat."""
    assert kind_at(container, path) == kind
