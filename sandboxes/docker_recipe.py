"""Images from recipes, without any registry: suite, wheels, environment, source, instance, each step kept and never done twice."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path
from typing import Final, NotRequired, TypedDict, Unpack

import docker
import msgspec

from harness.core.errors import MissingError, TaskError
from harness.core.ports import Say
from harness.core.task import ImageRecipe
from sandboxes.docker_base import locked
from sandboxes.docker_reach import Reach
from sandboxes.docker_recipe_base import LABEL, base_key, ensure_suite, present, suite_tag
from sandboxes.docker_recipe_step import ROOM, Step, Supply, commit, harvest, keep, performed
from sandboxes.recipe_spec import Recipe, digest, read_recipe
from sandboxes.recipe_tree import make_tree

KIND: Final = "sdist"
WORKDIR: Final = "/testbed"
PLAIN: Final = Reach()
AGENT: Final = "1000:1000"
VENV: Final = "/opt/venv"
PIP: Final = "pip -q --disable-pip-version-check --no-cache-dir"
# A recipe pins its own tools among the requirements; these only make wheels of what the index has as source alone.
WHEELS: Final = f"""\
found=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
test "$found" = "$LONGHAUL_PYTHON" || {{ echo "the image has Python $found, the recipe names $LONGHAUL_PYTHON"; exit 3; }}
python3 -m venv /tmp/v && /tmp/v/bin/{PIP} install pip==24.0 setuptools==68.2.2 wheel==0.41.3
/tmp/v/bin/{PIP} wheel --no-deps --no-build-isolation -r /{ROOM}/in/requirements.txt -w /{ROOM}/out
"""
ENVIRONMENT: Final = f"""\
python3 -m venv {VENV}
P="{VENV}/bin/{PIP} install --no-index --find-links /{ROOM}/out --no-deps"
pinned=$(grep '^pip==' /{ROOM}/in/requirements.txt || true)
test -z "$pinned" || $P "$pinned"
$P -r /{ROOM}/in/requirements.txt
rm -rf /{ROOM}
"""
# pip compares the digest before it runs a line of the archive's code, and it runs it here: never on the host.
FETCH: Final = f"""\
{VENV}/bin/{PIP} download --no-deps --no-binary :all: --no-build-isolation --require-hashes \
-r /{ROOM}/in/sdist.txt -d /{ROOM}/out
"""
INSTALL: Final = f"""\
export HOME=/{ROOM}/in PATH={VENV}/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 VIRTUAL_ENV={VENV}
cd {WORKDIR}
/bin/sh -eu /{ROOM}/in/install.sh
left=$(git status --short)
test -z "$left" || {{ echo "the install commands left the tree changed: $left"; exit 9; }}
chown -R {AGENT} {WORKDIR}
rm -rf /{ROOM}
"""
SETTINGS: Final = (
    f"WORKDIR {WORKDIR}",
    "ENV LANG=C.UTF-8",
    f"ENV VIRTUAL_ENV={VENV}",
    f"ENV PATH={VENV}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
)


class Options(TypedDict):
    """`cache`: the folder that keeps what was fetched; `reach` to the package index; Debian's `mirror`, or "" for the usual."""

    cache: Path
    reach: NotRequired[Reach]
    mirror: NotRequired[str]
    allow_build: NotRequired[bool]


def build(client: docker.DockerClient, recipe: ImageRecipe, say: Say, **options: Unpack[Options]) -> str:
    """The tag of the instance's image, built from what is missing on.

    The tree lies in /testbed and belongs to uid 1000, the environment in /opt/venv to root.
    Raises TaskError when the recipe is wrong or does not give what it says, MissingError, SandboxError.
    """
    if recipe.kind != KIND:
        raise TaskError(recipe.folder, "recipe.kind", repr(recipe.kind), repr(KIND))
    read = read_recipe(recipe.text, recipe.folder)
    tag, key = instance_name(read)
    if present(client, tag, key):
        return tag
    if not options.get("allow_build", True):
        raise MissingError(f"{read.instance_id}: its image must be built from its recipe, and building is off", "run without --no-build")
    supply = Supply(options["cache"], options.get("reach", PLAIN), options.get("mirror", ""))
    with locked(supply.folder("recipe-locks") / key):
        if not present(client, tag, key):
            build_instance(client, read, (tag, key), say, supply)
    return tag


def instance_name(recipe: Recipe) -> tuple[str, str]:
    """Tag and key of an instance's image; pure."""
    key = digest(env_key(recipe), INSTALL, msgspec.json.encode(recipe).decode(), *SETTINGS)
    return f"longhaul/instance:{recipe.instance_id.lower()[:100]}-{key}", key


