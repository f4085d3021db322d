"""Stretches of solution and hidden tests worth looking for in an image: distinctive, and never code that was only moved."""

from __future__ import annotations

import msgspec

from harness.core.ports import Patch, PatchFile
from harness.core.task import Brief, CopiedFile, GoldPatch, ImageTag, Place, Provenance, SolveScript, TaskSpec, TestIds
from harness.grading.needles import MOST, needles

PATCH = b"""diff --git a/pkg/a.py b/pkg/a.py
--- a/pkg/a.py
+++ b/pkg/a.py
@@ -1,4 +1,4 @@
 kept
-def moved_function(first, second):
-    first_result = compute(first)
-    return first_result + compute(second)
+def written_function(first, second):
+    written_result = compute(first)
+    return written_result * compute(second)
 kept
diff --git a/pkg/b.py b/pkg/b.py
--- a/pkg/b.py
+++ b/pkg/b.py
@@ -1 +1,4 @@
 kept
+def moved_function(first, second):
+    first_result = compute(first)
+    return first_result + compute(second)
"""


def task(patch: bytes = PATCH, tests: bytes = b"") -> TaskSpec:
    check = TestIds("run", "junit", ("t.py::test_new",), (), files=(CopiedFile("tests/t.py", tests),))
    return TaskSpec("t", "sha256:t", Brief(()), Place(ImageTag("i")), check, Provenance("x"), solution=GoldPatch(patch))


def test_added_lines_are_looked_for_and_moved_ones_are_not() -> None:
    """What the solution takes away elsewhere was in the image before."""
    assert needles(task()) == (
        ("solution pkg/a.py", b"def written_function(first, second):\n    written_result = compute(first)\n    return written_result * compute(second)"),
    )


def test_hidden_tests_are_looked_for_and_small_talk_is_not() -> None:
    """Lines of brackets and blanks stand in any file."""
    found = needles(task(b"", b"assert compute_total(3) == 17_000\nassert compute_total(4) == 18_000\nassert compute_total(5) == 19_000\n}\n\n)\n"))
    assert {name for name, _ in found} == {"tests tests/t.py"}
    assert found[1][1].splitlines()[0] == b"assert compute_total(3) == 17_000"
    assert needles(task(b"", b"}\n)\n\n\n\n)\n")) == ()


def test_there_are_never_more_than_a_scan_can_look_for() -> None:
    """Of a large solution a spread is taken, from its first line to its last."""
    text = b"\n".join(b"assert compute_total(%d) == %d" % (each, each * 1000) for each in range(5000))
    found = needles(task(b"", text))
    assert len(found) <= MOST
    assert b"compute_total(0)" in found[0][1]


def test_a_program_that_solves_is_looked_for_by_what_it_made() -> None:
    """Where the solution is no patch, the files that the oracle left are; a patch speaks for itself."""
    made = Patch((PatchFile("pkg/new.py", "file", 0o644, b"def total_of_the_cart(items):\n    return sum(item.price for item in items)\n\n\ndef count_of_the_cart(items): ...\n"),), ())
    solved = msgspec.structs.replace(task(), solution=SolveScript((CopiedFile("solve.sh", b"cat > pkg/new.py"),)))
    assert {name for name, _ in needles(solved, made)} == {"solution pkg/new.py"}
    assert needles(solved) == ()
    assert needles(task(), made) == needles(task())


def test_a_short_file_of_plain_lines_is_looked_for_whole() -> None:
    """Each of its lines is too plain to be looked for alone."""
    text = b"from cart import total\n\n\ndef test_a():\n    assert total([1]) == 1\n\n\ndef test_b():\n    assert total([2]) == 2\n"
    assert needles(task(b"", text)) == (("tests tests/t.py", text.strip()),)
