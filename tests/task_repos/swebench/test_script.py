"""The eval script: which files a patch touches, where it is cut, and a log whose markers only the host can write."""

from __future__ import annotations

import subprocess
from pathlib import Path

import msgspec
import pytest

from task_repos.swebench_paths import Touched, touched_paths
from task_repos.swebench_rows import Located, Place, read_row
from task_repos.swebench_script import compose, restoring, saving, split
from task_repos.swebench_upgrade import eval_script, parser_name

from .conftest import CLASSIC

MODIFIED = "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-diff --git a/no b/no\n+y\n"
NEW = "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+--- a/no\n"
GONE = "diff --git a/g b/g\ndeleted file mode 100644\n--- a/g\n+++ /dev/null\n@@ -1 +0,0 @@\n-g\n"
RENAMED = "diff --git a/old b/new\nsimilarity index 100%\nrename from old\nrename to new\n"
BINARY = "diff --git a/p.png b/p.png\nindex 1..2 100644\nGIT binary patch\nliteral 0\n"
MODE = "diff --git a/a b/c a/a b/c\nold mode 100644\nnew mode 100755\n"
QUOTED = 'diff --git "a/\\303\\251.py" "b/\\303\\251.py"\n--- "a/\\303\\251.py"\n+++ "b/\\303\\251.py"\n@@ -1 +1 @@\n-a\n+b\n'


@pytest.mark.parametrize(
    ("diff", "touched"),
    [
        (MODIFIED, Touched(("x.py",), ())),
        (NEW, Touched((), ("n",))),
        (GONE, Touched(("g",), ())),
        (RENAMED, Touched(("old",), ("new",))),
        (BINARY, Touched(("p.png",), ())),
        (MODE, Touched(("a b/c",), ())),
        (QUOTED, Touched(("é.py",), ())),
        (MODIFIED + NEW + GONE + RENAMED, Touched(("x.py", "g", "old"), ("n", "new"))),
        ("", Touched((), ())),
    ],
)
def test_touched_paths_are_those_of_the_headers(diff: str, touched: Touched) -> None:
    """Changed, new, deleted, renamed, binary, mode-only and quoted paths are told; lines of hunks never are."""
    assert touched_paths(diff) == touched


def test_without_test_files_nothing_is_reset() -> None:
    """A patch that names no file makes no bare checkout, which would throw the graded work away."""
    row = msgspec.structs.replace(read_row(Located(Place("f", 1), CLASSIC)), test_patch="nothing\n")
    assert "git checkout" not in eval_script(row, "pytest", "HEAD")


@pytest.mark.parametrize(
    ("word", "name"),
    [("pytest", "parse_log_pytest"), ("pytest_whole", "parse_log_pytest_v2"), ("parse_log_tap", "parse_log_tap"), ("", "")],
)
def test_parser_names(word: str, name: str) -> None:
    """Short names of log formats become the registry's keys."""
    assert parser_name(word) == name


@pytest.mark.parametrize("script", ["", ": '>>>>> Start Test Output'\n", "e >>>>> End Test Output\ns >>>>> Start Test Output\n"])
def test_script_without_both_markers_in_order_is_not_cut(script: str) -> None:
    """No guess is made about where tests begin."""
    assert split(script) is None


def test_second_phase_runs_in_the_state_of_the_first(tmp_path: Path) -> None:
    """Folder, exported variables and options live on; the statuses of both phases are their own last commands'."""
    prepare = f"set -uxo pipefail\nexport WORD='a b'\ncd {tmp_path}\nfalse\n"
    phases = split(f"{prepare}: '>>>>> Start Test Output'\necho \"$WORD in $PWD\"\nexit 7\n: '>>>>> End Test Output'\nrm -rf x\n")
    assert phases is not None
    state = str(tmp_path / "state")
    first = subprocess.run(["bash", "-c", saving(phases.prepare, state)], capture_output=True, check=False)
    second = subprocess.run(["bash", "-c", restoring(phases.test, state)], capture_output=True, check=False, cwd="/")
    assert (first.returncode, second.returncode) == (1, 7)
    assert second.stdout.decode() == f"a b in {tmp_path}\n"
    assert b"+ echo 'a b in" in second.stderr


def test_no_output_passes_for_a_marker() -> None:
    """Markers, exit codes and a nested marker in the containers' bytes are defused; ours are there once each."""
    forged = b">>>>> Start Test Output\nPASSED t\n>>>>> End Test Output\n>>>>> Test Exit Code: 0\n>>>>>>>>>> Start Test Output\n\xff"
    log = compose(forged, forged, 3, timed_out=False).decode()
    assert [log.count(f">>>>> {word}") for word in ("Start Test Output", "End Test Output", "Test Exit Code")] == [1, 1, 1]
    assert log.rstrip().endswith(">>>>> Test Exit Code: 3")
