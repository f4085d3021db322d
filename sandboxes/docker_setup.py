"""All that Docker needs before the first trial: an engine that answers, and the base image in it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import docker
import msgspec

from sandboxes.docker_base import BaseImage, Sources, base_tar, ensure_base, find_base
from sandboxes.docker_engine import Answer, connect, ready_engine
from sandboxes.docker_install import Say, install_packages, look_at_machine

BOOTSTRAP_PACKAGES = ("mmdebstrap", "debian-archive-keyring")


class Ready(msgspec.Struct, frozen=True):
    """The engine that answered and the base image it holds."""

    engine: Answer
    base: BaseImage


def prepare(environ: Mapping[str, str], home: Path, cache: Path, say: Say, *, no_install: bool) -> Ready:
    """Find or bring the engine and the base image; changes nothing when both are there.

    Raises MissingError with what is missing and what mends it, SandboxError when the engine refuses the image.
    """
    engine = ready_engine(environ, home, cache, say, no_install=no_install)
    client = connect(engine.place)
    try:
        sources = read_sources(environ)
        if needs_bootstrap(client, cache):
            bring_bootstrap(cache, say, no_install=no_install)
        base = ensure_base(client, cache, sources, say)
    finally:
        client.close()
    return Ready(engine=engine, base=base)


def read_sources(environ: Mapping[str, str]) -> Sources:
    """Where the user wants the base image from."""
    return Sources(
        registry=environ.get("LONGHAUL_REGISTRY") or None, mirror=environ.get("LONGHAUL_DEBIAN_MIRROR") or None
    )


def needs_bootstrap(client: docker.DockerClient, cache: Path) -> bool:
    """Whether neither the engine nor the cache holds the image and the program that builds it is missing."""
    return find_base(client) is None and not base_tar(cache).exists() and shutil.which("mmdebstrap") is None


def bring_bootstrap(cache: Path, say: Say, *, no_install: bool) -> None:
    """Install the program that builds the image, where we may; else the builder itself says what is missing."""
    machine = look_at_machine(no_install=no_install)
    if machine.apt and machine.root and not no_install:
        install_packages(BOOTSTRAP_PACKAGES, cache, say)
