"""Which engine is asked, and what is done when none answers."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from pathlib import Path

import docker
import pytest

from harness.core.errors import MissingError
from sandboxes.docker_engine import (
    Answer,
    Explain,
    Install,
    Place,
    Start,
    Use,
    ask,
    decide,
    find_engine,
    places,
    ready_engine,
)
from sandboxes.docker_install import PACKAGES, Machine

SOCKET = Place(origin="the system's socket", url="unix:///var/run/docker.sock")
SILENT = Answer(place=SOCKET, fault="no such socket")
GOOD = Answer(place=SOCKET, version="20.10.24", api="1.41")
DEBIAN = Machine(system="Linux", root=True, apt=True, systemd=False, daemon="", no_install=False)


def machine(**changes: str | bool) -> Machine:
    """The bare Debian machine of root, with changes."""
    return Machine(**{name: changes.get(name, getattr(DEBIAN, name)) for name in Machine.__struct_fields__})


def test_an_answer_is_used_whatever_else_is_silent() -> None:
    """One engine that answers decides, also after others that did not."""
    assert decide((SILENT, GOOD), DEBIAN, chosen=False) == Use(GOOD)


def test_a_bare_debian_machine_of_root_is_served() -> None:
    """Root on Debian gets an engine installed, and one that is installed gets started."""
    assert decide((SILENT,), DEBIAN, chosen=False) == Install()
    assert decide((SILENT,), machine(daemon="/usr/sbin/dockerd"), chosen=False) == Start()


@pytest.mark.parametrize(
    ("here", "mend"),
    [
        (machine(no_install=True), "NO_INSTALL=1"),
        (machine(root=False), "sudo apt-get install"),
        (machine(root=False, daemon="/usr/sbin/dockerd"), "sudo systemctl start docker"),
        (machine(apt=False), "https://docs.docker.com"),
        (machine(system="Darwin", apt=False, root=False), "Docker Desktop"),
    ],
)
def test_where_we_may_not_help_one_sentence_does(here: Machine, mend: str) -> None:
    """Elsewhere nothing is touched, and the sentence holds what was tried and what mends it."""
    step = decide((SILENT,), here, chosen=False)
    assert isinstance(step, Explain)
    assert mend in step.mend
    assert "no such socket" in step.what


def test_a_named_engine_is_not_replaced_by_another() -> None:
    """A DOCKER_HOST that does not answer is an error, even where we could install or start an engine."""
    step = decide((SILENT,), machine(daemon="/usr/sbin/dockerd"), chosen=True)
    assert isinstance(step, Explain)
    assert "DOCKER_HOST" in step.what


def test_a_closed_door_is_not_an_absent_engine() -> None:
    """Permission denied leads to the docker group, never to an installation."""
    step = decide((Answer(place=SOCKET, fault="permission denied"),), DEBIAN, chosen=False)
    assert isinstance(step, Explain)
    assert "usermod -aG docker" in step.mend


def test_the_variable_excludes_every_other_place(tmp_path: Path) -> None:
    """DOCKER_HOST is the only place asked when it is set, with its certificates."""
    environ = {"DOCKER_HOST": "tcp://far:2376", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/certs"}
    [only] = places(environ, tmp_path)
    assert (only.origin, only.url, only.certificates) == ("DOCKER_HOST", "tcp://far:2376", "/certs")


def test_the_users_context_comes_before_the_usual_sockets(tmp_path: Path) -> None:
    """A named context in the client's own files is asked first, then the system's socket, then sockets that exist."""
    meta = tmp_path / ".docker/contexts/meta" / hashlib.sha256(b"mine").hexdigest() / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"Name": "mine", "Endpoints": {"docker": {"Host": "unix:///mine.sock"}}}))
    (tmp_path / ".docker/config.json").write_text(json.dumps({"currentContext": "mine"}))
    desktop = tmp_path / ".docker/run/docker.sock"
    desktop.parent.mkdir()
    desktop.touch()
    found = [(place.origin, place.url) for place in places({}, tmp_path)]
    assert found == [
        ("docker context mine", "unix:///mine.sock"),
        ("the system's socket", "unix:///var/run/docker.sock"),
        ("Docker Desktop", f"unix://{desktop}"),
    ]


def test_broken_client_files_are_passed_over(tmp_path: Path) -> None:
    """A config file that is no JSON hides no engine."""
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").write_text("{")
    assert [place.url for place in places({}, tmp_path)] == ["unix:///var/run/docker.sock"]


def test_silence_is_told_in_plain_words(tmp_path: Path) -> None:
    """A missing socket, and one nobody listens on, are told apart."""
    assert ask(Place(origin="x", url=f"unix://{tmp_path}/none.sock")).fault == "no such socket"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(f"{tmp_path}/dead.sock")
    assert ask(Place(origin="x", url=f"unix://{tmp_path}/dead.sock")).fault == "connection refused"


def test_the_real_engine_is_found_by_its_api(engine: docker.DockerClient) -> None:
    """The search ends at the engine that the session uses, with the version its API tells."""
    answer = find_engine(os.environ, Path.home())
    assert answer is not None
    assert answer.version == engine.version()["Version"]


def test_an_engine_that_answers_changes_nothing(engine: docker.DockerClient, tmp_path: Path) -> None:
    """With an engine at hand nothing is said, installed or written."""
    said: list[str] = []
    ready_engine(os.environ, Path.home(), tmp_path / "cache", said.append, no_install=False)
    assert (said, list(tmp_path.iterdir())) == ([], [])


def test_a_dead_named_engine_is_one_sentence(tmp_path: Path) -> None:
    """The whole search raises one sentence with the place, the fault and the mending."""
    environ = {"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    with pytest.raises(MissingError) as caught:
        ready_engine(environ, tmp_path, tmp_path, print, no_install=True)
    assert "none.sock: no such socket" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_gets_installed_is_named() -> None:
    """The packages of the announcement are those of the decision."""
    assert PACKAGES[:3] == ("docker.io", "iptables", "mmdebstrap")
