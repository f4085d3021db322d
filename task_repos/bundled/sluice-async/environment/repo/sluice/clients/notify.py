"""Telling people about alarms."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sluice.clients.http import HttpClient
from sluice.clients.retry import call_with_retry
from sluice.clock import Clock
from sluice.errors import SluiceError
from sluice.model.addresses import Url
from sluice.model.alarms import Alarm, Severity
from sluice.model.backoff import Backoff


class Notifier:
    """Posts alarms to a webhook, one after another; the same rule is not told twice within ``quiet`` unless it is urgent."""

    def __init__(self, http: HttpClient, url: str, clock: Clock, policy: Backoff = Backoff(), quiet: timedelta = timedelta(minutes=10)) -> None:
        self._http = http
        self._url = Url.parse(url)
        self._clock = clock
        self._policy = policy
        self._quiet = quiet
        self._told: dict[str, datetime] = {}
        self.failures: list[str] = []

    def notify(self, alarm: Alarm) -> bool:
        """Whether the webhook has taken the alarm; a failure is noted and raises nothing."""
        now = self._clock.now()
        if self._is_quiet(alarm, now):
            return False
        try:
            call_with_retry(lambda: self._post(alarm), self._policy, self._clock)
        except SluiceError as error:
            self.failures.append(f"{alarm.rule}: {error}")
            return False
        self._told[alarm.rule] = now
        return True

    def _is_quiet(self, alarm: Alarm, now: datetime) -> bool:
        told = self._told.get(alarm.rule)
        if told is None or alarm.severity is Severity.URGENT:
            return False
        return now - told < self._quiet

    def _post(self, alarm: Alarm) -> None:
        body = json.dumps({"text": alarm.text(), "alarm": alarm.to_dict()}, sort_keys=True).encode("utf-8")
        self._http.fetch("POST", self._url, "", body, {"content-type": "application/json"})
