"""Derives the image a trial runs from: the warden, an account, the workspace owned by the agent and a repository without a future.

Almost all of it is done through the engine's archive calls, so that an image needs no shell, no git and no chown for it.
"""

from __future__ import annotations

import hashlib
import json
import shlex
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any, Final

import docker
import msgspec
from docker.models.containers import Container
from docker.models.images import Image

from harness.core.errors import TaskError
from harness.core.machine import PreparedImage, User
from harness.core.ports import Say
from harness.core.task import ImageTag, Place
from sandboxes.docker_agent import UID, Account, account, named
from sandboxes.docker_client import engine_faults, find_image
from sandboxes.docker_past import cut_history, enclosing
from sandboxes.docker_policy import ROOT, ROOTS_OWN, WARDENS, warden_of
from sandboxes.docker_sweep import OWNER, owner_label
from sandboxes.docker_tar import Laid, add_path, fetch_file, fetched, kind_at, owned, packed, put, repositories_in

REPOSITORY: Final = "longhaul/derived"
PREPARATION: Final = "5"
OWN_FOLDERS: Final = ("logs", "logs/agent", "logs/verifier", "logs/artifacts", "tests", "solution")
DEFAULT_WORKDIR: Final = "/workspace"
SETUP_DEADLINE_S: Final = 1800
USER: Final = "longhaul.user"


class Plan(msgspec.Struct, frozen=True):
    """What decides a derived image: name of the source for messages, its id and settings, the warden, the workdir."""

    name: str
    source: str
    architecture: str
    config: dict[str, Any]
    warden: bytes
    workdir: str
    make_workdir: bool
    place: Place
    published: tuple[str, ...] = ()
    """The source's names with digests in registries, for the record."""

    @property
    def key(self) -> str:
        """Hex: the same for the same derived image."""
        parts = (
            PREPARATION, self.source, hashlib.sha256(self.warden).hexdigest(), self.workdir, *self.place.setup,
            json.dumps(self.place.environment if self.place.setup else ()), upload_digest(self.place.upload),
            self.place.user, self.place.history,
        )  # fmt: skip
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    @property
    def tag(self) -> str:
        return f"{REPOSITORY}:{self.key[:40]}"


def plan_for(name: str, image: Image, place: Place) -> Plan:
    """Read what decides; raises TaskError for images that can't serve, by name."""
    attrs = image.attrs
    config = dict(attrs.get("Config") or {})
    architecture = str(attrs.get("Architecture"))
    if attrs.get("Os", "linux") != "linux" or architecture not in WARDENS:
        raise TaskError(name, "architecture", f"{attrs.get('Os')}/{architecture}", "linux/amd64 or linux/arm64")
    if config.get("Volumes"):
        raise TaskError(name, "VOLUME", ", ".join(config["Volumes"]), "no VOLUME: trials have no mounts, an image can't keep them")
    warden = warden_of(architecture)
    workdir, make = workdir_of(name, config, place)
    published = tuple(attrs.get("RepoDigests") or ())
    return Plan(name, str(image.id), architecture, config, warden, workdir, make, place, published)


def workdir_of(name: str, config: dict[str, Any], place: Place) -> tuple[str, bool]:
    """The absolute workspace, and whether it is made where it is missing."""
    told = place.workdir or str(config.get("WorkingDir") or "")
    # An image built from the base image inherits its label, and its WORKDIR must be true.
    ours = isinstance(place.image, ImageTag) and bool((config.get("Labels") or {}).get("longhaul.base"))
    if told in ("", "/") and place.otherwise:
        return place.otherwise, True
    if not told:
        return DEFAULT_WORKDIR, True
    path = PurePosixPath(told)
    if not path.is_absolute() or ".." in path.parts or len(path.parts) < 2:
        raise TaskError(name, "workdir", told, "an absolute folder other than /")
    return str(path), bool(place.upload) or ours


