"""Where an Ollama server is, and whether that is this machine; pure."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

DEFAULT = "http://127.0.0.1:11434"


def normal(address: str) -> str:
    """A base URL from what people write into OLLAMA_HOST: a port's default, a missing scheme, "all interfaces" as a target."""
    if not address.strip():
        return DEFAULT
    given = address.strip().rstrip("/")
    url = urlsplit(given if "://" in given else f"http://{given}")
    host = url.hostname or "127.0.0.1"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, never bound
    spare = {"http": 80, "https": 443}[url.scheme] if "://" in given and url.scheme in {"http", "https"} else 11434
    port = url.port or spare
    return f"{url.scheme}://{f'[{host}]' if ':' in host else host}:{port}{url.path}"


def is_here(url: str) -> bool:
    """Whether the host is this machine's loopback."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_cloud(name: str) -> bool:
    """Whether a model's name says that it is served elsewhere."""
    return name.endswith(("-cloud", ":cloud"))


def full_name(name: str) -> str:
    """The name with its tag."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
