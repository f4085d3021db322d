"""Files beside the documents: pictures, scans and exports, by name."""

from __future__ import annotations

from pathlib import Path

from pawdesk.errors import NotFound, NotOpen, Refused


class FileStore:
    """Files in a folder or in memory."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._held: dict[str, bytes] = {}

    def put(self, name: str, data: bytes) -> str:
        """Stores a file and gives its name; one that is there is replaced."""
        if name.startswith("/") or ".." in name.split("/"):
            raise Refused(f"not a file name: {name!r}")
        if self._folder is None:
            self._held[name] = data
        else:
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return name

    def get(self, name: str) -> bytes:
        if self._folder is None:
            if name not in self._held:
                raise NotFound("file", name)
            return self._held[name]
        path = self._folder / name
        if not path.is_file():
            raise NotFound("file", name)
        return path.read_bytes()

    def names(self, prefix: str = "") -> list[str]:
        if self._folder is None:
            return sorted(name for name in self._held if name.startswith(prefix))
        found = (path.relative_to(self._folder).as_posix() for path in self._folder.rglob("*") if path.is_file())
        return sorted(name for name in found if name.startswith(prefix))


_store: FileStore | None = None


def install(store: FileStore | None) -> None:
    global _store
    _store = store


def _installed() -> FileStore:
    if _store is None:
        raise NotOpen("no practice is open")
    return _store


def put(name: str, data: bytes) -> str:
    return _installed().put(name, data)


def get(name: str) -> bytes:
    return _installed().get(name)


def names(prefix: str = "") -> list[str]:
    return _installed().names(prefix)
