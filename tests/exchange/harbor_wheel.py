"""Harbor itself as a judge: its wheel and what its models import, fetched once into the cache, used in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.services.keep import cache_folder, kept

VERSION = "0.25.0"
NEEDS = ("toml==0.10.2", "pathspec==0.12.1", "shortuuid==1.0.13", "dirhash==0.5.0", "scantree==0.0.4", "attrs==25.4.0")
ALIASES = "import typing, typing_extensions\nfor name in ('override', 'TypedDict'):\n    setattr(typing, name, getattr(typing_extensions, name))\n"
"""What Harbor takes from the typing of a newer Python."""


@cache
def harbor() -> Path:
    """A folder to put on the path. A test that needs it is skipped by name where no package index gives it."""
    try:
        return kept(f"harbor-{VERSION}", _fetch)
    except subprocess.CalledProcessError as fault:
        pytest.skip(f"Harbor {VERSION} can't be fetched: {fault.stderr.decode(errors='replace').strip()[-200:]}")


def _fetch(stage: Path, _work: Path) -> None:
    """Without its dependencies: the models need only these."""
    pip = (sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "install", "--no-deps", "--target", str(stage))
    wheel = ("--python-version", "3.12", "--only-binary=:all:", "--ignore-requires-python", f"harbor=={VERSION}")
    for what in (wheel, NEEDS):
        subprocess.run((*pip, *what), check=True, capture_output=True, timeout=300)


def asked(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run code that imports Harbor's models."""
    path = os.pathsep.join((str(harbor()), *(each for each in sys.path if each.endswith("site-packages"))))
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "HARBOR_TELEMETRY": "0", "HOME": str(cache_folder())}
    return subprocess.run((sys.executable, "-c", ALIASES + code, *words), env=env, capture_output=True, text=True, check=False, timeout=120)
