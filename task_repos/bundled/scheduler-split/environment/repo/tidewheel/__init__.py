"""A small job scheduler with readable state."""

from tidewheel.core import (
    Job,
    Retry,
    Run,
    Scheduler,
    Trigger,
    configure,
    default_scheduler,
    open_store,
    set_clock,
    task,
)

__all__ = [
    "Job",
    "Retry",
    "Run",
    "Scheduler",
    "Trigger",
    "configure",
    "default_scheduler",
    "open_store",
    "set_clock",
    "task",
]
__version__ = "1.4.0"
