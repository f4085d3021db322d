"""The tools on a real folder with real processes."""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath

import pytest

from agents.tools import finish, note, read, replace, run_tests, shell, write
from harness.core.agent import Claim
from harness.core.chat import ToolCall
from harness.core.errors import Blame, PlanError
from harness.core.machine import Ended


def run(tool, sandbox, **arguments):
    return tool.run(ToolCall("c", tool.spec.name, json.dumps(arguments)), sandbox)


def put(sandbox, name, data, mode=None):
    sandbox.write(PurePosixPath(name), data, mode=mode)


def get(sandbox, name):
    return sandbox.read(PurePosixPath(name))


EVERY = [shell.create(), read.create(), write.create(), replace.create(), run_tests.create(test_command="true"), finish.create(), note.create()]


@pytest.mark.parametrize("tool", EVERY, ids=lambda tool: tool.spec.name)
def test_specifications_are_flat_and_described(tool):
    """Every tool has a description in one line and only required strings and integers."""
    assert 20 < len(tool.spec.description) < 500
    assert "\n" not in tool.spec.description
    schema = tool.spec.schema()
    assert schema["required"] == [p.name for p in tool.spec.parameters]
    assert {p.type for p in tool.spec.parameters} <= {"string", "integer"}


@pytest.mark.parametrize("tool", EVERY, ids=lambda tool: tool.spec.name)
@pytest.mark.parametrize(("raw", "problem"), [("{", "malformed"), ('{"zzz": 1}', "arguments"), ("[1]", "malformed")])
def test_bad_calls_touch_nothing(tool, raw, problem, sandbox):
    """A call that can't be read is not run, the model is blamed, and no look at the tree is needed."""
    result = tool.run(ToolCall("c", tool.spec.name, raw), sandbox)
    assert (result.ok, result.problem, result.blame, result.touches) == (False, problem, Blame.MODEL, False)
    assert result.text.startswith("Not run. ")


def test_shell_keeps_directory_and_variables(sandbox):
    """What one command sets the next one has; the status line tells code and directory."""
    tool = shell.create()
    run(tool, sandbox, command="mkdir d && cd d && export X=1", seconds=0)
    result = run(tool, sandbox, command="echo $X; exit 3", seconds=0)
    assert re.fullmatch(r"1\n\[exit code 3, in /.*/d\]", result.text)
    assert (result.ok, result.exit_code, result.ended, result.full) == (True, 3, Ended.EXITED, b"1\n")
    assert result.state.kept
    assert result.state.cwd.endswith("/d")


def test_shell_kills_at_its_limit(sandbox):
    """A command over its time is ended and the result says so."""
    result = run(shell.create(), sandbox, command="echo begun; sleep 60", seconds=1)
    assert not result.ok
    assert result.ended is Ended.DEADLINE
    assert "begun\n[killed at its limit of 1 s" in result.text
    assert "variables are those from before" in result.text


@pytest.mark.parametrize(("asked", "given"), [(0, 7), (-5, 7), (3, 3), (10**9, 9)])
def test_shell_holds_the_time_within_bounds(asked, given, sandbox):
    """Nothing asked is the default, too much is the longest."""
    asks = []

    class Ear:
        def shell(self, command, *, deadline):
            asks.append(deadline)
            return sandbox.shell(command, deadline=deadline)

    run(shell.create(default_seconds=7, longest_seconds=9), Ear(), command="true", seconds=asked)
    assert asks == [given]


def test_shell_shows_both_ends_and_keeps_the_whole(sandbox):
    """Long output is clipped for the model and whole on record; bytes that are no text are shown as such."""
    result = run(shell.create(), sandbox, command=r"seq 100000; printf '\377\0end'", seconds=0)
    assert result.text.startswith("1\n2\n")
    assert "\ufffd\u2400end\n[exit code 0" in result.text
    assert "left out; run the command again" in result.text
    assert len(result.text) < 17_000
    assert result.full.endswith(b"100000\n\xff\0end")
    assert result.total == len(result.full)


