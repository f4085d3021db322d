"""Every plugin found on disk is put through its port's contract; a new file is tested unasked."""

from __future__ import annotations

import inspect
import os
import typing
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import docker
import pytest

from harness.contracts import agent, sandbox, store, tasks
from harness.core.agent import Agent, Answered, Ask, Assignment, Conversation, Stop, Use
from harness.core.chat import ToolCall
from harness.core.machine import PreparedImage
from harness.core.ports import Order, Pen, Sandboxes, TaskSource
from harness.core.task import GoldPatch, ImageTag, Place
from harness.core.trial import TrialKey
from harness.settings import read
from harness.store.sqlite import RunStore, create
from sandboxes.docker_base import BaseImage
from sandboxes.docker_images import create as create_images

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("LONGHAUL_TEST_DATA", ROOT.parent / "shared" / "data"))
NO_IMAGE = PreparedImage("", "", "", "", "")


def plugins(room: str, method: str) -> list[str]:
    """Modules of a room whose `create` gives something with this method."""
    found = []
    for path in sorted((ROOT / room).glob("*.py")):
        module = import_module(f"{room}.{path.stem}")
        made = getattr(module, "create", None)
        if made and hasattr(typing.get_type_hints(made)["return"], method):
            found.append(path.stem)
    return found


AGENTS, SANDBOXES, SOURCES = plugins("agents", "tools"), plugins("sandboxes", "open"), plugins("task_repos", "faults")


def test_every_kind_is_found() -> None:
    """The search itself finds what is known to be there."""
    assert {"coder", "tool_loop", "bash_only", "oracle", "idle"} <= set(AGENTS)
    assert {"docker", "host"} <= set(SANDBOXES)
    assert {"folder", "swebench"} <= set(SOURCES)


@pytest.mark.parametrize("name", AGENTS)
def test_an_agent_keeps_the_contract(name: str) -> None:
    """It ends, repeats itself, hides nothing, and says what it is."""
    create = import_module(f"agents.{name}").create
    made = create(solution=GoldPatch(b"x")) if "solution" in inspect.signature(create).parameters else create()
    assert agent.complaints(made) == ()


@pytest.fixture
def orders(base_image: BaseImage, engine: docker.DockerClient, tmp_path: Path) -> Mapping[str, Order]:
    """What each kind of sandbox is opened with: an image, or none where none is looked at."""
    images = create_images(base_url="", cache=str(tmp_path))
    place = Place(ImageTag(base_image.tag), workdir="/workspace")
    return {"host": Order(NO_IMAGE, Place(ImageTag("none"))), "": Order(images.prepare(place, print), place, (("purpose", "contract"),))}


@pytest.mark.parametrize("name", SANDBOXES)
def test_a_sandbox_keeps_the_contract(name: str, orders: Mapping[str, Order]) -> None:
    """Commands, state, deadlines, files, looks, harvest and proof are as the port says."""
    made: Sandboxes = import_module(f"sandboxes.{name}").create()
    assert sandbox.complaints(made, orders.get(name, orders[""])) == ()


OWN_FOLDERS = {"mined": "test_mine.py", "refactorbench": "refactorbench/test_refactorbench.py", "swebench_pro": "swebench_pro/test_swebench_pro.py"}
"""Sources whose own tests write a folder for them and hold it to the contract there."""


@pytest.mark.parametrize("name", OWN_FOLDERS)
def test_a_source_without_data_here_is_held_to_the_contract_by_its_own_tests(name: str) -> None:
    """And is one that there is."""
    assert name in SOURCES
    assert "complaints(" in (ROOT / "tests" / "task_repos" / OWN_FOLDERS[name]).read_text("utf-8")


@pytest.mark.parametrize("name", sorted(set(SOURCES) - set(OWN_FOLDERS)))
def test_a_task_source_keeps_the_contract(name: str, tmp_path: Path) -> None:
    """Ids, digests, requests, named tests and paths are as the port says, twice the same."""
    bundled = ROOT / "task_repos" / "bundled"
    argument = {"folder": str(bundled), "swebench": str(DATA / "swebench_sample"), "staged": "S", "twins": str(bundled / "ledgerlite")}[name]
    if name == "swebench" and not Path(argument).exists():
        pytest.skip(f"no data for {name}: set LONGHAUL_TEST_DATA")
    made: TaskSource = create_source(name, argument, str(tmp_path))
    assert tasks.complaints(made) == ()
    assert tuple(made)


def create_source(name: str, argument: str, cache: str) -> TaskSource:
    create = import_module(f"task_repos.{name}").create
    given = {"path": argument, "cache": cache, "environment": read().environment, "source": name}
    made: TaskSource = create(**{word: value for word, value in given.items() if word in inspect.signature(create).parameters})
    return made


def test_the_store_keeps_the_contract(tmp_path: Path) -> None:
    """Order, fence, settlement, blobs."""
    made = create(tmp_path / "run", store.KEYS, {"run": "contract"})
    assert store.complaints(made) == ()


class Rogue:
    """An agent that breaks every rule."""

    name, prompts = "", ("",)

    def __init__(self) -> None:
        self._turn = 0

    def tools(self) -> tuple[str, ...]:
        return ("shell", "shell")

    def __call__(self, assignment: Assignment) -> Conversation:
        self._turn += 1
        answer = yield Ask((assignment.first.message,))
        assert isinstance(answer, Answered)
        for call in answer.message.calls:
            yield Use(call)
        yield Use(ToolCall(f"c{self._turn}", "shell", "{}"))
        yield Ask((answer.message,))
        return typing.cast(Stop, "done")


def test_the_contract_of_agents_can_be_broken() -> None:
    """Each claim speaks up for an agent that breaks it."""
    made: Agent = Rogue()
    told = {complaint.partition(":")[0] for complaint in agent.complaints(made)}
    assert told == {claim.__name__ for claim in agent.CONTRACTS}


def test_the_contract_of_stores_can_be_broken(tmp_path: Path) -> None:
    """A store that forgets its fence is found out."""

    class Open(RunStore):
        def begin(self, key: TrialKey) -> Pen:
            """Lends everybody the one pen that is good."""
            pen = super().begin(key)
            first = vars(self).setdefault(str(key), pen)
            first.fence = pen.fence
            return first

    create(tmp_path / "run", store.KEYS, {})
    told = store.complaints(Open(tmp_path / "run"))
    assert any(complaint.startswith("fences_the_late") for complaint in told)


@pytest.mark.parametrize("name", [*(f"agents.{name}" for name in AGENTS), *(f"sandboxes.{name}" for name in SANDBOXES)])
def test_a_plugin_is_its_create(name: str) -> None:
    """The signature is the configuration schema: keyword-only, each with a default and a type."""
    create_ = import_module(name).create
    for parameter in inspect.signature(create_).parameters.values():
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert parameter.default is not inspect.Parameter.empty
        assert parameter.annotation is not inspect.Parameter.empty
