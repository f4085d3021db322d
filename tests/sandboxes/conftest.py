"""A minimal prepared image per test session: the base with our warden, a home and a workspace; removed at the end."""

from __future__ import annotations

import io
import tarfile
import uuid
from collections.abc import Callable, Iterator
from importlib.resources import files

import docker
import pytest

from harness.core.machine import PreparedImage
from harness.core.ports import Order
from harness.core.task import ImageTag, Place
from sandboxes.docker import create
from sandboxes.docker_sandbox import DockerSandbox

BASE = "longhaul/base:bookworm-1"
PASSWD = b"root:x:0:0:root:/root:/bin/sh\nagent:x:1000:1000::/home/agent:/bin/sh\n"


def warden_bytes(architecture: str) -> bytes:
    name = {"amd64": "warden-x86_64", "arm64": "warden-aarch64"}[architecture]
    return files("sandboxes.warden").joinpath(name).read_bytes()


def tar_of(entries: dict[str, bytes | None], *, mode: int = 0o755, uid: int = 0) -> bytes:
    """A tar: path to content, None for a folder."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, content in entries.items():
            member = tarfile.TarInfo(path)
            member.type = tarfile.DIRTYPE if content is None else tarfile.REGTYPE
            member.size = 0 if content is None else len(content)
            member.mode, member.uid, member.gid = mode, uid, uid
            tar.addfile(member, io.BytesIO(content or b""))
    return out.getvalue()


def derive(client: docker.DockerClient, source: str, extra: bytes = b"") -> PreparedImage:
    """A labelled image from a tag, made by laying tars into a container that never runs."""
    image = client.images.get(source)
    container = client.containers.create(source, command=["/none"])
    architecture = image.attrs["Architecture"]
    try:
        container.put_archive("/", tar_of({".longhaul": None, ".longhaul/warden": warden_bytes(architecture)}))
        container.put_archive("/", tar_of({"home": None}))
        container.put_archive("/", tar_of({"home/agent": None, "workspace": None}, uid=1000))
        container.put_archive("/", tar_of({"etc": None}))
        container.put_archive("/", tar_of({"etc/passwd": PASSWD}, mode=0o644))
        if extra:
            container.put_archive("/", extra)
        tag = f"longhaul-test-{uuid.uuid4().hex[:12]}"
        made = container.commit(
            repository="longhaul/test",
            tag=tag,
            changes=["LABEL longhaul.test=1", "CMD []", "ENV HOME=/home/agent USER=agent LOGNAME=agent"],
        )
    finally:
        container.remove(force=True)
    return PreparedImage(f"longhaul/test:{tag}", str(made.id), str(image.id), architecture, "/workspace")


@pytest.fixture(scope="session")
def client() -> Iterator[docker.DockerClient]:
    found = docker.from_env(timeout=120)
    yield found
    found.close()


@pytest.fixture(scope="session")
def base(client: docker.DockerClient) -> Iterator[PreparedImage]:
    image = derive(client, BASE)
    yield image
    client.images.remove(image.reference, force=True)


def place(**changes: object) -> Place:
    settings: dict[str, object] = {
        "image": ImageTag(BASE),
        "workdir": "/workspace",
        "memory_mb": 512,
        "pids": 256,
        "cpus": 1.0,
    }
    return Place(**(settings | changes))  # type: ignore[arg-type]


def order(image: PreparedImage, **changes: object) -> Order:
    return Order(image, place(**changes), labels=(("run", "test"), ("trial", "t0001")))


@pytest.fixture
def sandbox(base: PreparedImage) -> Iterator[DockerSandbox]:
    with create().open(order(base)) as opened:
        yield opened


@pytest.fixture(scope="session")
def order_of() -> Callable[..., Order]:
    """An Order for an image: changes are fields of Place."""
    return order


@pytest.fixture(scope="module")
def derive_from(client: docker.DockerClient) -> Iterator[Callable[..., PreparedImage]]:
    """Derives images that go with the module."""
    made: list[str] = []

    def make(source: str, extra: bytes = b"") -> PreparedImage:
        image = derive(client, source, extra)
        made.append(image.reference)
        return image

    yield make
    for reference in made:
        client.images.remove(reference, force=True)
