"""The four doors to Claude are constructed with keys given explicitly and no retries of their own."""

from __future__ import annotations

import anthropic
import pytest

from agents.models.claude import create
from agents.models.claude_clients import Access, connect
from agents.models.tee import Tee
from harness.core.errors import MissingError, PlanError
from harness.core.facts import ModelSettings

DOORS = [
    (Access("key"), anthropic.Anthropic, "https://api.anthropic.com"),
    (Access("key", client="bedrock", region="eu-west-1"), anthropic.AnthropicBedrock, "https://bedrock-runtime.eu-west-1.amazonaws.com"),
    (Access("key", client="vertex", region="europe-west1", project="p"), anthropic.AnthropicVertex, "https://europe-west1-aiplatform.googleapis.com"),
    (Access("key", client="foundry", project="r"), anthropic.AnthropicFoundry, "https://r.services.ai.azure.com/anthropic"),
]


@pytest.mark.parametrize(("access", "kind", "url"), DOORS)
def test_each_client_is_constructed(access: Access, kind: type, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The right class, the right address whatever the environment says, no hidden retries."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://somebody.example.org")
    client = connect(access, Tee())
    assert isinstance(client, kind)
    assert str(client.base_url).startswith(url)
    assert client.max_retries == 0
    client.close()


@pytest.mark.parametrize(
    ("access", "words"),
    [
        (Access(), "ANTHROPIC_API_KEY"),
        (Access("key", client="bedrock"), "region"),
        (Access("key", client="vertex", region="x"), "project"),
        (Access(client="foundry"), "key"),
    ],
)
def test_what_is_missing_is_named_with_the_step_that_mends_it(access: Access, words: str) -> None:
    """No key, region or project: a missing prerequisite, before anything is sent."""
    with pytest.raises(MissingError, match=words):
        connect(access, Tee())


def test_a_key_of_the_environment_is_never_picked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package would take somebody's login; the adapter takes what wiring gives it."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "somebody's")
    with pytest.raises(MissingError), create().open(ModelSettings("claude-opus-4-7")):
        pass


def test_an_unknown_client_names_the_known_ones() -> None:
    """A plan error with the four doors."""
    with pytest.raises(PlanError, match="api or bedrock or vertex or foundry"):
        connect(Access("key", client="azure"), Tee())
