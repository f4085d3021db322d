"""Schema 2 to 3: flat jobs with a trigger in notation became tagged objects; `tries` became a retry."""

from datetime import datetime
from typing import Any

import tidewheel.core as core


def migrate(state: dict[str, Any]) -> dict[str, Any]:
    """Lift a state of schema 2."""
    return {"schema": 2, "jobs": [core.encode(_job(each)) for each in state["jobs"]]}


def _job(old: dict[str, Any]) -> core.Job:
    due = old.get("next")
    return core.Job(
        name=old["name"],
        task=old["task"],
        trigger=core.Trigger.parse(old["trigger"]),
        arguments=old.get("arguments", {}),
        retry=core.Retry(attempts=old.get("tries", 1)),
        state=core.JobState.PAUSED if old.get("paused") else core.JobState.ACTIVE,
        next_due=core.as_utc(datetime.fromisoformat(due)) if due else None,
    )
