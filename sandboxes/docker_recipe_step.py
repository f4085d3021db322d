"""One step of building an image without a registry: a throw-away container runs a script, and is harvested or committed."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import docker
import msgspec
import requests
from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container

from harness.core.errors import SandboxError, TaskError
from sandboxes.docker_base import patience
from sandboxes.docker_reach import CERTIFICATE_VARIABLES, Reach
from sandboxes.docker_sweep import OWNER, owner_label

ROOM: Final = "longhaul-build"
"""The folder at a build container's root for what goes in and comes out; gone before anything is committed."""
CERTIFICATES: Final = f"/{ROOM}/in/ca.pem"
# The host's own: an index or a proxy may listen on this machine's loopback.
NETWORK: Final = "host"
DEADLINE_S: Final = 1800
COMMIT_S: Final = 600
# A commit takes the container's labels along; only build containers themselves are to be found by this one.
UNMARKED: Final = {"longhaul.build": "", OWNER: ""}
LOG_LINES: Final = 12
# A build writes as root and hands the tree to the agent's uid; nothing else of root's powers is needed.
CAPABILITIES: Final = ("CHOWN", "DAC_OVERRIDE", "FOWNER")


class Supply(msgspec.Struct, frozen=True):
    """How a build reaches the package index and Debian's mirror ("" for the usual), and the folder that keeps what was fetched.

    `reach` is handed to the containers that fetch, and to no other; those are never committed.
    """

    cache: Path
    reach: Reach = Reach()
    mirror: str = ""

    def folder(self, thing: str) -> Path:
        """A folder of the cache, made if need be."""
        path = self.cache / thing
        path.mkdir(parents=True, exist_ok=True)
        return path


class Step(msgspec.Struct, frozen=True):
    """`script` for sh in a container of `image`; `files` (name, bytes) lie in its folder `in`, `tars` (folder, tar) are unpacked."""

    name: str
    image: str
    script: str
    files: tuple[tuple[str, bytes], ...] = ()
    tars: tuple[tuple[str, bytes], ...] = ()
    reach: Reach | None = None


@contextmanager
def performed(client: docker.DockerClient, step: Step) -> Iterator[Container]:
    """The stopped container after the script succeeded; removed at the end. Raises TaskError with the log's tail, SandboxError."""
    container: Container | None = None
    try:
        container = create(client, step)
        load(container, step)
        container.start()
        status = int(container.wait(timeout=DEADLINE_S)["StatusCode"])
        if status:
            raise TaskError(step.name, "build", f"exit {status}: {tail(container)}", "a build that succeeds")
        yield container
    except (DockerException, requests.RequestException) as fault:
        raise SandboxError(f"{step.name}: the engine failed while building: {fault}") from fault
    finally:
        if container is not None:
            with suppress(NotFound, APIError, requests.RequestException):
                container.remove(force=True, v=True)


def create(client: docker.DockerClient, step: Step) -> Container:
    """A container of root's without root's powers; a network only where the step fetches."""
    return client.containers.create(
        step.image,
        ["/bin/sh", "-eu", f"/{ROOM}/in/step.sh"],
        network_mode="none" if step.reach is None else NETWORK,
        cap_drop=["ALL"],
        cap_add=list(CAPABILITIES),
        security_opt=["no-new-privileges"],
        environment={} if step.reach is None else variables(step.reach),
        labels={"longhaul.build": step.name, OWNER: owner_label()},
        init=True,
        user="0:0",
        working_dir="/",
    )


def variables(reach: Reach) -> dict[str, str]:
    """The environment of a step that fetches; pure."""
    certificates = dict.fromkeys(CERTIFICATE_VARIABLES, CERTIFICATES) if reach.ca_bundle else {}
    index = {"PIP_INDEX_URL": reach.package_index} if reach.package_index else {}
    return {"PIP_DEFAULT_TIMEOUT": "60", **dict(reach.proxy), **certificates, **index}


def load(container: Container, step: Step) -> None:
    """Lay script, files and tars into the container before it starts."""
    files = (("step.sh", step.script.encode()), *step.files)
    if step.reach is not None and step.reach.ca_bundle:
        files = (*files, ("ca.pem", step.reach.ca_bundle))
    container.put_archive("/", room_tar(files))
    for folder, data in step.tars:
        container.put_archive(folder, data)


def room_tar(files: tuple[tuple[str, bytes], ...]) -> bytes:
    """A tar of the step's room; pure."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder in (ROOM, f"{ROOM}/in", f"{ROOM}/out"):
            info = tarfile.TarInfo(folder)
            info.type, info.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(info)
        for name, data in files:
            info = tarfile.TarInfo(f"{ROOM}/in/{name}")
            info.size, info.mode = len(data), 0o644
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def harvest(container: Container) -> bytes:
    """A tar of the room's folder `out`, as the engine hands it over."""
    stream, _ = container.get_archive(f"/{ROOM}/out")
    return b"".join(stream)


def commit(container: Container, tag: str, labels: dict[str, str], settings: tuple[str, ...] = ()) -> None:
    """Keep the container's file system as an image; raises the engine's errors, named by `performed`."""
    repository, _, name = tag.rpartition(":")
    changes = [*settings, 'CMD ["/bin/bash"]', *(f'LABEL {key}="{value}"' for key, value in (labels | UNMARKED).items())]
    client = container.client
    assert client is not None
    with patience(client, COMMIT_S):
        container.commit(repository=repository, tag=name, changes=changes)


def tail(container: Container) -> str:
    """The last words of a build, on one line."""
    lines = container.logs(tail=LOG_LINES).decode(errors="replace").splitlines()
    return " | ".join(line.strip() for line in lines if line.strip())


def keep(path: Path, data: bytes) -> None:
    """Write a cache file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)
