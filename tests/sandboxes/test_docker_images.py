"""Images become ready for trials on the real engine, whatever they hold or lack."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from harness.core.errors import MissingError, SandboxError, TaskError
from harness.core.task import ImageBuild, ImageBundle, ImageTag, Place
from sandboxes import docker_bundle
from sandboxes.docker_build import Workshop, build, build_tag
from sandboxes.docker_context import read_context
from sandboxes.docker_images import create
from sandboxes.docker_reach import Reach
from tests.sandboxes.image_bench import BASE, Bench

pytestmark = pytest.mark.docker


@pytest.fixture
def bench(client: docker.DockerClient, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(client, tmp_path)
    yield made
    made.sweep()


def test_a_tag_is_prepared_once(bench: Bench) -> None:
    """An image by name gets warden, account, folders and labels; the second time is a look-up that says nothing."""
    place = Place(image=ImageTag(BASE), workdir=f"/work-{bench.mark}")
    first = bench.prepare(place)
    said = len(bench.said)
    assert bench.prepare(place) == first
    assert len(bench.said) == said == 1
    image = bench.client.images.get(first.reference)
    assert image.labels["longhaul.derived"] == "1"
    assert image.labels["longhaul.source"] == first.source_digest
    assert image.attrs["Config"]["Entrypoint"] == ["/.longhaul/warden"]
    told = bench.run(first, "sh", "-c", "echo ~; pwd; stat -c %U . /logs/agent /logs/verifier /logs/artifacts /tests /solution")
    assert told.split() == ["/home/agent", place.workdir, *["agent"] * 6]
    assert first.history == "none"


def test_an_image_with_nothing_in_it_is_prepared(bench: Bench) -> None:
    """No shell, no git, no passwd, no /tmp: all is laid in from outside."""
    folder = bench.folder("FROM scratch\nCOPY mark /app/mark\nWORKDIR /app\n")
    image = bench.prepare(Place(image=ImageBuild(folder)))
    assert b"agent:x:1000:1000::/home/agent:/bin/sh" in bench.member(image, "/etc/passwd")
    assert bench.run(image, "/.longhaul/warden", "show", "/app/mark") is not None


def test_the_workspace_belongs_to_the_agent_whole(bench: Bench) -> None:
    """Files, links, modes and names that are no text survive the change of owner."""
    script = "mkdir -p d; echo x > d/f; chmod 750 d/f; ln -s f d/l; ln d/f d/h; mkfifo d/p; touch \"$(printf 'b\\377')\""
    folder = bench.folder(f"FROM {BASE}\nWORKDIR /app\nCOPY mark make ./\nRUN bash make && rm make\n", make=script)
    image = bench.prepare(Place(image=ImageBuild(folder)))
    told = bench.run(image, "bash", "-c", "stat -c '%U %a %h %F' d/f d/l d/p; readlink d/l; ls -b; find . ! -user 1000 | wc -l")
    assert told.splitlines() == [
        "agent 750 2 regular file", "agent 777 1 symbolic link", "agent 644 1 fifo", "f", "b\\377", "d", "mark", "0",
    ]  # fmt: skip


def test_a_taken_uid_is_the_agent(bench: Bench) -> None:
    """An image whose uid 1000 is somebody keeps that name and home; a home that is the system's is refused by name."""
    folder = bench.folder(f"FROM {BASE}\nWORKDIR /app\nCOPY mark .\nRUN useradd -m -u 1000 node\n")
    image = bench.prepare(Place(image=ImageBuild(folder)))
    assert bench.run(image, "sh", "-c", 'id -un; echo "$HOME"; touch "$HOME/x"').split() == ["node", "/home/node"]
    refused = bench.folder(f"FROM {BASE}\nWORKDIR /app\nCOPY mark .\nRUN useradd -M -d / -u 1000 app\n")
    with pytest.raises(TaskError, match="uid 1000 is app with home /"):
        bench.prepare(Place(image=ImageBuild(refused)))


@pytest.mark.parametrize(
    ("dockerfile", "place", "words"),
    [
        (f"FROM {BASE}\nVOLUME /data\nWORKDIR /app\n", {}, "VOLUME"),
        ("FROM scratch\nCOPY mark /mark\n", {"workdir": "/nowhere"}, "no folder /nowhere"),
        (f"FROM {BASE}\nWORKDIR /\n", {}, "other than /"),
        (f"FROM {BASE}\nRUN mkdir /a && ln -s a /app\n", {"workdir": "/app"}, "is a link"),
    ],
)
def test_images_that_cannot_serve_are_refused(bench: Bench, dockerfile: str, place: dict[str, str], words: str) -> None:
    """A volume, a workspace that is missing, is everything or is a link: one sentence that names it."""
    folder = bench.folder(dockerfile)
    with pytest.raises(TaskError, match=words):
        bench.prepare(Place(image=ImageBuild(folder), **place))  # type: ignore[arg-type]


