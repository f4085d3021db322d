"""Builds a task's image from its Dockerfile with the classic builder, once per content; BuildKit where the Dockerfile needs it."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import docker
import msgspec
from docker.errors import BuildError
from docker.models.images import Image

from harness.core.errors import MissingError, SandboxError, TaskError
from harness.core.ports import Say
from harness.core.task import ImageBuild
from sandboxes.docker_base import patience
from sandboxes.docker_client import engine_faults, find_image
from sandboxes.docker_context import Context
from sandboxes.docker_file import Instruction
from sandboxes.docker_reach import Reach
from sandboxes.docker_steps import Failure, Write, build_by_steps

REPOSITORY: Final = "longhaul/built"
BLAMED: Final = re.compile(r"^(\S+):(\d+)\n-{4,}$", re.MULTILINE)
ERROR: Final = re.compile(r"^ERROR: (?:failed to (?:build|solve): )?(.*)$", re.MULTILINE)
STEP: Final = re.compile(r"Step (\d+)/\d+ : ")
# The engine's words when a cached layer goes between its look-up and its use: another client removed an image above it.
VANISHED: Final = re.compile(r"unable to find image|no such image|unknown parent image|layer does not exist", re.IGNORECASE)

# A step's own command ran and failed: its text, which the builders repeat, may hold any words.
RAN: Final = re.compile(r"returned a non-zero code: \d+|did not complete successfully")


class Workshop(msgspec.Struct, frozen=True):
    """What a build works with: `cache` the project's cache folder, `bases` (name, image id) of every FROM."""

    cache: Path
    reach: Reach
    allow_build: bool
    say: Say


def build_tag(context: Context, bases: tuple[tuple[str, str], ...]) -> str:
    """The name of the image that this content over these bases gives; pure."""
    whole = hashlib.sha256(context.digest.encode())
    for name, image in bases:
        whole.update(f"\0{name}\0{image}".encode())
    return f"{REPOSITORY}:{whole.hexdigest()[:40]}"


def build(
    client: docker.DockerClient, source: ImageBuild, context: Context, bases: tuple[tuple[str, str], ...], shop: Workshop
) -> Image:
    """The built image under its own tag; a second time it is a look-up. Raises TaskError, MissingError, SandboxError."""
    tag = build_tag(context, bases)
    if (found := find_image(client, tag)) is not None:
        return found
    refuse(source, context, shop)
    whose = "a foreign Dockerfile" if source.foreign else "the task's Dockerfile"
    shop.say(f"building {whose}: {context.path} (its commands run in a container with network; --no-build refuses it)")
    log = shop.cache / "build-logs" / f"{tag.rpartition(':')[2]}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with engine_faults(f"{context.path}: build"), patience(client, int(source.deadline)):
        made = build_tagged(client, context, bases, shop, log)
        if made is not None and vanished(made.found):
            made = build_tagged(client, context, bases, shop, log)
        if made is None:
            return client.images.get(tag)
    if vanished(made.found):
        raise SandboxError(f"{context.path}: build: {made.found}, the second time too (something else removes images of this engine)")
    said = f"{made.found} ({last_lines(log)})" if last_lines(log) else made.found
    raise TaskError(str(context.path), made.place, said, f"a step that ends with 0 (log: {log})")


def build_tagged(
    client: docker.DockerClient, context: Context, bases: tuple[tuple[str, str], ...], shop: Workshop, log: Path
) -> Failure | None:
    """One go at a build, labelled and tagged at its end; what it failed by."""
    made = build_logged(client, context, dict(bases), shop, log)
    if isinstance(made, Failure):
        return made
    try:
        finish(client, made, build_tag(context, bases), {"longhaul.built": "1", "longhaul.context": context.digest})
    except BuildError as fault:
        if not vanished(str(fault)):
            raise
        return Failure(None, str(fault))
    return None


def vanished(found: str) -> bool:
    """Whether the engine lost a layer, by its words; what a task's own command came to is no such thing, whatever it is called."""
    return VANISHED.search(found) is not None and RAN.search(found) is None


def refuse(source: ImageBuild, context: Context, shop: Workshop) -> None:
    """Raise TaskError for what may not or can't be built."""
    if source.foreign and not shop.allow_build:
        raise TaskError(str(context.path), "image", "a build that --no-build forbids", "an image that is already built")
    for line, what in context.modern if not has_buildkit() else ():
        raise TaskError(
            str(context.path), f"line {line}", f"{what}, which the classic builder can't do", "docker buildx, or a plain form"
        )