@pytest.mark.parametrize("command", ["", "  \n", "a\0b"])
def test_shell_refuses_what_is_no_command(command, sandbox):
    """An empty command, or one with NUL, is told back."""
    assert run(shell.create(), sandbox, command=command, seconds=0).problem == "arguments"


def test_silent_commands_say_so(sandbox):
    """Nothing printed is not shown as nothing."""
    assert run(shell.create(), sandbox, command="true", seconds=0).text.startswith("[exit code 0, in /")


def test_read_numbers_lines_and_counts_them(sandbox):
    """A range is shown with its numbers, and the heading tells how many there are."""
    put(sandbox, "a.txt", b"one\ntwo\nthree\n")
    assert run(read.create(), sandbox, path="a.txt", first_line=2, last_line=99).text == "[a.txt: lines 2 to 3 of 3]\n2\ttwo\n3\tthree"
    assert run(read.create(), sandbox, path="a.txt", first_line=0, last_line=0).text.endswith("1\tone\n2\ttwo\n3\tthree")
    assert not run(read.create(), sandbox, path="a.txt", first_line=0, last_line=0).touches


def test_read_tells_what_numbered_lines_hide(sandbox):
    """CRLF, byte order mark, missing final newline and other encodings are named and not shown."""
    put(sandbox, "w.txt", b"\xef\xbb\xbfa\r\nb\xff")
    text = run(read.create(), sandbox, path="w.txt", first_line=0, last_line=0).text
    assert "lines 1 to 2 of 2; CRLF line endings; begins with a byte order mark; no newline at the end; not valid UTF-8" in text
    assert text.endswith("1\ta\n2\tb\ufffd")


def test_read_names_the_lines_it_leaves_out(sandbox):
    """The middle of a long file is left out by whole lines, and reading the lines named shows exactly the rest."""
    put(sandbox, "big.py", b"".join(b"line number %d\n" % k for k in range(1, 2001)))
    text = run(read.create(), sandbox, path="big.py", first_line=0, last_line=0).text
    told = re.search(r"bytes left out; read lines (\d+) to (\d+) to see them", text)
    first, last = int(told[1]), int(told[2])
    assert f"{first - 1}\tline number {first - 1}\n[..." in text
    assert f"...]\n{last + 1}\tline number {last + 1}\n" in text


def test_read_refuses_what_is_no_text(sandbox):
    """Binary files, folders, missing files and impossible ranges are named."""
    put(sandbox, "d/b.bin", b"\x7fELF\0\1")
    tool = read.create()
    assert "binary file of 6 bytes, beginning with 7f 45 4c 46" in run(tool, sandbox, path="d/b.bin", first_line=0, last_line=0).text
    assert "folder" in run(tool, sandbox, path="d", first_line=0, last_line=0).text
    assert "no such file" in run(tool, sandbox, path="nope", first_line=0, last_line=0).text
    assert "is a file" in run(tool, sandbox, path="d/b.bin/x", first_line=0, last_line=0).text
    assert run(tool, sandbox, path="d/b.bin", first_line=3, last_line=2).problem == "arguments"
    put(sandbox, "e", b"")
    assert run(tool, sandbox, path="e", first_line=0, last_line=0).text == "e is empty."
    put(sandbox, "one", b"1")
    assert "has 1 lines" in run(tool, sandbox, path="one", first_line=5, last_line=0).text


@pytest.mark.parametrize("path", ["", " ", "a\0b", "x" * 5000])
def test_paths_are_checked(path, sandbox):
    """A path that can name nothing is told back by all three file tools."""
    assert run(write.create(), sandbox, path=path, content="").problem == "arguments"
    assert run(read.create(), sandbox, path=path, first_line=0, last_line=0).problem == "arguments"
    assert run(replace.create(), sandbox, path=path, old="a", new="b").problem == "arguments"


def test_a_name_too_long_is_the_file_systems_word(sandbox):
    """What the file system refuses comes back as a failure, not as an exception."""
    result = run(write.create(), sandbox, path="x" * 300, content="")
    assert (result.ok, result.problem) == (False, "")
    assert "File name too long" in result.text


