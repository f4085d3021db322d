"""What of the environment reaches the parts that are wired together."""

from __future__ import annotations

import os
from pathlib import Path

from docker import DockerClient

from harness.plan import Plan
from harness.settings import read
from harness.wiring.shop import images


def test_image_builds_get_the_index_the_proxy_and_the_mirror(tmp_path: Path, engine: DockerClient) -> None:
    """What an installer needs to reach outside is handed on from the environment, whatever its plugin calls it."""
    given = {
        "PIP_INDEX_URL": "http://index.invalid/simple", "PIP_EXTRA_INDEX_URL": "http://other.invalid/simple", "HTTPS_PROXY": "http://proxy.invalid:1",
        "LONGHAUL_REGISTRY": "registry.invalid/ours", "LONGHAUL_DEBIAN_MIRROR": "http://mirror.invalid",
    }  # fmt: skip
    pem = tmp_path / "ca.pem"
    pem.write_bytes(b"PEM")
    stock = images(Plan(("bundled",)), read({**os.environ, **given, "SSL_CERT_FILE": str(pem)}))._stock
    assert stock.reach.ca_bundle == b"PEM"
    assert stock.reach.package_index == given["PIP_INDEX_URL"]
    assert {"HTTPS_PROXY", "PIP_EXTRA_INDEX_URL"} <= dict(stock.reach.proxy).keys()
    assert (stock.base.registry, stock.base.mirror) == (given["LONGHAUL_REGISTRY"], given["LONGHAUL_DEBIAN_MIRROR"])
