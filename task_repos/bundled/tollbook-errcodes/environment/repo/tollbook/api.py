"""The interface that shops call: a request as method, path and body gives a status and an answer."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

from tollbook.consignments.reader import from_object
from tollbook.declarations.build import Desk, build, look
from tollbook.declarations.states import Declarations
from tollbook.errors import RequestError, TollbookError
from tollbook.i18n import translate
from tollbook.reports.summary import page

log = logging.getLogger("tollbook.api")

STATUS: dict[int | str, int] = {
    101: 400,
    102: 400,
    103: 400,
    104: 400,
    106: 404,
    120: 405,
    121: 400,
    122: 413,
    210: 404,
    212: 404,
    302: 413,
    402: 503,
    403: 503,
    406: 402,
    501: 404,
    504: 403,
    505: 451,
    507: 403,
    602: 422,
    605: 404,
    "TX-02": 504,
    "TX-03": 502,
    "TX-04": 502,
    "TX-05": 502,
    "TX-09": 502,
}
SPOOL_STATUS = {3: 507, 5: 404}


def status_of(error: Exception) -> int:
    """The status for an error."""
    if not isinstance(error, TollbookError):
        return 500
    if error.label.startswith("SP"):
        return SPOOL_STATUS.get(int(error.code), 500)
    if error.label.startswith("TX"):
        return STATUS.get(error.code, 503)
    if error.code in STATUS:
        return STATUS[error.code]
    number = int(error.code)
    if number // 100 == 6:
        return 409
    return 422 if 200 <= number < 600 else 500


@dataclass(frozen=True)
class Answer:
    """`body` can be written as JSON."""

    status: int
    body: dict[str, Any]


class Api:
    """Requests of one forwarder."""

    def __init__(self, desk: Desk, declarations: Declarations, office: str) -> None:
        self._desk = desk
        self._declarations = declarations
        self._office = office

    def handle(self, method: str, path: str, body: bytes = b"", language: str = "en") -> Answer:
        """Answer a request; what goes wrong is an answer too."""
        try:
            return self._route(method, path.strip("/").split("/"), body)
        except (TollbookError, ValueError, LookupError, RuntimeError) as error:
            text = translate(error, language)
            return Answer(status_of(error), {"error": getattr(error, "label", ""), "message": text})

    def _route(self, method: str, parts: list[str], body: bytes) -> Answer:
        match method, parts:
            case "POST", ["consignments"]:
                return self._declare(self._decoded(body))
            case "POST", ["consignments", "problems"]:
                return self._look(self._decoded(body))
            case "GET", ["declarations", number]:
                declaration = self._declarations.get(number)
                return Answer(200, {"number": number, "state": declaration.state, "mrn": declaration.mrn})
            case "GET", ["declarations", number, "page"]:
                return Answer(200, {"page": page(self._declarations.get(number))})
        raise RequestError("no such route: %s %s" % (method, "/".join(parts)))

    def _declare(self, body: dict[str, Any]) -> Answer:
        declaration = self._declarations.put(build(from_object(body), self._office, self._desk))
        return Answer(201, {"number": declaration.number, "duty": str(declaration.assessment.sum)})

    def _look(self, body: dict[str, Any]) -> Answer:
        found = look(from_object(body), self._desk)
        return Answer(
            200, {"problems": [{"number": each.number, "severity": each.severity, "text": each.text} for each in found]}
        )

    def _decoded(self, body: bytes) -> dict[str, Any]:
        limit = self._desk.limits.body
        if len(body) > limit:
            raise RequestError(f"body of {len(body)} bytes is larger than {limit}", 122)
        try:
            return json.loads(body)
        except json.JSONDecodeError as error:
            raise RequestError("body is not valid JSON at character {}".format(error.pos), 121) from None
