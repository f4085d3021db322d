"""What is wrong with an archive or a record about to become one, said where it is found and told where the path is known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.core.errors import PlanError
from harness.store.faults import named


class RefusedError(Exception):
    """`member` "" speaks of the whole; `found` and `expected` as in a Complaint."""

    def __init__(self, member: str, found: str, expected: str) -> None:
        self.member, self.found, self.expected = member, found, expected
        super().__init__(f"{member}: found {found}, expected {expected}")


@contextmanager
def told_of(path: Path) -> Iterator[None]:
    """A refusal as a PlanError of this file; what the disk refuses as a StoreError, a StoreFullError where no room is left."""
    try:
        yield
    except RefusedError as fault:
        raise PlanError(str(path), fault.member, fault.found, fault.expected) from fault
    except OSError as fault:
        raise named(Path(fault.filename) if isinstance(fault.filename, str) else path, "could not be used", fault) from fault
