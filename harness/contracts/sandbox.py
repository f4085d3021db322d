"""What every sandbox must satisfy; each claim is a function of an opened Sandbox that gives complaints, none when it holds."""

from __future__ import annotations

import io
import stat
import tarfile
import time
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import TypeAlias

from harness.core.machine import Ended, TreeEntry
from harness.core.ports import Order, Sandbox, Sandboxes

Claim: TypeAlias = Callable[[Sandbox], tuple[str, ...]]

PATIENCE_S = 30.0
SHORT_S = 1.0
HOSTILE = b"\x00\xff\xfe not UTF-8, no newline"


def runs_commands(sandbox: Sandbox) -> tuple[str, ...]:
    """Output and exit status come back as they were, in the shell and without it."""
    shell = sandbox.shell("echo out; echo err >&2; exit 7", deadline=PATIENCE_S)
    plain = sandbox.exec(("sh", "-c", "cat; echo err >&2; exit 3"), deadline=PATIENCE_S, stdin=b"in")
    found = [] if shell.exit_code == 7 else [f"exit 7 became {shell.exit_code}"]
    found += [] if b"out" in shell.output and b"err" in shell.output else [f"output and errors became {shell.output!r}"]
    found += [] if (plain.exit_code, plain.stdout, plain.stderr) == (3, b"in", b"err\n") else [f"exec gave {plain}"]
    return tuple(found)


def keeps_the_shell(sandbox: Sandbox) -> tuple[str, ...]:
    """Working directory and exported variables live on to the next command; exec has neither."""
    sandbox.shell("mkdir -p kept/here && cd kept/here && export LONGHAUL_KEPT=yes", deadline=PATIENCE_S)
    now = sandbox.shell('echo "$(basename "$PWD") $LONGHAUL_KEPT"', deadline=PATIENCE_S)
    apart = sandbox.exec(("sh", "-c", 'echo "$(basename "$PWD") $LONGHAUL_KEPT"'), deadline=PATIENCE_S)
    sandbox.shell("cd ../..; unset LONGHAUL_KEPT", deadline=PATIENCE_S)
    found = [] if now.output.split() == [b"here", b"yes"] else [f"the next command saw {now.output!r}"]
    found += [] if now.cwd.endswith("kept/here") else [f"cwd was told as {now.cwd}"]
    found += ["exec saw what the shell keeps"] if b"here" in apart.stdout or b"yes" in apart.stdout else []
    return tuple(found)


