"""The tree of faults: whose fault a piece of bad news is, is a type.

HarnessError              retryable = False
├── UserError             a user's mistake: one sentence, exit 2
│   ├── PlanError         the plan, a name or an option is wrong
│   ├── TaskError         the task itself is broken
│   └── MissingError      a prerequisite is missing; says the command that mends it
├── SandboxError          retryable: the disposable machine failed us
│   ├── MachineGoneError  no engine answers at all: a reason to stop, not to break one trial after the other
│   └── WorkspaceTooLargeError   the agent's doing, not the machine's
├── ModelError            the provider failed us; retryable by kind of fault
│   ├── ContextOverflow   not retryable; thrown into the agent, which may forget and go on
│   └── ModelGoneError    nobody opens the model any more: where the server is one's own, a reason to ask it for no further trial
└── StoreError            the record could not be kept or read, or another worker took the pen
    └── StoreFullError    the disk is full or the quota used up: what is on record stays, and goes on once there is room
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Fault(StrEnum):
    """What a model provider can do to us; every provider's table maps its errors to these."""

    OVERFLOW = "overflow"
    RATE = "rate_limit"
    OVERLOADED = "overloaded"
    AUTH = "auth"
    BAD_REQUEST = "bad_request"
    TOOL_SYNTAX = "tool_syntax"
    NO_CAPABILITY = "no_capability"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    CRASH = "crash"
    CUT_STREAM = "cut_stream"


class Blame(StrEnum):
    """Who caused a malformed call or a failed reply."""

    MODEL = "model"
    SERVER = "server"
    HARNESS = "harness"


RETRYABLE = frozenset(
    {Fault.RATE, Fault.OVERLOADED, Fault.TIMEOUT, Fault.CONNECTION, Fault.CRASH, Fault.CUT_STREAM, Fault.TOOL_SYNTAX}
)


class Complaint(msgspec.Struct, frozen=True):
    """A user's mistake in four words: where (file, field), what was found, what was expected."""

    file: str
    field: str
    found: str
    expected: str

    def sentence(self) -> str:
        place = ": ".join(word if word.isprintable() else ascii(word)[1:-1] for word in (self.file, self.field) if word)
        return f"{place}: found {self.found}, expected {self.expected}"


def unread(fault: Exception) -> str:
    """What a parser found, without its advice on switches of Python (a whole number of more digits than it reads)."""
    return str(fault).partition("; use sys.")[0] or type(fault).__name__


class HarnessError(Exception):
    """The root of everything that longhaul raises on purpose."""

    retryable = False


class UserError(HarnessError):
    """A mistake that the user can mend; carries its Complaint."""

    def __init__(self, file: str, field: str, found: object, expected: str) -> None:
        self.complaint = Complaint(str(file), field, str(found), expected)
        super().__init__(self.complaint.sentence())


class PlanError(UserError):
    """The plan, a name or an option is wrong."""


class TaskError(UserError):
    """The task itself is broken."""


class MissingError(HarnessError):
    """A prerequisite is not there: `what` is missing, `mend` is the command or step that brings it."""

    def __init__(self, what: str, mend: str) -> None:
        self.what, self.mend = what, mend
        super().__init__(f"{what}; to mend it: {mend}")


class SandboxError(HarnessError):
    """The disposable machine failed us (container gone, engine restarted, channel lost)."""

    retryable = True


class MachineGoneError(SandboxError):
    """Nothing answers where machines are made: no trial can run, and none is to blame for it."""


class WorkspaceTooLargeError(SandboxError):
    """The workspace holds more than can be taken out: the agent's doing, so its work counts as one that can't be applied."""

    retryable = False


class Wire(msgspec.Struct, frozen=True):
    """The bytes of one exchange with a provider, secrets left out: request body, reply body, HTTP status."""

    request: bytes = b""
    response: bytes = b""
    status: int | None = None


class ModelError(HarnessError):
    """The provider failed us; `fault` says how, `blame` who caused it, `wait_s` what retry-after asked for."""

    def __init__(
        self, fault: Fault, text: str, *, blame: Blame = Blame.SERVER, wait_s: float | None = None, wire: Wire | None = None
    ) -> None:
        self.fault, self.text, self.blame, self.wait_s = fault, text, blame, wait_s
        self.wire = wire or Wire()
        super().__init__(f"{fault}: {text}")

    @property
    def retryable(self) -> bool:  # type: ignore[override]
        return self.fault in RETRYABLE


class ContextOverflow(ModelError):
    """The prompt does not fit the window; `prompt_tokens` and `window` where the provider told them."""

    def __init__(
        self, text: str, *, prompt_tokens: int | None = None, window: int | None = None, wire: Wire | None = None
    ) -> None:
        self.prompt_tokens, self.window = prompt_tokens, window
        super().__init__(Fault.OVERFLOW, text, blame=Blame.MODEL, wire=wire)


class ModelGoneError(ModelError):
    """A model that was there when the run began can't be opened: nobody answers at its server, or it has gone from it."""

    def __init__(self, text: str) -> None:
        super().__init__(Fault.CONNECTION, text)


class StoreError(HarnessError):
    """The record could not be kept or read, or another worker took the pen."""


class StoreFullError(StoreError):
    """No room on the disk, or a quota used up. Nothing half-written is left; the same pen goes on once there is room."""
