"""Images for trials: found, loaded, pulled or built, then derived once per source and warden, for all workers of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import docker
import msgspec
import requests
from docker.errors import DockerException
from docker.models.images import Image

from harness.core.errors import MachineGoneError, MissingError, SandboxError, TaskError
from harness.core.machine import Leak, Needs, PreparedImage
from harness.core.ports import Needle, Say
from harness.core.task import ImageBuild, ImageBundle, ImageRecipe, ImageSource, ImageTag, Place
from sandboxes import docker_base, docker_bundle
from sandboxes.docker import KEPT
from sandboxes.docker_budget import make_room
from sandboxes.docker_build import Workshop, build, missing_base, refuse
from sandboxes.docker_client import engine_faults, find_image, open_client
from sandboxes.docker_context import read_context
from sandboxes.docker_derive import derive, find_derived, plan_for
from sandboxes.docker_pull import mend, pull
from sandboxes.docker_reach import reach_of
from sandboxes.docker_stock import Stock, bytes_of, silent, source_name
from sandboxes.docker_uses import Uses

if TYPE_CHECKING:
    from sandboxes.docker_registry import Registries


class DockerImages:
    """The Images port over one engine. The connection is made at first use, so that it can be made before a fork."""

    def __init__(self, stock: Stock) -> None:
        self._stock = stock
        self._client: docker.DockerClient | None = None
        self._uses = Uses(Path(stock.cache))
        self._registries: Registries | None = None

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
        plan = plan_for(name, self.resolve(place.image, say), place)
        with engine_faults(f"{name}: look-up"):
            found = find_derived(self.client, plan)
        if found is None:
            cache = Path(self._stock.cache)
            with docker_base.locked(cache / "image-locks" / plan.key[:40]):
                found = derive(self.client, plan, cache / "build-logs", say)
        with engine_faults(f"{name}: look-up"):
            self._uses.note(plan.tag, self.client.images.get(found.digest), say)
        return found

    def fetch(self, place: Place, say: Say) -> tuple[str, ...]:
        """Pull what registries give of a place's image and of what a Dockerfile begins from; the names that are here then. Builds nothing.

        Raises TaskError, MissingError, SandboxError.
        """
        match place.image:
            case ImageTag(name, otherwise) if name != docker_base.TAG:
                if otherwise is None:
                    self._by_name(name, say)
                else:
                    self._published(name, otherwise, say)
                return (name,)
            case ImageBuild(context, dockerfile):
                names = tuple(name for name in read_context(context, dockerfile).bases if name != docker_base.TAG)
                for name in names:
                    self._by_name(name, say)
                return names
        return ()

    def ready(self, place: Place) -> PreparedImage | None:
        """The prepared image where it is here already; makes and fetches nothing. Raises TaskError, SandboxError."""
        from sandboxes.docker_needs import Survey

        if Survey(self.client, self._uses, None).needs((place,)).items:
            return None
        plan = plan_for(source_name(place.image), self.resolve(place.image, silent), place)
        with engine_faults(f"{plan.name}: look-up"):
            return find_derived(self.client, plan)

    def names(self, place: Place) -> tuple[str, ...]:
        """All names by which another machine finds a prepared image, those of what its Dockerfile begins from first; none where it is not here.

        Raises TaskError, SandboxError.
        """
        if (found := self.ready(place)) is None:
            return ()
        source = place.image
        under = read_context(source.context, source.dockerfile).bases if isinstance(source, ImageBuild) else ()
        own = (source.name,) if isinstance(source, ImageTag) else tuple(self.resolve(source, silent).tags)
        with engine_faults(f"{found.digest[:19]}: look-up"):
            return tuple(dict.fromkeys((*under, *own, *self.client.images.get(found.digest).tags)))

    def needs(self, places: tuple[Place, ...]) -> Needs:
        """See the port. Raises SandboxError."""
        from sandboxes.docker_needs import Survey
        from sandboxes.docker_registry import Registries

        if self._registries is None:
            with engine_faults("images: asking what engine this is"):
                self._registries = Registries(str(self.client.version().get("Arch", "amd64")))
        return Survey(self.client, self._uses, self._registries).needs(places)

    def make_room(self, say: Say) -> int:
        """Keep to the disk budget; how many images went. Raises SandboxError."""
        return make_room(self.client, self._uses, self._stock.disk_bytes, say)

    def leaks(self, place: Place, needles: tuple[Needle, ...]) -> tuple[Leak, ...]:
        """See the port. Raises TaskError, MissingError, SandboxError."""
        # Imported here, so that a run that asks for no scan does not load what unpacks.
        from sandboxes.docker_leaks import find_leaks

        return find_leaks(self.client, self.prepare(place, silent), needles, Path(self._stock.cache))

    def newer(self, place: Place, newest: str) -> tuple[Leak, ...]:
        """See the port. Raises TaskError, MissingError, SandboxError."""
        from sandboxes.docker_leaks import find_newer

        try:
            day = date.fromisoformat(newest)
        except ValueError as fault:
            raise TaskError(source_name(place.image), "history.newest", repr(newest), "a day such as 2024-01-31") from fault
        return find_newer(self.client, self.prepare(place, silent), day, Path(self._stock.cache))

    def discard(self, image: str) -> None:
        """See the port; only what was kept by us is ever touched."""
        with suppress(DockerException, requests.RequestException):
            if KEPT in self.client.images.get(image).labels:
                self.client.images.remove(image, force=True)

    def resolve(self, source: ImageSource, say: Say) -> Image:
        """The source image on this engine, before derivation."""
        match source:
            case ImageTag(name, otherwise):
                return self._by_name(name, say) if otherwise is None else self._published(name, otherwise, say)
            case ImageBundle():
                with docker_base.locked(Path(self._stock.cache) / "image-locks" / "bundle"):
                    return self._noted(docker_bundle.load(self.client, source, say))
            case ImageBuild():
                return self._built(source, say)
            case ImageRecipe():
                return self._by_recipe(source, say)

    def _by_name(self, name: str, say: Say) -> Image:
        """Local, else ours to make, else pulled."""
        with engine_faults(f"{name}: look-up"):
            found = find_image(self.client, name)
        if found is not None:
            return self._uses.note(name, found, say)
        if name == docker_base.TAG:
            docker_base.ensure_base(self.client, Path(self._stock.cache), self._stock.base, say)
            with engine_faults(f"{name}: look-up"):
                return self.client.images.get(name)
        return self._pulled(name, say)

    def _published(self, name: str, otherwise: ImageBuild | ImageRecipe, say: Say) -> Image:
        """Under its published name here, else as it was made here before, else from a registry, else made now.

        What was made here goes before a registry, so that one which answers again does not change a run's image under way.
        """
        with engine_faults(f"{name}: look-up"):
            found = find_image(self.client, name)
        if found is not None:
            return self._uses.note(name, found, say)
        made = DockerImages(msgspec.structs.replace(self._stock, allow_build=False))
        made._client, made._uses = self.client, self._uses
        try:
            return made.resolve(otherwise, say)
        except (MissingError, TaskError):
            pass
        try:
            return self._pulled(name, say)
        except MissingError:
            return self.resolve(otherwise, say)

    def _pulled(self, name: str, say: Say) -> Image:
        """Raises MissingError when no registry gives it."""
        if not self._stock.allow_pull:
            raise MissingError(f"the image {name} (pulling is off)", mend(name))
        self.make_room(say)
        return self._uses.note(name, pull(self.client, name, say), say)

    def _noted(self, image: Image) -> Image:
        """Of those that we made, by the names that we gave."""
        for name in image.tags:
            if name.startswith("longhaul/"):
                self._uses.note(name, image, silent)
        return image

    def _built(self, source: ImageBuild, say: Say) -> Image:
        context = read_context(source.context, source.dockerfile)
        stock = self._stock
        shop = Workshop(Path(stock.cache), stock.reach, stock.allow_build, say)
        with engine_faults(f"{context.path}: look-up"):
            if any(find_image(self.client, name) is None for name in context.bases):
                refuse(source, context, shop)  # before anything is pulled for a build that can't be
        bases = []
        for name in context.bases:
            try:
                bases.append((name, str(self._by_name(name, say).id)))
            except MachineGoneError:
                raise
            except (MissingError, SandboxError) as fault:
                raise missing_base(name, fault, context.path) from fault
        self.make_room(say)
        with docker_base.locked(Path(stock.cache) / "image-locks" / context.digest[:40]):
            return self._noted(build(self.client, source, context, tuple(bases), shop))

    def _by_recipe(self, source: ImageRecipe, say: Say) -> Image:
        """A repository from its sdist: the recipe room makes it and names it."""
        # Imported here, so that a run without recipes does not load what reads them.
        from sandboxes.docker_recipe import build as build_recipe

        stock = self._stock
        self.make_room(say)
        reference = build_recipe(
            self.client, source, say,
            cache=Path(stock.cache), reach=stock.reach, allow_build=stock.allow_build, mirror=stock.base.mirror or "",
        )  # fmt: skip
        with engine_faults(f"{reference}: look-up"):
            return self._noted(self.client.images.get(reference))


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
    disk_gb: str = "",
) -> DockerImages:
    """The images of one engine. `ca_bundle` is the path of a PEM file, `index` variables (name, value) for builds.

    `disk_gb`: what our images may take of the engine's disk in GB (10**9 bytes), "" for no bound.

    Raises MissingError when the bundle can't be read.
    """
    try:
        pem = Path(ca_bundle).read_bytes() if ca_bundle else b""
    except OSError as fault:
        raise MissingError(f"the CA bundle {ca_bundle} ({fault.strerror})", "name a readable PEM file") from fault
    folder = str(cache or Path.home() / ".cache" / "longhaul")
    reach = reach_of(pem, index)
    base = docker_base.Sources(registry=registry or None, mirror=mirror or None)
    return DockerImages(Stock(base_url, certificates, folder, allow_build, allow_pull, reach, base, bytes_of(disk_gb)))
