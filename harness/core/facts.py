"""Who answers: what is recorded of a model and its server before the first turn, and the settings it was opened with."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from harness.core.chat import Sampling

PLAYED: Final = ("scripted", "simulated")
"""Kinds of models that nobody real stands behind: what they take of time and money says nothing."""


def played(use: str) -> bool:
    """Whether a model's KIND/NAME is of such a kind."""
    return use.partition("/")[0] in PLAYED


class Window(msgspec.Struct, frozen=True):
    """Tokens. `asked` by us, `granted` by the server for requests, `trained` by the model's makers, `resident` on the GPU; None: not told."""

    asked: int | None = None
    granted: int | None = None
    trained: int | None = None
    resident: int | None = None


class ModelSettings(msgspec.Struct, frozen=True):
    """How to open a model. `name` without its kind; `thinking` "", "off", "on" or a level; `seed`: one is wanted, each trial has its own.

    `concurrency`: requests at a time that the plan names, None where it names none; `prove`: find out whether the server does so.
    """

    name: str
    window: int | None = None
    thinking: str = ""
    sampling: Sampling | None = None
    seed: int | None = None
    max_output: int | None = None
    allow_offload: bool = False
    allow_remote: bool = False
    concurrency: int | None = None
    prove: bool = False
    as_users_run_it: bool = False
    """The server's own defaults for what is too long: neither refusing nor shifting is asked for. Nothing else differs."""


class Price(msgspec.Struct, frozen=True):
    """USD per million tokens, from a dated data file."""

    date: str
    input: float
    output: float
    cache_read: float
    cache_write: float


class ModelFacts(msgspec.Struct, frozen=True):
    """On record before the first turn; "" or None where the server does not tell."""

    kind: str
    name: str
    server: str = ""
    server_version: str = ""
    digest: str = ""
    quantisation: str = ""
    family: str = ""
    parameters: str = ""
    template_digest: str = ""
    renderer: str = ""
    parser: str = ""
    capabilities: tuple[str, ...] = ()
    window: Window = Window()
    thinking: str = ""
    thinking_path: str = ""
    sampling: Sampling = Sampling()
    max_output: int = 32768
    on_gpu: float | None = None
    """Share of the weights resident on the GPU, 0..1."""
    remote: bool = False
    truncation_excluded: bool = True
    """False where the server can't be kept from cutting silently."""
    concurrency: int = 1
    """Requests at a time that it is asked: what the plan names, never more than its server is known to answer at once."""
    price: Price | None = None
    """The dated price entry used; None for a local or unknown model: a local price is not 0."""
    warnings: tuple[str, ...] = ()
    cuts_declared: bool = False
    """The arm as-users-run-it: the server may cut as it does by default, which was said before the run, so its cuts are counted and graded."""
    window_held: bool = True
    """False where the server takes no heed of the window asked for: then a count beyond it is no sign that anything was lost."""
    counting: Literal["agrees", "disagrees", ""] = ""
    """Whether two counts of one prompt agreed when the model was opened; "" where nobody asked. Counts that disagree show no cut."""
