"""Images over a cache of their own, and the clean-up of everything a test made with them."""

from __future__ import annotations

import io
import tarfile
import uuid
from pathlib import Path

import docker

from harness.core.machine import PreparedImage
from harness.core.task import Place
from sandboxes.docker_images import DockerImages, create

BASE = "longhaul/base:bookworm-1"


def tags_of(client: docker.DockerClient) -> set[str]:
    return {tag for image in client.api.images() for tag in image["RepoTags"] or ()}


class Bench:
    """Images over a cache of their own, what they said, and the clean-up of all they made."""

    def __init__(self, client: docker.DockerClient, cache: Path) -> None:
        self.client, self.cache, self.said = client, cache, []
        self.before = tags_of(client)
        self.mark = uuid.uuid4().hex
        self.made: list[DockerImages] = []

    def images(self, **options: object) -> DockerImages:
        self.made.append(create(cache=self.cache, **options))  # type: ignore[arg-type]
        return self.made[-1]

    def prepare(self, place: Place, **options: object) -> PreparedImage:
        return self.images(**options).prepare(place, self.said.append)

    def folder(self, dockerfile: str, **files: str | bytes) -> str:
        """A context folder whose content no other test has."""
        root = self.cache / f"context-{uuid.uuid4().hex[:8]}"
        root.mkdir()
        (root / "Dockerfile").write_text(dockerfile)
        for name, data in ({"mark": self.mark} | files).items():
            path = root / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return str(root)

    def run(self, image: PreparedImage, *argv: str, user: str = "1000:1000") -> str:
        """What a program in the image prints."""
        container = self.client.containers.create(
            image.reference, list(argv[1:]), entrypoint=[argv[0]], user=user, network_mode="none"
        )
        try:
            container.start()
            assert container.wait()["StatusCode"] == 0, container.logs()
            # Followed logs of a short-lived container can come back empty; those of an ended one do not.
            return bytes(container.logs(stderr=False)).decode()
        finally:
            container.remove(force=True)

    def member(self, image: PreparedImage, path: str) -> bytes:
        """A file of the image, without running it."""
        container = self.client.containers.create(image.reference)
        try:
            chunks, _ = container.get_archive(path)
            with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
                found = tar.extractfile(tar.getmembers()[0])
                assert found is not None
                return found.read()
        finally:
            container.remove(force=True)

    def sweep(self) -> None:
        for images in self.made:
            images.close()
        made = tags_of(self.client) - self.before  # also by whoever runs beside this test
        logs = {f"longhaul/built:{path.stem}" for path in (self.cache / "build-logs").glob("*.log")}
        locks = {path.name for path in (self.cache / "image-locks").glob("*")}
        mine = [tag for tag in made if tag in logs or self.mark[:8] in tag or tag.rpartition(":")[2] in locks]
        for tag in sorted(mine, key=lambda tag: not tag.startswith("longhaul/derived")):
            self.client.images.remove(tag, force=True)
