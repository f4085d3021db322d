"""A prepared image by its digest alone, read off its own labels: what a record names can be run again though its task has changed or gone."""

from __future__ import annotations

import docker
from docker.errors import ImageNotFound

from harness.core.machine import PreparedImage
from sandboxes.docker_client import engine_faults
from sandboxes.docker_derive import user_of


def kept(client: docker.DockerClient, digest: str) -> PreparedImage | None:
    """The image, or None where the engine has none of that digest, or one that was not prepared by us. Raises SandboxError."""
    with engine_faults(f"{digest}: look-up"):
        try:
            image = client.images.get(digest)
        except ImageNotFound:
            return None
    labels = image.labels
    if str(image.id) != digest or labels.get("longhaul.derived") != "1":
        return None
    return PreparedImage(
        digest, digest, labels.get("longhaul.source", ""), str(image.attrs.get("Architecture")),
        labels.get("longhaul.workdir", ""), labels.get("longhaul.history", ""), user_of(image),
    )  # fmt: skip
