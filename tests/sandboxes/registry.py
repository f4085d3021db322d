"""A registry that answers: the reading half of the distribution protocol over plain HTTP, which the engine allows on loopback."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"  # the engine looks at the bytes: a plain tar serves as well
PATH = re.compile(r"/v2/(.+)/(manifests|blobs)/([^/]+)$")


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Registry:
    """What it holds, by what the engine asks for, and every path it was asked."""

    def __init__(self) -> None:
        self.manifests: dict[tuple[str, str], bytes] = {}
        self.blobs: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.port = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def hold(self, name: str, tag: str, config: bytes, layers: tuple[bytes, ...]) -> None:
        """Serve an image: its settings as they are, and its layers as tars, packed or not."""
        parts = [{"mediaType": LAYER, "size": len(data), "digest": digest_of(data)} for data in layers]
        head = {"mediaType": CONFIG, "size": len(config), "digest": digest_of(config)}
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": head, "layers": parts}).encode()
        self.blobs |= {digest_of(data): data for data in (config, *layers)}
        self.manifests[name, tag] = self.manifests[name, digest_of(manifest)] = manifest

    def hold_tiny(self, name: str, tag: str, architecture: str, files: Mapping[str, bytes]) -> str:
        """Serve an image of one layer with these files; its id."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for path, data in files.items():
                member = tarfile.TarInfo(path)
                member.size, member.mode = len(data), 0o644
                tar.addfile(member, io.BytesIO(data))
        layer = out.getvalue()
        settings = {"architecture": architecture, "os": "linux", "config": {"WorkingDir": "/app", "Labels": {"longhaul.test": "1"}},
                    "rootfs": {"type": "layers", "diff_ids": [digest_of(layer)]}, "history": [{"created_by": "test"}]}  # fmt: skip
        config = json.dumps(settings).encode()
        self.hold(name, tag, config, (gzip.compress(layer),))
        return digest_of(config)

    def hold_saved(self, name: str, tag: str, saved: Path) -> None:
        """Serve what `docker save` wrote, byte for byte, so that who pulls it gets the image with the same id."""
        with tarfile.open(saved) as tar:

            def member(path: str) -> bytes:
                found = tar.extractfile(path)
                assert found is not None
                return found.read()

            (told,) = json.loads(member("manifest.json"))
            self.hold(name, tag, member(told["Config"]), tuple(member(path) for path in told["Layers"]))

    def find(self, path: str) -> tuple[str, bytes] | None:
        """Media type and bytes of what is asked for."""
        if path == "/v2/":
            return "application/json", b"{}"
        match = PATH.match(path)
        if match is None:
            return None
        name, kind, reference = match.groups()
        data = self.manifests.get((name, reference)) if kind == "manifests" else self.blobs.get(reference)
        return None if data is None else (MANIFEST if kind == "manifests" else "application/octet-stream", data)


@contextmanager
def serving() -> Iterator[Registry]:
    """A registry on a loopback port of its own."""
    registry = Registry()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            registry.asked.append(self.path)
            kind, data = registry.find(self.path) or ("application/json", b"")
            self.send_response(200 if data else 404)
            body = data or json.dumps({"errors": [{"code": "MANIFEST_UNKNOWN", "message": "nobody knows it"}]}).encode()
            words = {"Content-Type": kind, "Content-Length": str(len(body)), "Docker-Content-Digest": digest_of(body)}
            for name, value in {"Docker-Distribution-Api-Version": "registry/2.0", **words}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    registry.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
