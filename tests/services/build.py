"""Builds real model servers from package indexes alone; `python -m tests.services.build [--background]` does them all.

Two generations of Ollama, because they lose context with different signs, and llama.cpp's own server. The last Ollama
that carries its engine in its Go module is 0.24; a later one starts `llama-server` as a child, which is taken here from
the source archive of llama-cpp-python. That is not the very llama.cpp revision Ollama pins, and works with it.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.services.keep import cache_folder, kept
from tests.services.toolchain import ToolchainError, find_go, install_missing, run

RECIPE = 1  # part of every key: raise it when a build step changes what comes out
MINIAUDIO = "miniaudio==1.71"
LLAMA_CPP = "llama-cpp-python==0.3.36"
# x86-64-v3 and not the building machine's own: a cache may move to another machine.
MARCH = "-O3 -march=x86-64-v3" if platform.machine() == "x86_64" else "-O3"
OWN = {
    "ollama-0.24.0": "LONGHAUL_OLLAMA_024",
    "ollama-0.34.0": "LONGHAUL_OLLAMA_034",
    "llama-server": "LONGHAUL_LLAMA_SERVER",
}
CMAKE_OPTIONS = {
    "CMAKE_BUILD_TYPE": "Release", "BUILD_SHARED_LIBS": "OFF",
    "LLAMA_BUILD_UI": "OFF", "LLAMA_USE_PREBUILT_UI": "OFF", "LLAMA_OPENSSL": "OFF", "LLAMA_BUILD_TESTS": "OFF",
    "LLAMA_BUILD_EXAMPLES": "OFF", "LLAMA_BUILD_APP": "OFF", "LLAMA_BUILD_TOOLS": "ON", "LLAMA_BUILD_SERVER": "ON",
    "GGML_NATIVE": "OFF",
    "GGML_OPENMP": "OFF",  # else the binary needs a library that only a compiler brings
}  # fmt: skip
CMAKE_X86 = {f"GGML_{unit}": "ON" for unit in ("SSE42", "AVX", "AVX2", "FMA", "F16C", "BMI2")}


def key(name: str) -> str:
    """The cache key of a server."""
    return f"{name}-r{RECIPE}-{platform.system().lower()}-{platform.machine()}"


def own_binary(name: str) -> Path | None:
    """The user's own binary for a server, if its variable is set; raises ToolchainError when it names no file."""
    given = os.environ.get(OWN[name])
    if not given:
        return None
    if not Path(given).is_file():
        raise ToolchainError(f"{OWN[name]}: found {given}, expected the path of a program")
    return Path(given)


def log_of(name: str) -> Path:
    """Where the output of a server's build goes."""
    return cache_folder() / f"{name}.build.log"


def ollama_024() -> Path:
    """The path of an Ollama of the generation with the engine inside; built at need."""
    return own_binary("ollama-0.24.0") or kept(key("ollama-0.24.0"), build_ollama_024) / "ollama"


def ollama_034() -> Path:
    """The path of an Ollama of the generation with `llama-server` as its child; built at need."""
    return own_binary("ollama-0.34.0") or kept(key("ollama-0.34.0"), build_ollama_034) / "ollama"


def llama_server() -> Path:
    """The path of llama.cpp's server; built at need."""
    return own_binary("llama-server") or kept(key("llama-server"), build_llama_server) / "llama-server"


def build_ollama_024(stage: Path, work: Path) -> None:
    """One binary with everything in it; about two and a half minutes on two cores."""
    log = log_of("ollama-0.24.0")
    install_missing(log)
    # Module archives leave out folders called `vendor`; the distribution has two of the three lost headers.
    headers = unpack_sdist(MINIAUDIO, work, log)
    flags = {"CGO_CPPFLAGS": f"-I{headers}", "CGO_CFLAGS": MARCH, "CGO_CXXFLAGS": MARCH}
    install_go_program("0.24.0", stage, work, log, flags)


