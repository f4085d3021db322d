"""A seed in, folders out: the one door of the generator."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from collections.abc import Mapping

import msgspec

from harness.core.errors import PlanError
from task_repos.staging import families
from task_repos.staging.delivery import delivered
from task_repos.staging.dials import Delivery, dials
from task_repos.staging.folders import Folder
from task_repos.staging.ground import Family
from task_repos.staging.plan import Staged, staged
from task_repos.staging.playing import Played, play
from task_repos.staging.work import Mutant


class Generated(msgspec.Struct, frozen=True):
    """`mutants`: (id of the milestone, wrong end state of the staged delivery): never in a folder, where they would show what is checked."""

    task: Staged
    played: Played
    folders: tuple[Folder, ...]

    def mutants(self) -> tuple[tuple[str, Mutant], ...]:
        final = self.played.trees[-1]
        return tuple(
            (f"s{index + 1:02d}.{number}", mutant)
            for index, work in enumerate(self.task.works)
            for number, point in enumerate(work.points, start=1)
            for mutant in point.mutants(final)
        )


def known() -> dict[str, Family]:
    """Families by their ids, in order of these: every file of the package that has one."""
    found = {}
    for each in pkgutil.iter_modules(families.__path__):
        held = getattr(importlib.import_module(f"{families.__name__}.{each.name}"), "FAMILY", None)
        if held is not None:
            found[held.id] = held
    return dict(sorted(found.items()))


def generate(tier: str, seed: int, family: str, delivery: Delivery = "staged", turned: Mapping[str, str | int] | None = None) -> Generated:
    """Raises PlanError in one sentence for what can't be made."""
    every = known()
    if family not in every:
        raise PlanError("", "family", repr(family), f"one of {', '.join(every)}")
    if not 0 <= seed < 1 << 63:
        raise PlanError("", "seed", seed, "a whole number from 0 to 2**63 - 1")
    task = staged(every[family], tier, dials(tier, turned or {}), seed)
    done = play(task)
    return Generated(task, done, delivered(task, done, delivery))


def digest(folder: Folder) -> str:
    """Over the folder's paths and bytes."""
    found = hashlib.sha256()
    for path, data in folder.files.items():
        found.update(f"{path}\0{hashlib.sha256(data).hexdigest()}\n".encode())
    return found.hexdigest()
