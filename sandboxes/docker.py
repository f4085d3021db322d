"""Disposable containers: created confined, proven so, and gone when their context or their harness ends."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Literal

import requests
from docker import APIClient
from docker.errors import APIError

from harness.core.errors import MachineGoneError, MissingError, TaskError
from harness.core.machine import PreparedImage, SandboxFacts
from harness.core.ports import Order
from sandboxes.docker_archive import lay_tar, take_folder
from sandboxes.docker_channel import Channel, attach
from sandboxes.docker_client import engine_faults, open_client
from sandboxes.docker_confinement import QUESTION, read_proof, require_confined
from sandboxes.docker_frames import Command, Hello, decode_hello
from sandboxes.docker_policy import MIB, ROOT, Options, named_labels, settings, warden_of
from sandboxes.docker_readings import split_shown
from sandboxes.docker_sandbox import DockerSandbox, Hands
from sandboxes.docker_sweep import OWNER, owner_label
from sandboxes.docker_tar import Laid, packed

HELLO_PATIENCE_S: Final = 120.0
PROOF_LIMIT_S: Final = 60.0
REMOVED: Final = (404, 409)
KEPT: Final = "longhaul.kept"
KEPT_NAME: Final = "longhaul/kept"


def create(
    *,
    base_url: str = "",
    certificates: str = "",
    confinement: Literal["full", "zero-capability"] = "full",
    disk_mb: int = 10240,
    file_mb: int = 4096,
) -> DockerSandboxes:
    """`base_url`: a unix, tcp or ssh URL, the system's socket if empty; `certificates`: a folder of PEM files, or none; sizes in MiB.

    `confinement` "zero-capability" is for engines where no container may have uid 0: as complete a kill, but the agent can hurt
    its own channel.
    """
    return DockerSandboxes(base_url, certificates, Options(confinement, disk_mb, file_mb))


class DockerSandboxes:
    """Opens any number of containers, each with a client and a channel of its own: nothing is shared over forks and threads."""

    def __init__(self, base_url: str, certificates: str, options: Options) -> None:
        self._base_url, self._certificates, self._options = base_url, certificates, options

    @contextmanager
    def open(self, order: Order) -> Iterator[DockerSandbox]:
        """Raises SandboxError, and TaskError for an image that has no shell, or a user that this engine can't be trusted with."""
        if order.image.user.uid == ROOT and self._options.mode != "full":
            raise TaskError(order.image.reference, "user", "root", f"another user: with {self._options.mode} no container has uid 0")
        try:
            api = open_client(self._base_url, self._certificates).api
        except MissingError as fault:
            # In the middle of a run a silent engine is one that restarts: worth another try.
            raise MachineGoneError(str(fault)) from fault
        try:
            with engine_faults("creating a container"):
                body = settings(order.image, order.place, self._options, owned(order))
                made = api.create_container_from_config(body)  # type: ignore[no-untyped-call]
            container = str(made["Id"])
            try:
                with self._attached(api, container, order) as sandbox:
                    yield sandbox
            finally:
                remove_container(api, container)
        finally:
            api.close()

    @contextmanager
    def _attached(self, api: APIClient, container: str, order: Order) -> Iterator[DockerSandbox]:
        with engine_faults("starting a container"):
            if order.upload:
                lay_tar(api, container, order.upload)
            if order.image.user.uid == ROOT:
                renew_warden(api, container, order.image)
            channel = attach(api, container)
        try:
            with engine_faults("starting a container"):
                api.start(container)
                inspected = api.inspect_container(container) | {"EngineVersion": api.version()["Version"]}
            hello = decode_hello(channel.hello(HELLO_PATIENCE_S))
            facts = self._prove(channel, hello, inspected, order)
            yield DockerSandbox(channel, facts, order.image, self._hands(api, container))
        finally:
            channel.close()

    def _prove(self, channel: Channel, hello: Hello, inspected: Mapping[str, Any], order: Order) -> SandboxFacts:
        if not hello.shell:
            raise TaskError(order.image.reference, "image", "no shell", "/bin/bash or /bin/sh")
        outcome = channel.run(Command(QUESTION, PROOF_LIMIT_S))
        proof = read_proof(split_shown(outcome.stdout), inspected, self._options.mode, order.image.user)
        require_confined(proof, inspected, order.place, order.image.user)
        host = inspected["HostConfig"]
        return SandboxFacts(
            container=str(inspected["Id"]),
            image=order.image.digest,
            source_image=order.image.source_digest,
            engine=str(inspected["EngineVersion"]),
            shell=hello.shell,
            confinement=proof,
            cpus=host["NanoCpus"] / 1e9,
            memory=host["Memory"],
            pids=host["PidsLimit"],
        )

    def _hands(self, api: APIClient, container: str) -> Hands:
        limit = self._options.disk_mb * MIB

        def take(path: str) -> bytes:
            with engine_faults(f"taking {path}"):
                return take_folder(api, container, path)

        def disk_full() -> bool:
            with engine_faults("reading the container's size"):
                rows = api.containers(size=True, filters={"id": container})
            return any(int(row.get("SizeRw") or 0) > limit for row in rows)

        def lay(tar: bytes) -> None:
            with engine_faults("laying files into the workspace"):
                lay_tar(api, container, tar)

        def changed() -> list[tuple[str, int]]:
            with engine_faults("comparing the container with its image"):
                rows: list[dict[str, Any]] = api.diff(container) or []
            return [(str(row["Path"]), int(row["Kind"])) for row in rows]

        def keep(words: str) -> str:
            with engine_faults("keeping the container as an image"):
                labels = {"Labels": {KEPT: words}}
                made = api.commit(container, repository=KEPT_NAME, tag=f"{container[:12]}-{secrets.token_hex(4)}", conf=labels)
            return str(made["Id"])

        return Hands(take, disk_full, lay, changed, keep)


def owned(order: Order) -> dict[str, str]:
    return named_labels(order.labels) | {OWNER: owner_label()}


def renew_warden(api: APIClient, container: str, image: PreparedImage) -> None:
    """Where the agent was root, an image kept of its container holds whatever it put in the warden's place."""
    lay_tar(api, container, packed([Laid(".longhaul"), Laid(".longhaul/warden", warden_of(image.architecture), 0o755)]))


def remove_container(api: APIClient, container: str) -> None:
    """At once and with its volumes; already gone, or going by its own auto-removal, is fine."""
    for wait_s in (0.0, 0.2, 1.0):
        time.sleep(wait_s)
        try:
            api.remove_container(container, force=True, v=True)
        except APIError as fault:
            if fault.status_code in REMOVED:
                return
        except (requests.RequestException, OSError):
            continue  # the engine is restarting; what stays behind is the sweep's
        else:
            return
