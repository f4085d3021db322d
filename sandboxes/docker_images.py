"""Images for trials: found, loaded, pulled or built, then derived once per source and warden, for all workers of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import docker
import msgspec
import requests
from docker.errors import APIError, DockerException
from docker.models.images import Image

from harness.core.errors import MachineGoneError, MissingError, SandboxError
from harness.core.machine import PreparedImage
from harness.core.ports import Say
from harness.core.task import ImageBuild, ImageBundle, ImageRecipe, ImageSource, ImageTag, Place
from sandboxes import docker_base, docker_bundle
from sandboxes.docker_build import Workshop, build, missing_base
from sandboxes.docker_client import engine_faults, find_image, open_client
from sandboxes.docker_context import read_context
from sandboxes.docker_derive import derive, find_derived, plan_for
from sandboxes.docker_reach import Reach, reach_of

PULL_TIMEOUT_S = 600


class Stock(msgspec.Struct, frozen=True):
    """Where images come from, as the settings say: engine, cache folder, what may be built, and how a build reaches out."""

    base_url: str
    certificates: str
    cache: str
    allow_build: bool
    allow_pull: bool
    reach: Reach
    base: docker_base.Sources


class DockerImages:
    """The Images port over one engine. The connection is made at first use, so that it can be made before a fork."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._client: docker.DockerClient | None = None

    @property
    def client(self) -> docker.DockerClient:
        """Raises MachineGoneError when no engine answers."""
        if self._client is None:
            try:
                self._client = open_client(self._stock.base_url, self._stock.certificates)
            except MissingError as fault:
                raise MachineGoneError(str(fault)) from fault
        return self._client

    def close(self) -> None:
        """Give back the connection; a later use makes a new one."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def prepare(self, place: Place, say: Say) -> PreparedImage:
        """See the port. Raises TaskError, MissingError, SandboxError."""
        name = source_name(place.image)
        image = self.resolve(place.image, say)
        plan = plan_for(name, image, place)
        with engine_faults(f"{name}: look-up"):
            if (found := find_derived(self.client, plan)) is not None:
                return found
        cache = Path(self._stock.cache)
        with docker_base.locked(cache / "image-locks" / plan.key[:40]):
            return derive(self.client, plan, cache / "build-logs", say)

    def resolve(self, source: ImageSource, say: Say) -> Image:
        """The source image on this engine, before derivation."""
        match source:
            case ImageTag(name):
                return self._by_name(name, say)
            case ImageBundle():
                with docker_base.locked(Path(self._stock.cache) / "image-locks" / "bundle"):
                    return docker_bundle.load(self.client, source, say)
            case ImageBuild():
                return self._built(source, say)
            case ImageRecipe():
                return self._by_recipe(source, say)

    def _by_name(self, name: str, say: Say) -> Image:
        """Local, else ours to make, else pulled."""
        with engine_faults(f"{name}: look-up"):
            found = find_image(self.client, name)
        if found is not None:
            return found
        if name == docker_base.TAG:
            docker_base.ensure_base(self.client, Path(self._stock.cache), self._stock.base, say)
            with engine_faults(f"{name}: look-up"):
                return self.client.images.get(name)
        return self._pulled(name, say)

    def _pulled(self, name: str, say: Say) -> Image:
        """Raises MissingError when no registry gives it."""
        mend = f"`docker pull {name}` where a registry answers, or `docker load` a bundle"
        if not self._stock.allow_pull:
            raise MissingError(f"the image {name} (pulling is off)", mend)
        say(f"pulling {name}")
        named = name if "@" in name or ":" in name.rpartition("/")[2] else f"{name}:latest"
        try:
            with docker_base.patience(self.client, PULL_TIMEOUT_S):
                return self.client.images.pull(named)
        except (APIError, DockerException, requests.RequestException) as fault:
            said = getattr(fault, "explanation", None) or fault
            raise MissingError(f"the image {name} (no registry gave it: {said})", mend) from fault

    def _built(self, source: ImageBuild, say: Say) -> Image:
        context = read_context(source.context, source.dockerfile)
        bases = []
        for name in context.bases:
            try:
                bases.append((name, str(self._by_name(name, say).id)))
            except MachineGoneError:
                raise
            except (MissingError, SandboxError) as fault:
                raise missing_base(name, fault, context.path) from fault
        stock = self._stock
        shop = Workshop(Path(stock.cache), stock.reach, stock.allow_build, say)
        with docker_base.locked(Path(stock.cache) / "image-locks" / context.digest[:40]):
            return build(self.client, source, context, tuple(bases), shop)

    def _by_recipe(self, source: ImageRecipe, say: Say) -> Image:
        """A repository from its sdist: the recipe room makes it and names it."""
        # Imported here, so that a run without recipes does not load what reads them.
        from sandboxes.docker_recipe import build as build_recipe

        stock = self._stock
        reference = build_recipe(
            self.client, source, say,
            cache=Path(stock.cache), reach=stock.reach, allow_build=stock.allow_build, mirror=stock.base.mirror or "",
        )  # fmt: skip
        with engine_faults(f"{reference}: look-up"):
            return self.client.images.get(reference)


def source_name(source: ImageSource) -> str:
    """What messages call a source; pure."""
    match source:
        case ImageTag(name):
            return name
        case ImageBundle(path, name):
            return name or path
        case ImageBuild(context, dockerfile):
            return str(Path(context) / dockerfile)
        case ImageRecipe(kind, _, folder):
            return f"{kind} recipe in {folder}" if folder else f"{kind} recipe"


def create(
    *,
    base_url: str = "",
    certificates: str = "",
    cache: str | Path = "",
    allow_build: bool = True,
    allow_pull: bool = True,
    ca_bundle: str = "",
    index: Sequence[tuple[str, str]] = (),
    registry: str = "",
    mirror: str = "",
) -> DockerImages:
    """The images of one engine. `ca_bundle` is the path of a PEM file, `index` variables (name, value) for builds.

    Raises MissingError when the bundle can't be read.
    """
    try:
        pem = Path(ca_bundle).read_bytes() if ca_bundle else b""
    except OSError as fault:
        raise MissingError(f"the CA bundle {ca_bundle} ({fault.strerror})", "name a readable PEM file") from fault
    folder = str(cache or Path.home() / ".cache" / "longhaul")
    reach = reach_of(pem, index)
    base = docker_base.Sources(registry=registry or None, mirror=mirror or None)
    return DockerImages(Stock(base_url, certificates, folder, allow_build, allow_pull, reach, base))
