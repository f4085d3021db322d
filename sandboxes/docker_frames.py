"""The warden's frames as values: what is asked, what is answered, and how the engine's stream is taken apart. Pure."""

from __future__ import annotations

import errno
import hashlib
import struct
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from harness.core.errors import SandboxError
from harness.core.machine import TreeEntry

VERSION: Final = 2
MAX_PAYLOAD: Final = 80 << 20
MAX_FILE: Final = 64 << 20
MAX_ITEMS: Final = 500_000
KEEP_STATE: Final = 1
MERGE: Final = 2
ADD: Final = 4
KILLED: Final = 2

_HEAD: Final = struct.Struct("<IBI")
_ENGINE_HEAD: Final = struct.Struct(">BxxxI")
_EXIT: Final = struct.Struct("<iIIQQQI")
_ITEM: Final = struct.Struct("<BIQI")
_U32: Final = struct.Struct("<I")
_ABSENT: Final = 0xFFFFFFFF
_KINDS: Final = {"f": "file", "l": "link", "d": "dir", "s": "special", "u": "unreadable"}
# Of the shell itself, and exported functions that would take the place of what the next call's shell relies on.
_NOT_KEPT: Final = (
    b"_=",
    b"SHLVL=",
    *(b"BASH_FUNC_%s%%%%=" % name for name in (b"exit", b"eval", b"trap", b"shift", b"exec")),
)
# The container speaks Linux error numbers; these have other numbers or none on macOS.
_LINUX: Final[Mapping[int, int]] = {
    11: errno.EAGAIN, 35: errno.EDEADLK, 36: errno.ENAMETOOLONG, 38: errno.ENOSYS, 39: errno.ENOTEMPTY, 40: errno.ELOOP,
    74: errno.EBADMSG, 95: errno.EOPNOTSUPP, 122: errno.EDQUOT,
}  # fmt: skip


class Frame(msgspec.Struct, frozen=True):
    """One frame from the warden; `kind` is its letter."""

    kind: str
    id: int
    payload: bytes


class Command(msgspec.Struct, frozen=True):
    """A command to run. `head` and `tail`: bytes kept of each stream; `limit_s` seconds until it is killed with all it started."""

    argv: tuple[bytes, ...]
    limit_s: float
    flags: int = 0
    cwd: bytes = b""
    environment: tuple[bytes, ...] = ()
    stdin: bytes = b""
    head: int = 8 << 20
    tail: int = 8 << 20


class Exit(msgspec.Struct, frozen=True):
    """The end of a command: a raw wait status, the number of processes ended at its deadline, seconds, true sizes."""

    status: int
    flags: int
    ended: int
    wall_s: float
    stdout_total: int
    stderr_total: int
    memory_kills: int

    @property
    def code(self) -> int:
        """As a shell tells it: the exit status, or 128 + the signal."""
        signal = self.status & 0x7F
        return 128 + signal if signal else self.status >> 8 & 0xFF


class Hello(msgspec.Struct, frozen=True):
    """Who is PID 1: its uid, the shell found in the image or ""."""

    version: int
    uid: int
    shell: str


class Item(msgspec.Struct, frozen=True):
    """One line of a look at the tree: an entry, or a path that is gone."""

    entry: TreeEntry | None
    removed: bytes = b""


def engine_chunks(buffer: bytearray) -> Iterator[tuple[int, bytes]]:
    """Takes whole (stream, bytes) chunks off the engine's multiplexed stream; what is incomplete stays. Raises SandboxError."""
    at = 0
    while len(buffer) - at >= _ENGINE_HEAD.size:
        stream, size = _ENGINE_HEAD.unpack_from(buffer, at)
        if stream > 2:
            raise SandboxError(f"the engine's stream is not understood (stream {stream})")
        end = at + _ENGINE_HEAD.size + size
        if len(buffer) < end:
            break
        yield stream, bytes(memoryview(buffer)[end - size : end])
        at = end
    del buffer[:at]


