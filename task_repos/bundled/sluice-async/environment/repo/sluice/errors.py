"""Everything that can go wrong, as exceptions with a short sentence each."""

from __future__ import annotations


class SluiceError(Exception):
    """Base of all errors of this package."""


class ConfigError(SluiceError):
    """A file or a value of the configuration cannot be used."""


class UnknownStation(SluiceError):
    """No station of the fleet has this name."""


class UnknownPoint(SluiceError):
    """The station has no point of this name."""


class UnitError(SluiceError):
    """Two units do not measure the same thing, or a unit is not known."""


class WireError(SluiceError):
    """Bytes that are not what the protocol says."""


class FrameError(WireError):
    """A frame that is too long, too short or of an unknown version."""


class MessageError(WireError):
    """A frame whose payload does not fit its kind."""


class LinkError(SluiceError):
    """The way to a peer failed."""


class DialError(LinkError):
    """No link to the address could be made."""


class LinkClosed(LinkError):
    """The link was closed by the peer, or by us."""


class LinkTimeout(LinkError, TimeoutError):
    """The peer did not take or send bytes in time."""


class PoolClosed(LinkError):
    """Links are not lent any more."""


class SessionError(SluiceError):
    """An exchange with an outstation failed."""


class LoginRefused(SessionError):
    """The outstation does not accept our secret."""


class DeviceTimeout(SessionError, TimeoutError):
    """The outstation did not answer in time."""


class DeviceBusy(SessionError):
    """The outstation went on being busy."""


class DeviceRefused(SessionError):
    """The outstation answered that it will not do what was asked."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"refused with code {code}: {text}")
        self.code = code
        self.text = text


class VerifyError(SessionError):
    """A written value reads back differently."""


class HttpError(SluiceError):
    """An answer of an HTTP server that is not a success."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"status {status}: {text}")
        self.status = status
        self.text = text

    @property
    def is_final(self) -> bool:
        """Whether asking again cannot help."""
        return 400 <= self.status < 500 and self.status not in (408, 429)


class StoreError(SluiceError):
    """Something on disk is missing or damaged."""


class CommandError(SluiceError):
    """A command that cannot be taken or that is in the wrong state."""


class RolloutError(SluiceError):
    """A rollout that cannot be started or continued."""


class ControlError(SluiceError):
    """The control server refused a request, or its answer is not one."""
