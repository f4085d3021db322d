"""`longhaul setup`: a Docker Engine that answers and the base image in it, before anything else is asked for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from harness import settings

ORIGINS = {"tag": "was here", "registry": "pulled", "cache": "imported from the cache", "bootstrap": "made from Debian packages"}


def setup(
    no_install: Annotated[
        bool, typer.Option("--no-install", help="Never install packages; say what to install instead.")
    ] = False,
    brief: Annotated[bool, typer.Option("--brief", help="Say only what is done, nothing where all is there.")] = False,
) -> None:
    """Find, start or install a Docker Engine and get the base image; quick when both are there.

    Example: longhaul setup --no-install
    """
    now = settings.read()
    # By name, as every plugin: the import table keeps sandboxes out of the command line's imports.
    sandbox = import_module("sandboxes.docker_setup")
    home = Path(now.environment.get("HOME") or Path.home())
    ready = sandbox.prepare(now.environment, home, now.cache, typer.echo, no_install=no_install or now.no_install)
    if not brief:
        place, base = ready.engine.place, ready.base
        typer.echo(f"Docker Engine {ready.engine.version} answers at {place.url} (named by {place.origin})")
        typer.echo(f"base image {base.tag} is {base.image[:19]} ({ORIGINS[base.origin]})")
