"""The sweep removes what the dead left, and only that.

Whatever lays down a dead owner's container is in this file: a sweep looks at the whole machine, and files run side by side.
"""

from __future__ import annotations

import os
import subprocess
import sys

import docker
import msgspec
import pytest

from harness.core.machine import PreparedImage
from sandboxes.docker import create
from sandboxes.docker_sweep import (
    OWNER,
    Owner,
    find_leftovers,
    judge,
    owner,
    owner_label,
    parse_owner,
    started_at,
    sweep,
)

HERE = Owner("m1", "b1", "n1", 7, "99")


@pytest.mark.parametrize(
    ("left", "standing"),
    [
        (Owner("m1", "b1", "n1", 5, "50"), "living"),
        (Owner("m1", "b1", "n1", 5, "51"), "dead"),
        (Owner("m1", "b1", "n1", 6, "50"), "dead"),
        (Owner("m1", "b0", "n1", 5, "50"), "dead"),
        (Owner("m1", "b0", "n0", 5, "50"), "dead"),
        (Owner("m1", "b1", "n2", 5, "50"), "foreign"),
        (Owner("m2", "b0", "n1", 5, "50"), "foreign"),
        (Owner("", "b0", "n1", 5, "50"), "foreign"),
        (None, "foreign"),
    ],
)
def test_who_counts_as_dead(left: Owner | None, standing: str) -> None:
    """Only a process of this machine and namespace, or of an earlier boot of it, can be known to be dead."""
    assert judge(left, HERE, lambda pid: "50" if pid == 5 else "") == standing


def test_an_owner_survives_its_label() -> None:
    """The label tells the owner again; anything else is nobody."""
    assert parse_owner(owner_label()) == owner()
    assert owner().pid == os.getpid()
    assert parse_owner("x") is None
    assert parse_owner("a/b/c/d/e") is None


def test_a_process_has_a_start(tmp_path: object) -> None:
    """A living process has one start time, a dead one none."""
    child = subprocess.Popen((sys.executable, "-c", "input()"), stdin=subprocess.PIPE)
    assert started_at(child.pid) == started_at(child.pid) != ""
    child.communicate(b"\n")
    assert started_at(child.pid) == ""


@pytest.mark.docker
def test_the_sweep_takes_the_dead_and_spares_the_living(
    client: docker.DockerClient, base: PreparedImage, order_of
) -> None:
    """Of a dead owner's, a living one's and a stranger's container, created or running, the first goes; the last goes when named."""
    dead = msgspec.structs.replace(owner(), pid=2**22 + 1, started="1")
    stranger = msgspec.structs.replace(owner(), machine="elsewhere")
    made = {}
    for name, who in (("dead", dead), ("stranger", stranger)):
        label = "/".join((who.machine, who.boot, who.namespace, str(who.pid), who.started))
        body = {"Image": base.reference, "Labels": {OWNER: label, "longhaul.run": name}, "Cmd": ["true"]}
        made[name] = client.api.create_container_from_config(body)["Id"]
    with create().open(order_of(base)) as sandbox:
        living = sandbox.facts.container
        found = {row.container: row for row in find_leftovers(client.api)}
        assert [found[row].standing for row in (made["dead"], made["stranger"], living)] == [
            "dead",
            "foreign",
            "living",
        ]
        assert (found[living].run, found[living].trial) == ("test", "t0001")
        assert not any(row.removed for row in sweep(client.api, dry_run=True))
        swept = {row.container: row.removed for row in sweep(client.api)}
        assert [swept[row] for row in (made["dead"], made["stranger"], living)] == [True, False, False]
        named = {row.container: row.removed for row in sweep(client.api, named=found[made["stranger"]].owner)}
        assert named[made["stranger"]]
        assert made["dead"] not in named
        assert sandbox.shell("echo well", deadline=20).output == b"well\n"


@pytest.mark.docker
def test_a_sweep_of_one_run_spares_the_others(client: docker.DockerClient, base: PreparedImage) -> None:
    """Of two containers of a dead owner only the named run's goes."""
    dead = msgspec.structs.replace(owner(), pid=2**22 + 1, started="1")
    label = "/".join((dead.machine, dead.boot, dead.namespace, str(dead.pid), dead.started))
    made = {}
    for run in ("one", "other"):
        body = {"Image": base.reference, "Labels": {OWNER: label, "longhaul.run": f"gone-{run}"}, "Cmd": ["true"]}
        made[run] = client.api.create_container_from_config(body)["Id"]
    try:
        swept = {row.container: row.removed for row in sweep(client.api, run="gone-one")}
        assert swept == {made["one"]: True}
    finally:
        sweep(client.api, run="gone-other")
