"""Whom commands run as: users of the image by name and number, and root, who is kept from PID 1 and from what watches its commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

import docker
import msgspec
import pytest

from harness.contracts.sandbox import complaints
from harness.core.errors import TaskError
from harness.core.machine import Ended, PreparedImage
from harness.core.ports import Order
from harness.core.task import ImageBuild, Place
from sandboxes.docker import create
from sandboxes.docker_kept import kept
from sandboxes.docker_sandbox import DockerSandbox
from tests.sandboxes.attacks import ENDLESS
from tests.sandboxes.image_bench import BASE, Bench

pytestmark = pytest.mark.docker
DOCKERFILE = f"""\
FROM {BASE}
WORKDIR /app
COPY mark .
RUN useradd -m -u 33000 web && groupadd -g 33001 extra && usermod -aG extra web && chown web mark && chmod 600 mark
"""


@pytest.fixture(scope="module")
def bench(client: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(client, tmp_path_factory.mktemp("users"))
    yield made
    made.sweep()


@pytest.fixture(scope="module")
def folder(bench: Bench) -> str:
    return bench.folder(DOCKERFILE)


def place(folder: str, user: str, **changes: object) -> Place:
    return Place(image=ImageBuild(folder), user=user, memory_mb=512, pids=256, cpus=1.0, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def root_order(bench: Bench, folder: str) -> Order:
    wanted = place(folder, "root")
    return Order(bench.prepare(wanted), wanted, labels=(("run", "test"),))


@pytest.fixture
def root(root_order: Order) -> Iterator[DockerSandbox]:
    with create().open(root_order) as opened:
        yield opened


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ("web", b"33000 33000 33000,33001 /home/web web web\n"), ("1234", b"1234 0 0 / 1234 1234\n"), ("nobody", b"65534 65534 65534 /nonexistent nobody nobody\n"),
    ],
)  # fmt: skip
def test_commands_are_the_users(bench: Bench, folder: str, user: str, told: bytes) -> None:
    """Ids, groups and home come from the image's passwd; the workspace and what is laid in it are the user's, and /logs is everybody's."""
    wanted = place(folder, user)
    image = bench.prepare(wanted)
    with create().open(Order(image, wanted)) as sandbox:
        assert sandbox.exec(("sh", "-c", "echo $(id -u) $(id -g) $(id -G | tr ' ' ,) $HOME $USER $(stat -c %U mark | sed s/UNKNOWN/1234/)"), deadline=20).stdout == told
        assert sandbox.read(PurePosixPath("mark")) == bench.mark.encode()
        sandbox.write(PurePosixPath("new"), b"1")
        assert sandbox.shell("stat -c %u new; touch /logs/verifier/x; stat -c %a /logs/verifier", deadline=20).output.split() == [told.split()[0], b"777"]
        proof = sandbox.facts.confinement
        assert (proof.mode, proof.uid, proof.cap_eff.strip("0")) == ("full", int(told.split()[0]), "")
        assert b"not permitted" in sandbox.shell("kill -9 $PPID; kill -9 1", deadline=20).output


def test_nobody_else_is_prepared_for(bench: Bench, folder: str) -> None:
    """A user that the image does not know is the task's fault, told before anything runs; root has no place where no container has uid 0."""
    with pytest.raises(TaskError, match=r"user: found 'bob', which is none of root.*web, expected a name of the image's passwd"):
        bench.prepare(place(folder, "bob"))
    wanted = place(folder, "root")
    with pytest.raises(TaskError, match="zero-capability"), create(confinement="zero-capability").open(Order(bench.prepare(wanted), wanted)):
        pass


def test_set_up_commands_are_the_users_too(bench: Bench, folder: str) -> None:
    """What a task runs when its image is prepared runs as the user that it names, root with root's own powers."""
    image = bench.prepare(place(folder, "web", setup=("echo $(id -un) $HOME > who",)))
    assert bench.member(image, "/app/who") == b"web /home/web\n"
    image = bench.prepare(place(folder, "0", setup=("chown web /opt; id -u > /opt/who",)))
    assert bench.member(image, "/opt/who") == b"0\n"


def test_root_may_what_a_root_task_needs(root: DockerSandbox, bench: Bench) -> None:
    """Files of any owner, new users, other users' shoes and low ports; the workspace is as the image has it."""
    told = root.shell(
        "set -e; stat -c '%U %a' . mark; cat mark; echo; echo x > /etc/x; useradd -m lad; install -o lad -m 600 mark /home/lad/f; "
        "su lad -c 'id -un; cat ~/f'; echo; chroot / id -u; python3 -c 'import socket; socket.socket().bind((\"127.0.0.1\", 80))'; "
        "sh -c 'cp /bin/true /t; chmod 4755 /t; stat -c %a /t'", deadline=60,
    )  # fmt: skip
    assert told.output.decode().split() == ["root", "755", "web", "600", bench.mark, "lad", bench.mark, "0", "4755"]
    proof = root.facts.confinement
    assert (proof.mode, proof.uid, proof.no_new_privs, proof.seccomp) == ("root", 0, True, 2)
    root.write(PurePosixPath("mark"), b"roots")
    assert root.shell("stat -c '%u %a' mark", deadline=20).output == b"0 600\n"
    assert root.outside()


