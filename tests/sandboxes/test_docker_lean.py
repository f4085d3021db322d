"""Images that lack what one is used to: without bash, without git and Python, with uid 1000 taken."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import PurePosixPath

import docker
import pytest

from harness.core.machine import Ended, PreparedImage
from sandboxes.docker import create

pytestmark = pytest.mark.docker
# The programs of the base image that a lean one is made of, with what they are linked to.
PROGRAMS = ("/bin/dash", "/bin/cat", "/bin/sleep", "/bin/mkdir")


@pytest.fixture(scope="module")
def lean(client: docker.DockerClient, base: PreparedImage, derive_from) -> Iterator[PreparedImage]:
    """From nothing: a POSIX shell as /bin/sh and three programs."""
    files = "for p in \"$@\"; do echo $p; ldd $p | grep -o '/[^ ]*'; done | sort -u | xargs tar -chf - -C /"
    made = client.containers.create(
        base.reference, ["bash", "-c", files, "x", *PROGRAMS], user="0:0", network_mode="none"
    )
    try:
        stream = made.attach(stdout=True, stderr=False, stream=True)
        made.start()
        tar = b"".join(stream)
        made.wait()
    finally:
        made.remove(force=True)
    client.api.import_image_from_data(with_sh(tar), repository="longhaul/test-lean", tag="1")
    yield derive_from("longhaul/test-lean:1")
    client.images.remove("longhaul/test-lean:1", force=True)


def with_sh(tar: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(tar)) as old, tarfile.open(fileobj=out, mode="w") as new:
        for member in old:
            new.addfile(member, old.extractfile(member))
        link = tarfile.TarInfo("bin/sh")
        link.type, link.linkname = tarfile.SYMTYPE, "dash"
        new.addfile(link)
    return out.getvalue()


def test_an_image_of_a_shell_and_little_else_works(lean: PreparedImage, order_of) -> None:
    """No bash, git or Python: state, kills, files and looks work all the same, and the shell found is on record."""
    with create().open(order_of(lean)) as sandbox:
        assert sandbox.facts.shell == "/bin/sh"
        first = sandbox.shell("export A='x\ny'; mkdir d; cd d; (exit 3)", deadline=20)
        assert (first.exit_code, first.state_kept, first.cwd) == (3, True, "/workspace/d")
        assert sandbox.shell('echo "$A"; exit 4', deadline=20).output == b"x\ny\n"
        told = sandbox.shell("trap '' TERM; sleep 1000 & sleep 1000", deadline=0.3)
        assert (told.ended, sandbox.changes().alive) == (Ended.DEADLINE, 0)
        sandbox.write(PurePosixPath("f"), b"hello")
        assert sandbox.shell("cat ../f; echo $SHELL", deadline=20).output == b"hello/bin/sh\n"
        assert sandbox.shell("kill -TERM $$; sleep 5", deadline=20).exit_code == 143
        assert sandbox.shell("nonesuch", deadline=20).exit_code == 127
        assert {entry.path for entry in sandbox.changes().entries} == {b"f"}


def test_a_taken_uid_works(client: docker.DockerClient, order_of, derive_from) -> None:
    """Where uid 1000 has another name, commands run as that user."""
    passwd = b"root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n"
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        member = tarfile.TarInfo("etc/passwd")
        member.size, member.mode = len(passwd), 0o644
        tar.addfile(member, io.BytesIO(passwd))
    image = derive_from("longhaul/base:bookworm-1", out.getvalue())
    with create().open(order_of(image)) as sandbox:
        assert sandbox.exec(("id", "-un"), deadline=20).stdout == b"node\n"
