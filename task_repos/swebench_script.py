"""An eval script cut in phases, and the log that its package reads, put together by the host: markers and exit status are ours. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from task_repos.swebench_upgrade import END, START

EXIT: Final = ">>>>> Test Exit Code"
TIMED_OUT: Final = ">>>>> Tests Timed Out"
FENCE: Final = b">>>>>"
DEFUSED: Final = b"]]]]]"


class Phases(msgspec.Struct, frozen=True):
    """`prepare` is the script up to the start marker, `test` what stands between the markers; what comes after them tidies up."""

    prepare: str
    test: str


def split(script: str) -> Phases | None:
    """None when the markers are not there, once each and in order."""
    lines = script.splitlines()
    starts = [number for number, line in enumerate(lines) if START in line]
    ends = [number for number, line in enumerate(lines) if END in line]
    if len(starts) != 1 or len(ends) != 1 or starts[0] >= ends[0]:
        return None
    return Phases("\n".join((*lines[: starts[0]], "")), "\n".join((*lines[starts[0] + 1 : ends[0]], "")))


def saving(prepare: str, state: str) -> str:
    """The first phase, which leaves variables, options and folder for the second in the file `state`; its status is its last command's."""
    # The options are asked for before tracing is turned off, or the second phase would not trace.
    tail = f'longhaul_status=$?\n{{ {{ set +o; export -p; printf "cd -- %q\\n" "$PWD"; }} > {state}; }} 2>/dev/null\nexit $longhaul_status\n'
    return f"{prepare}{tail}"


def restoring(test: str, state: str) -> str:
    """The second phase in the first one's state."""
    return f"{{ . {state}; }} 2>/dev/null\n{test}"


def compose(prepare: bytes, test: bytes, exit_code: int, *, timed_out: bool) -> bytes:
    """The whole log as UTF-8. No byte from the containers can pass for a marker."""
    mark = f"+ : '{START}'\n".encode()
    end = f"\n+ : '{END}'\n{EXIT}: {exit_code}\n".encode()
    late = f"{TIMED_OUT}\n".encode() if timed_out else b""
    log = b"".join((defused(prepare), b"\n", mark, defused(test), end, late))
    return log.decode("utf-8", "replace").encode()


def defused(data: bytes) -> bytes:
    """What a container wrote, with everything that could be read as a marker made harmless."""
    return data.replace(b"\r\n", b"\n").replace(FENCE, DEFUSED)
