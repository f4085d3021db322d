"""What a Dockerfile says, without any engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import TaskError
from harness.core.machine import User
from sandboxes.docker_agent import account, named
from sandboxes.docker_context import read_context
from sandboxes.docker_file import base_images, filled, instructions, needs_buildkit, stages
from sandboxes.docker_reach import reach_of, variables


def modern(text: str) -> list[tuple[int, str]]:
    return list(needs_buildkit(instructions(text), text))


def test_lines_are_those_of_the_file() -> None:
    """An instruction knows the line it begins on, over comments, blank lines and continued lines."""
    text = "# c\n\nFROM a\nRUN one \\\n  # inside\n  two\n\nCMD x\n"
    assert [(step.word, step.rest, step.line) for step in instructions(text)] == [
        ("FROM", "a", 3), ("RUN", "one   two", 4), ("CMD", "x", 8),
    ]  # fmt: skip


def test_the_escape_directive_is_honoured() -> None:
    """A backtick continues lines where the file says so."""
    assert instructions("# escape=`\nFROM a\nRUN b `\n c\n")[1].rest == "b  c"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nRUN <<EOF\necho\nEOF\n", [(2, "a heredoc in RUN")]),
        ("FROM a\nRUN cat <<EOF\n", []),
        ("FROM a\nRUN --mount=type=cache,target=/x pip\n", [(2, "RUN --mount")]),
        ("FROM a\n\nCOPY --chmod=755 a b\n", [(3, "COPY --chmod")]),
        ("FROM a\nCOPY --chown=1:1 --link a b\n", [(2, "COPY --link")]),
        ("FROM a\nRUN prog --mount=x\n", []),
        ("FROM a\nRUN echo a <<-'X'\n\tb\n\tX\nRUN --network=none x\n", [(2, "a heredoc in RUN"), (5, "RUN --network")]),
    ],
)
def test_what_only_buildkit_understands_is_found(text: str, expected: list[tuple[int, str]]) -> None:
    """Heredocs and new flags are found with their line; a shell's own words are not mistaken for them."""
    assert modern(text) == expected


def test_base_images_leave_stages_out() -> None:
    """Every image from outside is named once, with variables filled in; stages by name or number and scratch are not."""
    text = "ARG V=3\nFROM a:${V} AS one\nFROM scratch\nCOPY --from=one / /\nCOPY --from=0 / /\nCOPY --from=b:1 / /\nFROM one\n"
    assert base_images(stages(instructions(text))) == ("a:3", "b:1")


@pytest.mark.parametrize(
    ("text", "expected"), [("$X-a", "1-a"), ("${Y:-d}", "d"), ("${X:+s}", "s"), (r"\$X", "$"), ("${Y}", "")]
)
def test_variables_are_filled(text: str, expected: str) -> None:
    """The forms of a Dockerfile's variables are known."""
    assert filled(text, {"X": "1"}).startswith(expected)


def test_an_account_is_added_once() -> None:
    """A free uid gets our entry, a missing last newline notwithstanding; a group of that id is left as it is."""
    who = account(b"root:x:0:0::/root:/bin/sh", b"root:x:0:\nstaff:x:1000:\n", bash=False)
    assert who.passwd.splitlines()[1] == b"agent:x:1000:1000::/home/agent:/bin/sh"
    assert who.group == b"root:x:0:\nstaff:x:1000:\n"


def test_a_taken_uid_is_reused_or_refused() -> None:
    """The user that has uid 1000 is the agent, unless its home is the system's."""
    assert account(b"node:x:1000:1000::/home/node:/bin/sh\n", None, bash=True).user.name == "node"
    with pytest.raises(ValueError, match="home /"):
        account(b"app:x:1000:1000::/:/bin/sh\n", None, bash=True)


def test_a_taken_name_is_not_reused() -> None:
    """Where another user is called agent, ours has another name."""
    assert account(b"agent:x:5:5::/home/agent:/bin/sh\n", None, bash=True).user.name == "longhaul"


PASSWD = b"root:x:0:0:root:/root:/bin/sh\n1000:x:77:78::/odd:/bin/sh\nweb:x:33:33::/var/www:/bin/sh\nlost:x:44:44::"
GROUP = b"root:x:0:\nstaff:x:50:web,x\nlogs:x:51:x,web\n"


@pytest.mark.parametrize(
    ("asked", "user"),
    [
        ("root", User(0, 0, (), "root", "/root")),
        ("0", User(0, 0, (), "root", "/root")),
        ("web", User(33, 33, (50, 51), "web", "/var/www")),
        ("33", User(33, 33, (50, 51), "web", "/var/www")),
        ("1000", User(77, 78, (), "1000", "/odd")),
        ("1234", User(1234, 0, (), "1234", "/")),
        ("web:staff", User(33, 50, (), "web", "/var/www")),
        ("5:6", User(5, 6, (), "5", "/")),
    ],
)
def test_a_named_user_is_whom_the_image_knows(asked: str, user: User) -> None:
    """Names and numbers mean what `docker run --user` makes of them."""
    assert named(asked, PASSWD, GROUP).user == user


@pytest.mark.parametrize("asked", ["bob", "-1", "4294967295", "lost", "web:none", "1.5", ""])
def test_nobody_is_refused(asked: str) -> None:
    """A name that the image has not, and what is no number, is no user."""
    with pytest.raises(ValueError, match=r"which is none of root|for a number"):
        named(asked, PASSWD, GROUP)


def test_paths_of_this_machine_do_not_reach_a_build() -> None:
    """Of the installer's settings only those go on that mean something in a container."""
    given = variables(reach_of(b"", (("PIP_CERT", "/etc/x.pem"), ("PIP_INDEX_URL", "http://h/simple"))))
    assert "PIP_CERT" not in given
    assert given["UV_DEFAULT_INDEX"] == "http://h/simple"


def test_what_only_a_child_image_would_run_is_refused_by_line(tmp_path: Path) -> None:
    """ONBUILD would run when we build on the image, as nobody expects."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\nONBUILD RUN exit 1\n")
    with pytest.raises(TaskError, match=r"Dockerfile:2: ONBUILD: found RUN exit 1"):
        read_context(str(tmp_path), "Dockerfile")
