"""Where a peer can be reached."""

from __future__ import annotations

from dataclasses import dataclass

from sluice.errors import ConfigError


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A host and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str, default_port: int | None = None) -> Address:
        """Read ``host:port``, ``[v6]:port``, or ``host`` where there is a port to fall back on."""
        host, colon, port = text.strip().rpartition(":")
        if text.strip().endswith("]") or not colon:
            host, port = text.strip(), "" if default_port is None else str(default_port)
        host = host.removeprefix("[").removesuffix("]")
        if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
            raise ConfigError(f"not an address: {text!r}")
        return cls(host, int(port))


@dataclass(frozen=True, slots=True)
class Url:
    """As much of a URL as our clients use."""

    address: Address
    path: str

    @classmethod
    def parse(cls, text: str) -> Url:
        scheme, separator, rest = text.partition("://")
        if not separator or scheme != "http":
            raise ConfigError(f"not an http:// URL: {text!r}")
        host, slash, path = rest.partition("/")
        return cls(Address.parse(host, 80), slash + path or "/")

    def join(self, path: str) -> str:
        """The target of a request below this URL."""
        return self.path.rstrip("/") + "/" + path.lstrip("/")
