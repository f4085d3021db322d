"""Images from recipes: what a step sees and leaves, what is refused, and one real recipe built and looked into."""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path

import docker
import msgspec
import pytest

from harness.core.errors import MissingError, TaskError
from harness.core.task import ImageRecipe, ImageTag
from harness.settings import read
from sandboxes.docker_base import BaseImage
from sandboxes.docker_reach import Reach, reach_of
from sandboxes.docker_recipe import build
from sandboxes.docker_recipe_step import ROOM, Step, commit, harvest, keep, performed
from sandboxes.recipe_spec import Recipe, Sdist
from task_repos.swebench import create

ROOT = Path(__file__).resolve().parents[2]
SECRET = "name:hunter2"
REACH = Reach(b"-- pem --", f"http://{SECRET}@127.0.0.1:9/simple", (("https_proxy", "http://127.0.0.1:9"),))
LOOK = f"env > /{ROOM}/out/env; ls /sys/class/net > /{ROOM}/out/net; grep Cap /proc/self/status > /{ROOM}/out/cap; cp -r /{ROOM}/in /{ROOM}/out/\n"


def content(tar_bytes: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(tar_bytes)) as tar:
        return {info.name.removeprefix("out/"): tar.extractfile(info).read() for info in tar if info.isreg()}  # type: ignore[union-attr]


def test_only_a_step_that_fetches_sees_network_index_and_certificates(engine: docker.DockerClient, base_image: BaseImage) -> None:
    """With a reach: variables and certificates. Without: loopback alone and nothing of it. In both: no power but three."""
    with performed(engine, Step("test", base_image.tag, LOOK, reach=REACH)) as container:
        fetching = content(harvest(container))
    with performed(engine, Step("test", base_image.tag, LOOK)) as container:
        closed = content(harvest(container))
    assert SECRET.encode() in fetching["env"]
    assert b"https_proxy" in fetching["env"]
    assert fetching["in/ca.pem"] == b"-- pem --"
    assert SECRET.encode() not in closed["env"]
    assert "in/ca.pem" not in closed
    assert closed["net"].split() == [b"lo"]
    assert b"CapEff:\t000000000000000b" in closed["cap"]


def test_failing_step_names_its_last_words_and_leaves_no_container(engine: docker.DockerClient, base_image: BaseImage) -> None:
    """A build that fails is a TaskError with exit status and log; the container is gone."""
    step = Step("test-failing", base_image.tag, "echo the reason; exit 5")
    with pytest.raises(TaskError, match="exit 5: the reason"), performed(engine, step):
        pass
    assert engine.containers.list(all=True, filters={"label": "longhaul.build=test-failing"}) == []


def test_commit_carries_labels_and_no_trace_of_the_step(engine: docker.DockerClient, base_image: BaseImage) -> None:
    """What is committed has our labels and settings; neither script nor room is in it."""
    step = Step("test", base_image.tag, f"echo kept > /kept; rm -rf /{ROOM}\n")
    with performed(engine, step) as container:
        commit(container, "longhaul/test:recipe-step", {"longhaul.test": "1"}, ("WORKDIR /srv",))
    try:
        image = engine.images.get("longhaul/test:recipe-step")
        assert (image.labels["longhaul.test"], image.labels["longhaul.build"]) == ("1", "")
        assert image.attrs["Config"]["WorkingDir"] == "/srv"
        with performed(engine, Step("test", str(image.id), f"cat /kept > /{ROOM}/out/kept; ls / > /{ROOM}/out/ls\n")) as container:
            found = content(harvest(container))
        assert found["kept"] == b"kept\n"
    finally:
        engine.images.remove("longhaul/test:recipe-step", force=True)


def test_cache_files_appear_whole(tmp_path: Path) -> None:
    """A cache file is replaced at once and leaves nothing half-written beside it."""
    keep(tmp_path / "x.tar", b"one")
    keep(tmp_path / "x.tar", b"two")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"x.tar": b"two"}


def recipe(**changes: object) -> ImageRecipe:
    whole = Recipe("o__n-1", Sdist("x", "1.0", "0" * 64), "0" * 40, "3.11", "bookworm", ("git",), ("pip==24.0",), (), "", "")
    return ImageRecipe("sdist", msgspec.json.encode(msgspec.structs.replace(whole, **changes)).decode(), "folder")


