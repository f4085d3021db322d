"""The base image: what it holds, that it is had cheaply, and what is said when it can't be had."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest

from harness.core.errors import MissingError, SandboxError
from sandboxes.docker_base import (
    PACKAGES,
    TAG,
    BaseImage,
    Sources,
    base_tar,
    bootstrap_argv,
    ensure_base,
    find_base,
    import_base,
    import_changes,
    pull_base,
)
from sandboxes.docker_setup import prepare


def test_the_image_is_ours_by_label(engine: docker.DockerClient, base_image: BaseImage) -> None:
    """The tag carries our labels, a plain path and a UTF-8 locale."""
    image = engine.images.get(TAG)
    assert image.id == base_image.image
    assert image.labels["longhaul.base"] == "1"
    assert "LANG=C.UTF-8" in image.attrs["Config"]["Env"]


def test_the_image_holds_what_agents_and_tests_need(engine: docker.DockerClient, base_image: BaseImage) -> None:
    """Every program that a task may count on runs, without network."""
    programs = "bash git patch make less find sed grep diff ps python3"
    script = f"for each in {programs}; do command -v $each || exit 1; done; python3 -m pytest --version && python3 -c 'import venv, ensurepip'"
    said = engine.containers.run(
        base_image.tag, ["bash", "-ec", script], network_mode="none", remove=True, labels={"longhaul.test": "1"}
    )
    assert b"pytest 7" in said


def test_an_image_that_is_there_is_not_made_again(engine: docker.DockerClient, base_image: BaseImage) -> None:
    """With the tag in the engine nothing is asked, written or said."""
    said: list[str] = []
    found = ensure_base(engine, Path("/nowhere"), Sources(registry="127.0.0.1:1"), said.append)
    assert (found.origin, found.image, said) == ("tag", base_image.image, [])


def test_a_registry_that_does_not_answer_is_passed_over(engine: docker.DockerClient) -> None:
    """A silent registry is None and a word about it, and the client's patience is as before."""
    patience, said = engine.api.timeout, []
    assert pull_base(engine, "127.0.0.1:1", said.append) is None
    assert len(said) == 2
    assert engine.api.timeout == patience


def test_a_spoilt_archive_is_named(engine: docker.DockerClient, base_image: BaseImage, tmp_path: Path) -> None:
    """An archive that the engine refuses is named with its path, and the image in place stays."""
    tar = base_tar(tmp_path)
    tar.parent.mkdir(parents=True)
    tar.write_bytes(b"no archive" * 200)
    with pytest.raises(SandboxError, match=r"base\.tar"):
        import_base(engine, tar, "cache", lambda _: None)
    found = find_base(engine)
    assert found is not None
    assert found.image == base_image.image


def test_the_recipe_is_fixed() -> None:
    """The bootstrap has a fixed clock, a named format, every package, and a mirror only when asked."""
    plain = bootstrap_argv(Path("/x/base.part"), None)
    assert plain[:3] == ("env", "SOURCE_DATE_EPOCH=1735689600", "mmdebstrap")
    assert f"--include={','.join(PACKAGES)}" in plain
    assert plain[-2:] == ("bookworm", "/x/base.part")
    assert bootstrap_argv(Path("/x/base.part"), "http://mirror/debian")[-1] == "http://mirror/debian"


def test_the_settings_hold_no_secret_and_no_proxy() -> None:
    """Nothing of this machine's environment is among the image's settings."""
    assert [line.split()[0] for line in import_changes()] == ["ENV", "ENV", "CMD", "LABEL", "LABEL"]


def test_preparing_what_is_there_says_nothing(engine: docker.DockerClient, base_image: BaseImage, tmp_path: Path) -> None:
    """With engine and image in place nothing is done, so nothing is said: a run's first line is the run's."""
    said: list[str] = []
    environ = {"DOCKER_HOST": engine.api.base_url.replace("http+docker://localhost", "unix:///var/run/docker.sock")}
    ready = prepare(environ, tmp_path, tmp_path, said.append, no_install=True)
    assert (ready.base.image, len(said)) == (base_image.image, 0)


def test_a_missing_engine_ends_the_preparation(tmp_path: Path) -> None:
    """Without an engine no image is tried."""
    with pytest.raises(MissingError):
        prepare({"DOCKER_HOST": f"unix://{tmp_path}/none"}, tmp_path, tmp_path, print, no_install=True)
