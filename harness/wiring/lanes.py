"""Which models share a server that holds one of them at a time; read from the plan alone, without asking anybody."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from harness.plan import ModelEntry, Plan
from harness.settings import Settings

NEAR = (".localhost", ".local", ".lan", ".home.arpa", ".internal")


def lanes(plan: Plan, settings: Settings) -> dict[str, str]:
    """Model -> its server, for models of a server of one's own: loading one may throw another out of its memory.

    A hosted model, a scripted one and an Ollama's cloud model have none: whoever serves those looks after itself.
    """
    found = {entry.use: lane(entry, settings) for entry in plan.models}
    return {model: server for model, server in found.items() if server}


def lane(entry: ModelEntry, settings: Settings) -> str:
    """The server of one model, or ""."""
    kind, _, name = entry.use.partition("/")
    address = str(entry.options.get("base_url", ""))
    if kind == "ollama":
        return "" if name.endswith(("-cloud", ":cloud")) else f"ollama {_plain(address or settings.ollama_host)}"
    address = address or settings.openai_base
    return f"openai {_plain(address)}" if kind == "openai" and _is_near(address) else ""


def _plain(address: str) -> str:
    """One spelling of a server, whichever of its paths is named."""
    url = urlsplit(address if "://" in address else f"http://{address}")
    host = {"localhost": "127.0.0.1", "::1": "127.0.0.1", None: ""}.get(url.hostname, url.hostname)
    return f"{host}:{url.port or {'http': 80, 'https': 443}.get(url.scheme, '')}"


def _is_near(address: str) -> bool:
    """On this machine or beside it: an address that is not on the internet, or a name without a public ending."""
    host = urlsplit(address if "://" in address else f"http://{address}").hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(NEAR)