def upload_digest(folder: str) -> str:
    """Hex over the folder's names, kinds and bytes; empty without a folder."""
    if not folder:
        return ""
    whole = hashlib.sha256()
    for path in sorted(Path(folder).rglob("*")):
        whole.update(str(path.relative_to(folder)).encode("utf-8", "surrogateescape") + b"\0")
        if path.is_symlink():
            whole.update(b"link" + str(path.readlink()).encode("utf-8", "surrogateescape"))
        elif path.is_file():
            whole.update(f"{path.stat().st_mode & 0o100}".encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def find_derived(client: docker.DockerClient, plan: Plan) -> PreparedImage | None:
    image = find_image(client, plan.tag)
    return None if image is None else prepared(image, plan)


def prepared(image: Image, plan: Plan) -> PreparedImage:
    """The image as the harness knows it; by id, since a tag can be moved."""
    return PreparedImage(
        reference=str(image.id), digest=str(image.id), source_digest=plan.source, architecture=plan.architecture,
        workdir=plan.workdir, history=image.labels.get("longhaul.history", ""), user=user_of(image),
    )  # fmt: skip


def user_of(image: Image) -> User:
    """Whom commands of a prepared image run as, from its own label."""
    told = image.labels.get(USER)
    return msgspec.json.decode(told, type=User) if told else User()


def derive(client: docker.DockerClient, plan: Plan, logs: Path, say: Say) -> PreparedImage:
    """The derived image, made once; raises TaskError, SandboxError. The caller holds the lock."""
    if (found := find_derived(client, plan)) is not None:
        return found
    say(f"preparing {plan.name} for trials (once)")
    with engine_faults(f"{plan.name}: preparation"):
        container = create(client, plan, User())
        try:
            who = look_up(container, plan)
            if plan.place.setup and who.named:
                # Whose commands these are stands in the image, and is decided when the container is made.
                container.remove(force=True, v=True)
                container = create(client, plan, who.user)
            lay_ground(container, plan, who)
            repositories = own_workspace(container, plan, who.user)
            if plan.place.setup:
                run_setup(container, plan, logs, say)
            kept = plan.place.history == "kept"
            history = "kept" if kept else cut_history(container, plan.workdir, repositories, who.user.uid)
            changes = settings(plan, who, history)
            container.commit(repository=REPOSITORY, tag=plan.key[:40], changes=changes)
        finally:
            container.remove(force=True, v=True)
        return prepared(client.images.get(plan.tag), plan)


def create(client: docker.DockerClient, plan: Plan, user: User) -> Container:
    """The container in which the image is prepared; it is only started to run a task's own set-up."""
    place = plan.place
    script = "\n".join((f"cd {shlex.quote(plan.workdir)}", *place.setup))
    entry = ["/bin/sh", "-ec", script] if place.setup else ["/.longhaul/warden"]
    home = {"HOME": user.home or "/home/agent"} if place.setup else {}
    return client.containers.create(
        plan.source, entrypoint=entry, command=[], user=f"{user.uid}:{user.gid}" if place.setup else "0:0", network_mode="none",
        # Not the workspace: the engine would make it, and a missing one would not be noticed.
        working_dir="/", environment=home | dict(place.environment if place.setup else ()), cap_drop=["ALL"],
        cap_add=list(ROOTS_OWN) if place.setup and user.uid == ROOT else [],
        security_opt=["no-new-privileges:true"], mem_limit=f"{place.memory_mb}m", pids_limit=place.pids,
        labels={"longhaul.preparing": "1", OWNER: owner_label()},
    )  # fmt: skip


def look_up(container: Container, plan: Plan) -> Account:
    """Whom commands run as, from the image's own passwd and group; raises TaskError for somebody who can't be."""
    asked = plan.place.user
    try:
        passwd, group = (fetch_file(container, f"/etc/{name}") for name in ("passwd", "group"))
        if asked:
            return named(asked, passwd, group)
        return account(passwd, group, bash=bool(kind_at(container, "/bin/bash")))
    except ValueError as fault:
        if asked:
            raise TaskError(plan.name, "user", str(fault), "a name of the image's passwd, or a number") from fault
        raise TaskError(plan.name, "account", str(fault), "uid 1000 free, or a user with a home of its own") from fault


def lay_ground(container: Container, plan: Plan, who: Account) -> None:
    """The warden, the account with its home, and the folders of logs, tests and solution."""
    uid, gid = who.user.uid, who.user.gid
    # Where the task names users, its phases may have different ones, and all of them write there.
    mode = 0o777 if who.named else 0o755
    things = [Laid(".longhaul"), Laid(".longhaul/warden", plan.warden, 0o755)]
    things += [Laid(folder, None, mode, uid, gid) for folder in OWN_FOLDERS]
    if not who.named:
        things += lay_account(container, who)
    if not kind_at(container, "/tmp"):  # noqa: S108 - in the image
        things.append(Laid("tmp", None, 0o1777))
    put(container, "/", packed(things))


def lay_account(container: Container, who: Account) -> list[Laid]:
    """The files of users and groups, and the home where it is missing."""
    things = [] if kind_at(container, "/etc") else [Laid("etc")]
    things += [Laid("etc/passwd", who.passwd, 0o644), Laid("etc/group", who.group, 0o644)]
    if not kind_at(container, who.user.home):
        things.append(Laid(who.user.home.strip("/"), None, 0o755, UID, UID))
    return things


def own_workspace(container: Container, plan: Plan, user: User) -> tuple[tuple[str, bool], ...]:
    """Lay in what the task uploads and give the whole workspace to the agent; the repositories in it: (absolute path, is a folder).

    Root finds it as the image has it.
    """
    kind = kind_at(container, plan.workdir)
    if kind and kind != "dir":
        raise TaskError(plan.name, "workdir", f"{plan.workdir} is a {kind}", "a folder")
    path = PurePosixPath(plan.workdir)
    if not kind:
        if not plan.make_workdir:
            raise TaskError(plan.name, "workdir", f"no folder {plan.workdir} in the image", "a folder that the image has")
        put(container, "/", packed([Laid(plan.workdir.strip("/"), None, 0o755, user.uid, user.gid)]))
    if plan.place.upload:
        lay_upload(container, Path(plan.place.upload), path, user.uid)
    top = owned_top(container, path)
    with fetched(container, str(top)) as spool:
        if user.uid == ROOT:
            found = repositories_in(spool)
        else:
            tar, found = owned(spool, user.uid, user.gid)
            with tar:
                put(container, str(top.parent), tar)
    return tuple((str(top.parent / name), folder) for name, folder in found)


def owned_top(container: Container, workdir: PurePosixPath) -> PurePosixPath:
    """The folder to give away: the workspace, or the repository around it, since git refuses one that belongs to another."""
    for path, _ in enclosing(container, str(workdir)):
        if len(PurePosixPath(path).parts) > 2:
            return PurePosixPath(path).parent
    return workdir


def lay_upload(container: Container, folder: Path, workdir: PurePosixPath, uid: int) -> None:
    """The contents of a folder of ours into the workspace, the agent's own."""
    with tempfile.TemporaryFile() as spool:
        with tarfile.open(fileobj=spool, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path in sorted(folder.rglob("*")):
                add_path(tar, path, PurePosixPath(path.relative_to(folder)), uid)
        spool.seek(0)
        put(container, str(workdir), spool)


def run_setup(container: Container, plan: Plan, logs: Path, say: Say) -> None:
    """The task's own commands, as the agent's uid and without a network; raises TaskError when one fails."""
    say(f"{plan.name}: running {len(plan.place.setup)} set-up commands as {plan.place.user or f'uid {UID}'}")
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"setup-{plan.key[:40]}.log"
    container.start()
    code = int(container.wait(timeout=SETUP_DEADLINE_S)["StatusCode"])
    log.write_bytes(container.logs())
    if code != 0:
        tail = " | ".join(log.read_text(encoding="utf-8", errors="replace").split("\n")[-4:])[-400:]
        raise TaskError(plan.name, "setup", f"exit status {code}: {tail}", f"commands that end with 0 (log: {log})")


def settings(plan: Plan, who: Account, history: str) -> list[str]:
    """The committed image's settings as Dockerfile lines; pure."""
    labels = {
        "longhaul.derived": "1", "longhaul.source": plan.source, "longhaul.source.name": plan.name,
        "longhaul.source.digests": " ".join(plan.published),
        "longhaul.warden": f"sha256:{hashlib.sha256(plan.warden).hexdigest()}", "longhaul.preparation": plan.key,
        # A commit keeps the container's labels; that of its owner must not seem to own what comes of it.
        OWNER: "", "longhaul.preparing": "", "longhaul.workdir": plan.workdir, "longhaul.agent": who.user.name, "longhaul.history": history,
        USER: msgspec.json.encode(who.user if who.named else User()).decode(),
    }  # fmt: skip
    return [
        'ENTRYPOINT ["/.longhaul/warden"]', "CMD []", "USER 0:0", f"WORKDIR {plan.workdir}", "HEALTHCHECK NONE",
        f"ENV HOME={json.dumps(who.user.home)} USER={json.dumps(who.user.name)} LOGNAME={json.dumps(who.user.name)}",
        *(f"LABEL {name}={json.dumps(value)}" for name, value in labels.items()),
    ]  # fmt: skip