def test_the_contract_holds_for_root(root_order: Order) -> None:
    """All that a sandbox promises, it promises a task of root's."""
    assert complaints(create(), root_order) == ()


@pytest.mark.parametrize("name", ["fork bomb", "ignores signals", "spinning forkers", "stops its parent"])
def test_a_deadline_of_roots_leaves_no_survivor(root: DockerSandbox, name: str) -> None:
    """Root's processes are ended as completely as any, and an earlier command's background lives on."""
    assert root.shell("sleep 1234 & echo started", deadline=20).output == b"started\n"
    told = root.shell(ENDLESS[name], deadline=0.5)
    assert (told.ended, told.exit_code) == (Ended.DEADLINE, 137)
    assert any(root.changes().alive == 1 for _ in range(200)), "only the earlier sleeper"
    assert root.shell("pgrep -xf 'sleep 1234' | wc -l", deadline=20).output == b"1\n"


ATTACKS = {
    "kill -9 1; kill -STOP 1": b"",
    "kill -9 $PPID": b"not permitted",
    "prlimit --pid 1 --nofile=3": b"not permitted",
    "prlimit --pid $PPID --cpu=1": b"not permitted",
    "renice -n 19 -p 1": b"not permitted",
    "taskset -p 1 1": b"not permitted",
    "ls -l /proc/1/fd": b"Permission denied",
    "cat /proc/1/environ": b"Permission denied",
    "head -c 1 /proc/1/mem": b"Permission denied",
    "echo x > /proc/1/fd/1": b"Permission denied",
    "unshare -U true": b"not permitted",
    "mount -t tmpfs none /tmp": b"permission denied",
    "mknod /x b 8 0": b"not permitted",
    "python3 -c 'import os; os.setuid(65123)'": b"not permitted",
    "python3 -c 'import os; os.setresuid(0, 65123, 0)'": b"not permitted",
    "python3 -c 'import os; os.setreuid(-1, 65123)'": b"not permitted",
    "python3 -c 'import ctypes; l = ctypes.CDLL(None, use_errno=True); print(l.setfsuid(65123), l.setfsuid(-1))'": b"-1 0",
    "grep ^CapPrm /proc/self/status": b"CapPrm:\t00000000200404db",
}


def test_root_cannot_touch_what_watches_it(root: DockerSandbox) -> None:
    """PID 1 and supervisors have a uid of their own, which root can't take: no signal, limit, priority or descriptor of theirs is in reach."""
    for attack, says in ATTACKS.items():
        told = root.shell(f"export LC_ALL=C; {attack}; echo still here", deadline=20)
        assert says.lower() in told.output.lower(), (attack, told.output)
        assert told.output.endswith(b"still here\n"), attack
    told = root.exec(("python3", "-c", "import os; os.kill(-1, 9); print('alone')"), deadline=20)
    assert (told.stdout, told.exit_code) == (b"alone\n", 0)
    root.shell("echo 1000 > /proc/1/oom_score_adj", deadline=20)
    assert root.shell("cat /proc/1/oom_score_adj", deadline=20).output == b"0\n"


def test_the_harvest_of_root_is_quiet(root: DockerSandbox) -> None:
    """Daemons, other users' processes and a bomb of root's are gone before anything is taken out."""
    root.shell("su web -c 'setsid sleep 1000' & setsid sleep 1000 & ", deadline=20)
    root.shell(f"({ENDLESS['spinning forkers']}) > /dev/null 2>&1 &", deadline=20)
    assert root.harvest(PurePosixPath("."))
    assert root.changes().alive == 0


def test_an_image_kept_of_root_has_our_first_process(client: docker.DockerClient, root: DockerSandbox, root_order: Order) -> None:
    """Whatever root put in its place, the next container begins with the warden."""
    root.shell("mv /.longhaul /old; mkdir /.longhaul; printf '#!/bin/sh\\nexit 0\\n' > /.longhaul/warden; chmod 755 /.longhaul/warden", deadline=20)
    name = root.keep("test")
    try:
        found: PreparedImage | None = kept(client, name)
        assert found is not None
        assert found.user == root_order.image.user
        with create().open(msgspec.structs.replace(root_order, image=found)) as again:
            assert again.shell("id -u; ls -d /old", deadline=20).output == b"0\n/old\n"
    finally:
        client.images.remove(name, force=True)
