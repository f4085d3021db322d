"""What images need, what they may take, and what happens where a name comes to mean another image."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from harness.core.errors import TaskError
from harness.core.machine import Need, Needs
from harness.core.task import ImageBuild, ImageBundle, ImageTag, Place
from sandboxes.docker_budget import evictable, in_order, make_room, parent_of, remove, total
from sandboxes.docker_build import modern_failure
from sandboxes.docker_bundle import prune
from sandboxes.docker_context import read_context
from sandboxes.docker_pull import BUSY
from sandboxes.docker_registry import address
from sandboxes.docker_uses import Uses
from tests.sandboxes.image_bench import BASE, Bench
from tests.sandboxes.registry import Registry, serving

docker_engine = pytest.mark.docker


@pytest.fixture
def bench(client: docker.DockerClient, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(client, tmp_path)
    yield made
    made.sweep()


@pytest.fixture
def registry() -> Iterator[Registry]:
    with serving() as made:
        yield made


@docker_engine
def test_needs_are_counted_before_anything_is_made(bench: Bench, registry: Registry) -> None:
    """Each image once: to pull with what the registry says of its size, to build, to load; and nothing once all is here."""
    registry.hold_tiny("some/app", "1", "amd64", {"app/f": bytes(1000) + bench.mark.encode()})
    name = f"{registry.address}/some/app:1"
    folder = bench.folder(f"FROM {BASE}\nCOPY mark /app/\nWORKDIR /app\n")
    over = bench.folder(f"FROM {name}\nCOPY mark /app/\n")
    (bench.cache / "images.tar").write_bytes(bytes(5000))
    places = (
        Place(ImageTag(name)), Place(ImageTag(name), workdir="/app"), Place(ImageBuild(folder)), Place(ImageBuild(over)), Place(ImageTag(BASE)),
        Place(ImageBundle(str(bench.cache / "images.tar"), "x:1")), Place(ImageBuild("/nowhere")), Place(ImageTag("registry.invalid/none:1")),
    )  # fmt: skip
    images = bench.images()
    needs = images.needs(places)
    size = sum(len(data) for path, data in registry.blobs.items() if path in registry.manifests["some/app", "1"].decode()) * 2.5
    told = {need.name: (need.how, need.size) for need in needs.items}
    assert told.keys() == {name, f"{folder}/Dockerfile", f"{over}/Dockerfile", str(bench.cache / "images.tar"), "registry.invalid/none:1"}
    assert told[name][0] == "pull"
    assert 0 < (told[name][1] or 0) <= size
    assert told[f"{folder}/Dockerfile"] == ("build", None)
    assert told[str(bench.cache / "images.tar")] == ("load", 5000)
    assert told["registry.invalid/none:1"] == ("pull", None)
    assert needs.free
    assert needs.fits
    bench.prepare(Place(ImageBuild(folder)))
    assert images.needs((Place(ImageBuild(folder)),)).items == ()
    bench.client.images.remove(f"longhaul/built:{next((bench.cache / 'build-logs').glob('*.log')).stem}", force=True)
    assert (images.needs((Place(ImageBuild(folder)),)).items[0].size or 0) > 10_000_000, "what it took the last time is known"


@pytest.mark.parametrize(
    ("needs", "words", "fits"),
    [
        (Needs((Need("a", "build"), Need("b", "build"), Need("c", "build"), Need("d", "pull", 1_200_000_000)), 60_200_000_000), "images: 3 to build, 1 to pull (1.2 GB), 60 GB free", True),
        (Needs((Need("a", "build", 7 * 10**9), Need("b", "build")), 6 * 10**9), "images: 2 to build (7.0 GB and 1 of unknown size), 6 GB free", False),
        (Needs((), None), "images: all here", True),
        (Needs((Need("a", "load", 2_000_000),), None), "images: 1 to load (2 MB)", True),
    ],
)  # fmt: skip
def test_needs_say_what_they_are(needs: Needs, words: str, fits: bool) -> None:
    """One line; what does not fit is known where the disk's room is."""
    assert (needs.words, needs.fits) == (words, fits)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("python:3.11", ("registry-1.docker.io", "library/python", "3.11")), ("a/b", ("registry-1.docker.io", "a/b", "latest")),
        ("127.0.0.1:5/a/b:1", ("127.0.0.1:5", "a/b", "1")), ("ghcr.io/a/b@sha256:00", ("ghcr.io", "a/b", "sha256:00")),
        ("ghcr.io/a/b:1@sha256:00", ("ghcr.io", "a/b", "sha256:00")),
    ],
)  # fmt: skip
def test_names_lead_to_registries(name: str, found: tuple[str, str, str]) -> None:
    """Host, path, and tag or digest, as the engine reads them."""
    assert address(name) == found


