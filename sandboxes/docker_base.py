"""The project's base image: found, pulled, imported from the cache, or bootstrapped from Debian packages."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import docker
import msgspec
import requests
from docker.errors import APIError, DockerException, ImageNotFound

from harness.core.errors import MissingError, SandboxError
from sandboxes.docker_install import Say, tail

REPOSITORY: Final = "longhaul/base"
VERSION: Final = "bookworm-1"
TAG: Final = f"{REPOSITORY}:{VERSION}"
SUITE: Final = "bookworm"
LABELS: Final[Mapping[str, str]] = {"longhaul.base": "1", "longhaul.base.version": VERSION}
PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PACKAGES: Final = (
    "bash", "ca-certificates", "diffutils", "findutils", "git", "grep", "less", "make", "patch", "procps",
    "python3", "python3-pytest", "python3-venv", "sed",
)  # fmt: skip
# No agent reads these, and every snapshot and export would carry them; licences stay.
EXCLUDED: Final = (
    "path-exclude=/usr/share/man/*", "path-exclude=/usr/share/info/*", "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/doc/*", "path-include=/usr/share/doc/*/copyright",
)  # fmt: skip
# A fixed clock makes the archive the same for the same packages; the day itself means nothing.
EPOCH: Final = "1735689600"
REGISTRY_TIMEOUT_S: Final = 20
IMPORT_TIMEOUT_S: Final = 300
BOOTSTRAP_TIMEOUT_S: Final = 1800

Origin = Literal["tag", "registry", "cache", "bootstrap"]


class BaseImage(msgspec.Struct, frozen=True):
    """The image as the engine knows it: `image` is its id (`sha256:...`), `origin` how it came to be here."""

    tag: str
    image: str
    origin: Origin


class Sources(msgspec.Struct, frozen=True):
    """Where the image may come from: a registry prefix (`host/path`, or None), a Debian mirror (or None for Debian's)."""

    registry: str | None = None
    mirror: str | None = None


def ensure_base(client: docker.DockerClient, cache: Path, sources: Sources, say: Say) -> BaseImage:
    """The base image under its local tag, got in the cheapest way that works.

    Raises MissingError when it can be had in no way, SandboxError when the engine refuses it.
    """
    if (found := find_base(client)) is not None:
        return found
    if sources.registry and (pulled := pull_base(client, sources.registry, say)) is not None:
        return pulled
    tar = base_tar(cache)
    with locked(tar.parent):
        if (found := find_base(client)) is not None:
            return found
        origin: Origin = "cache" if tar.exists() else "bootstrap"
        if origin == "bootstrap":
            bootstrap(tar, sources.mirror, say)
        return import_base(client, tar, origin, say)


def base_tar(cache: Path) -> Path:
    """Where under the project's cache folder the root file system is kept for the next engine."""
    return cache / "base-image" / VERSION / "base.tar"


def find_base(client: docker.DockerClient) -> BaseImage | None:
    """The image if its tag is here; raises MissingError when an image that is not ours has the name."""
    try:
        image = client.images.get(TAG)
    except ImageNotFound:
        return None
    if image.labels.get("longhaul.base") != LABELS["longhaul.base"]:
        raise MissingError(f"{TAG} is an image without the label longhaul.base=1", f"`docker rmi {TAG}`")
    return BaseImage(tag=TAG, image=str(image.id), origin="tag")


def pull_base(client: docker.DockerClient, registry: str, say: Say) -> BaseImage | None:
    """The image from a registry, or None when it does not answer in time or does not hold it."""
    say(f"asking {registry} for {TAG}")
    try:
        with patience(client, REGISTRY_TIMEOUT_S):
            client.images.pull(f"{registry.rstrip('/')}/{REPOSITORY}", tag=VERSION).tag(REPOSITORY, VERSION)
    except (DockerException, requests.RequestException) as fault:
        say(f"no image there ({type(fault).__name__}); building it here instead")
        return None
    found = find_base(client)
    return None if found is None else BaseImage(tag=TAG, image=found.image, origin="registry")


def bootstrap(tar: Path, mirror: str | None, say: Say) -> None:
    """Write the root file system to `tar`, whole or not at all; raises MissingError."""
    if shutil.which("mmdebstrap") is None:
        raise MissingError(
            f"{TAG} is nowhere and mmdebstrap, which builds it, is not installed", "`apt-get install mmdebstrap`"
        )
    say("building the base image from Debian packages (about half a minute)")
    part = tar.with_suffix(".part")
    log = tar.with_suffix(".log")
    with log.open("wb") as out:
        status = subprocess.run(
            bootstrap_argv(part, mirror), stdout=out, stderr=subprocess.STDOUT, check=False, timeout=BOOTSTRAP_TIMEOUT_S
        ).returncode
    if status != 0:
        part.unlink(missing_ok=True)
        raise MissingError(f"{TAG}: mmdebstrap ended with {status}: {tail(log)}", f"read {log}")
    part.rename(tar)


def bootstrap_argv(target: Path, mirror: str | None) -> tuple[str, ...]:
    """The command that makes the archive; pure."""
    options = tuple(f"--dpkgopt={rule}" for rule in EXCLUDED)
    packages = f"--include={','.join(PACKAGES)}"
    # The format is named because the name under construction does not end in .tar.
    clock = ("env", f"SOURCE_DATE_EPOCH={EPOCH}")
    fixed = (
        *clock,
        "mmdebstrap",
        "--variant=minbase",
        "--format=tar",
        "--quiet",
        packages,
        *options,
        SUITE,
        str(target),
    )
    return (*fixed, mirror) if mirror else fixed


def import_base(client: docker.DockerClient, tar: Path, origin: Origin, say: Say) -> BaseImage:
    """Give the archive to the engine under the local tag; raises SandboxError."""
    say(f"importing {TAG} from {tar}")
    try:
        with patience(client, IMPORT_TIMEOUT_S):
            client.api.import_image(str(tar), repository=REPOSITORY, tag=VERSION, changes=list(import_changes()))
    except (APIError, requests.RequestException) as fault:
        raise SandboxError(f"{TAG}: the engine did not take {tar} (delete it to build it anew): {fault}") from fault
    found = find_base(client)
    if found is None:
        raise SandboxError(f"{TAG}: the engine took {tar} and shows no image of that name")
    return BaseImage(tag=TAG, image=found.image, origin=origin)


def import_changes() -> Iterator[str]:
    """The image's settings as Dockerfile lines; pure."""
    yield f"ENV PATH={PATH}"
    yield "ENV LANG=C.UTF-8"
    yield 'CMD ["/bin/bash"]'
    for name, value in LABELS.items():
        yield f"LABEL {name}={value}"


@contextmanager
def patience(client: docker.DockerClient, seconds: int) -> Iterator[None]:
    """Let one kind of request wait longer or shorter than the others."""
    before = client.api.timeout
    client.api.timeout = seconds
    try:
        yield
    finally:
        client.api.timeout = before


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold `folder` for one builder; the lock goes with its holder, so a dead builder leaves none behind."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
