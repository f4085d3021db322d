"""The collector: where readings go, and where commands come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sluice.clients.http import HttpClient
from sluice.errors import HttpError, WireError
from sluice.model.addresses import Url
from sluice.model.batches import Batch
from sluice.model.commands import Command

ALREADY_THERE = 409


class CollectorClient:
    """Speaks to the collector; every call is one request, without further tries."""

    def __init__(self, http: HttpClient, url: str, token: str, timeout: float = 10.0) -> None:
        self._http = http
        self._url = Url.parse(url)
        self._headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        self._timeout = timeout

    def upload(self, batch: Batch) -> bool:
        """Hand a batch over; False when the collector had it already, which is as good. Raises HttpError, LinkError."""
        body = batch.encode()
        try:
            self._http.fetch("PUT", self._url, f"batches/{batch.number}", body, self._headers, self._timeout)
        except HttpError as error:
            if error.status == ALREADY_THERE:
                return False
            raise
        return True

    def fetch_commands(self, after: str, now: datetime) -> list[Command]:
        """Commands that the collector has for us behind an identity, the oldest first."""
        target = f"commands?after={after}"
        table = self._http.fetch("GET", self._url, target, b"", self._headers, self._timeout).json()
        if not isinstance(table, dict) or not isinstance(table.get("commands"), list):
            raise WireError("the collector sent no list of commands")
        return [_command(each, now) for each in table["commands"]]

    def report(self, command: Command) -> None:
        """Tell the collector what became of one of its commands."""
        table = {"state": command.state.value, "note": command.note, "number": command.number}
        body = json.dumps(table, sort_keys=True).encode("utf-8")
        self._http.fetch("PUT", self._url, f"commands/{command.outside}", body, self._headers, self._timeout)


def _command(table: Mapping[str, Any], now: datetime) -> Command:
    try:
        return Command(
            table["station"],
            table["point"],
            float(table["value"]),
            table.get("who", "collector"),
            now,
            good_for=timedelta(seconds=float(table.get("good_for", 900))),
            outside=str(table["id"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WireError(f"the collector sent a broken command: {error}") from None
