"""Certificates and a package index reach a build, and nothing that a build leaves behind."""

from __future__ import annotations

import json
import ssl
import subprocess
import tarfile
import threading
import uuid
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import docker
import pytest

from harness.core.task import ImageBuild, Place
from tests.sandboxes.image_bench import BASE, Bench

pytestmark = pytest.mark.docker


@pytest.fixture
def bench(client: docker.DockerClient, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(client, tmp_path)
    yield made
    made.sweep()


class Index:
    """A package index over TLS with a certificate of its own, holding one package."""

    def __init__(self, folder: Path, host: str) -> None:
        self.folder, self.host, self.asked = folder, host, 0
        self.pem = folder / "ca.pem"
        self.word = f"index-{uuid.uuid4().hex}"

    def certificate(self) -> None:
        argv = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=longhaul-test",
                "-addext", f"subjectAltName=IP:{self.host}", "-keyout", str(self.folder / "key.pem"), "-out", str(self.pem))  # fmt: skip
        subprocess.run(argv, check=True, capture_output=True)

    def package(self) -> None:
        """A wheel written by hand, and the page that links it."""
        place = self.folder / "www" / self.word / "simple" / "tiny-thing"
        place.mkdir(parents=True)
        info = "tiny_thing-1.dist-info"
        with zipfile.ZipFile(place / "tiny_thing-1-py3-none-any.whl", "w") as wheel:
            wheel.writestr("tiny_thing.py", "answer = 42\n")
            wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-thing\nVersion: 1\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
        (place / "index.html").write_text('<a href="tiny_thing-1-py3-none-any.whl">tiny_thing-1-py3-none-any.whl</a>')

    def server(self) -> ThreadingHTTPServer:
        folder = str(self.folder / "www")
        index = self

        class Page(SimpleHTTPRequestHandler):
            def __init__(self, *args: object) -> None:
                super().__init__(*args, directory=folder)  # type: ignore[arg-type]

            def log_message(self, *_: object) -> None:
                index.asked += 1

        made = ThreadingHTTPServer((self.host, 0), Page)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem, self.folder / "key.pem")
        made.socket = context.wrap_socket(made.socket, server_side=True)
        return made


@pytest.fixture
def index(client: docker.DockerClient, tmp_path: Path) -> Iterator[tuple[Index, str]]:
    gateway = client.networks.get("bridge").attrs["IPAM"]["Config"][0].get("Gateway") or "172.17.0.1"
    made = Index(tmp_path, gateway)
    made.certificate()
    made.package()
    server = made.server()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made, f"https://{gateway}:{server.server_port}/{made.word}/simple"
    server.shutdown()
    thread.join()
    server.server_close()


REACHING = f"""\
FROM {BASE} AS tools
ARG WHERE=/opt/venv
RUN python3 -m venv $WHERE
FROM tools
WORKDIR /app
COPY mark .
ENV PATH=/opt/venv/bin:$PATH
RUN pip install tiny-thing && python -c 'import tiny_thing'
USER nobody
RUN ["python", "-c", "import tiny_thing; print(tiny_thing.answer)"]
CMD ["python"]
"""


def saved(client: docker.DockerClient, reference: str, path: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of everything in a saved image: settings, history, and each file of each layer."""
    with path.open("wb") as out:
        for chunk in client.images.get(reference).save():
            out.write(chunk)
    with tarfile.open(path) as tar:
        for member in tar:
            handle = tar.extractfile(member) if member.isreg() else None
            if handle is None:
                continue
            yield member.name, handle.read()


def scan(client: docker.DockerClient, reference: str, path: Path, words: tuple[bytes, ...]) -> list[tuple[str, bytes]]:
    return [(name, word) for name, data in saved(client, reference, path) for word in words if word in data]


def test_certificates_and_index_reach_a_build_and_no_image(
    bench: Bench, index: tuple[Index, str], tmp_path: Path, client: docker.DockerClient
) -> None:
    """A build that needs both succeeds, and neither is anywhere in the saved image, its history or a trial's environment."""
    server, url = index
    folder = bench.folder(REACHING)
    image = bench.prepare(Place(image=ImageBuild(folder)), ca_bundle=str(server.pem), index=(("PIP_INDEX_URL", url),))
    assert server.asked > 0
    line = server.pem.read_bytes().splitlines()[5]
    words = (line, server.word.encode(), url.encode())
    for reference in (image.reference, image.source_digest):
        assert scan(client, reference, tmp_path / "image.tar", words) == []
        told = json.dumps([client.images.get(reference).attrs, client.images.get(reference).history()])
        assert not [word for word in words if word.decode() in told]
    assert server.word not in bench.run(image, "env")
    assert bench.run(image, "python", "-c", "import tiny_thing; print(tiny_thing.answer)").strip() == "42"
    assert client.images.get(image.source_digest).attrs["Config"]["Cmd"] == ["python"]
    assert client.images.get(image.source_digest).attrs["Config"]["User"] == "nobody"


def test_the_scan_would_find_them(bench: Bench, index: tuple[Index, str], tmp_path: Path, client: docker.DockerClient) -> None:
    """The same scan finds the words in an image that was given them as files and arguments, so that its silence means something."""
    server, url = index
    folder = bench.folder(f"FROM {BASE}\nARG WHERE={url}\nWORKDIR /app\nCOPY mark ca.pem ./\nRUN true $WHERE\n", **{"ca.pem": server.pem.read_bytes()})
    image = bench.prepare(Place(image=ImageBuild(folder)))
    words = (server.pem.read_bytes().splitlines()[5], server.word.encode())
    assert {word for _, word in scan(client, image.reference, tmp_path / "image.tar", words)} == set(words)
