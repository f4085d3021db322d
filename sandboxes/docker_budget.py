"""A bound on what our images may take of the engine's disk: over it, those go that were used longest ago. Only ours, and none in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import docker
from docker.errors import APIError

from harness.core.ports import Say
from sandboxes.docker_bundle import Ours, rows
from sandboxes.docker_client import engine_faults
from sandboxes.docker_uses import Uses

OUR_PREFIX: Final = "longhaul/"
# Not the base image, which all others stand on; not what was kept of a trial, which can't be made again.
MAKEABLE: Final = frozenset({"derived", "built", "recipe", "bundle"})
GB: Final = 1e9


def make_room(client: docker.DockerClient, uses: Uses, most: float, say: Say) -> int:
    """Remove until at most `most` bytes are left, 0 for no bound; how many went. Raises SandboxError."""
    gone = 0
    if not most:
        return gone
    with engine_faults("images: looking after the disk budget"):
        listed = with_parents(client)
        if total(listed) <= most:
            return gone
        busy = {str(row["ImageID"]) for row in client.api.containers(all=True)}
        for row in in_order(evictable(listed, uses.held(), busy), uses):
            if remove(client, row, say):
                gone += 1
                listed = with_parents(client)
                if total(listed) <= most:
                    return gone
    say(f"disk budget: {total(listed) / GB:.1f} GB of images of ours are in use, over the {most / GB:g} GB that are allowed")
    return gone


def with_parents(client: docker.DockerClient) -> list[dict[str, Any]]:
    """The engine's list; an image that was loaded or imported gets as parent the one whose layers it begins with."""
    listed: list[dict[str, Any]] = client.api.images(all=True)
    bare = [image for image in listed if not image.get("ParentId") and is_ours(image)]
    layers = {str(image["Id"]): tuple(client.images.get(image["Id"]).attrs["RootFS"].get("Layers") or ()) for image in bare}
    for image in bare:
        image["ParentId"] = parent_of(str(image["Id"]), layers)
    return listed


def parent_of(image: str, layers: Mapping[str, tuple[str, ...]]) -> str:
    """The image with most of the layers that this one begins with, "" where there is none; pure."""
    own = layers[image]
    below = [(len(held), other) for other, held in layers.items() if held and len(held) < len(own) and own[: len(held)] == held]
    return max(below)[1] if below else ""


def remove(client: docker.DockerClient, row: Ours, say: Say) -> bool:
    try:
        client.images.remove(row.name)
    except APIError:
        return False  # taken into use, or removed, meanwhile
    say(f"disk budget: removed {row.name} ({row.size / 1e6:,.0f} MB with what it shares)")
    return True


def evictable(listed: Iterable[Mapping[str, Any]], held: frozenset[str], busy: set[str]) -> tuple[Ours, ...]:
    """Ours that can be made again and that nobody uses; pure."""
    found = (row for image in listed for row in rows(dict(image)))
    return tuple(row for row in found if row.kind in MAKEABLE and row.name not in held and row.digest not in busy)


def in_order(found: Iterable[Ours], uses: Uses) -> list[Ours]:
    """Used longest ago first; of those made of one another the one on top, since what lies under another stays."""

    def age(row: Ours) -> tuple[float, bool, str]:
        use = uses.find(row.name)
        at = use.at if use is not None else datetime.fromisoformat(row.created).timestamp()
        return at, row.kind != "derived", row.name

    return sorted(found, key=age)


def total(listed: Sequence[Mapping[str, Any]]) -> int:
    """Bytes of our images with the layers under them, each counted once; what is under a foreign name is not ours. Pure."""
    by_id = {str(image["Id"]): image for image in listed}
    counted: set[str] = set()
    for image in listed:
        at = str(image["Id"]) if is_ours(image) else ""
        while at in by_id and at not in counted and not is_foreign(by_id[at]):
            counted.add(at)
            at = str(by_id[at].get("ParentId") or "")
    return sum(int(by_id[one]["Size"]) - under(by_id[one], by_id) for one in counted)


def under(image: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> int:
    """Bytes of what an image was made of."""
    parent = by_id.get(str(image.get("ParentId") or ""))
    return int(parent["Size"]) if parent else 0


def is_ours(image: Mapping[str, Any]) -> bool:
    return any(tag.startswith(OUR_PREFIX) for tag in image.get("RepoTags") or ())


def is_foreign(image: Mapping[str, Any]) -> bool:
    named = [tag for tag in image.get("RepoTags") or () if tag != "<none>:<none>"]
    return bool(named) and not any(tag.startswith(OUR_PREFIX) for tag in named)
