"""How a watched run is started: what is laid over the fresh container, and the shell words that make the command's own output the channel."""

from __future__ import annotations

import io
import random
import re
import string
import tarfile
from importlib import resources
from typing import Final

import msgspec

from harness.grading.watch.pair import Pair, make_pair

PYTEST: Final = re.compile(r"(?<![\w.-])(?:pytest|py\.test)(?![\w-])")
_SEARCH_PATH: Final = re.compile(r"(?<![\w$])PYTHONPATH=(?=\S)")
_SIMPLE: Final = re.compile(r"[^;&|\n<>(){}`]*\Z")
# What the tests print goes to the log; standard output stays with the runner alone, under a number of its own.
_SCRIPT: Final = 'exec {0}>&1 1>&2; PYTHONPATH="$1${{PYTHONPATH:+:$PYTHONPATH}}"; export PYTHONPATH; exec sh -c "$2"'


class Line(msgspec.Struct, frozen=True):
    """Of one run. `seed` decides all of it; `folder` is laid root-owned and read-only."""

    seed: str
    folder: str
    module: str
    nonce: str
    descriptor: int
    pair: Pair


def open_line(seed: str, taken: frozenset[str] = frozenset()) -> Line:
    """`seed` must be unpredictable; `taken`: names of test files that exist."""
    chance = random.Random(f"line {seed}")  # noqa: S311  the seed is the secret
    words = ["".join(chance.choices(string.ascii_lowercase, k=10)) for _ in range(3)]
    return Line(seed, f"/opt/{words[0]}", words[1], words[2], chance.randrange(3, 10), make_pair(seed, taken))


def upload(line: Line) -> bytes:
    """A tar over "/": the plugin under its random name, and what lets pytest find it on the search path. Owned by root, writable by nobody."""
    settings = {
        "descriptor": line.descriptor, "nonce": line.nonce, "seed": line.seed,
        "file": line.pair.file, "text": line.pair.text, "names": sorted(line.pair.names),
    }  # fmt: skip
    text = resources.files("harness.grading.watch").joinpath("plugin.py").read_text("utf-8")
    facts = f"{line.module}-1.0.dist-info"
    files = {
        f"{line.module}.py": f"{text}\n\nattend({settings!r}, globals())\n",
        line.pair.file: line.pair.text,
        f"{facts}/METADATA": f"Metadata-Version: 2.1\nName: {line.module}\nVersion: 1.0\n",
        f"{facts}/entry_points.txt": f"[pytest11]\n{line.module} = {line.module}\n",
    }
    return packed(line.folder, files)


def packed(folder: str, files: dict[str, str]) -> bytes:
    """Root-owned files below a new folder, as a tar to be laid over "/"."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in (folder.strip("/"), *sorted({f"{folder.strip('/')}/{path.rpartition('/')[0]}" for path in files if "/" in path})):
            made = tarfile.TarInfo(name)
            made.type, made.mode = tarfile.DIRTYPE, 0o555
            tar.addfile(made)
        for path, text in files.items():
            info, data = tarfile.TarInfo(f"{folder.strip('/')}/{path}"), text.encode()
            info.size, info.mode = len(data), 0o444
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def started(line: Line, command: str) -> tuple[str, ...]:
    """The argv of the run. A search path that the command sets itself gets ours before it."""
    told = _SEARCH_PATH.sub(f"PYTHONPATH={line.folder}:", command)
    return ("sh", "-c", _SCRIPT.format(line.descriptor), "sh", line.folder, told)


def runs_pytest(command: str) -> bool:
    """Whether the command's own words start pytest: then a run in which no session was heard is none."""
    return PYTEST.search(command) is not None


def is_simple(command: str) -> bool:
    """One program whose exit status is the command's, nothing before or after it."""
    return _SIMPLE.match(command) is not None