def has_buildkit() -> bool:
    """Whether the docker program here can drive BuildKit; the engine's API alone can't."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(("docker", "buildx", "version"), capture_output=True, check=False).returncode == 0


def build_logged(
    client: docker.DockerClient, context: Context, bases: dict[str, str], shop: Workshop, log: Path
) -> str | Failure:
    """Build by the way that fits, the log into a file; the image's id, not tagged yet."""
    with log.open("w", encoding="utf-8") as out:
        if context.modern:
            if not shop.reach.empty:
                shop.say(f"{context.path}: built by BuildKit, which is not given the certificates and the package index")
            return build_modern(client, context, out)
        if shop.reach.empty:
            return build_classic(client, context, out.write)
        return build_by_steps(client, context, bases, shop.reach, out.write)


def finish(client: docker.DockerClient, image: str, tag: str, labels: dict[str, str]) -> None:
    """Give an image its labels and tag."""
    text = f"FROM {image}\nLABEL {' '.join(f'{name}={value}' for name, value in labels.items())}\n"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "Dockerfile").write_text(text, encoding="utf-8")
        client.images.build(path=folder, tag=tag, rm=True)


def build_classic(client: docker.DockerClient, context: Context, write: Write) -> str | Failure:
    """One request to the engine's own builder."""
    with context.tar() as tar:
        answers = client.api.build(
            fileobj=tar, custom_context=True, dockerfile=context.dockerfile, rm=True, forcerm=True, decode=True
        )
        return read_answers(answers, context.steps, write)


def read_answers(answers: Iterator[dict[str, Any]], steps: tuple[Instruction, ...], write: Write) -> str | Failure:
    """Follow the builder's stream into the log; the image's id, or the step that failed."""
    at: Instruction | None = None
    image = ""
    for answer in answers:
        text = str(answer.get("stream", ""))
        write(text)
        if (step := STEP.match(text)) and int(step[1]) <= len(steps):
            at = steps[int(step[1]) - 1]
        if "error" in answer:
            return Failure(at, str(answer["error"]).strip())
        image = str((answer.get("aux") or {}).get("ID", image))
    return image or Failure(None, "the builder named no image")


def build_modern(client: docker.DockerClient, context: Context, out: IO[str]) -> str | Failure:
    """BuildKit by the docker program, which alone speaks its session protocol."""
    # Its own words go through the log: it is the only witness of which step failed.
    with tempfile.TemporaryDirectory() as folder, context.tar() as tar:
        told = Path(folder) / "id"
        argv = modern_argv(context.dockerfile, str(told), client.api.base_url)
        with tempfile.TemporaryFile() as given:
            shutil.copyfileobj(tar, given)
            given.seek(0)
            done = subprocess.run(argv, stdin=given, stdout=out, stderr=subprocess.STDOUT, check=False)
        if done.returncode == 0:
            return told.read_text().strip()
        out.flush()
        return modern_failure(Path(out.name).read_text(encoding="utf-8", errors="replace"), context, done.returncode)


def modern_failure(log: str, context: Context, code: int) -> Failure:
    """The step that BuildKit's log blames, by the line that it names; pure."""
    named = [int(line) for name, line in BLAMED.findall(log) if name.rpartition("/")[2] == context.dockerfile.rpartition("/")[2]]
    step = next((step for step in reversed(context.steps) if named and step.line <= named[-1]), None)
    said = ERROR.findall(log)
    return Failure(step, said[-1].strip() if said else f"buildx ended with {code}")


def modern_argv(dockerfile: str, told: str, base_url: str) -> tuple[str, ...]:
    """The command line; pure. The API library calls a unix socket http+docker."""
    host = () if base_url.startswith("http+docker") else ("--host", base_url)
    return ("docker", *host, "buildx", "build", "--load", "--progress=plain", "--file", dockerfile, "--iidfile", told, "-")


def last_lines(log: Path) -> str:
    """The end of a log on one line."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return " | ".join(lines[-3:])[-400:]


def missing_base(name: str, fault: MissingError | SandboxError, path: Path) -> MissingError:
    """The complaint about a FROM image that is nowhere."""
    return MissingError(f"{path}: its FROM image {name} is not here ({fault})", f"`docker pull {name}` or `docker load`")
