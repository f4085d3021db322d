"""What a call showed of files is told where it is certain, and nowhere else."""

from __future__ import annotations

import pytest

from harness.metrics.context.scene import Did
from harness.metrics.context.seen.looks import Look, looks, printed, relative

SURE = {
    "cat pkg/a.py": [Look("pkg/a.py")],
    "cat -n pkg/a.py ./b.py": [Look("pkg/a.py"), Look("b.py")],
    "cd pkg && cat a.py": [Look("pkg/a.py")],
    "cat /workspace/pkg/a.py": [Look("pkg/a.py")],
    "sed -n '10,20p' pkg/a.py": [Look("pkg/a.py", 10, 20)],
    "sed -n 5p pkg/a.py": [Look("pkg/a.py", 5, 5)],
    "sed -n '5,$p' pkg/a.py": [Look("pkg/a.py", 5)],
    "head -n 30 a.py": [Look("a.py", 1, 30)],
    "head -5 a.py": [Look("a.py", 1, 5)],
    "head a.py": [Look("a.py", 1, 10)],
    "tail -n 3 a.py": [Look("a.py", -3)],
    "cat ../etc/x": [Look("/etc/x")],
}
UNSURE = (
    "cat a.py | head", "cat a.py > b.py", "cat *.py", "cat $FILE", "sed -n '/x/p' a.py", "sed -i s/a/b/ a.py", "cat a.py; rm a.py", "cat `ls`", "ls", "",
    "head -c 20 a.py", "tail -f a.py", "cat 'a.py", "cat a.py || true", "cat a.py &", "cat", "cat ~/x", "cat a.py && make", "sed -n 1,5p", "cat --show-all x",
    f"sed -n 1,{'9' * 5000}p a.py", f"sed -n {'9' * 5000}p a.py", f"head -n {'9' * 5000} a.py", f"tail -{'9' * 5000} a.py", f"head -n{'9' * 5000} a.py",
)  # fmt: skip


@pytest.mark.parametrize("command", SURE)
def test_a_plain_command_shows_what_it_names(command: str) -> None:
    """With the lines, relative to the workdir."""
    assert list(printed(command)) == SURE[command]


@pytest.mark.parametrize("command", UNSURE, ids=[command[:30] for command in UNSURE])
def test_anything_less_plain_shows_nothing_certain(command: str) -> None:
    """A pipe, a pattern, an option nobody knows."""
    assert printed(command) == ()


def a_call(name: str, arguments: dict[str, object] | None, output: str, *, ok: bool = True, code: int | None = 0) -> Did:
    return Did("c", name, "", arguments, ok, code, "", None, output, "", "m1.1", "t", "t", 1, 2)


def test_a_reading_tells_its_lines_by_its_own_heading() -> None:
    """What the tool says it showed, not what was asked for; less where it left something out."""
    asked = {"path": "/workspace/pkg/a.py", "first_line": 3, "last_line": 90}
    assert looks(a_call("read", asked, "[pkg/a.py: lines 3 to 40 of 40]\n3\tx")) == (Look("pkg/a.py", 3),)
    assert looks(a_call("read", asked, "[pkg/a.py: lines 3 to 9 of 40; CRLF line endings]\n3\tx")) == (Look("pkg/a.py", 3, 9),)
    cut = "[pkg/a.py: lines 3 to 40 of 40]\n3\tx\n[... 900 bytes left out; read lines 5 to 30 to see them ...]\n31\ty"
    assert looks(a_call("read", asked, cut)) == (Look("pkg/a.py", 3, whole=False),)


def test_a_heading_of_too_many_digits_tells_no_lines() -> None:
    """A tool's own words, or a file's that look like them: only the path is certain."""
    many, asked = "9" * 5000, {"path": "pkg/a.py", "first_line": 3, "last_line": 90}
    for words in (f"lines {many} to 9 of 9", f"lines 1 to {many} of 9", f"lines 1 to 9 of {many}"):
        assert looks(a_call("read", asked, f"[pkg/a.py: {words}]\n3\tx")) == (Look("pkg/a.py"),)


def test_a_call_that_failed_showed_nothing() -> None:
    """Nor one whose arguments can't be read, nor a command that ended with an error."""
    assert looks(a_call("read", {"path": "a"}, "no such file", ok=False)) == ()
    assert looks(a_call("read", None, "")) == ()
    assert looks(a_call("shell", {"command": "cat a"}, "cat: a: No such file", code=1)) == ()
    assert looks(a_call("shell", {"command": "cat a"}, "x")) == (Look("a"),)


def test_a_path_is_below_the_directory_that_the_shell_keeps() -> None:
    """An earlier `cd` holds for later commands; the output says where the shell was."""
    assert looks(a_call("shell", {"command": "cat a.py"}, "x\n[exit code 0, in /workspace/pkg]")) == (Look("pkg/a.py"),)
    assert looks(a_call("shell", {"command": "cd pkg && cat a.py"}, "x\n[exit code 0, in /workspace/src/pkg]")) == (Look("src/pkg/a.py"),)
    assert looks(a_call("shell", {"command": "cat a.py && cd pkg && cat b.py"}, "x")) == ()


def test_a_path_is_told_as_git_has_it() -> None:
    """Dots resolved, the workdir left out."""
    assert [relative(path, "/app") for path in ("a//b.py", "./a/../b.py", "/app/x", "/etc/x", "../up", ".")] == ["a/b.py", "b.py", "x", "/etc/x", "/up", "."]
