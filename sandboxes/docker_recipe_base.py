"""The base image of a recipe's Debian suite: in the engine, imported from the cache, or bootstrapped from Debian packages."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

import docker
import requests
from docker.errors import DockerException, ImageNotFound

from harness.core.errors import MissingError, SandboxError
from harness.core.ports import Say
from sandboxes.docker_base import BOOTSTRAP_TIMEOUT_S, EXCLUDED, IMPORT_TIMEOUT_S, locked, patience
from sandboxes.docker_install import tail
from sandboxes.docker_recipe_step import Supply
from sandboxes.recipe_spec import Recipe, digest

REPOSITORY: Final = "longhaul/base"
LABEL: Final = "longhaul.recipe"
PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def present(client: docker.DockerClient, tag: str, key: str) -> bool:
    """Whether the engine holds the image that we made for this key; a namesake of somebody else's does not count."""
    try:
        image = client.images.get(tag)
    except ImageNotFound:
        return False
    except (DockerException, requests.RequestException) as fault:
        raise SandboxError(f"{tag}: the engine does not answer: {fault}") from fault
    if image.labels.get(LABEL) == key:
        return True
    raise MissingError(f"{tag} is an image without the label {LABEL}={key}", f"`docker rmi {tag}`")


def base_key(recipe: Recipe) -> str:
    """What a base image is made of; pure."""
    return digest(recipe.debian_suite, *sorted(recipe.debian_packages), *EXCLUDED)


def suite_tag(recipe: Recipe) -> str:
    """The name of its base image; pure."""
    return f"{REPOSITORY}:{recipe.debian_suite}-{base_key(recipe)}"


def ensure_suite(client: docker.DockerClient, recipe: Recipe, say: Say, supply: Supply) -> str:
    """The tag of the suite's image. Raises MissingError, SandboxError."""
    key, tag = base_key(recipe), suite_tag(recipe)
    if present(client, tag, key):
        return tag
    folder = supply.folder("recipe-bases")
    with locked(folder):
        if present(client, tag, key):
            return tag
        tar = folder / f"{recipe.debian_suite}-{key}.tar"
        if not tar.exists():
            say(f"building a Debian {recipe.debian_suite} image from packages (about a minute, once)")
            bootstrap(recipe, tar, supply.mirror)
        import_tar(client, tar, tag, key)
    return tag


def bootstrap(recipe: Recipe, tar: Path, mirror: str) -> None:
    """Write the suite's root file system, whole or not at all. Raises MissingError."""
    if shutil.which("mmdebstrap") is None:
        what = f"a Debian {recipe.debian_suite} image is needed and mmdebstrap, which builds it, is not installed"
        raise MissingError(what, "`apt-get install mmdebstrap`")
    part, log = tar.with_suffix(".part"), tar.with_suffix(".log")
    with log.open("wb") as out:
        status = subprocess.run(
            bootstrap_argv(recipe, part, mirror),
            stdout=out, stderr=subprocess.STDOUT, check=False, timeout=BOOTSTRAP_TIMEOUT_S,
        ).returncode  # fmt: skip
    if status:
        part.unlink(missing_ok=True)
        raise MissingError(f"Debian {recipe.debian_suite}: mmdebstrap ended with {status}: {tail(log)}", f"read {log}")
    part.replace(tar)


def bootstrap_argv(recipe: Recipe, target: Path, mirror: str) -> tuple[str, ...]:
    """The command that makes the archive; pure."""
    options = tuple(f"--dpkgopt={rule}" for rule in EXCLUDED)
    # Exclusion of folders breaks none of these packages; the format is named because the name does not end in .tar.
    fixed = (
        "mmdebstrap", "--variant=minbase", "--format=tar", "--quiet",
        f"--include={','.join(recipe.debian_packages)}", *options, recipe.debian_suite, str(target),
    )  # fmt: skip
    return (*fixed, mirror) if mirror else fixed


def import_tar(client: docker.DockerClient, tar: Path, tag: str, key: str) -> None:
    """Give the archive to the engine. Raises SandboxError."""
    repository, _, name = tag.rpartition(":")
    changes = [f"ENV PATH={PATH}", "ENV LANG=C.UTF-8", 'CMD ["/bin/bash"]', f"LABEL {LABEL}={key}", "LABEL longhaul.kind=suite"]
    try:
        with patience(client, IMPORT_TIMEOUT_S):
            client.api.import_image(str(tar), repository=repository, tag=name, changes=changes)
    except (DockerException, requests.RequestException) as fault:
        raise SandboxError(f"{tag}: the engine did not take {tar} (delete it to build it anew): {fault}") from fault