def test_write_makes_folders_and_keeps_bytes(sandbox):
    """The content lands as it was given, in folders that were not there."""
    result = run(write.create(), sandbox, path="a/b/c.txt", content="x\r\ny\0\u00e4")
    assert result.ok
    assert "7 bytes, 2 lines" in result.text
    assert get(sandbox, "a/b/c.txt") == b"x\r\ny\0\xc3\xa4"


def test_write_refuses_half_a_character(sandbox):
    """A lone surrogate can't be encoded: nothing is written."""
    result = write.create().run(ToolCall("c", "write", '{"path": "a", "content": "\\ud83d"}'), sandbox)
    assert result.problem == "arguments"
    with pytest.raises(FileNotFoundError):
        get(sandbox, "a")


def test_replace_keeps_mode_bom_endings_and_other_encodings(sandbox):
    """An executable CRLF file with a byte order mark and Latin-1 bytes, edited with LF text, changes in one place alone."""
    put(sandbox, "r.sh", b"\xef\xbb\xbfone\r\ntwo \xe9\r\nthree", mode=0o751)
    result = run(replace.create(), sandbox, path="r.sh", old="one\n", new="1\n1.5\n")
    assert result.text == "Replaced in r.sh at line 1: 1 lines by 2."
    assert get(sandbox, "r.sh") == b"\xef\xbb\xbf1\r\n1.5\r\ntwo \xe9\r\nthree"
    assert sandbox.exec(("stat", "-c", "%a", "r.sh"), deadline=10).stdout == b"751\n"


def test_replace_refuses_what_occurs_twice_or_never(sandbox):
    """Nothing is written; the refusal names the lines, or the nearest passage with its numbers."""
    data = b"def a(x):\n    return x + 1\n\ndef b(x):\n    return x + 1\n"
    put(sandbox, "m.py", data)
    tool = replace.create()
    assert "occurs 2 times in m.py, at lines 2, 5" in run(tool, sandbox, path="m.py", old="return x + 1", new="").text
    missing = run(tool, sandbox, path="m.py", old="def b(x):\n  return x + 1", new="").text
    assert "lines 4 to 5:\n4\tdef b(x):\n5\t    return x + 1\nIt differs from `old` in white space alone." in missing
    assert "nothing like it" in run(tool, sandbox, path="m.py", old="@@@", new="").text
    assert run(tool, sandbox, path="m.py", old="", new="a").problem == "arguments"
    assert run(tool, sandbox, path="m.py", old="a", new="a").problem == "arguments"
    assert "no such file" in run(tool, sandbox, path="no.py", old="a", new="b").text
    assert get(sandbox, "m.py") == data


def test_run_tests_runs_the_command_from_the_root(sandbox):
    """The visible suite runs in the root wherever the shell is, both streams in order, with its exit code."""
    run(shell.create(), sandbox, command="mkdir -p d && cd d", seconds=0)
    put(sandbox, "t.sh", b"echo out; echo err >&2; echo out2; exit 1")
    tool = run_tests.create(test_command="sh t.sh\n")
    result = run(tool, sandbox)
    assert (result.ok, result.text, result.exit_code) == (True, "out\nerr\nout2\n[exit code 1]", 1)
    assert "with this command: sh t.sh" in tool.spec.description


def test_run_tests_without_a_command_says_so(sandbox):
    """A task that names no suite is told apart from one whose suite fails."""
    tool = run_tests.create(test_command=" ")
    assert not run(tool, sandbox).ok
    assert "None are named" in tool.spec.description


def test_finish_carries_the_claim(sandbox):
    """The claim is the two strings, word for word."""
    result = run(finish.create(), sandbox, done="1, 2", not_done="3: no network")
    assert result.claim == Claim("1, 2", "3: no network")
    assert not result.touches


@pytest.mark.parametrize(
    "make",
    [
        lambda: shell.create(default_seconds=0),
        lambda: shell.create(default_seconds=20, longest_seconds=10),
        lambda: run_tests.create(test_command="x", seconds=0),
    ],
)
def test_impossible_times_are_the_users_mistake(make):
    """Times that can't be are refused when the tool is made."""
    with pytest.raises(PlanError):
        make()