def test_unknown_kind_bad_text_and_forbidden_build_are_refused(engine: docker.DockerClient, tmp_path: Path) -> None:
    """A recipe of another kind, one that is no recipe, and one that may not be built: one sentence each, nothing built."""
    with pytest.raises(TaskError, match=r"recipe\.kind: found 'wheel', expected 'sdist'"):
        build(engine, msgspec.structs.replace(recipe(), kind="wheel"), print, cache=tmp_path)
    with pytest.raises(TaskError, match="folder: recipe: found"):
        build(engine, msgspec.structs.replace(recipe(), text="{}"), print, cache=tmp_path)
    with pytest.raises(MissingError, match="o__n-1: its image must be built"):
        build(engine, recipe(), print, cache=tmp_path, allow_build=False)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="session")
def flask() -> ImageRecipe:
    data = Path(os.environ.get("LONGHAUL_TEST_DATA") or ROOT.parent / "shared" / "data")
    folder = data / "swebench_sample"
    if not (folder / "instances.jsonl").is_file():
        pytest.skip(f"no real recipe: {folder} is absent (LONGHAUL_TEST_DATA names another data folder)")
    task = next(task for task in create(path=str(folder)) if task.id == "pallets__flask-4992")
    assert isinstance(task.place.image, ImageTag)
    assert isinstance(task.place.image.otherwise, ImageRecipe)
    return task.place.image.otherwise


def make(engine: docker.DockerClient, found: ImageRecipe) -> tuple[str, list[str]]:
    settings, said = read(), []
    pem = Path(settings.ca_bundle).read_bytes() if settings.ca_bundle else b""
    reach = reach_of(pem, settings.index)
    return build(engine, found, said.append, cache=settings.cache, reach=reach), said


def test_real_recipe_gives_its_tree_and_nothing_else(engine: docker.DockerClient, flask: ImageRecipe) -> None:
    """The image has the recipe's tree in one commit, owned by the agent; the second build does nothing; no index is in it."""
    tag, _ = make(engine, flask)
    assert make(engine, flask) == (tag, [])
    script = f"""\
export HOME=/tmp; git config --global safe.directory /testbed; cd /testbed
git rev-parse 'HEAD^{{tree}}' > /{ROOM}/out/tree; git rev-list --all --count > /{ROOM}/out/count; git status --short > /{ROOM}/out/status
stat -c %u:%g . README.rst .git/HEAD > /{ROOM}/out/owner; env > /{ROOM}/out/env; ls -d /longhaul* > /{ROOM}/out/rooms
pip freeze --all | grep -vc '^#' > /{ROOM}/out/pins; ls /root/.cache /etc/pip.conf /root/.config > /{ROOM}/out/left 2>/dev/null || true
"""
    with performed(engine, Step("test", tag, script)) as container:
        found = content(harvest(container))
    fields = json.loads(flask.text)
    assert found["tree"].decode().strip() == fields["base_tree"]
    assert (found["count"], found["status"], found["left"]) == (b"1\n", b"", b"")
    assert set(found["owner"].split()) == {b"1000:1000"}
    assert found["rooms"].decode().split() == [f"/{ROOM}"]  # this step's own
    assert int(found["pins"]) == len(fields["requirements"]) + 1
    assert b"/opt/venv" in found["env"]
    image = engine.images.get(tag)
    told = json.dumps([image.attrs, image.history()])
    assert "PIP_" not in told
    assert "longhaul.recipe" in image.labels


def test_wrong_digest_is_refused_before_its_code_runs(engine: docker.DockerClient, flask: ImageRecipe) -> None:
    """An sdist whose digest is not the recipe's ends the build with pip's refusal, and no image."""
    fields = json.loads(flask.text)
    fields["sdist"]["sha256"] = "0" * 64
    make(engine, flask)
    with pytest.raises(TaskError, match=r"pallets__flask-4992: build: found exit 1: .*(HASHES|hashes)"):
        make(engine, msgspec.structs.replace(flask, text=json.dumps(fields)))


def test_command_that_changes_the_tree_is_refused(engine: docker.DockerClient, flask: ImageRecipe) -> None:
    """Install commands that leave tracked or new files behind are named with the files, and give no image."""
    fields = json.loads(flask.text)
    fields["install"] = ["echo x >> README.rst", "touch new.txt"]
    with pytest.raises(TaskError, match=r"left the tree changed: .*README\.rst \| \?\? new\.txt"):
        make(engine, msgspec.structs.replace(flask, text=json.dumps(fields)))