def test_what_is_uploaded_and_set_up_is_part_of_the_image(bench: Bench, tmp_path: Path) -> None:
    """A folder is laid in and the task's commands run as the agent without a network; a failing one is the task's fault."""
    data = tmp_path / "data"
    (data / "sub").mkdir(parents=True)
    (data / "sub" / "x").write_text(bench.mark)
    setup = ("cd sub", "id -u > who", "cp x y; echo >> y", "ls /sys/class/net > net")
    image = bench.prepare(Place(image=ImageTag(BASE), workdir="/workspace", upload=str(data), setup=setup))
    assert bench.run(image, "sh", "-c", "cat sub/who sub/y sub/net").split() == ["1000", bench.mark, "lo"]
    with pytest.raises(TaskError, match="exit status 3"):
        bench.prepare(Place(image=ImageTag(BASE), workdir="/workspace", upload=str(data), setup=("echo broken", "exit 3")))


def test_a_foreign_build_is_announced_and_refused(bench: Bench) -> None:
    """Building somebody's Dockerfile is said aloud; --no-build refuses it, but not an image that is built already."""
    place = Place(image=ImageBuild(bench.folder(f"FROM {BASE}\nWORKDIR /app\nCOPY mark .\n")))
    with pytest.raises(TaskError, match="--no-build"):
        bench.prepare(place, allow_build=False)
    made = bench.prepare(place)
    assert "foreign Dockerfile" in bench.said[0]
    assert bench.prepare(place, allow_build=False) == made


@pytest.mark.parametrize("options", [{}, {"index": (("PIP_INDEX_URL", "http://192.0.2.1/simple"),)}])
def test_a_failing_build_names_its_line(bench: Bench, options: dict[str, object]) -> None:
    """The line, its words, the end of what it printed and the log's place are in the complaint, by either way of building."""
    folder = bench.folder(f"FROM {BASE}\n\n# note\nRUN true \\\n  && true\nRUN echo oh; \\\n    exit 7\n")
    with pytest.raises(TaskError, match=r"line 6: RUN echo oh.*oh.*\.log") as caught:
        bench.prepare(Place(image=ImageBuild(folder), workdir="/w"), **options)
    assert caught.value.complaint.file.endswith("Dockerfile")


