"""An image that has a published name and a way to be made: whoever has it gives it, and else it is made here, once."""

from __future__ import annotations

import secrets
from pathlib import Path

import docker
import pytest

from harness.core.errors import MissingError
from harness.core.task import ImageBuild, ImageTag, Place
from sandboxes.docker_images import create


def test_published_image_is_made_where_no_registry_answers_and_a_local_one_goes_before(engine: docker.DockerClient, base_image: object, tmp_path: Path) -> None:
    """Nobody answers: it is made, and once made not asked for again. Under its own name here it is taken as it is; without a way it is missing."""
    name, mark = f"127.0.0.1:9/longhaul-test:{secrets.token_hex(6)}", secrets.token_hex(6)
    (tmp_path / "task").mkdir()
    (tmp_path / "task" / "Dockerfile").write_text(f"FROM longhaul/base:bookworm-1\nRUN mkdir /testbed && echo {mark} > /testbed/made\nWORKDIR /testbed\n")
    images, told = create(cache=str(tmp_path / "cache")), list[str]()
    place = Place(ImageTag(name, ImageBuild(str(tmp_path / "task"))))
    made = images.prepare(place, told.append)
    assert any("pulling" in line for line in told)
    told.clear()
    assert images.prepare(place, told.append) == made
    assert not any("pulling" in line for line in told)
    with pytest.raises(MissingError, match="no registry gave it"):
        images.prepare(Place(ImageTag(name)), told.append)
    engine.images.get("longhaul/base:bookworm-1").tag(name)
    try:
        assert images.prepare(place, told.append).source_digest == engine.images.get("longhaul/base:bookworm-1").id
    finally:
        engine.images.remove(name, noprune=True)
