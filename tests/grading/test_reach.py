"""What the scan reads of a patch, and what it calls new."""

from __future__ import annotations

from harness.core.ports import PatchFile
from harness.grading.reach import read_files
from harness.grading.scan import added


def file(path: str, text: str = "x = 1\n") -> PatchFile:
    return PatchFile(path, "file", 0o644, text.encode())


def test_tests_and_prose_are_left_out_unless_the_work_imports_them() -> None:
    """By absolute and relative import, over more than one step; not what nobody imports."""
    work = (
        file("pkg/a.py", "from .tests import under\n"), file("pkg/tests/under.py", "import pkg.testing.deep\n"), file("pkg/testing/deep.py"),
        file("pkg/tests/test_a.py"), file("conftest.py"), file("README.md"), file("data.json"), PatchFile("l.py", "link", 0, b"x"),
    )  # fmt: skip
    assert [each.path for each in read_files(work)] == ["pkg/a.py", "data.json", "pkg/tests/under.py", "pkg/testing/deep.py"]


def test_what_moved_is_not_new() -> None:
    """Lines that any touched or removed file had at base are not the work's."""
    base = {"old.py": b"a = 1\nb = 2\n", "c.py": b"c = 3\n"}
    found = added((file("new.py", "a = 1\n\nz = 9\n"), file("c.py", "c = 3\n")), lambda path: base.get(path, b""), ("old.py",))
    assert found == {"new.py": ((3, "z = 9"),)}
