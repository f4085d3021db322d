"""Images to run versions of a project in: one for each environment that the versions declare, however many versions share it."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from harness.core.errors import TaskError
from harness.core.ports import Images, Say
from harness.core.task import ImageBuild, Place
from task_repos.harbor_files import read_text
from task_repos.mine_environment import declared, dockerfile, needs_files
from task_repos.mine_runs import Ground
from task_repos.mine_task import Environment, lay_context
from task_repos.mirrors import Snapshot
from task_repos.new_environment import WORKDIR, with_base_commit, workdir_of

DEADLINE: Final = 1800


class Known(msgspec.Struct, frozen=True):
    """An environment and how to tell it: versions with the same `digest` share an image."""

    digest: str
    environment: Environment


class Grounds:
    """The images of one call; a build that failed fails again without being tried again."""

    def __init__(self, images: Images, given: Path | None, say: Say) -> None:
        self._images, self._given, self._say = images, given, say
        self._held: dict[str, Ground | TaskError] = {}

    @property
    def count(self) -> int:
        return len(self._held)

    def known(self, before: Snapshot, after: Snapshot) -> Known:
        """The environment of the version after, around the version before. Raises TaskError."""
        found = declared({file.path: file.data for file in after.files})
        if self._given is None:
            return Known(found.digest, Environment(dockerfile(found, before.date), needs_files(found), "repo", WORKDIR))
        text = read_text(self._given, "--dockerfile")
        digest = hashlib.sha256(f"{found.digest}\0{text}".encode()).hexdigest()
        return Known(digest, Environment(with_base_commit(text, before.date), {}, ".", workdir_of(text, str(self._given))))

    def ground(self, known: Known, before: Snapshot) -> Ground:
        """The image, built when it is first asked for. Raises TaskError where it can't be built, MissingError, SandboxError."""
        if known.digest not in self._held:
            try:
                self._held[known.digest] = self._built(known.environment, before)
            except TaskError as fault:
                self._held[known.digest] = fault
        held = self._held[known.digest]
        if isinstance(held, TaskError):
            raise held
        return held

    def _built(self, environment: Environment, before: Snapshot) -> Ground:
        with room() as context:
            lay_context(context, environment, before)
            place = Place(image=ImageBuild(str(context), foreign=False, deadline=DEADLINE), workdir=environment.workdir)
            image = self._images.prepare(place, self._say)
        return Ground(image, place, {file.path: file for file in before.files})


@contextmanager
def room() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="longhaul-mine-") as name:
        yield Path(name) / "context"
