"""Images come from a registry where one answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from harness.core.errors import MissingError
from harness.core.task import ImageBuild, ImageTag, Place
from sandboxes.docker_base import REPOSITORY, VERSION, BaseImage, find_base, pull_base
from tests.sandboxes.image_bench import Bench, tags_of
from tests.sandboxes.registry import Registry, serving

pytestmark = pytest.mark.docker


@pytest.fixture
def bench(client: docker.DockerClient, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(client, tmp_path)
    yield made
    made.sweep()


@pytest.fixture
def registry() -> Iterator[Registry]:
    with serving() as made:
        yield made


def held(registry: Registry, bench: Bench) -> tuple[str, str]:
    """Name and id of an image that nobody but this test has, in the registry alone."""
    name = f"longhaul-test-{bench.mark[:8]}"
    architecture = bench.client.images.get("longhaul/base:bookworm-1").attrs["Architecture"]
    image = registry.hold_tiny(name, "1", architecture, {"app/mark": bench.mark.encode()})
    return f"{registry.address}/{name}:1", image


def test_an_image_that_is_not_here_is_pulled_once(bench: Bench, registry: Registry) -> None:
    """What the registry holds is pulled, said aloud and prepared; the second time nobody asks the registry."""
    name, image = held(registry, bench)
    place = Place(image=ImageTag(name))
    made = bench.prepare(place)
    assert bench.said[0] == f"pulling {name}"
    assert made.source_digest == image
    assert bench.member(made, "/app/mark") == bench.mark.encode()
    asked = len(registry.asked)
    assert bench.prepare(place) == made
    assert len(registry.asked) == asked > 0


def test_the_image_that_a_dockerfile_begins_from_is_pulled(bench: Bench, registry: Registry) -> None:
    """A FROM that is not here comes from its registry, and the build goes on from it."""
    name, _ = held(registry, bench)
    made = bench.prepare(Place(image=ImageBuild(bench.folder(f"FROM {name}\nCOPY mark /app/again\n"))))
    assert f"pulling {name}" in bench.said
    assert bench.member(made, "/app/mark") == bench.member(made, "/app/again") == bench.mark.encode()


def test_what_a_registry_does_not_hold_is_missing(bench: Bench, registry: Registry) -> None:
    """Its answer is in the complaint; and where pulling is off it is not asked at all."""
    name = f"{registry.address}/longhaul-test-{bench.mark[:8]}:2"
    with pytest.raises(MissingError, match="pulling is off"):
        bench.prepare(Place(image=ImageTag(name)), allow_pull=False)
    assert registry.asked == []
    with pytest.raises(MissingError, match=r"no registry gave it: .*(nobody knows it|not found)"):
        bench.prepare(Place(image=ImageTag(name)))
    assert registry.asked


def test_the_base_image_is_pulled(engine: docker.DockerClient, base_image: BaseImage, registry: Registry, tmp_path: Path) -> None:
    """A registry that holds the base image gives it under its local tag; it holds the very one that is here, so nothing changes."""
    saved = tmp_path / "base.tar"
    with saved.open("wb") as out:
        for chunk in engine.images.get(base_image.tag).save(named=True):
            out.write(chunk)
    registry.hold_saved(f"ours/{REPOSITORY}", VERSION, saved)
    saved.unlink()
    there = f"{registry.address}/ours/{REPOSITORY}:{VERSION}"
    said: list[str] = []
    try:
        assert pull_base(engine, f"{registry.address}/ours", said.append) == BaseImage(base_image.tag, base_image.image, "registry")
        assert engine.images.get(there).id == base_image.image
    finally:
        if there in tags_of(engine):
            engine.images.remove(there, noprune=True)
    assert said == [f"asking {registry.address}/ours for {base_image.tag}"]
    assert find_base(engine) == BaseImage(base_image.tag, base_image.image, "tag")