def frames(buffer: bytearray) -> Iterator[Frame]:
    """Takes whole frames off the buffer; what is incomplete stays. Raises SandboxError."""
    at = 0
    while len(buffer) - at >= _HEAD.size:
        size, kind, number = _HEAD.unpack_from(buffer, at)
        if size > MAX_PAYLOAD:
            raise SandboxError(f"the warden's stream is not understood (a frame of {size} bytes)")
        end = at + _HEAD.size + size
        if len(buffer) < end:
            break
        yield Frame(chr(kind), number, bytes(memoryview(buffer)[end - size : end]))
        at = end
    del buffer[:at]


def encode(kind: str, number: int, payload: bytes = b"") -> bytes:
    return _HEAD.pack(len(payload), ord(kind), number) + payload


def text(value: bytes) -> bytes:
    return _U32.pack(len(value)) + value + b"\0"


def encode_command(command: Command) -> bytes:
    numbers = struct.pack("<IIII", command.flags, int(command.limit_s * 1000), command.head, command.tail)
    lists = b"".join(_U32.pack(len(row)) + b"".join(map(text, row)) for row in (command.argv, command.environment))
    return b"".join((numbers, text(command.cwd), lists, command.stdin))


def encode_get(path: bytes, offset: int, limit: int) -> bytes:
    return text(path) + struct.pack("<QI", offset, limit)


def encode_write(path: bytes, mode: int, data: bytes) -> bytes:
    return text(path) + _U32.pack(mode) + data


def encode_tree(root: bytes, *, items: int, content: int, budget: int) -> bytes:
    """At most `items` paths; `content`: bytes of a file that may cross, 0 for a bare list; `budget`: bytes that may cross in all."""
    return text(root) + struct.pack("<IIQ", items, content, budget)


def decode_exit(payload: bytes) -> Exit:
    status, flags, ended, wall, out, err, kills = _EXIT.unpack(payload)
    return Exit(status, flags, ended, wall / 1e6, out, err, kills if kills < 1 << 31 else 0)


def decode_hello(payload: bytes) -> Hello:
    """Raises SandboxError where another version speaks."""
    version, uid = struct.unpack_from("<II", payload)
    if version != VERSION:
        raise SandboxError(
            f"the image's warden speaks version {version}, this longhaul {VERSION}: derive the image anew"
        )
    return Hello(version, uid, payload[12:-1].decode())


def decode_file(payload: bytes) -> tuple[int, bytes]:
    """The file's size and its bytes, as far as they were asked for."""
    return int.from_bytes(payload[:8], "little"), payload[8:]


def decode_look(payload: bytes) -> tuple[bool, int]:
    """The end of a look: whether something could not be seen, and how many processes were alive."""
    cut, alive = struct.unpack("<II", payload)
    return bool(cut), alive


def decode_error(payload: bytes) -> int:
    """The error number in this machine's own numbering; 0 is none."""
    number: int = _U32.unpack(payload)[0]
    return _LINUX.get(number, number)


def decode_items(payload: bytes) -> Iterator[Item]:
    at = 0
    while at < len(payload):
        kind, mode, size, length = _ITEM.unpack_from(payload, at)
        at += _ITEM.size
        path = payload[at : at + length]
        at += length + 1
        held: int = _U32.unpack_from(payload, at)[0]
        at += 4
        data = None if held == _ABSENT else payload[at : at + held]
        at += len(data or b"")
        if kind == 0x72:
            yield Item(None, path)
            continue
        word = _KINDS[chr(kind)]
        # The type bits say nothing that the kind does not, except for specials.
        shown = mode if word == "special" else mode & 0o7777
        # A file that grew while it was read is what was read of it.
        told = size if data is None else len(data)
        digest = "" if data is None else hashlib.sha256(data).hexdigest()
        yield Item(TreeEntry(path, word, shown, told, data, digest))  # type: ignore[arg-type]


def decode_state(payload: bytes) -> tuple[bytes, tuple[bytes, ...]] | None:
    """A shell's last directory and exported variables, or None when it did not tell them whole."""
    parts = payload.split(b"\0")
    if len(parts) < 3 or parts[-2:] != [b"", b""] or not parts[0].startswith(b"/"):
        return None
    kept = (row for row in parts[1:-2] if not row.startswith(_NOT_KEPT))
    return parts[0], tuple(kept)
