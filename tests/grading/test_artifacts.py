"""What comes along to a grading apart: files at their places, and nothing that leads or reaches further."""

from __future__ import annotations

import io
import tarfile

from harness.core.phases import Artifact
from harness.grading.artifacts import carried

FILES = (("d", tarfile.DIRTYPE, "", 0o755), ("d/a.txt", tarfile.REGTYPE, "", 0o4755), ("d/sub/b.o", tarfile.REGTYPE, "", 0o644),
         ("d/in", tarfile.SYMTYPE, "sub/b.o", 0o777), ("d/out", tarfile.SYMTYPE, "../../etc/passwd", 0o777),
         ("d/far", tarfile.SYMTYPE, "/etc/passwd", 0o777), ("d/same", tarfile.LNKTYPE, "d/a.txt", 0o644), ("d/pipe", tarfile.FIFOTYPE, "", 0o644),
         ("d/disk", tarfile.BLKTYPE, "", 0o644), ("d/../../x", tarfile.REGTYPE, "", 0o644))  # fmt: skip


def tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name, kind, link, mode in FILES:
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.mode = kind, link, mode
            data = name.encode() if kind == tarfile.REGTYPE else b""
            member.size = len(data)
            made.addfile(member, io.BytesIO(data))
    return out.getvalue()


def listed(data: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(data)) as held:
        return {member.name: member for member in held}


def test_files_come_to_their_own_place_and_nothing_leads_out() -> None:
    """Bits, devices, pipes and links that leave the artifact stay behind; a hard link is the file it names; all is the grader's own."""
    found = listed(carried([(Artifact("/srv/d"), tar())], (7, 8)))
    assert sorted(found) == ["srv/d", "srv/d/a.txt", "srv/d/in", "srv/d/same", "srv/d/sub/b.o"]
    assert found["srv/d/a.txt"].mode == 0o755
    assert (found["srv/d/same"].isreg(), found["srv/d/same"].size) == (True, len("d/a.txt"))
    assert {(member.uid, member.gid) for member in found.values()} == {(7, 8)}


def test_what_a_pattern_names_is_left_out() -> None:
    """A pattern of a name, or of a path below the source."""
    assert sorted(listed(carried([(Artifact("/d", ("*.o", "in", "same")), tar())], (1, 1)))) == ["d", "d/a.txt"]
    assert sorted(listed(carried([(Artifact("/d", ("sub/*", "[is]*")), tar())], (1, 1)))) == ["d", "d/a.txt"]


def test_nothing_is_no_archive() -> None:
    """Where nothing comes along there is nothing to lay."""
    assert carried([], (1, 1)) == b""
