"""Runs the migrations that a practice has not seen."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from pawdesk import migrations
from pawdesk.infra import clock
from pawdesk.infra.database import db


def names() -> list[str]:
    """All migrations in order."""
    return sorted(module.name for module in pkgutil.iter_modules(migrations.__path__) if module.name.startswith("m"))


def upgrade() -> list[str]:
    """Runs what is new, each in a transaction; the names of those that ran."""
    seen = {each["name"] for each in db().find("migrations")}
    ran = []
    for name in names():
        if name in seen:
            continue
        with db().transaction():
            count = import_module(f"pawdesk.migrations.{name}").run()
            db().insert("migrations", {"id": name, "name": name, "documents": count, "at": clock.now().isoformat()})
        ran.append(name)
    return ran
