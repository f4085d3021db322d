"""A recipe's own words, read strictly: an sdist, its patches, a Debian suite, pinned requirements, install commands; and its digests."""

from __future__ import annotations

import hashlib
import re
from typing import Final

import msgspec

from harness.core.errors import TaskError

NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*")
PACKAGE: Final = re.compile(r"[a-z0-9][a-z0-9+.-]+")
SUITE: Final = re.compile(r"[a-z]+")
SHA256: Final = re.compile(r"[0-9a-f]{64}")
TREE: Final = re.compile(r"[0-9a-f]{40}")
PINNED: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9][A-Za-z0-9.!+_-]*")
ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PYTHON: Final = re.compile(r"3\.[0-9]+")


class Sdist(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A source distribution as the package index has it; `sha256` of the archive, in hex."""

    name: str
    version: str
    sha256: str


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that an instance's image is made from.

    `base_tree` is git's id of the tree after `patch` and then `test_patch` are taken back; `generated` paths are not
    committed; `requirements` are lines `name==version`; `install` commands run in the tree inside the environment.
    """

    instance_id: str
    sdist: Sdist
    base_tree: str
    python: str
    debian_suite: str
    debian_packages: tuple[str, ...]
    requirements: tuple[str, ...]
    install: tuple[str, ...]
    patch: str
    test_patch: str
    generated: tuple[str, ...] = ()


def read_recipe(text: str, where: str) -> Recipe:
    """Decode and check; `where` names the recipe in complaints. Raises TaskError."""
    try:
        recipe = msgspec.json.decode(text.encode(), type=Recipe)
    except (msgspec.MsgspecError, UnicodeEncodeError) as fault:
        raise TaskError(where, "recipe", str(fault), "the fields of docs/recipes.md") from fault
    for field, value, pattern in words(recipe):
        if not pattern.fullmatch(value):
            raise TaskError(f"{where} {recipe.instance_id}", field, repr(value), f"text that matches {pattern.pattern}")
    for path in recipe.generated:
        if path.startswith(("/", ":")) or ".." in path.split("/"):
            raise TaskError(f"{where} {recipe.instance_id}", "generated", repr(path), "a path inside the tree")
    return recipe


def words(recipe: Recipe) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Each word that reaches a command line or a file name, with what it must look like."""
    return (
        ("instance_id", recipe.instance_id, ID),
        ("sdist.name", recipe.sdist.name, NAME),
        ("sdist.version", recipe.sdist.version, VERSION),
        ("sdist.sha256", recipe.sdist.sha256, SHA256),
        ("base_tree", recipe.base_tree, TREE),
        ("python", recipe.python, PYTHON),
        ("debian_suite", recipe.debian_suite, SUITE),
        *(("debian_packages", package, PACKAGE) for package in recipe.debian_packages),
        *(("requirements", line, PINNED) for line in recipe.requirements),
    )


def digest(*parts: str) -> str:
    """Twelve hex digits over texts and their borders: enough for a tag, with the whole hash in a label unneeded."""
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()[:12]
