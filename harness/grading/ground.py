"""What the pristine container says before any work is laid over it: names that can be imported, and the state of paths that a patch touches."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from harness.core.ports import Sandbox
from harness.core.task import CopiedFile
from harness.grading.steering import Ground

_QUICK_S: Final = 60.0
_MOST: Final = 4 << 20
"""Bytes of a base file that are looked at."""
# Isolated, so that nothing of base stands in for what is asked with; the search path of the image is read by hand.
_ASK: Final = """
import json, os, sys
here = os.path.realpath(os.getcwd())
names, roots = set(sys.builtin_module_names), []
for place in sys.path + os.environ.get("PYTHONPATH", "").split(":"):
    place = os.path.realpath(place)
    inside = os.path.relpath(place, here)
    if place == here or not inside.startswith(".."):
        roots.append(inside)
    elif os.path.isdir(place):
        names.update(each.partition(".")[0] for each in os.listdir(place) if not each.endswith((".dist-info", ".egg-info", ".pth")))
there = [each for each in json.load(sys.stdin) if os.path.lexists(each)]
json.dump([sorted(names), roots, there], sys.stdout)
"""
_SCRIPT: Final = 'for each in python3 python; do command -v "$each" >/dev/null && exec "$each" -I -c "$1"; done; exit 127'


def survey(sandbox: Sandbox, asked: tuple[str, ...]) -> Ground:
    """Names are asked for only where something stands that base does not have; an image without a usable Python is known by the floor of
    names alone. Raises SandboxError.
    """
    found = {path: _held(sandbox, path) for path in asked}
    base = {path: data[:_MOST] for path, data in found.items() if data}
    if None not in found.values():
        return Ground(base=base, existed=frozenset(asked))
    done = sandbox.exec(("sh", "-c", _SCRIPT, "sh", _ASK), deadline=_QUICK_S, stdin=json.dumps(asked).encode())
    try:
        names, roots, there = json.loads(done.stdout)
        return Ground(frozenset(names), tuple(roots), base, frozenset(there))
    except (ValueError, TypeError, RecursionError):
        return Ground(base=base, existed=frozenset(path for path, data in found.items() if data is not None))


def _held(sandbox: Sandbox, path: str) -> bytes | None:
    """A file's bytes, nothing for what is there and no file, None for what is not there."""
    try:
        return sandbox.read(PurePosixPath(path))
    except FileNotFoundError:
        return None
    except OSError:
        return b""


def base_bytes(sandbox: Sandbox, path: str) -> bytes | None:
    """A file's bytes before the work is laid over it, or None where base has no such file."""
    try:
        return sandbox.read(PurePosixPath(path))[:_MOST]
    except OSError:
        return None


def base_files(sandbox: Sandbox, paths: Iterable[str]) -> tuple[CopiedFile, ...]:
    """Those that base has."""
    found = ((path, base_bytes(sandbox, path)) for path in paths)
    return tuple(CopiedFile(path, data) for path, data in found if data is not None)
