"""Builds a Dockerfile step by step where a RUN must reach through certificates or an index that no image may keep."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, Any, Final

import docker
import msgspec
from docker.models.containers import Container
from docker.utils.socket import frames_iter

from sandboxes.docker_context import Context
from sandboxes.docker_file import Instruction, Stage, declared, json_form, leading_flags
from sandboxes.docker_reach import END, Reach, files, store_command, variables
from sandboxes.docker_sweep import OWNER, owner_label

IDLE: Final = ("/bin/sh", "-c", "read _")
SHELL: Final = ("/bin/sh", "-c")

Write = Callable[[str], object]


class Failure(msgspec.Struct, frozen=True):
    """The step that failed, if it is known, and what the builder said."""

    step: Instruction | None
    found: str

    @property
    def place(self) -> str:
        return f"line {self.step.line}: {self.step.text[:120]}" if self.step else "build"


class StepFailed(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.found)
        self.failure = failure


class Shelf(msgspec.Struct, frozen=True):
    """What the stages so far made: `images` by stage name and number, `known` ARGs before the first FROM."""

    images: dict[str, str]
    known: dict[str, str]


class Bench(msgspec.Struct, frozen=True):
    client: docker.DockerClient
    context: Context
    reach: Reach
    write: Write
    shelf: Shelf


def build_by_steps(
    client: docker.DockerClient, context: Context, bases: dict[str, str], reach: Reach, write: Write
) -> str | Failure:
    """The id of the last stage's image, not tagged yet, or the step that failed."""
    known: dict[str, str] = {}
    for step in context.steps:
        if step.word == "FROM":
            break
        if step.word == "ARG":
            known |= declared(step.rest, known, {})
    bench = Bench(client, context, reach, write, Shelf(dict(bases), known))
    image = ""
    try:
        for number, stage in enumerate(context.stages):
            image = build_stage(bench, stage)
            bench.shelf.images[str(number)] = bench.shelf.images[stage.name.lower() or str(number)] = image
    except StepFailed as stopped:
        return stopped.failure
    return image


def build_stage(bench: Bench, stage: Stage) -> str:
    """One stage: runs of ordinary instructions go to the classic builder, each RUN into a container of ours."""
    image = bench.shelf.images.get(stage.image.lower(), bench.shelf.images.get(stage.image, stage.image))
    waiting: list[Instruction] = []
    arguments: dict[str, str] = {}
    shell: tuple[str, ...] = SHELL
    for step in stage.steps:
        if step.word == "RUN":
            image = lay(bench, image, tuple(waiting), arguments)
            waiting.clear()
            image = run(bench, image, step, arguments, shell)
            continue
        if step.word == "ARG":
            arguments |= declared(step.rest, bench.shelf.known | arguments, {})
        if step.word == "SHELL":
            shell = json_form(step.rest) or SHELL
        waiting.append(step)
    return lay(bench, image, tuple(waiting), arguments)


def lay(bench: Bench, image: str, steps: tuple[Instruction, ...], arguments: dict[str, str]) -> str:
    """The image after instructions that run nothing."""
    if not steps:
        return image
    marked = "".join(f"ARG {name}={json.dumps(value)}\n" for name, value in arguments.items())
    body = "".join(f"{step.word} {from_stages(step, bench.shelf)}\n" for step in steps if step.word != "ARG")
    text = f"FROM {image}\n{marked}{body}"
    with context_with(bench.context, text) as tar:
        answers = bench.client.api.build(
            fileobj=tar, custom_context=True, dockerfile=".longhaul.Dockerfile", rm=True, forcerm=True, decode=True
        )
        return follow(answers, steps, bench.write)


def from_stages(step: Instruction, shelf: Shelf) -> str:
    """COPY --from=NAME with the image that the stage became."""
    flags = leading_flags(step.rest)
    for word in flags.split():
        name = word.removeprefix("--from=")
        if name != word and name.lower() in shelf.images:
            return step.rest.replace(word, f"--from={shelf.images[name.lower()]}", 1)
    return step.rest


