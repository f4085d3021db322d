"""The ports: what the harness asks of everything that can be replaced, and what each may raise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import PurePosixPath
from typing import Protocol, TypeAlias

import msgspec

from harness.core.agent import Claim
from harness.core.blob import Blob
from harness.core.chat import ModelRequest, Reply, ToolCall, ToolSpec
from harness.core.errors import Blame
from harness.core.events import Entry, Event, ShellState, Trace
from harness.core.facts import ModelFacts, ModelSettings
from harness.core.machine import (
    Ended,
    Exec,
    Leak,
    Needs,
    PreparedImage,
    Resources,
    SandboxFacts,
    ShellKept,
    ShellResult,
    TreeDelta,
    TreeEntry,
)
from harness.core.task import Place, TaskSpec
from harness.core.trial import TrialKey

Say: TypeAlias = Callable[[str], None]
"""Tells the person in front of the terminal one line; given by the command line, never called from pure code."""


class Sandbox(Protocol):
    """If you hold one, it is alive. Every method raises SandboxError when the machine fails us."""

    @property
    def facts(self) -> SandboxFacts: ...

    def shell(self, command: str, *, deadline: float) -> ShellResult:
        """Run in the keeping shell: working directory and exported variables live on to the next call.

        At the deadline (seconds) every process descended from this command is gone; what earlier commands left running lives on.
        """
        ...

    def exec(
        self, argv: tuple[str, ...], *, deadline: float, stdin: bytes = b"", environment: Mapping[str, str] | None = None
    ) -> Exec:
        """Run stateless, in the workdir, as the agent's uid."""
        ...

    def read(self, path: PurePosixPath) -> bytes:
        """The file's bytes; relative paths are under the workdir. Raises FileNotFoundError, IsADirectoryError, PermissionError, OSError."""
        ...

    def write(self, path: PurePosixPath, data: bytes, *, mode: int | None = None) -> None:
        """Atomically, as the agent's uid; makes parent folders; keeps the mode of an existing file unless told. Raises OSError."""
        ...

    def remove(self, path: PurePosixPath) -> None:
        """A file, link or whole folder; missing is fine. Raises OSError."""
        ...

    def prime(self) -> TreeDelta:
        """The first look: metadata of all paths under the workdir without content."""
        ...

    def changes(self) -> TreeDelta:
        """What differs from the last look, with content."""
        ...

    def lay(self, entries: Iterable[TreeEntry]) -> None:
        """Put these paths into the workdir, content and mode as they say, folders before what is in them; what stood there is replaced.

        Files (with `data`), links, folders, named pipes. The next look tells them. Raises OSError.
        """
        ...

    def kept(self) -> ShellKept:
        """What the keeping shell would give its next command; no variables at all where none has run yet."""
        ...

    def restore(self, kept: ShellKept) -> None:
        """Have the keeping shell go on from there."""
        ...

    def outside(self) -> tuple[str, ...] | None:
        """Paths that differ from the image's, the workdir's left out; None where nobody can tell."""
        ...

    def keep(self, words: str) -> str:
        """The whole machine as an image for further sandboxes: its id; "" where machines can't be kept. `words` say what for."""
        ...

    def resources(self) -> Resources: ...

    def harvest(self, path: PurePosixPath) -> bytes:
        """A tar of the folder, taken by the engine once every process of the agent's uid is gone and only PID 1 lives.

        Raises WorkspaceTooLargeError before anything is taken.
        """
        ...


class Order(msgspec.Struct, frozen=True):
    """A sandbox to open. `labels` name run, trial and purpose; `upload` is a tar laid over / before start, or empty."""

    image: PreparedImage
    place: Place
    labels: tuple[tuple[str, str], ...] = ()
    upload: bytes = b""


class Sandboxes(Protocol):
    def open(self, order: Order) -> AbstractContextManager[Sandbox]:
        """A fresh, confined, disposable machine; gone when the context ends or the harness dies. Raises SandboxError."""
        ...


Needle: TypeAlias = tuple[str, bytes]
"""What must lie nowhere in an image: its name, and a distinctive line or several lines as they stand one after the other."""


class Images(Protocol):
    def prepare(self, place: Place, say: Say) -> PreparedImage:
        """Resolve, build or pull, and derive once per (digest, warden digest). Raises TaskError, MissingError, SandboxError."""
        ...

    def needs(self, places: tuple[Place, ...]) -> Needs:
        """What must be pulled, loaded or built for these, and the room there is; makes and fetches nothing. Raises SandboxError."""
        ...

    def leaks(self, place: Place, needles: tuple[Needle, ...]) -> tuple[Leak, ...]:
        """What the prepared image gives away, wherever in it: needles that its base does not hold itself, and objects beyond the base commit.

        Files, archives, git objects of every repository; the image's variables. Raises TaskError, MissingError, SandboxError.
        """
        ...

    def newer(self, place: Place, newest: str) -> tuple[Leak, ...]:
        """Releases, packages, caches and commits in the prepared image that are younger than a day (YYYY-MM-DD).

        Raises TaskError for what is no day, MissingError, SandboxError.
        """
        ...

    def discard(self, image: str) -> None:
        """Forget a machine that was kept (Sandbox.keep) and is needed no more; one that is gone or still in use is let be."""


