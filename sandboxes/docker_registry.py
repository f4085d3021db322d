"""What a registry says of an image before it is pulled: its layers with their sizes, by the distribution protocol."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
import requests
from docker.auth import resolve_repository_name
from docker.errors import InvalidRepository

PATIENCE_S: Final = 5
KINDS: Final = (
    "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
)  # fmt: skip
HUB: Final = "registry-1.docker.io"
LOOPBACK: Final = re.compile(r"(localhost|127\.[\d.]+)(:\d+)?")
CHALLENGE: Final = re.compile(r'(\w+)="([^"]*)"')


class Layer(msgspec.Struct, frozen=True):
    """`size`: bytes as they are sent, packed."""

    digest: str
    size: int


class Registries:
    """Asked one image after the other; one that did not answer is not asked again."""

    def __init__(self, architecture: str) -> None:
        """`architecture` as the engine names it."""
        self._architecture = architecture
        self._silent: set[str] = set()

    def layers(self, name: str) -> tuple[Layer, ...] | None:
        """None where nobody answers, or nobody who has it."""
        try:
            host, path, reference = address(name)
            if host in self._silent:
                return None
            told = self._manifest(host, path, reference)
            if "manifests" in told:
                told = self._manifest(host, path, self._chosen(told["manifests"]))
            return tuple(Layer(str(row["digest"]), int(row["size"])) for row in told["layers"])
        except (requests.ConnectionError, requests.Timeout):
            self._silent.add(host)
        except (requests.RequestException, InvalidRepository, KeyError, TypeError, ValueError, StopIteration):
            pass
        return None

    def _chosen(self, rows: list[dict[str, Any]]) -> str:
        return next(str(row["digest"]) for row in rows if row.get("platform", {}).get("architecture") == self._architecture)

    def _manifest(self, host: str, path: str, reference: str) -> dict[str, Any]:
        scheme = "http" if LOOPBACK.fullmatch(host) else "https"
        url = f"{scheme}://{host}/v2/{path}/manifests/{reference}"
        heads = {"Accept": ", ".join(KINDS)}
        answer = requests.get(url, headers=heads, timeout=PATIENCE_S)
        if answer.status_code == requests.codes.unauthorized:
            heads["Authorization"] = f"Bearer {token(answer.headers.get('WWW-Authenticate', ''))}"
            answer = requests.get(url, headers=heads, timeout=PATIENCE_S)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told


def address(name: str) -> tuple[str, str, str]:
    """Host, path and tag or digest of an image's name; pure."""
    rest, at, digest = name.partition("@")
    last = rest.rpartition("/")[2]
    tag = last.partition(":")[2]
    bare = rest.removesuffix(f":{tag}") if tag else rest
    index, path = resolve_repository_name(bare)
    if index == "docker.io":
        return HUB, path if "/" in path else f"library/{path}", digest if at else tag or "latest"
    return index, path, digest if at else tag or "latest"


def token(challenge: str) -> str:
    """A pass for what everybody may read."""
    words = dict(CHALLENGE.findall(challenge))
    realm = words.pop("realm")
    answer = requests.get(realm, params=words, timeout=PATIENCE_S)
    answer.raise_for_status()
    told = answer.json()
    return str(told.get("token") or told["access_token"])
