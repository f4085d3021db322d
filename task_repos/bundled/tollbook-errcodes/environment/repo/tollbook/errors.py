"""Everything that goes wrong in the package by itself has a class here; numbers are listed in docs/errors.md."""

from __future__ import annotations


class TollbookError(Exception):
    """`code` is the number of the error, `message` its text, `label` the number as it is printed."""

    code: int | str = 100

    def __init__(self, message: str, code: int | str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code

    @property
    def label(self) -> str:
        return f"TB-{self.code}"

    def __str__(self) -> str:
        return f"{self.label}: {self.message}"


class UsageError(TollbookError):
    """The command was called in a wrong way."""

    code = 101


class MissingFile(UsageError):
    """A file that was named is not there."""

    code = 106


class SettingsError(TollbookError):
    """Settings that can't be used."""

    code = 110


class RequestError(TollbookError):
    """A request to the interface that can't be understood."""

    code = 120


class GoodsError(TollbookError):
    """Something about goods."""

    code = 201


class TariffNumberError(GoodsError, ValueError):
    """A tariff number that is none."""


class TariffBookError(GoodsError):
    """A tariff book that can't be read."""

    code = 202


class UnknownTariff(GoodsError, LookupError):
    """No such tariff."""

    code = 212


class Unclassified(UnknownTariff):
    """No tariff for goods, or too many."""

    code = 210


class ClosedHeading(GoodsError):
    """Goods that a country doesn't let in."""

    code = 215


class OriginError(GoodsError):
    """A proof of origin is missing or wrong."""

    code = 220


class GoodsLineError(GoodsError, ValueError):
    """A goods line that makes no sense."""

    code = 230


class ConsignmentFileError(TollbookError):
    """A file of consignments that can't be read."""

    code = 310


class DutyError(TollbookError):
    """A duty that can't be worked out."""

    code = 401


class ExchangeError(DutyError):
    """No exchange rate."""

    code = 402


class ReliefError(DutyError):
    """A relief that doesn't help."""

    code = 404


class GuaranteeError(DutyError):
    """A guarantee that is too small."""

    code = 406


class PartyError(TollbookError):
    """Something about a trader."""

    code = 501


class TraderError(PartyError, LookupError):
    """No such trader."""


class EoriError(PartyError, ValueError):
    """An EORI number that is none."""

    code = 502


class BarredTrader(PartyError, PermissionError):
    """A trader who may not do that."""

    code = 504


class Sanctioned(PartyError):
    """A name on a sanctions list."""

    code = 505


class DeclarationError(TollbookError):
    """Something that a declaration doesn't allow."""

    code = 601


class MrnError(DeclarationError, ValueError):
    """A movement reference number that is none."""

    code = 602


class AmendmentError(DeclarationError):
    """A change that is not allowed any more."""

    code = 603


class MissingDeclaration(DeclarationError, KeyError):
    """No such declaration."""

    code = 605


class RefusedConsignment(DeclarationError):
    """A consignment with problems."""

    code = 607


class TransmissionError(TollbookError):
    """Something between us and an office; `code` is a text such as `TX-01`."""

    code = "TX-01"

    @property
    def label(self) -> str:
        return str(self.code)


class OfficeSilent(TransmissionError, TimeoutError):
    """No answer in time."""

    code = "TX-02"


class OfficeRefused(TransmissionError):
    """An office doesn't want a message."""

    code = "TX-03"


class ReplyError(TransmissionError, ValueError):
    """A reply that can't be read."""

    code = "TX-04"


class GivenUp(TransmissionError):
    """A message that could not be sent."""

    code = "TX-07"


class OfficeClosed(TransmissionError):
    """An office that takes no messages now."""

    code = "TX-08"


class SpoolError(TollbookError):
    """Something about waiting messages; printed as `[SP1] text`."""

    code = 1

    @property
    def label(self) -> str:
        return f"SP{self.code}"

    def __str__(self) -> str:
        return f"[{self.label}] {self.message}"