@pytest.mark.parametrize("line", ["RUN <<EOF\necho\nEOF", "RUN --mount=type=cache,target=/x true", "COPY --chmod=755 mark /"])
def test_what_the_classic_builder_cannot_do_is_refused(bench: Bench, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without buildx the new syntax is refused with its line before anything is built."""
    monkeypatch.setenv("PATH", "/nonexistent")
    folder = bench.folder(f"FROM {BASE}\nWORKDIR /app\n{line}\n")
    with pytest.raises(TaskError, match="line 3: found"):
        bench.prepare(Place(image=ImageBuild(folder)))


def test_an_ignored_file_decides_nothing(bench: Bench) -> None:
    """.dockerignore keeps a file out of image and digest; any other change of the context is another image."""
    folder = Path(bench.folder(f"FROM {BASE}\nWORKDIR /app\nCOPY . .\n", **{".dockerignore": "secret*\n", "secret.txt": "1"}))
    place = Place(image=ImageBuild(str(folder)))
    first = bench.prepare(place)
    assert "secret.txt" not in bench.run(first, "ls", "-a")
    (folder / "secret.txt").write_text("2")
    assert bench.prepare(place) == first
    (folder / "mark").write_text("other")
    assert bench.prepare(place).source_digest != first.source_digest


def test_a_missing_image_says_how_to_get_it(bench: Bench) -> None:
    """Where no registry gives an image, the complaint names it and the commands that bring it."""
    with pytest.raises(MissingError, match="docker pull"):
        bench.prepare(Place(image=ImageTag(f"registry.invalid/{bench.mark}:1")))
    folder = bench.folder(f"FROM registry.invalid/{bench.mark}:1\n")
    with pytest.raises(MissingError, match=r"its FROM image registry\.invalid"):
        bench.prepare(Place(image=ImageBuild(folder)))


def test_a_bundle_is_loaded_once(bench: Bench, tmp_path: Path) -> None:
    """An image goes into a file and comes back under its name; a file that is none is refused."""
    images = bench.images()
    source = images.resolve(ImageBuild(bench.folder(f"FROM {BASE}\nWORKDIR /app\nCOPY mark .\n")), bench.said.append)
    name = f"longhaul/test-{bench.mark[:8]}:1"
    source.tag(*name.split(":"))
    path = tmp_path / "images.tar"
    docker_bundle.save(bench.client, (name,), path, bench.said.append)
    bench.client.images.remove(name)
    place = Place(image=ImageBundle(str(path), name))
    first = bench.prepare(place)
    assert bench.run(first, "cat", "mark") == bench.mark
    said = len(bench.said)
    assert bench.prepare(place) == first
    assert len(bench.said) == said
    bench.client.images.remove(f"longhaul/bundle:{docker_bundle.file_digest(path, name)[:40]}")
    (tmp_path / "no.tar").write_text("no tar")
    with pytest.raises(TaskError, match="docker save"):
        bench.prepare(Place(image=ImageBundle(str(tmp_path / "no.tar"), name)))
    with pytest.raises(TaskError, match="docker save"):
        bench.prepare(Place(image=ImageBundle(str(tmp_path / "none.tar"), name)))


def prepare_there(cache: str, folder: str, said: multiprocessing.Queue[list[str]]) -> None:
    words: list[str] = []
    images = create(cache=cache)
    images.prepare(Place(image=ImageBuild(folder)), words.append)
    images.close()
    said.put(words)


def test_two_workers_build_once(bench: Bench) -> None:
    """Of two processes that need the same image at once one builds and derives, and the other finds it."""
    folder = bench.folder(f"FROM {BASE}\nWORKDIR /app\nCOPY mark .\nRUN sleep 1\n")
    context = multiprocessing.get_context("spawn")
    said: multiprocessing.Queue[list[str]] = context.Queue()
    workers = [context.Process(target=prepare_there, args=(str(bench.cache), folder, said)) for _ in range(2)]
    for worker in workers:
        worker.start()
    words = [word for _ in workers for word in said.get(timeout=120)]
    for worker in workers:
        worker.join()
    assert sorted(word.split()[0] for word in words) == ["building", "preparing"]


class Losing(docker.APIClient):
    """A client whose first builds end by the engine's words for a cached layer that somebody removed in between, which no test can time."""

    left = 0

    def build(self, *given: object, **named: object) -> object:
        if self.left:
            self.left -= 1
            return iter(({"error": 'unable to find image "sha256:e8cb"'},))
        return super().build(*given, **named)


@pytest.mark.parametrize("modest", [True, False])
def test_a_cached_layer_that_vanishes_is_built_once_more(bench: Bench, modest: bool) -> None:
    """A build that lost a layer to somebody else is tried once more; the second time it is the engine's fault, never the task's."""
    client = docker.DockerClient(base_url="unix:///var/run/docker.sock")
    api = Losing(base_url="unix:///var/run/docker.sock", version="auto")
    api.left = 1 if modest else 2
    client.api.close()
    client.api = api
    folder = Path(bench.folder(f"FROM {BASE}\nWORKDIR /app\nCOPY mark .\n"))
    context = read_context(str(folder), "Dockerfile")
    bases = ((BASE, str(bench.client.images.get(BASE).id)),)
    shop = Workshop(bench.cache, Reach(), allow_build=True, say=bench.said.append)
    source = ImageBuild(str(folder))
    try:
        if modest:
            assert build(client, source, context, bases, shop).tags == [build_tag(context, bases)]
        else:
            with pytest.raises(SandboxError, match="the second time too"):
                build(client, source, context, bases, shop)
    finally:
        client.close()


@pytest.mark.parametrize("command", ['ls "no such image"', "false || { echo layer does not exist; exit 3; }"])
def test_a_command_that_speaks_of_images_is_the_tasks_own(bench: Bench, command: str) -> None:
    """The builder repeats a failed command's text; the fault is the line's, and it is built once."""
    folder = bench.folder(f"FROM {BASE}\nWORKDIR /app\nRUN {command}\n")
    with pytest.raises(TaskError, match="line 3: RUN "):
        bench.prepare(Place(image=ImageBuild(folder)))


def test_ours_are_listed_and_only_ours_are_pruned(bench: Bench) -> None:
    """The list names what we made with sizes; pruning takes what it is told to and never the base image."""
    place = Place(image=ImageBuild(bench.folder(f"FROM {BASE}\nWORKDIR /app\nCOPY mark .\n")))
    made = bench.prepare(place)
    rows = docker_bundle.listed(bench.client)
    mine = next(row for row in rows if row.digest == made.digest)
    assert (mine.kind, mine.size > 0) == ("derived", True)
    assert next(row for row in rows if row.name == BASE).kind == "base"
    assert docker_bundle.prune(bench.client, bench.said.append, only=frozenset({mine.name, BASE})) == 1
    assert made.digest not in {row.digest for row in docker_bundle.listed(bench.client)}
