"""How a build reaches the outside: certificates and a package index, given to commands and kept by no image.

A build argument would be written into the image's history and a file into a layer. So each step that needs them runs in a container
of ours: the values are variables of one exec, the certificates lie in /dev/shm, and neither is part of what a commit keeps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import msgspec

LOOPBACK: Final = re.compile(r"//(?:[^/@]*@)?(?:localhost|127\.|\[::1\])")
FOLDER: Final = "/dev/shm/longhaul"  # noqa: S108 - in a container, and in memory there
CERTIFICATES: Final = f"{FOLDER}/ca.pem"
APT_SETTINGS: Final = f"{FOLDER}/apt.conf"
CERTIFICATE_VARIABLES: Final = (
    "PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS",
)  # fmt: skip
# Shell builtins only: an image has a shell when it has RUN lines, and need not have cat.
STORE: Final = (
    "umask 022; mkdir -p {folder}; "
    "while IFS= read -r line && [ \"$line\" != '{end}' ]; do printf '%s\\n' \"$line\"; done > {path}"
)
# A line of our own ends the input, since a TLS connection to a remote engine can't be closed on one side only.
END: Final = "longhaul: end of file"


class Reach(msgspec.Struct, frozen=True):
    """`ca_bundle` PEM bytes or empty, `package_index` a URL or empty, `proxy` further variables (name, value) of installers and proxies."""

    ca_bundle: bytes = b""
    package_index: str = ""
    proxy: tuple[tuple[str, str], ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.ca_bundle or self.package_index or self.proxy)

    @property
    def network(self) -> str:
        """The engine's name of the network for a step: the host's own only when an index or a proxy listens on its loopback."""
        values = (self.package_index, *(value for _, value in self.proxy))
        return "host" if any(LOOPBACK.search(value) for value in values) else "bridge"


def reach_of(ca_bundle: bytes, index: Iterable[tuple[str, str]]) -> Reach:
    """The reach that settings give. Paths of this machine mean nothing in a container and are left out; pure."""
    useful = {name: value for name, value in index if value and not value.startswith(("/", "~"))}
    return Reach(ca_bundle, useful.pop("PIP_INDEX_URL", ""), tuple(sorted(useful.items())))


def variables(reach: Reach) -> dict[str, str]:
    """The environment of a step; pure."""
    found = dict(reach.proxy)
    if reach.package_index:
        found |= {"PIP_INDEX_URL": reach.package_index, "UV_DEFAULT_INDEX": reach.package_index}
    if reach.ca_bundle:
        found |= dict.fromkeys(CERTIFICATE_VARIABLES, CERTIFICATES) | {"APT_CONFIG": APT_SETTINGS}
    # pip's cache would keep pages of the index, with its name in them.
    return found | {"PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def files(reach: Reach) -> dict[str, bytes]:
    """Path to content of what a step finds in memory; pure."""
    if not reach.ca_bundle:
        return {}
    settings = f'Acquire::https::CAInfo "{CERTIFICATES}";\n'.encode()
    return {CERTIFICATES: reach.ca_bundle, APT_SETTINGS: settings}


def store_command(path: str) -> tuple[str, ...]:
    """The command that writes its input to `path`."""
    return ("/bin/sh", "-c", STORE.format(folder=FOLDER, path=path, end=END))
