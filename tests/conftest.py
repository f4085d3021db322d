"""What many tests share: the real engine, the base image, and real model servers, each brought up once a session."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from harness.core.errors import HarnessError
from sandboxes.docker_base import BaseImage, ensure_base
from sandboxes.docker_engine import connect, find_engine
from sandboxes.docker_setup import read_sources
from tests.services.build import llama_server as llama_binary
from tests.services.build import ollama_024 as ollama_024_binary
from tests.services.build import ollama_034 as ollama_034_binary
from tests.services.keep import cache_folder
from tests.services.llama import LlamaServers
from tests.services.servers import OllamaServer, serving_ollama
from tests.services.toolchain import ToolchainError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import docker
    from playwright.sync_api import Browser

# No deadlines: this is no place for timings. At the gate the examples are the same for the same code; elsewhere they are new each time.
settings.register_profile("everyday", deadline=None)
settings.register_profile("gate", deadline=None, derandomize=True)
settings.load_profile("gate" if os.environ.get("CI") else "everyday")

DOCKER_FIXTURES = {"engine", "base_image"}
CHROMIUM = Path("/usr/bin/chromium")
SERVER_FIXTURES = {"ollama", "ollama_024", "ollama_034", "llama_server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the fixtures they use, so that no list of them has to be kept by hand, and put whole files in order.

    Several processes are given a file each, in this order: those with containers come first, for they take longest; those
    that wait for a server's build come last.
    """
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        if used & DOCKER_FIXTURES:
            item.add_marker(pytest.mark.docker)
        if used & SERVER_FIXTURES:
            item.add_marker(pytest.mark.ollama)
    building, waiting = ({item.path for item in items if item.get_closest_marker(word)} for word in ("docker", "ollama"))
    items.sort(key=lambda item: (item.path in waiting, item.path not in building))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for a file's tests; without one they fail, for a skip would hide it.

    Not for the session: while it lives an event loop runs in this thread, and tests elsewhere that run one of their own could not.
    """
    if not CHROMIUM.exists():
        pytest.fail("Chromium is missing: `apt-get install chromium`", pytrace=False)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """A client of the real Docker Engine; without one the test fails, for a skip would hide it."""
    answer = find_engine(os.environ, Path.home())
    if answer is None:
        pytest.fail("no Docker Engine answers; `make setup` brings one", pytrace=False)
    client = connect(answer.place)
    yield client
    client.close()


@pytest.fixture(scope="session")
def base_image(engine: docker.DockerClient) -> BaseImage:
    """The project's base image, in the engine."""
    try:
        return ensure_base(engine, cache_folder().parent, read_sources(os.environ), print)
    except HarnessError as fault:
        pytest.fail(str(fault), pytrace=False)


@pytest.fixture(scope="session")
def ollama_024(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OllamaServer]:
    """A running Ollama of the generation with the engine inside; `.url`, `.log`, `.create(Wanted(...)) -> name`."""
    with serving_ollama(binary(ollama_024_binary), tmp_path_factory.mktemp("ollama-024")) as server:
        yield server


@pytest.fixture(scope="session")
def ollama_034(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OllamaServer]:
    """A running Ollama of the generation with a child `llama-server`; used like `ollama_024`."""
    with serving_ollama(binary(ollama_034_binary), tmp_path_factory.mktemp("ollama-034")) as server:
        yield server


@pytest.fixture(params=["ollama_024", "ollama_034"])
def ollama(request: pytest.FixtureRequest) -> OllamaServer:
    """Both generations in turn: a test with this fixture runs on each."""
    server: OllamaServer = request.getfixturevalue(request.param)
    return server


@pytest.fixture(scope="session")
def llama_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServers]:
    """Running `llama-server`s, one per scripted model: `.serve(Wanted(...), window=2048).url`."""
    servers = LlamaServers(binary(llama_binary), tmp_path_factory.mktemp("llama-server"))
    yield servers
    servers.close()


def binary(find: Callable[[], Path]) -> Path:
    """A server's program, built now if no one has, waited for if another process is at it."""
    try:
        return find()
    except ToolchainError as fault:
        pytest.fail(str(fault), pytrace=False)
