"""What a run's images will ask of this machine, found out without making any: what must be pulled, loaded or built, and the room there is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import docker

from harness.core.errors import TaskError
from harness.core.machine import Need, Needs
from harness.core.task import ImageBuild, ImageBundle, ImageRecipe, ImageSource, ImageTag, Place
from sandboxes import docker_base
from sandboxes.docker_build import build_tag
from sandboxes.docker_bundle import bundle_tag
from sandboxes.docker_client import engine_faults, find_image
from sandboxes.docker_context import read_context
from sandboxes.docker_registry import Registries
from sandboxes.docker_uses import Uses

# Layers are sent packed; source trees and system packages unpack to this many times as much.
UNPACKED: Final = 2.5
BASE_BYTES: Final = 220_000_000


class Survey:
    """One look over many places; each image and each layer is counted once. Without `registries` none is asked."""

    def __init__(self, client: docker.DockerClient, uses: Uses, registries: Registries | None) -> None:
        self._client, self._uses, self._registries = client, uses, registries
        self._seen: set[str] = set()
        self._layers: set[str] = set()

    def needs(self, places: tuple[Place, ...]) -> Needs:
        """Raises SandboxError."""
        with engine_faults("images: looking what is here"):
            items = tuple(need for place in places for need in self._of(place.image))
        return Needs(items, free_bytes(self._client))

    def _of(self, source: ImageSource) -> Iterator[Need]:
        try:
            match source:
                case ImageTag(name, otherwise):
                    yield from self._by_name(name, otherwise)
                case ImageBundle(path):
                    if find_image(self._client, bundle_tag(source)) is None:
                        yield from self._once(Need(path, "load", Path(path).stat().st_size))
                case ImageBuild():
                    yield from self._built(source)
                case ImageRecipe():
                    yield from self._by_recipe(source)
        except (TaskError, OSError):
            return  # told with its reason when it is made

    def _once(self, need: Need) -> Iterator[Need]:
        if need.name not in self._seen:
            self._seen.add(need.name)
            yield need

    def _by_name(self, name: str, otherwise: ImageBuild | ImageRecipe | None = None) -> Iterator[Need]:
        if name in self._seen or find_image(self._client, name) is not None:
            return
        if name == docker_base.TAG:
            yield from self._once(Need(name, "build", BASE_BYTES))
            return
        made = list(self._of(otherwise)) if otherwise is not None else [Need(name, "pull")]
        layers = self._registries.layers(name) if made and self._registries else None
        if layers:
            new = {layer.digest: layer.size for layer in layers if layer.digest not in self._layers}
            self._layers |= set(new)
            yield from self._once(Need(name, "pull", int(sum(new.values()) * UNPACKED)))
        elif otherwise is None:
            yield from self._once(Need(name, "pull", self._known(name)))
        else:
            yield from made

    def _built(self, source: ImageBuild) -> Iterator[Need]:
        context = read_context(source.context, source.dockerfile)
        found = [(name, find_image(self._client, name)) for name in context.bases]
        for name, image in found:
            if image is None:
                yield from self._by_name(name)
        tag = build_tag(context, tuple((name, str(image.id)) for name, image in found if image is not None))
        if any(image is None for _, image in found) or find_image(self._client, tag) is None:
            yield from self._once(Need(str(context.path), "build", self._known(tag)))

    def _by_recipe(self, source: ImageRecipe) -> Iterator[Need]:
        from sandboxes.docker_recipe import tags_of

        tag, *under = tags_of(source)
        if find_image(self._client, tag) is not None:
            return
        for lower in under:
            if find_image(self._client, lower) is None:
                yield from self._once(Need(lower, "build", self._known(lower)))
        yield from self._once(Need(tag, "build", self._known(tag)))

    def _known(self, tag: str) -> int | None:
        """What an image of that name took the last time."""
        use = self._uses.find(tag)
        return use.size if use is not None else None


def free_bytes(client: docker.DockerClient) -> int | None:
    """Of the engine's disk; None for an engine elsewhere."""
    if not str(client.api.base_url).startswith("http+docker"):
        return None
    try:
        return shutil.disk_usage(str(client.info()["DockerRootDir"])).free
    except OSError:
        return None
