"""A model kept open over trials, and opened anew after a fault."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest

from harness.core.errors import Fault, MissingError, ModelError, PlanError
from harness.core.facts import ModelFacts, ModelSettings
from harness.core.ports import Model
from harness.core.trial import WIDE
from harness.plan import Allowed, ModelEntry
from harness.settings import read
from harness.wiring.models import KeptModel, asked, models


class Door:
    """Counts how often it was opened and closed."""

    def __init__(self) -> None:
        self.opened = self.closed = 0
        self.held: list[bool] = []
        self.facts = ModelFacts("tape", "m")

    def offers(self) -> tuple[ModelFacts, ...]:
        return ()

    @contextmanager
    def slot(self) -> Iterator[float]:
        """The one place at the model."""
        self.held.append(True)
        yield 2.5
        self.held.pop()

    @contextmanager
    def open(self, settings: ModelSettings) -> Iterator[Model]:
        self.opened += 1
        assert self.held, "opened without a place at the model"
        yield self  # type: ignore[misc]
        self.closed += 1


def test_an_address_with_a_password_is_refused_unseen() -> None:
    """Addresses are shown and recorded; one that holds a secret is refused, and the sentence does not repeat it."""
    with pytest.raises(PlanError) as told:
        models("openai", None, read({"OPENAI_BASE_URL": "http://user:hunter2@127.0.0.1:9/v1"}))
    assert "hunter2" not in str(told.value)
    assert "hunter2" not in read({"OLLAMA_HOST": "http://user:hunter2@127.0.0.1:9"}).ollama_host


def test_a_model_is_opened_once_for_many_trials() -> None:
    """Loading is paid once per worker, and so is the wait for a place at the model, which its trial is told."""
    door, waits = Door(), list[float]()
    kept = KeptModel(door, ModelSettings("m"), door.slot)  # type: ignore[arg-type]
    for _ in range(3):
        with kept(waits.append):
            assert not door.held
    assert (door.opened, door.closed, waits) == (1, 0, [2.5])
    kept.close()
    assert door.closed == 1


def test_after_a_fault_it_is_opened_anew() -> None:
    """A crashed server may come back as another version: its facts are asked again."""
    door = Door()
    kept = KeptModel(door, ModelSettings("m"), door.slot)  # type: ignore[arg-type]
    with pytest.raises(ModelError), kept(print):
        raise ModelError(Fault.CRASH, "gone")
    with kept(print):
        pass
    assert (door.opened, door.closed) == (2, 1)


def test_other_weights_under_the_name_are_not_asked() -> None:
    """A server that came back with another model would mix two in one run: it counts as gone, and is closed again."""
    door = Door()
    door.facts = msgspec.structs.replace(door.facts, digest="sha256:new")
    kept = KeptModel(door, ModelSettings("m"), door.slot, "sha256:old")  # type: ignore[arg-type]
    with pytest.raises(MissingError, match="m is sha256:new now, not sha256:old"), kept(print):
        pass
    assert (door.opened, door.closed) == (1, 1)
    door.facts = msgspec.structs.replace(door.facts, digest="sha256:old")
    with kept(print):
        assert door.opened == 2


def test_the_address_of_a_server_may_be_an_option() -> None:
    """Without OPENAI_BASE_URL the plan's option serves, as the complaint about its absence says."""
    settings = read({})
    with pytest.raises(MissingError, match=r"-o model\.base_url"):
        models("openai", ModelEntry("openai/m"), settings)
    assert models("openai", ModelEntry("openai/m", options={"base_url": "http://127.0.0.1:9"}), settings)


@pytest.mark.parametrize("kind", ["claude", "openai"])
def test_a_key_is_no_option(kind: str) -> None:
    """A plan is kept with its run: a key in it is refused, and the refusal does not repeat it."""
    entry = ModelEntry(f"{kind}/m", options={"api_key": "sk-secret", "base_url": "http://127.0.0.1:9"})
    with pytest.raises(PlanError, match="API_KEY") as told:
        models(kind, entry, read({}))
    assert "sk-secret" not in str(told.value)


@pytest.mark.parametrize(("client", "key"), [("api", "sk-anthropic"), ("bedrock", ""), ("vertex", ""), ("foundry", "sk-foundry")])
def test_each_cloud_gets_its_own_key(client: str, key: str) -> None:
    """Anthropic's key goes to Anthropic alone, whatever else is chosen beside it."""
    settings = read({"ANTHROPIC_API_KEY": "sk-anthropic", "ANTHROPIC_FOUNDRY_API_KEY": "sk-foundry"})
    door = models("claude", ModelEntry("claude/m", options={"client": client}), settings)
    assert door._access.api_key == key


@pytest.mark.parametrize(("most", "wide"), [(None, 16_000), (4_000, 4_000), (40_000, 16_000)])
def test_the_arm_wide_changes_the_window_alone(most: int | None, wide: int) -> None:
    """Twice the tokens of the window; a model that may write a whole one may write no more than before."""
    entry = ModelEntry("ollama/m", window=16_000, max_output=most, temperature=0.5)
    plain, found = asked(entry, Allowed()), asked(entry, Allowed(), variant=WIDE)
    assert found == msgspec.structs.replace(plain, window=32_000, max_output=wide)


def test_an_unknown_window_can_not_be_widened() -> None:
    """One sentence."""
    with pytest.raises(PlanError, match="openai/m, whose window the run did not set"):
        asked(ModelEntry("openai/m"), Allowed(), variant=WIDE)
