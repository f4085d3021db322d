"""Schema 1 to 2: intervals were numbers of seconds under "interval"; triggers became notations."""

from typing import Any

from tidewheel.core import TriggerError, _legacy_span


def migrate(state: dict[str, Any]) -> dict[str, Any]:
    """Lift a state of schema 1."""
    return {"schema": 1, "jobs": [_job(each) for each in state["jobs"]]}


def _job(old: dict[str, Any]) -> dict[str, Any]:
    new = {key: value for key, value in old.items() if key not in ("interval", "cron")}
    if "interval" in old:
        return {**new, "trigger": f"every {_legacy_span(old['interval'])}"}
    if "cron" in old:
        return {**new, "trigger": f"cron {old['cron']}"}
    raise TriggerError(f"job {old.get('name')!r} has neither interval nor cron")
