"""What a sandbox says: results of commands, tree changes, proof of confinement, resources. Sizes in bytes, times in seconds."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec


class Ended(StrEnum):
    """How a command came to its end. `memory`: the kernel killed for memory while it ran, told from the counter."""

    EXITED = "exited"
    DEADLINE = "deadline"
    MEMORY = "memory"
    DISK = "disk"


class ShellResult(msgspec.Struct, frozen=True):
    """Of a command in the keeping shell. `output`: stdout and stderr as written, one stream; `total` counts what was not kept, too.

    `exit_code` is the wait status (128+n for signal n). `state_kept` is False when the directory and variables are those from before.
    `killed`: processes ended at the deadline.
    """

    output: bytes
    total: int
    exit_code: int
    ended: Ended
    seconds: float
    cwd: str
    state_kept: bool
    killed: int = 0


class Exec(msgspec.Struct, frozen=True):
    """Of a stateless command."""

    stdout: bytes
    stderr: bytes
    stdout_total: int
    stderr_total: int
    exit_code: int
    ended: Ended
    seconds: float
    killed: int = 0


class TreeEntry(msgspec.Struct, frozen=True):
    """One path of the workspace. `path` relative, bytes. `data` is None for folders, specials, unreadable files and files over the cap;
    then `sha256` (hex) and `size` speak where the content could be read. For links `data` is the target.
    """

    path: bytes
    kind: Literal["file", "link", "dir", "special", "unreadable"]
    mode: int
    size: int
    data: bytes | None = None
    sha256: str = ""


class TreeDelta(msgspec.Struct, frozen=True):
    """What differs from the last look; `alive` counts processes of the agent's uid that ran meanwhile and could race it.

    `truncated`: part of the tree could not be seen: too many paths, paths too long, or the workdir itself closed or gone.
    """

    entries: tuple[TreeEntry, ...]
    removed: tuple[bytes, ...]
    alive: int = 0
    truncated: bool = False


class ShellKept(msgspec.Struct, frozen=True):
    """What a keeping shell takes along to its next command: the directory (absolute) and the exported variables (NAME=VALUE each)."""

    cwd: bytes
    environment: tuple[bytes, ...]


class Confinement(msgspec.Struct, frozen=True):
    """Proof taken from inside (as the agent's uid) and from the engine, per trial. `mode` is full, "root" where commands run as uid 0,
    "zero-capability" for the fallback.
    """

    mode: Literal["full", "root", "zero-capability", "none"]
    uid: int
    cap_eff: str
    no_new_privs: bool
    seccomp: int
    routes: int
    mounts: tuple[str, ...]
    network: str
    privileged: bool
    cap_add: tuple[str, ...]
    cap_drop: tuple[str, ...]


class Resources(msgspec.Struct, frozen=True):
    """Readings since the container began; None where this kernel does not tell."""

    memory_peak: int | None = None
    memory_limit: int | None = None
    memory_kills: int | None = None
    throttled_s: float | None = None
    host_load: float | None = None
    gpu: str = ""


class SandboxFacts(msgspec.Struct, frozen=True):
    """What was opened: engine container id, image digests, limits as the engine has them, the shell found in the image."""

    container: str
    image: str
    source_image: str
    engine: str
    shell: str
    confinement: Confinement
    cpus: float
    memory: int
    pids: int


class User(msgspec.Struct, frozen=True):
    """Whom commands run as. `name` and `home` are as the image's passwd has them, or empty where the image's own settings say it."""

    uid: int = 1000
    gid: int = 1000
    groups: tuple[int, ...] = ()
    """Further groups, by number."""
    name: str = ""
    home: str = ""


class Need(msgspec.Struct, frozen=True):
    """An image that is not here: `name` of a tag, bundle or Dockerfile; `size` bytes on the engine's disk, an estimate, None if unknown."""

    name: str
    how: Literal["pull", "load", "build"]
    size: int | None = None


class Needs(msgspec.Struct, frozen=True):
    """What images still ask of the engine: each is counted once. `free`: bytes of its disk, None where nobody can tell."""

    items: tuple[Need, ...]
    free: int | None = None

    @property
    def needed(self) -> int:
        """Bytes of those whose size is known."""
        return sum(need.size or 0 for need in self.items)

    @property
    def fits(self) -> bool:
        """Whether the known sizes fit, as far as anybody can tell."""
        return self.free is None or self.needed <= self.free

    @property
    def words(self) -> str:
        """One line, such as "images: 3 to build, 1 to pull (1.2 GB), 60 GB free"."""
        parts = [part for how in ("build", "pull", "load") if (part := self._part(how))]
        room = [] if self.free is None else [f"{self.free / 1e9:,.0f} GB free"]
        return f"images: {', '.join((*(parts or ['all here']), *room))}"

    def _part(self, how: str) -> str:
        sizes = [need.size for need in self.items if need.how == how]
        known = sum(size for size in sizes if size is not None)
        unknown = sizes.count(None)
        told = [f"{known / 1e9:.1f} GB" if known >= 5e7 else f"{known / 1e6:.0f} MB"] if known else []
        told += [f"{unknown} of unknown size"] if unknown and known else []
        amount = f" ({' and '.join(told)})" if told else ""
        return f"{len(sizes)} to {how}{amount}" if sizes else ""


class Leak(msgspec.Struct, frozen=True):
    """Something in an image that must not be there: `path` in the image (with "!" before what is inside an archive or a repository),
    `needle` the name of what was looked for, or what is wrong with a repository or a date.
    """

    path: str
    needle: str


class PreparedImage(msgspec.Struct, frozen=True):
    """An image ready for trials. `reference` is what to run (a local id), digests are "sha256:..."; `workdir` absolute posix."""

    reference: str
    digest: str
    source_digest: str
    architecture: str
    workdir: str
    history: str = ""
    """What was found about the agent's repository: "none", "clean", or what was cut away."""
    user: User = User()