def holds_deadlines(sandbox: Sandbox) -> tuple[str, ...]:
    """At its deadline a command and what it started are gone, and the state is the one before it."""
    before = sandbox.shell("pwd", deadline=PATIENCE_S)
    began = time.monotonic()
    done = sandbox.shell("cd / && (sleep 98765 &) ; sleep 98765", deadline=SHORT_S)
    spent = time.monotonic() - began
    left = sandbox.exec(("sh", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '"), deadline=PATIENCE_S)
    after = sandbox.shell("pwd", deadline=PATIENCE_S)
    found = [] if done.ended is Ended.DEADLINE else [f"a command over its deadline ended as {done.ended}"]
    found += [] if spent < PATIENCE_S / 2 else [f"a deadline of {SHORT_S} s took {spent:.1f} s"]
    found += ["a process outlived the deadline"] if b"98765" in left.stdout.replace(b"cat /proc", b"") else []
    found += [] if after.output == before.output and not done.state_kept else ["the killed command changed the state"]
    return tuple(found)


def keeps_files(sandbox: Sandbox) -> tuple[str, ...]:
    """What is written is read back byte for byte, an existing file keeps its mode, and what is not there is FileNotFoundError."""
    path = PurePosixPath("deep/down/file.bin")
    sandbox.write(path, HOSTILE, mode=0o755)
    sandbox.write(path, HOSTILE + b"!")
    mode = sandbox.exec(("stat", "-c", "%a", str(path)), deadline=PATIENCE_S).stdout.strip()
    found = [] if sandbox.read(path) == HOSTILE + b"!" else ["bytes came back changed"]
    found += [] if mode == b"755" else [f"mode 755 became {mode.decode()}"]
    sandbox.remove(PurePosixPath("deep"))
    sandbox.remove(PurePosixPath("deep"))
    try:
        sandbox.read(path)
    except FileNotFoundError:
        return tuple(found)
    return (*found, "a removed file could be read")


def sees_changes(sandbox: Sandbox) -> tuple[str, ...]:
    """A look tells what was added, changed and removed since the last one, with content, and then nothing."""
    sandbox.write(PurePosixPath("stays"), b"1")
    sandbox.write(PurePosixPath("goes"), b"1")
    sandbox.changes()
    sandbox.shell("printf 2 > stays; rm goes; printf new > 'with blank'; ln -s stays link", deadline=PATIENCE_S)
    seen = sandbox.changes()
    data = {entry.path: entry.data for entry in seen.entries if entry.kind != "dir"}
    wanted = {b"stays": b"2", b"with blank": b"new", b"link": b"stays"}
    found = [] if data == wanted else [f"a look told {data}"]
    found += [] if seen.removed == (b"goes",) else [f"a look told {seen.removed} as removed"]
    again = sandbox.changes()
    return tuple(found) if not again.entries and not again.removed else (*found, "a second look told changes")


def lays_paths(sandbox: Sandbox) -> tuple[str, ...]:
    """Folders, files, links and pipes are laid with the modes they name, over what stands there, and the next look tells them."""
    sandbox.write(PurePosixPath("laid/was"), b"a file")
    sandbox.changes()
    entries = (
        TreeEntry(b"laid", "dir", 0o700, 0), TreeEntry(b"laid/file", "file", 0o640, len(HOSTILE), HOSTILE),
        TreeEntry(b"laid/link", "link", 0o777, 4, b"file"), TreeEntry(b"laid/pipe", "special", stat.S_IFIFO | 0o600, 0),
        TreeEntry(b"laid/was", "file", 0o755, 1, b"x"),
    )  # fmt: skip
    sandbox.lay(entries)
    seen = {entry.path: entry for entry in sandbox.changes().entries}
    found = [f"{entry.path!r} was not told" for entry in entries if entry.path not in seen]
    told = ((entry, seen[entry.path]) for entry in entries if entry.path in seen)
    found += [
        f"{entry.path!r} was told as {look}" for entry, look in told
        if (entry.kind, entry.data) != (look.kind, look.data) or (entry.kind != "link" and stat.S_IMODE(entry.mode) != stat.S_IMODE(look.mode))
    ]  # fmt: skip
    own = sandbox.exec(("sh", "-c", "echo more >> laid/file && rm -r laid"), deadline=PATIENCE_S)
    return (*found, *([] if own.exit_code == 0 else ["what was laid is not the agent's own"]))


def restores_the_shell(sandbox: Sandbox) -> tuple[str, ...]:
    """Directory and exported variables can be taken from the shell and given to it again."""
    sandbox.shell("mkdir -p again && cd again && export LONGHAUL_KEPT='two\nlines'", deadline=PATIENCE_S)
    kept = sandbox.kept()
    sandbox.shell("cd /; unset LONGHAUL_KEPT; export OTHER=1", deadline=PATIENCE_S)
    sandbox.restore(kept)
    now = sandbox.shell('printf "%s|%s|%s" "${PWD##*/}" "$LONGHAUL_KEPT" "$OTHER"', deadline=PATIENCE_S)
    sandbox.shell("cd ..; rmdir again; unset LONGHAUL_KEPT", deadline=PATIENCE_S)
    return () if now.output == b"again|two\nlines|" else (f"the restored shell told {now.output!r}",)


def tells_what_is_outside(sandbox: Sandbox) -> tuple[str, ...]:
    """Who can tell what is changed outside the workdir tells a new file, and nothing of the workdir itself."""
    before = sandbox.outside()
    if before is None:
        return ()
    sandbox.shell("mkdir -p /tmp/longhaul-contract && echo > /tmp/longhaul-contract/new && echo > inside", deadline=PATIENCE_S)
    after = sandbox.outside() or ()
    sandbox.shell("rm -r /tmp/longhaul-contract inside", deadline=PATIENCE_S)
    new = sorted(set(after) - set(before))
    told = [path.rpartition("/")[2] for path in new]
    return () if told == ["new"] else (f"after one new file outside, {new} were told as new",)


def is_harvested(sandbox: Sandbox) -> tuple[str, ...]:
    """The engine hands out the folder as a tar that holds what was written last. Ends the sandbox's use: it comes last."""
    sandbox.write(PurePosixPath("harvest/crop"), HOSTILE)
    where = sandbox.shell("pwd", deadline=PATIENCE_S).output.decode().strip()
    with tarfile.open(fileobj=io.BytesIO(sandbox.harvest(PurePosixPath(where)))) as tar:
        rows = {name.partition("/")[2]: name for name in tar.getnames()}
        member = tar.extractfile(rows["harvest/crop"]) if "harvest/crop" in rows else None
        return () if member and member.read() == HOSTILE else ("the harvest does not hold what was written",)


def tells_its_confinement(sandbox: Sandbox) -> tuple[str, ...]:
    """Who claims confinement has proof of it: no root, no capability, no way to gain any, no route out."""
    proof = sandbox.facts.confinement
    if proof.mode == "none":
        return ()
    # A task of root's runs as root and says so; what it may hold of root's powers is the sandbox's own to bound.
    root = proof.mode == "root"
    rows = (
        ((proof.uid == 0) == root, f"commands run as uid {proof.uid} and the mode is {proof.mode}"),
        (root or int(proof.cap_eff, 16) == 0, "commands have capabilities"),
        (proof.no_new_privs, "privileges can be gained"), (not proof.privileged, "the container is privileged"),
        (proof.network != "none" or proof.routes == 0, "there is a route out of a sandbox without network"),
    )
    return tuple(words for holds, words in rows if not holds)


CLAIMS: tuple[Claim, ...] = (
    tells_its_confinement, runs_commands, keeps_the_shell, holds_deadlines, keeps_files, sees_changes, lays_paths, restores_the_shell,
    tells_what_is_outside, is_harvested,
)


def complaints(sandboxes: Sandboxes, order: Order) -> tuple[str, ...]:
    """All that is wrong with a kind of sandbox, each with the claim it breaks. Raises SandboxError when none can be opened."""
    with sandboxes.open(order) as sandbox:
        sandbox.prime()
        return tuple(f"{claim.__name__}: {complaint}" for claim in CLAIMS for complaint in claim(sandbox))
