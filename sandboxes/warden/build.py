"""Builds the warden's two binaries, byte for byte the same wherever it runs, and writes their digests beside them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
TARGETS: Final[Mapping[str, str]] = {"warden-x86_64": "x86_64-linux-musl", "warden-aarch64": "aarch64-linux-musl"}
# The generic processor of each architecture and no build id: nothing of the building machine may enter the bytes.
FLAGS: Final = (
    "-std=c11", "-Os", "-static", "-s", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-Wl,--build-id=none", "-fno-sanitize=all",
)  # fmt: skip


def sources() -> tuple[str, ...]:
    """The C files by name, in a fixed order."""
    return tuple(sorted(path.name for path in HERE.glob("*.c")))


def source_digest() -> str:
    """One SHA-256 over names and bytes of every C file and header, so that a changed source can't go unnoticed."""
    digest = hashlib.sha256()
    for path in sorted((*HERE.glob("*.c"), *HERE.glob("*.h"))):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def build(target: str, to: Path) -> None:
    """Compile for a zig target triple into the file `to`; raises CalledProcessError with the compiler's words on stderr."""
    argv = (sys.executable, "-m", "ziglang", "cc", "-target", target, *FLAGS, "-o", str(to), *sources())
    subprocess.run(argv, cwd=HERE, check=True)
    to.chmod(0o755)


def main() -> None:
    """Build both, and write digests.json: binary name to SHA-256, the sources' digest, the compiler's version."""
    digests = {}
    for name, target in TARGETS.items():
        build(target, HERE / name)
        digests[name] = hashlib.sha256((HERE / name).read_bytes()).hexdigest()
    record = {"binaries": digests, "sources": source_digest(), "compiler": f"ziglang {version('ziglang')}"}
    (HERE / "digests.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
