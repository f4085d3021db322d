"""The generator of staged tasks by name: words to folders, folders to disk."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any


def families() -> dict[str, str]:
    """Id -> one sentence, of every family there is."""
    found = importlib.import_module("task_repos.staging.generating").known()
    return {ident: family.about for ident, family in found.items()}


def made(word: str, seed: int) -> tuple[Any, ...]:
    """The folders of what stands after `staged:`. Raises PlanError."""
    source = importlib.import_module("task_repos.staged")
    return tuple(source.made(source.wanted(word, seed)))


def write(folder: Any, place: Path) -> None:
    """Raises OSError."""
    importlib.import_module("task_repos.staged").write(folder, place)


def facts(folder: Any) -> dict[str, Any]:
    """What a reader of the folder wants to know: counts, tokens of the played solution, the digest over its files."""
    tokens = importlib.import_module("task_repos.staging.measuring").tokens(folder)
    digest = importlib.import_module("task_repos.staging.generating").digest(folder)
    manifest = folder.manifest
    return {
        "id": folder.name, "family": manifest.family, "tier": manifest.tier, "seed": manifest.seed, "requests": len(folder.requests),
        "interludes": sum(stage.interlude for stage in manifest.stages), "milestones": len(manifest.milestones), "items": len(manifest.items),
        "constraints": len(manifest.constraints), "moves": len(folder.moves), "modules": _modules(folder), "tokens": tokens, "files": len(folder.files),
        "digest": f"sha256:{digest}",
    }  # fmt: skip


def _modules(folder: Any) -> int:
    return sum(path.endswith(".py") and not path.startswith("tests/") for path in folder.base)