def test_a_busy_registry_is_told_from_one_that_refuses() -> None:
    """Only what waiting can mend is tried again."""
    assert BUSY.search("toomanyrequests: You have reached your pull rate limit")
    assert not BUSY.search("manifest for x:1 not found: manifest unknown")
    assert not BUSY.search("pull access denied for x, repository does not exist")


def rows(*parts: tuple[str, str, int, tuple[str, ...]]) -> list[dict[str, object]]:
    """Images as the engine lists them: id, parent, size, tags."""
    return [{"Id": one, "ParentId": parent, "Size": size, "RepoTags": tags, "Created": 0, "Labels": label(tags)} for one, parent, size, tags in parts]


def label(tags: tuple[str, ...]) -> dict[str, str]:
    return {f"longhaul.{tag.partition('/')[2].partition(':')[0]}": "1" for tag in tags if tag.startswith("longhaul/")}


LISTED = rows(
    ("base", "", 200, ("longhaul/base:1",)), ("step", "base", 210, ()), ("built", "step", 230, ("longhaul/built:a",)),
    ("one", "built", 231, ("longhaul/derived:one",)), ("two", "built", 235, ("longhaul/derived:two",)),
    ("python", "", 1000, ("python:3",)), ("three", "python", 1007, ("longhaul/derived:three",)), ("kept", "one", 240, ("longhaul/kept:x",)),
    ("loose", "", 5000, ("<none>:<none>",)),
)  # fmt: skip


def test_shared_layers_are_counted_once() -> None:
    """Base, steps, what stands on them, and what stands on a foreign image; not the foreign one, nor nobody's."""
    assert total(LISTED) == 230 + 1 + 5 + 7 + 9


def test_a_loaded_image_stands_on_what_it_shares() -> None:
    """The engine forgets whose child it is; the layers tell."""
    layers = {"base": ("a",), "built": ("a", "b"), "derived": ("a", "b", "c"), "other": ("x",), "empty": ()}
    assert [parent_of(image, layers) for image in layers] == ["", "base", "built", "", ""]


def test_only_ours_and_unused_may_go(tmp_path: Path) -> None:
    """Neither the base image nor what is kept, held or in a container; used longest ago first, and what stands on another before it."""
    free = evictable(LISTED, frozenset({"longhaul/derived:two"}), {"three"})
    assert {row.name for row in free} == {"longhaul/built:a", "longhaul/derived:one"}
    assert [row.name for row in in_order(free, Uses(tmp_path))] == ["longhaul/derived:one", "longhaul/built:a"]


def hold(cache: Path, ready: multiprocessing.Queue[int], done: multiprocessing.Queue[int]) -> None:
    uses = Uses(cache)
    uses._hold("longhaul/derived:held")
    ready.put(1)
    done.get()


def test_what_a_process_uses_it_holds_until_it_ends(tmp_path: Path) -> None:
    """Names of a living process are held, those of a killed one are not, and its file is cleared away."""
    context = multiprocessing.get_context("spawn")
    ready, done = context.Queue(), context.Queue()
    child = context.Process(target=hold, args=(tmp_path, ready, done))
    child.start()
    ready.get(timeout=60)
    assert Uses(tmp_path).held() == {"longhaul/derived:held"}
    child.kill()
    child.join()
    assert Uses(tmp_path).held() == frozenset()
    assert not list((tmp_path / "images-held").iterdir())


