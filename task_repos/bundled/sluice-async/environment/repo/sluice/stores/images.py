"""Firmware images on disk, with their digests beside them."""

from __future__ import annotations

import threading
from pathlib import Path

from sluice.errors import StoreError
from sluice.model.firmware import Image, Version, split_name
from sluice.stores._files import write_whole


class ImageStore:
    """Keeps images by name; what is loaded is what was added, or an error."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()

    def open(self) -> None:
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True)

    def add(self, model: str, version: str, data: bytes) -> Image:
        """Keep an image; the same name cannot stand for other bytes."""
        image = Image(model, Version.parse(version), data)
        if not data:
            raise StoreError("an image of no bytes")
        with self._lock:
            known = self._digest(image.name)
            if known is not None and known != image.digest.hex():
                raise StoreError(f"there is another {image.name} already")
            write_whole(self._folder / f"{image.name}.bin", data)
            write_whole(self._folder / f"{image.name}.sha256", image.digest.hex().encode("ascii"))
        return image

    def load(self, name: str) -> Image:
        """An image with its digest checked."""
        model, version = split_name(name)
        with self._lock:
            digest = self._digest(name)
            if digest is None:
                raise StoreError(f"there is no image {name}")
            image = Image(model, version, (self._folder / f"{name}.bin").read_bytes())
        if image.digest.hex() != digest:
            raise StoreError(f"the image {name} is damaged")
        return image

    def names(self) -> list[str]:
        """All images, by model and version."""
        with self._lock:
            found = [path.name.removesuffix(".sha256") for path in self._folder.glob("*.sha256")]
        return sorted(found, key=split_name)

    def remove(self, name: str) -> None:
        with self._lock:
            for suffix in (".sha256", ".bin"):
                (self._folder / f"{name}{suffix}").unlink(missing_ok=True)

    def _digest(self, name: str) -> str | None:
        path = self._folder / f"{name}.sha256"
        return path.read_text(encoding="ascii") if path.exists() else None
