"""Which Docker Engine serves: the places one may listen, what its API answers, and what to do when none does."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, assert_never

import docker
import msgspec
import requests
from docker.errors import DockerException
from docker.tls import TLSConfig

from harness.core.errors import MissingError
from sandboxes.docker_install import (
    PACKAGES,
    Machine,
    Say,
    install_packages,
    look_at_machine,
    start_daemon,
)

PROBE_TIMEOUT_S: Final = 10
CLIENT_TIMEOUT_S: Final = 120
MANUAL: Final = "https://docs.docker.com/engine/install/"


class Place(msgspec.Struct, frozen=True):
    """One place where an engine may listen: `origin` says who named it, `certificates` is a folder of PEM files."""

    origin: str
    url: str
    certificates: str | None = None
    verify: bool = True


class Answer(msgspec.Struct, frozen=True):
    """What a place said: a version and API version, or the fault in its place."""

    place: Place
    version: str | None = None
    api: str | None = None
    fault: str | None = None


class Use(msgspec.Struct, frozen=True):
    """An engine answers here."""

    answer: Answer


class Start(msgspec.Struct, frozen=True):
    """The engine's program is installed and nobody runs it."""


class Install(msgspec.Struct, frozen=True):
    """There is no engine's program and we may install one."""


class Explain(msgspec.Struct, frozen=True):
    """Nothing we may do helps: what is missing, and what mends it."""

    what: str
    mend: str


Step = Use | Start | Install | Explain


def ready_engine(environ: Mapping[str, str], home: Path, cache: Path, say: Say, *, no_install: bool) -> Answer:
    """An engine that answers, started or installed at need; raises MissingError with one clear sentence."""
    for _ in range(3):  # install, start, use: each step brings the next one within reach
        machine = look_at_machine(no_install=no_install)
        answers = ask_places(places(environ, home))
        match decide(answers, machine, chosen=bool(environ.get("DOCKER_HOST"))):
            case Use(answer):
                return answer
            case Start():
                start_daemon(machine, cache, say, answering=lambda: bool(find_engine(environ, home)))
            case Install():
                install_packages(PACKAGES, cache, say)
            case Explain(what, mend):
                raise MissingError(what, mend)
            case never:
                assert_never(never)
    raise MissingError("the Docker Engine was installed and does not answer", f"read {cache}/docker-engine.log")


def find_engine(environ: Mapping[str, str], home: Path) -> Answer | None:
    """The first engine that answers, or None; changes nothing."""
    answers = ask_places(places(environ, home))
    return answers[-1] if answers and answers[-1].version else None


def connect(place: Place, *, timeout_s: int = CLIENT_TIMEOUT_S) -> docker.DockerClient:
    """A client of the engine at `place`, speaking the newest version both know; raises DockerException."""
    folder = Path(place.certificates) if place.certificates else None
    tls: TLSConfig | bool = False
    if folder is not None:
        pair = (str(folder / "cert.pem"), str(folder / "key.pem"))
        tls = TLSConfig(client_cert=pair, ca_cert=str(folder / "ca.pem"), verify=place.verify)
    # The library's own ssh needs paramiko; the system's client knows the user's keys and hosts.
    by_ssh = place.url.startswith("ssh://")
    return docker.DockerClient(base_url=place.url, version="auto", timeout=timeout_s, tls=tls, use_ssh_client=by_ssh)


def ask_places(candidates: Iterator[Place]) -> tuple[Answer, ...]:
    """Ask one place after the other until one answers; the last answer is the good one, if any is."""
    answers: list[Answer] = []
    for place in candidates:
        answers.append(ask(place))
        if answers[-1].version:
            break
    return tuple(answers)


def ask(place: Place) -> Answer:
    """What the API at `place` says of itself; a client program that answers proves nothing, so none is asked."""
    try:
        knock(place)
        client = connect(place, timeout_s=PROBE_TIMEOUT_S)
        try:
            told = client.version()
        finally:
            client.close()
    except (DockerException, requests.RequestException, OSError) as fault:
        return Answer(place=place, fault=plain(fault))
    return Answer(place=place, version=str(told["Version"]), api=str(told["ApiVersion"]))


def knock(place: Place) -> None:
    """Raise OSError when nobody listens at a local socket: the library would bury the reason and leak the socket."""
    if place.url.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(PROBE_TIMEOUT_S)
            probe.connect(place.url.removeprefix("unix://"))