@docker_engine
def test_a_budget_is_kept(bench: Bench, client: docker.DockerClient) -> None:
    """Images go in the order of their last use, said aloud, one with a container not at all; what this process used it holds."""
    made = [bench.prepare(Place(ImageTag(BASE), workdir=f"/work-{bench.mark}-{n}")) for n in range(2)]
    listed = [row for row in client.api.images() if row["Id"] in {image.digest for image in made}]
    uses = Uses(bench.cache)
    assert evictable(listed, uses.held(), set()) == ()
    rows = in_order(evictable(listed, frozenset(), set()), uses)
    assert [row.digest for row in rows] == [image.digest for image in made]
    container = client.containers.create(made[1].reference)
    try:
        assert [remove(client, row, bench.said.append) for row in rows] == [True, False]
    finally:
        container.remove()
    assert [words for words in bench.said if "disk budget" in words] == [f"disk budget: removed {rows[0].name} ({rows[0].size / 1e6:,.0f} MB with what it shares)"]
    assert prune(client, bench.said.append, only=frozenset({rows[1].name}), held=uses.held()) == 0
    assert make_room(client, uses, total(client.api.images(all=True)) * 10, bench.said.append) == 0
    assert bench.images(disk_gb="10_000").make_room(bench.said.append) == 0


@docker_engine
def test_a_name_that_means_another_image_is_noticed(bench: Bench, registry: Registry) -> None:
    """Each use of a tag is recorded with the image that it meant; the next one says so when it has changed, and prepares anew."""
    name = f"longhaul-test/moving:{bench.mark[:8]}"
    images = bench.images()
    for n in range(2):
        images.resolve(ImageBuild(bench.folder(f"FROM {BASE}\nCOPY mark /n{n}\nWORKDIR /app\n")), bench.said.append).tag(*name.split(":"))
        bench.prepare(Place(ImageTag(name), workdir="/app"))
    bench.client.images.remove(name)
    assert [words for words in bench.said if words.startswith(f"{name} is another image than when it was last used, on 20")]


LOG = """\
#5 [2/2] RUN echo oh; exit 7
#5 0.1 oh
------
Dockerfile:3
--------------------
   1 |     FROM x
   2 |     RUN --mount=type=cache,target=/x true
   3 | >>> RUN echo oh; \\
   4 | >>>     exit 7
--------------------
ERROR: failed to build: failed to solve: process "/bin/sh -c echo oh;     exit 7" did not complete successfully: exit code: 7
"""


def test_buildkit_names_its_line_too(tmp_path: Path) -> None:
    """The step that its log blames, whatever the Dockerfile's lines; a log that blames none is told by its last error."""
    (tmp_path / "Dockerfile").write_text("FROM x\nRUN --mount=type=cache,target=/x true\nRUN echo oh; \\\n    exit 7\n")
    failure = modern_failure(LOG, read_context(str(tmp_path), "Dockerfile"), 1)
    assert failure.place == "line 3: RUN echo oh;     exit 7"
    assert "exit code: 7" in failure.found
    assert modern_failure("ERROR: no builder\n", read_context(str(tmp_path), "Dockerfile"), 1).found == "no builder"


@docker_engine
def test_what_cannot_be_built_is_refused_before_anything_is_pulled(bench: Bench, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Dockerfile for BuildKit alone, or a forbidden build: its FROM image is not even asked for."""
    registry.hold_tiny("some/base", "1", "amd64", {"x": b"1"})
    folder = bench.folder(f"FROM {registry.address}/some/base:1\nRUN --mount=type=cache,target=/x true\n")
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(TaskError, match="line 2: found RUN --mount"):
        bench.prepare(Place(ImageBuild(folder)))
    with pytest.raises(TaskError, match="--no-build"):
        bench.prepare(Place(ImageBuild(folder)), allow_build=False)
    assert registry.asked == []
