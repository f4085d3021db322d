"""The environment, read once, into a frozen Settings; nothing else in the house looks at it."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

_HANDED = re.compile(r"(PIP_.*|(https?|no|all)_proxy)", re.IGNORECASE)
_CA = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE")


class Settings(msgspec.Struct, frozen=True):
    """`index` is what a package installer of an image build may need (name, value); keys never leave this record but to their client.

    `registry` and `mirror`: where the base image or its Debian packages come from, "" for the usual places.
    """

    home: Path
    cache: Path
    ollama_host: str
    anthropic_key: str
    openai_key: str
    openai_base: str
    docker_host: str
    no_install: bool
    index: tuple[tuple[str, str], ...]
    ca_bundle: str
    registry: str
    mirror: str
    environment: Mapping[str, str]
    host: str
    log: str = ""
    """LONGHAUL_LOG: the operator's log on stderr as "json" or "text", or "" for the run's own file alone."""
    disk_gb: str = ""
    """LONGHAUL_DISK_GB: what our images may take of the engine's disk, "" for no bound."""

    def __repr__(self) -> str:
        return f"Settings(home={self.home})"


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process."""
    env = dict(os.environ if environment is None else environment)
    user = Path(env.get("HOME") or Path.home())
    return Settings(
        home=Path(env.get("LONGHAUL_HOME") or ".longhaul").absolute(),
        cache=Path(env.get("XDG_CACHE_HOME") or user / ".cache") / "longhaul",
        ollama_host=_url(env.get("OLLAMA_HOST", "")),
        anthropic_key=env.get("ANTHROPIC_API_KEY", ""),
        openai_key=env.get("OPENAI_API_KEY", ""),
        openai_base=env.get("OPENAI_BASE_URL", ""),
        docker_host=env.get("DOCKER_HOST", ""),
        no_install=env.get("NO_INSTALL", "") not in ("", "0"),
        index=tuple(sorted((name, value) for name, value in env.items() if _HANDED.fullmatch(name))),
        ca_bundle=next((env[name] for name in _CA if env.get(name)), ""),
        registry=env.get("LONGHAUL_REGISTRY", ""),
        mirror=env.get("LONGHAUL_DEBIAN_MIRROR", ""),
        environment=env,
        host=f"{platform.node()} {platform.system()} {platform.machine()} Python {platform.python_version()}",
        log=env.get("LONGHAUL_LOG", ""),
        disk_gb=env.get("LONGHAUL_DISK_GB", ""),
    )


def _url(host: str) -> str:
    """OLLAMA_HOST in the forms that the server's own tools take (host, host:port, URL) as a URL; 0.0.0.0 is where one listens, not talks."""
    given = host.strip().rstrip("/")
    url = urlsplit(given if "://" in given else f"http://{given}")
    name = url.hostname or "127.0.0.1"
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(name, name)  # noqa: S104
    usual = {"http": 80, "https": 443}.get(url.scheme, 11434) if "://" in given else 11434
    return f"{url.scheme}://{f'[{name}]' if ':' in name else name}:{url.port or usual}{url.path}"
