"""The package's clients for Claude: its own API and three clouds; keys given explicitly, no retries of their own."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import anthropic
import msgspec

from agents.models.ollama_address import is_here
from agents.models.tee import FRESH, IDENTITY, Tee
from harness.core.errors import MissingError, PlanError

Door: TypeAlias = Literal["api", "bedrock", "vertex", "foundry"]
Client: TypeAlias = (
    anthropic.Anthropic | anthropic.AnthropicBedrock | anthropic.AnthropicVertex | anthropic.AnthropicFoundry
)
API = "https://api.anthropic.com"
DOORS = ("api", "bedrock", "vertex", "foundry")


class Access(msgspec.Struct, frozen=True):
    """How to reach Claude. Bedrock and Vertex without a key take the credentials that their clouds' own tools left."""

    api_key: str = ""
    base_url: str = ""
    client: str = "api"
    region: str = ""
    project: str = ""


def connect(access: Access, tee: Tee) -> Client:
    """Raises MissingError without a key or a place, PlanError for an unknown client."""
    http = anthropic.DefaultHttpxClient(event_hooks=tee.hooks(), limits=FRESH, trust_env=not is_here(access.base_url or API))
    ours: dict[str, Any] = {"max_retries": 0, "http_client": http, "default_headers": IDENTITY}
    match access.client:
        case "api":
            key = _need(access.api_key, "ANTHROPIC_API_KEY is not set", "export ANTHROPIC_API_KEY=...")
            return anthropic.Anthropic(api_key=key, base_url=access.base_url or API, **ours)
        case "bedrock":
            region = _need(access.region, "Bedrock needs a region", "-o model.region=eu-west-1")
            return anthropic.AnthropicBedrock(aws_region=region, **_given(access, ours))
        case "vertex":
            region = _need(access.region, "Vertex needs a region", "-o model.region=europe-west1")
            project = _need(access.project, "Vertex needs a project", "-o model.project=...")
            ours |= {"access_token": access.api_key or None, "base_url": access.base_url or None}
            return anthropic.AnthropicVertex(region=region, project_id=project, **ours)
        case "foundry":
            _need(access.api_key, "Foundry needs a key", "export ANTHROPIC_FOUNDRY_API_KEY=...")
            if not access.base_url:
                ours |= {"resource": _need(access.project, "Foundry needs a resource", "-o model.project=...")}
            return anthropic.AnthropicFoundry(**_given(access, ours))
    raise PlanError("", "model.client", access.client, " or ".join(DOORS))


def address(client: Client) -> str:
    return str(client.base_url).rstrip("/")


def _given(access: Access, ours: dict[str, Any]) -> dict[str, Any]:
    named = {"api_key": access.api_key, "base_url": access.base_url}
    return ours | {key: value for key, value in named.items() if value}


def _need(value: str, missing: str, mend: str) -> str:
    if not value:
        raise MissingError(missing, mend)
    return value