def build_ollama_034(stage: Path, work: Path) -> None:
    """The Go half, with the engine half beside it where it looks for it."""
    log = log_of("ollama-0.34.0")
    install_missing(log)
    install_go_program("0.34.0", stage, work, log, {})
    engine = kept(key("llama-server"), build_llama_server)
    shutil.copytree(engine, stage / "lib" / "ollama")


def build_llama_server(stage: Path, work: Path) -> None:
    """The server and the quantizer, with which Ollama checks a model file; about eight minutes on two cores."""
    log = log_of("llama-server")
    install_missing(log)
    source = unpack_sdist(LLAMA_CPP, work, log) / "vendor" / "llama.cpp"
    build = work / "build"
    run(("cmake", "-S", str(source), "-B", str(build), *cmake_options()), log)
    targets = ("--target", "llama-server", "llama-quantize", f"-j{os.cpu_count() or 2}")
    run(("cmake", "--build", str(build), *targets), log)
    for program in ("llama-server", "llama-quantize"):
        shutil.copy2(build / "bin" / program, stage / program)


def cmake_options() -> tuple[str, ...]:
    """The options of the llama.cpp build as arguments."""
    options = CMAKE_OPTIONS | (CMAKE_X86 if platform.machine() == "x86_64" else {})
    return tuple(f"-D{name}={value}" for name, value in options.items())


def install_go_program(version: str, stage: Path, work: Path, log: Path, flags: dict[str, str]) -> None:
    """Build one Ollama from the Go module proxy into `stage`; the module cache stays in `work` and goes with it."""
    go = find_go(log)
    # Without the version flag every source build calls itself 0.0.0.
    stamp = f"-X=github.com/ollama/ollama/version.Version={version}"
    homes = {"GOBIN": str(stage), "GOPATH": str(work / "go"), "GOCACHE": str(work / "go-build"), "CGO_ENABLED": "1"}
    argv = (str(go), "install", "-modcacherw", "-trimpath", "-ldflags", stamp, f"github.com/ollama/ollama@v{version}")
    run(argv, log, homes | flags)


def unpack_sdist(requirement: str, work: Path, log: Path) -> Path:
    """Download a source archive through pip and unpack it; the folder inside it."""
    sources = work / "sources"
    run((sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:",
         "--dest", str(sources), requirement), log)  # fmt: skip
    stem = requirement.partition("==")[0].replace("-", "[-_]")
    archive = next(sources.glob(f"{stem}*.tar.gz"))
    with tarfile.open(archive) as tar:
        tar.extractall(sources, filter="data")
        top = tar.getnames()[0].partition("/")[0]
    return sources / top


BUILDS = {
    "ollama-0.24.0": ollama_024, "llama-server": llama_server, "ollama-0.34.0": ollama_034,
}  # fmt: skip


def wanting() -> tuple[str, ...]:
    """The servers that are neither the user's own nor built yet."""
    return tuple(name for name in BUILDS if not own_binary(name) and not (cache_folder() / key(name)).is_dir())


def build_all() -> None:
    """Build what is wanting, one after the other, and print where everything is."""
    for find in BUILDS.values():
        print(find(), flush=True)


def build_in_background() -> None:
    """Leave a polite process that builds what is wanting; the fixtures wait for it by its lock."""
    names = wanting()
    if not names:
        print("the test servers are there")
        return
    # Packages now, and not in the background, where a question of rights would be lost in a log.
    log = cache_folder() / "background.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    install_missing(log)
    with log.open("ab") as out:
        subprocess.Popen(
            ["nice", "-n", "10", sys.executable, "-m", "tests.services.build"],
            stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    print(f"building {', '.join(names)} in the background, about {4 * len(names)} minutes (log: {log})")


def main(arguments: list[str]) -> int:
    """Build all; with `--background` return at once."""
    try:
        if arguments == ["--background"]:
            build_in_background()
        else:
            build_all()
    except ToolchainError as fault:
        print(fault, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
