"""Trying again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sluice.clock import Clock
from sluice.errors import HttpError, LinkError, SessionError
from sluice.model.backoff import Backoff

T = TypeVar("T")


def is_worth_another_try(error: Exception) -> bool:
    """Whether the same thing may go well later: broken lines and servers out of order, not refusals."""
    if isinstance(error, HttpError):
        return not error.is_final
    return isinstance(error, LinkError | SessionError)


def call_with_retry(
    operation: Callable[[], T],
    policy: Backoff,
    clock: Clock,
    wanted: Callable[[Exception], bool] = is_worth_another_try,
) -> T:
    """The result of an operation that may be tried several times; the last error when all tries fail."""
    for delay in policy.delays():
        try:
            return operation()
        except Exception as error:
            if not wanted(error):
                raise
        clock.sleep(delay)
    return operation()