def plain(fault: BaseException) -> str:
    """The reason at the bottom of a client library's nested complaint, in the system's words."""
    text = str(fault)
    for sign, words in (
        ("Permission denied", "permission denied"),
        ("No such file", "no such socket"),
        ("Connection refused", "connection refused"),
        ("timed out", "timed out"),
    ):
        if sign in text:
            return words
    return text.splitlines()[0] if text else type(fault).__name__


def decide(answers: tuple[Answer, ...], machine: Machine, *, chosen: bool) -> Step:
    """What to do next, from what the places said; `chosen`: the user named the place in DOCKER_HOST. Pure."""
    good = next((answer for answer in answers if answer.version), None)
    if good is not None:
        return Use(good)
    tried = "; ".join(f"{answer.place.url}: {answer.fault}" for answer in answers)
    if chosen:
        # Another engine than the named one would be a surprise, so nothing is started or installed.
        return Explain(f"no Docker Engine answers at DOCKER_HOST ({tried})", "start it or unset DOCKER_HOST")
    if any(answer.fault == "permission denied" for answer in answers):
        mend = 'run `sudo usermod -aG docker "$USER"` and log in again'
        return Explain(f"a Docker Engine is here and this user may not speak to it ({tried})", mend)
    return decide_unanswered(machine, tried)


def decide_unanswered(machine: Machine, tried: str) -> Step:
    """What to do on a machine where no engine answers; pure."""
    missing = f"no Docker Engine answers ({tried})"
    if machine.system == "Darwin":
        return Explain(missing, "start Docker Desktop, or install it with `brew install --cask docker`")
    if machine.daemon and machine.root:
        return Start()
    if machine.daemon:
        return Explain(missing, "run `sudo systemctl start docker`")
    if machine.apt and machine.root and not machine.no_install:
        return Install()
    if machine.apt:
        command = f"apt-get install --no-install-recommends {' '.join(PACKAGES)}"
        why = "NO_INSTALL=1 forbids installing it; " if machine.no_install and machine.root else ""
        return Explain(missing, f"{why}run `{'' if machine.root else 'sudo '}{command}`")
    return Explain(missing, f"install one: {MANUAL}")


def places(environ: Mapping[str, str], home: Path) -> Iterator[Place]:
    """Where to ask, best first: the variable alone when set, else the user's context, then the usual sockets."""
    if host := environ.get("DOCKER_HOST"):
        secured = environ.get("DOCKER_CERT_PATH") if environ.get("DOCKER_TLS_VERIFY") else None
        yield Place(origin="DOCKER_HOST", url=host, certificates=secured)
        return
    seen: set[str] = set()
    for place in (*context_places(environ, home), *socket_places(environ, home)):
        if place.url not in seen:
            seen.add(place.url)
            yield place


def context_places(environ: Mapping[str, str], home: Path) -> Iterator[Place]:
    """The place of the user's current docker context, if it is a named one and its file can be read."""
    config = Path(environ.get("DOCKER_CONFIG") or home / ".docker")
    name = environ.get("DOCKER_CONTEXT") or read_json(config / "config.json").get("currentContext")
    if not isinstance(name, str) or name in {"", "default"}:
        return
    digest = hashlib.sha256(name.encode()).hexdigest()
    endpoint = read_json(config / "contexts" / "meta" / digest / "meta.json").get("Endpoints", {}).get("docker", {})
    if url := endpoint.get("Host"):
        pem = config / "contexts" / "tls" / digest / "docker"
        yield Place(
            origin=f"docker context {name}",
            url=str(url),
            certificates=str(pem) if pem.is_dir() else None,
            verify=not endpoint.get("SkipTLSVerify", False),
        )


def socket_places(environ: Mapping[str, str], home: Path) -> Iterator[Place]:
    """The sockets where engines usually listen; those that are not there are named too, for the message's sake."""
    yield Place(origin="the system's socket", url="unix:///var/run/docker.sock")
    others = {
        "Docker Desktop": (home / ".docker/run/docker.sock", home / ".docker/desktop/docker.sock"),
        "the rootless engine": tuple(
            Path(folder) / "docker.sock" for folder in (environ.get("XDG_RUNTIME_DIR"),) if folder
        ),
        "Colima": (home / ".colima/default/docker.sock",),
    }
    for origin, sockets in others.items():
        yield from (Place(origin=origin, url=f"unix://{path}") for path in sockets if path.exists())


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file of the docker client; empty when it is missing or is something else."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