Progress: TypeAlias = Callable[[int], None]
"""Called with the number of output tokens (or chunks) so far; may raise to stop a reply."""


class Model(Protocol):
    @property
    def facts(self) -> ModelFacts: ...

    def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
        """Streams inside. `deadline`: seconds of silence allowed. Raises ModelError, ContextOverflow; never retries by itself."""
        ...

    def count(self, request: ModelRequest) -> int | None:
        """Tokens of the prompt as the server counts them, or None where it can't be asked.

        Raises ContextOverflow where it is refused as too long without a word on how long it is.
        """
        ...

    def render(self, request: ModelRequest) -> str | None:
        """The prompt as the server renders it, or None where it can't be asked."""
        ...


class Models(Protocol):
    def open(self, settings: ModelSettings) -> AbstractContextManager[Model]:
        """Probe, load, and gather the facts. Raises ModelError, MissingError, PlanError."""
        ...

    def offers(self) -> Iterable[ModelFacts]:
        """What the server has. Raises MissingError, ModelError."""
        ...


class ToolResult(msgspec.Struct, frozen=True):
    """`text` is what the model is shown, `full` the whole; `problem` names why a call was not run."""

    ok: bool
    text: str
    full: bytes = b""
    total: int | None = None
    exit_code: int | None = None
    ended: Ended | None = None
    problem: str = ""
    blame: Blame | None = None
    state: ShellState | None = None
    killed: int = 0
    claim: Claim | None = None
    touches: bool = True
    """False when the workspace can't have changed, so that no look is needed."""


class Tool(Protocol):
    @property
    def spec(self) -> ToolSpec: ...

    def run(self, call: ToolCall, sandbox: Sandbox) -> ToolResult:
        """Parse the raw arguments strictly, then one call on the sandbox. Raises only SandboxError."""
        ...


class Blobs(Protocol):
    def put(self, data: bytes) -> Blob: ...

    def get(self, blob: Blob) -> bytes:
        """Digest checked. Raises StoreError."""
        ...


Pen: TypeAlias = Callable[[Entry], None]
"""Writes one entry durably; raises StoreError once superseded."""


class Store(Protocol):
    @property
    def blobs(self) -> Blobs: ...

    def begin(self, key: TrialKey) -> Pen:
        """A pen for this trial; the pen that held it before is dead."""
        ...

    def trace(self, key: TrialKey) -> Trace: ...

    def settle(self, key: TrialKey, pen: Pen) -> None:
        """The trial is over; in one transaction, at full durability."""
        ...

    def settled(self) -> frozenset[TrialKey]: ...


class Slot(Protocol):
    def __call__(self) -> AbstractContextManager[float]:
        """Hold a place at the model; the value is the seconds waited for it."""
        ...


Record: TypeAlias = Callable[[Event], None]


class Patch(msgspec.Struct, frozen=True):
    """The difference of two trees by bytes and modes: `files` are added or changed paths (relative posix), `removed` those gone."""

    files: tuple[PatchFile, ...]
    removed: tuple[str, ...]


class PatchFile(msgspec.Struct, frozen=True):
    """`kind` file, link (data is the target) or dir."""

    path: str
    kind: str
    mode: int
    data: bytes


class GradeOrder(msgspec.Struct, frozen=True):
    """`labels` as for Order; the check bounds its tests. `step`: "" where the task is graded once; `carried`: a tar that comes along, laid over /."""

    task: TaskSpec
    image: PreparedImage
    patch: Patch
    labels: tuple[tuple[str, str], ...]
    step: str = ""
    carried: bytes = b""


class Grader(Protocol):
    def grade(self, order: GradeOrder, sandboxes: Sandboxes, blobs: Blobs, record: Record) -> None:
        """Fresh container, apply, run, read; every phase on record as GradeRan. Raises SandboxError, TaskError."""
        ...


class TaskSource(Protocol):
    """Iterating yields the specs that could be read; a bad one becomes a complaint in `faults`, never hides the others."""

    def __iter__(self) -> Iterator[TaskSpec]: ...

    @property
    def faults(self) -> tuple[Exception, ...]:
        """Complaints of tasks that could not be read, after iterating."""
        ...


class Observer(Protocol):
    def see(self, key: TrialKey, entry: Entry) -> None: ...
