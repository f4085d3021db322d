"""Images as files: one loaded once per content, and all of ours saved into one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import docker
import msgspec
from docker.models.images import Image

from harness.core.errors import PlanError, TaskError
from harness.core.ports import Say
from harness.core.task import ImageBundle
from sandboxes.docker_client import engine_faults, find_image

REPOSITORY: Final = "longhaul/bundle"
KINDS: Final = {
    "base": "base", "built": "built", "derived": "derived", "bundle": "bundle", "kept": "kept", "env": "recipe", "instance": "recipe",
}  # fmt: skip
RECIPE: Final = "longhaul.recipe"


class Ours(msgspec.Struct, frozen=True):
    """An image that we made: `size` bytes including what it shares, `kind` base, built, derived, recipe, kept or bundle."""

    name: str
    digest: str
    size: int
    kind: str
    created: str
    of: str = ""
    """What it was prepared from: a tag, a bundle or a Dockerfile."""


def load(client: docker.DockerClient, source: ImageBundle, say: Say) -> Image:
    """The image of a bundle; the same file is loaded once. Raises TaskError, SandboxError."""
    path = Path(source.path)
    tag = bundle_tag(source)
    if (found := find_image(client, tag)) is not None:
        return found
    say(f"loading {path}")
    with engine_faults(f"{path}: load"), path.open("rb") as handle:
        images = load_images(client, handle, path)
    named = [image for image in images if source.name in image.tags or (not source.name and len(images) == 1)]
    if not named:
        inside = ", ".join(tag for image in images for tag in image.tags) or "no tag"
        raise TaskError(str(path), "name", inside, f"an image called {source.name}")
    named[0].tag(*tag.split(":"))
    return client.images.get(tag)


def bundle_tag(source: ImageBundle) -> str:
    """Our name for what is in the file. Raises TaskError."""
    return f"{REPOSITORY}:{file_digest(Path(source.path), source.name)[:40]}"


def load_images(client: docker.DockerClient, handle: object, path: Path) -> list[Image]:
    try:
        return list(client.images.load(handle))  # type: ignore[arg-type]
    except docker.errors.ImageLoadError as fault:
        raise TaskError(str(path), "bundle", str(fault), "a file made by docker save") from fault


def file_digest(path: Path, name: str) -> str:
    """Hex over the file and the name asked for."""
    whole = hashlib.sha256(name.encode())
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(1 << 20):
                whole.update(chunk)
    except OSError as fault:
        raise TaskError(str(path), "bundle", str(fault.strerror), "a readable file made by docker save") from fault
    return whole.hexdigest()


def listed(client: docker.DockerClient) -> tuple[Ours, ...]:
    """Every image under our names, largest first. Raises SandboxError."""
    with engine_faults("images: list"):
        # The library's own list looks at each image again, and fails when one is removed meanwhile.
        found: list[dict[str, Any]] = client.api.images()
    return tuple(sorted((row for image in found for row in rows(image)), key=lambda row: (-row.size, row.name)))


def rows(image: dict[str, Any]) -> Iterator[Ours]:
    """A row per name; pure. The kind is in the name: a label says nothing, since an image made of another inherits it."""
    labels = image.get("Labels") or {}
    made = datetime.fromtimestamp(int(image["Created"]), UTC).isoformat()
    for tag in image.get("RepoTags") or ():
        if tag.startswith("longhaul/"):
            kind = KINDS.get(tag.partition("/")[2].partition(":")[0], "other")
            named = "recipe" if kind == "base" and labels.get(RECIPE) else kind
            yield Ours(tag, str(image["Id"]), int(image["Size"]), named, made, labels.get("longhaul.source.name", "") if named == "derived" else "")


def prune(
    client: docker.DockerClient, say: Say, *, only: frozenset[str] | None = None, base: bool = False, held: frozenset[str] = frozenset()
) -> int:
    """Remove our images (all, or those named in `only`), never the base image unless `base`, nor one that is held; how many names went."""
    gone = 0
    for row in sorted(listed(client), key=lambda row: row.kind != "derived"):
        if (only is not None and row.name not in only) or (row.kind == "base" and not base):
            continue
        if row.name in held:
            say(f"{row.name}: kept (a living process uses it)")
            continue
        try:
            client.images.remove(row.name)
        except docker.errors.APIError as fault:
            say(f"{row.name}: kept ({fault.explanation})")
            continue
        gone += 1
        say(f"removed {row.name}")
    return gone


def save(client: docker.DockerClient, names: tuple[str, ...], path: Path, say: Say) -> None:
    """Images under their names into one file, whole or not at all. Raises SandboxError, PlanError for a path that can't be written."""
    part = path.with_name(path.name + ".part")
    try:
        opened = part.open("wb")
    except OSError as fault:
        raise PlanError("", "--to", f"{path} ({fault.strerror})", "a file that can be written") from fault
    with engine_faults(f"{path}: save"), opened as out:
        # The library saves one image per call; several in one call share their layers in the file.
        api: Any = client.api
        answer = api._get(api._url("/images/get"), params={"names": list(names)}, stream=True)  # noqa: SLF001
        api._raise_for_status(answer)  # noqa: SLF001
        with answer:
            for chunk in answer.iter_content(1 << 20):
                out.write(chunk)
    part.replace(path)
    say(f"saved {len(names)} images in {path}")


def load_file(client: docker.DockerClient, path: Path) -> tuple[str, ...]:
    """Load everything in a file; the names that came. Raises TaskError, SandboxError."""
    if not path.is_file():
        raise TaskError(str(path), "bundle", "no such file", "a file made by docker save")
    with engine_faults(f"{path}: load"), path.open("rb") as handle:
        return tuple(tag for image in load_images(client, handle, path) for tag in image.tags)