def tags_of(recipe: ImageRecipe) -> tuple[str, str, str]:
    """Of the instance, its environment and its suite; the upper ones stand on the lower. Raises TaskError."""
    read = read_recipe(recipe.text, recipe.folder)
    return instance_name(read)[0], f"longhaul/env:{env_key(read)}", suite_tag(read)


def build_instance(
    client: docker.DockerClient, recipe: Recipe, name: tuple[str, str], say: Say, supply: Supply
) -> None:
    """Environment, source and tree, then the instance; `name` is tag and key."""
    environment = ensure_environment(client, recipe, say, supply)
    archive = ensure_sdist(client, recipe, environment, say, supply)
    say(f"{recipe.instance_id}: rebuilding the base tree from {recipe.sdist.name} {recipe.sdist.version}")
    tree = make_tree(recipe, archive, recipe.instance_id)
    commands = "\n".join((*recipe.install, "")).encode()
    step = Step(
        name=recipe.instance_id, image=environment, script=INSTALL, tars=(("/", tree),),
        files=(("install.sh", commands), (".gitconfig", f"[safe]\n\tdirectory = {WORKDIR}\n".encode())),
    )  # fmt: skip
    with performed(client, step) as container:
        commit(container, name[0], {LABEL: name[1], "longhaul.kind": "instance"}, SETTINGS)


def env_key(recipe: Recipe) -> str:
    """What an environment is made of; pure."""
    return digest(base_key(recipe), recipe.python, "\n".join(recipe.requirements), WHEELS, ENVIRONMENT)


def ensure_environment(client: docker.DockerClient, recipe: Recipe, say: Say, supply: Supply) -> str:
    """The tag of the suite's image with the pinned packages, shared by all recipes that pin the same."""
    key = env_key(recipe)
    tag = f"longhaul/env:{key}"
    if present(client, tag, key):
        return tag
    suite = ensure_suite(client, recipe, say, supply)
    with locked(supply.folder("recipe-locks") / key):
        if not present(client, tag, key):
            wheels = ensure_wheels(client, recipe, suite, say, supply)
            files = (("requirements.txt", requirement_file(recipe)),)
            room = (f"/{ROOM}", wheels.read_bytes())
            step = Step(name=recipe.instance_id, image=suite, script=ENVIRONMENT, files=files, tars=(room,))
            with performed(client, step) as container:
                commit(container, tag, {LABEL: key, "longhaul.kind": "environment"})
    return tag


def ensure_wheels(client: docker.DockerClient, recipe: Recipe, suite: str, say: Say, supply: Supply) -> Path:
    """A tar of every pinned package as a wheel, kept in the cache."""
    path = supply.folder("wheels") / f"{env_key(recipe)}.tar"
    if not path.exists():
        say(f"{recipe.instance_id}: fetching {len(recipe.requirements)} pinned packages from the package index")
        script = f"LONGHAUL_PYTHON={recipe.python}\n{WHEELS}"
        files = (("requirements.txt", requirement_file(recipe)),)
        with performed(client, Step(recipe.instance_id, suite, script, files=files, reach=supply.reach)) as container:
            keep(path, harvest(container))
    return path


def ensure_sdist(client: docker.DockerClient, recipe: Recipe, environment: str, say: Say, supply: Supply) -> Path:
    """The archive with the recipe's digest, kept in the cache. Raises TaskError when the index gives another."""
    sdist = recipe.sdist
    path = supply.folder(f"sdists/{sdist.sha256}") / f"{sdist.name}-{sdist.version}.tar.gz"
    if not (path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sdist.sha256):
        say(f"{recipe.instance_id}: fetching {sdist.name} {sdist.version} from the package index")
        wanted = f"{sdist.name}=={sdist.version} --hash=sha256:{sdist.sha256}\n".encode()
        step = Step(recipe.instance_id, environment, FETCH, files=(("sdist.txt", wanted),), reach=supply.reach)
        with performed(client, step) as container:
            keep(path, only_file(harvest(container), recipe))
    return path


def only_file(tar_bytes: bytes, recipe: Recipe) -> bytes:
    """The one archive in the folder that pip filled, its digest compared once more on this side. Raises TaskError."""
    with tarfile.open(fileobj=io.BytesIO(tar_bytes)) as tar:
        for info in tar:
            source = tar.extractfile(info) if info.isreg() else None
            data = source.read() if source else b""
            if hashlib.sha256(data).hexdigest() == recipe.sdist.sha256:
                return data
    raise TaskError(recipe.instance_id, "sdist.sha256", "another archive", f"the digest {recipe.sdist.sha256}")


def requirement_file(recipe: Recipe) -> bytes:
    """The pins, one per line."""
    return "\n".join((*recipe.requirements, "")).encode()