def context_with(context: Context, text: str) -> IO[bytes]:
    """The context's tar with one more Dockerfile in it."""
    tar = context.tar()
    with tarfile.open(fileobj=tar, mode="a") as more:
        info = tarfile.TarInfo(".longhaul.Dockerfile")
        data = text.encode()
        info.size = len(data)
        more.addfile(info, io.BytesIO(data))
    tar.seek(0)
    return tar


def follow(answers: Any, steps: tuple[Instruction, ...], write: Write) -> str:
    """The image id that a small build ends with."""
    image = ""
    for answer in answers:
        write(str(answer.get("stream", "")))
        if "error" in answer:
            raise StepFailed(Failure(steps[0], str(answer["error"]).strip()))
        image = str(answer.get("aux", {}).get("ID", image))
    return image


def run(bench: Bench, image: str, step: Instruction, arguments: dict[str, str], shell: tuple[str, ...]) -> str:
    """The image after one RUN; nothing of the reach is in the container's settings, so nothing of it is committed."""
    config = bench.client.images.get(image).attrs["Config"]
    bench.write(f"line {step.line} : {step.text}\n")
    container = bench.client.containers.create(
        image, entrypoint=list(IDLE), command=[], stdin_open=True, user="0", labels={OWNER: owner_label()},
        network_mode=bench.reach.network,
    )
    try:
        container.start()
        for path, data in files(bench.reach).items():
            store(container, path, data)
        argv = json_form(step.rest) or (*shell, step.rest)
        environment = arguments | variables(bench.reach)
        code = execute(container, argv, environment, str(config.get("User") or "0"), bench.write)
        if code != 0:
            raise StepFailed(Failure(step, f"exit status {code}"))
        container.kill()
        return str(container.commit(changes=restored(config)).id)
    finally:
        container.remove(force=True, v=True)


@contextmanager
def executing(container: Container, argv: tuple[str, ...], **options: Any) -> Iterator[tuple[str, Any]]:
    """One command in the container: its id and the socket of its input and output, closed for certain."""
    api = container.client.api  # type: ignore[union-attr]
    made = api.exec_create(container.id, list(argv), **options)
    raw = api.exec_start(made["Id"], socket=True)
    wire: Any = getattr(raw, "_sock", raw)  # over a unix socket the library hands out a wrapper that can't write
    wire.settimeout(api.timeout)
    try:
        yield made["Id"], wire
    finally:
        for held in (getattr(raw, "_response", None), wire, raw):
            if held is not None:
                held.close()


def store(container: Container, path: str, data: bytes) -> None:
    """Write a file into the container's memory through a command's input."""
    with executing(container, store_command(path), stdin=True, user="0") as (_, wire):
        wire.sendall(data.rstrip(b"\n") + f"\n{END}\n".encode())
        while wire.recv(4096):
            pass


def execute(container: Container, argv: tuple[str, ...], environment: dict[str, str], user: str, write: Write) -> int:
    """Run one command with its output into the log; its exit status."""
    with executing(container, argv, environment=environment, user=user) as (name, wire):
        for _, chunk in frames_iter(wire, tty=False):  # type: ignore[no-untyped-call]
            write(chunk.decode("utf-8", "replace"))
        return int(container.client.api.exec_inspect(name)["ExitCode"])  # type: ignore[union-attr]


def restored(config: dict[str, Any]) -> list[str]:
    """The lines that give a committed image back what our idling command took from it."""
    return [
        f'LABEL {OWNER}=""',
        f"ENTRYPOINT {json.dumps(config.get('Entrypoint') or [])}",
        f"CMD {json.dumps(config.get('Cmd') or [])}",
        f"USER {config.get('User') or '0'}",
        f"WORKDIR {PurePosixPath(config.get('WorkingDir') or '/')}",
    ]
