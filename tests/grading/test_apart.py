"""An agent's code is read at a bounded cost, whatever stands there; and base is asked until its answer is whole."""

from __future__ import annotations

import ast
import io
import tarfile
from typing import Any

import pytest

from harness.core.errors import SandboxError
from harness.core.machine import Ended, Exec
from harness.core.ports import PatchFile
from harness.grading import apart, trade
from harness.grading.clues.fold import folded
from harness.grading.evidence import Known, evidence

KNOWN = Known((), frozenset(), ())
HOSTILE = ("x = (5).strip()", "x = '{0.foo}'.format('a')", "x = '{:{0.foo}}'.format('a')", "x = '{}'.format()", "x = b'a' + 'b'", "x = 'a'.join(5)")
LONG = {
    "paths of processes": "x = '" + "/proc/" * 60_000 + "'",
    "paths of tests": "x = '" + "/tests/" * 60_000 + "'",
    "a long separator": "x = ('" + "b" * 30_000 + "').join([" + "1, " * 30_000 + "])",
}


@pytest.mark.parametrize("line", HOSTILE)
def test_an_expression_that_can_not_be_evaluated_is_no_string_and_no_fault(line: str) -> None:
    """Dead code is enough to bring one to the reader."""
    assert evidence({"a.py": ((1, line),)}, KNOWN) == ()


def test_attributes_are_never_formatted() -> None:
    """Plain fields are."""
    value = ast.parse("'{0.__class__}'.format('a')", mode="eval").body
    assert folded(value) is None
    assert folded(ast.parse("'{}test'.format('py')", mode="eval").body) == "pytest"


def test_code_that_takes_too_long_ends_its_reader_alone() -> None:
    """What can't be read in its time, or at all, is told as that; names that are no text are escaped, and none hides another."""
    slow = tuple((number, "x = y" + "+'a'" * 900) for number in range(1, 100))
    with pytest.raises(apart.UnreadableError, match="more than 2 s"):
        apart.signs({"a.py": slow}, KNOWN, limit=2)
    lines = {"a\udcff.py": ((1, "import pytest"),), "a\\udcff.py": ((1, "import pluggy"),)}
    assert [sentence.partition(": ")[0] for sentence in apart.signs(lines, KNOWN)] == ["./a\\udcff.py:1", "a\\udcff.py:1"]
    files = tuple(PatchFile(path, "file", 0o644, b"import pytest\n") for path in ("notes.md", "a\udcff.py"))
    assert apart.work(files) == files[1:]
    assert apart.named(files) == {"pytest"}


def test_a_reader_that_dies_is_told() -> None:
    """By its last word: here it was nested too deep."""
    with pytest.raises(apart.UnreadableError, match="RecursionError"):
        apart.named((PatchFile("a.py", "file", 0o644, b"x = a" + b".b" * 900 + b".modules\n"),))


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_one_long_string_is_read_in_a_moment(text: str) -> None:
    """Hundreds of kilobytes of what a pattern begins with, far within the limit."""
    apart.signs({"a.py": ((1, text),)}, KNOWN, limit=30)


class Base:
    """Answers for a container; `most`: files that one answer holds; `faults`: answers that time out first."""

    def __init__(self, most: int = 100, faults: int = 0) -> None:
        self.most, self.faults, self.asked = most, faults, 0

    def exec(self, argv: tuple[str, ...], *, stdin: bytes = b"", **more: Any) -> Exec:
        self.asked += 1
        if self.asked <= self.faults:
            return Exec(b"", b"", 0, 0, 137, Ended.DEADLINE, 60.0)
        if "tar" not in argv[-1]:
            data = b"".join(b"./m%d.py\0" % number for number in range(8)) if "find" in argv[-1] else argv[-1].encode() + b"\0"
            return Exec(data, b"", len(data), 0, 0, Ended.EXITED, 1.0)
        paths = [path.decode() for path in stdin.split(b"\0") if path]
        data = _tar(paths[: self.most])
        return Exec(data, b"", len(data) + (len(paths) > self.most), 0, 0, Ended.EXITED, 1.0)


def _tar(paths: list[str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path in paths:
            data = b"import pytest\n" if path == "./m7.py" else b"import os\n"
            info = tarfile.TarInfo(path)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def test_base_is_asked_until_its_answer_is_whole() -> None:
    """By halves where it is too long, once more where it was late; what never comes is the machine's fault, not the work's."""
    for base in (Base(), Base(most=2), Base(faults=1)):
        assert trade.spoken(base) == {"pytest"}  # type: ignore[arg-type]
    assert trade.in_base(["held"], Base(faults=1)) == {"held"}  # type: ignore[arg-type]
    with pytest.raises(SandboxError):
        trade.in_base(["held"], Base(faults=2))  # type: ignore[arg-type]
    with pytest.raises(SandboxError):
        trade.spoken(Base(most=0))  # type: ignore[arg-type]
