"""Going on from a recorded try: what its agent has lived through, layer by layer, and the state that the world must be in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import msgspec

from harness.core.agent import Agent, Answered, Ask, Conversation, Given, Seen, Use, Used
from harness.core.blob import Blob
from harness.core.chat import Message, Origin, Role, Text, ToolSpec, message
from harness.core.conversation import sent
from harness.core.errors import HarnessError
from harness.core.events import Trace, TreeSeen
from harness.core.lived import PastLived
from harness.core.machine import ShellKept
from harness.core.recorded import Tree
from harness.core.trial import Parent
from harness.engine.moment import Lived, image, parent_of, root, shell, spent, unpacked
from harness.engine.past import Parted, resumed
from harness.engine.steps import Get, Step, Unanswered, assignment, given, steps
from harness.metrics.tries import last

Through: TypeAlias = Callable[[Conversation, str, Seen], Conversation]
"""Puts a view of that name between an agent and the model."""


class Layer(msgspec.Struct, frozen=True):
    """Steps to be lived, and the view under which it goes on from there ("" or "full": as the agent makes it)."""

    steps: tuple[Step, ...]
    view: str
    seen: Seen


class Past(msgspec.Struct, frozen=True):
    """What a try begins with. `names`: messages the harness has named so far; `given`: requests; `replies`: of the model.

    `image`: a kept machine to start from, "" for the task's own; `event` goes on record, with what could not be restored added.
    """

    parent: Parent
    root: Trace
    layers: tuple[Layer, ...]
    tree: Tree
    shell: ShellKept | None
    through: Through
    event: PastLived
    image: str = ""

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for layer in self.layers for step in layer.steps)

    @property
    def names(self) -> int:
        return 1 + sum(isinstance(step.wish, (Ask, Use)) or isinstance(step.answer, Given) for step in self.steps)

    @property
    def given(self) -> int:
        return 1 + sum(isinstance(step.answer, Given) for step in self.steps)

    @property
    def replies(self) -> int:
        return sum(isinstance(step.answer, Answered) for step in self.steps)

    def conversation(self, agent: Agent, specs: tuple[ToolSpec, ...], get: Get) -> Conversation:
        """The agent, led through all of it when begun. Raises Parted then; StoreError."""
        led = agent(assignment(self.root, get, specs))
        for layer in self.layers:
            led = resumed(led, layer.steps)
            if layer.view not in ("", "full") or layer.seen.aid.signed:
                led = self.through(led, layer.view or "full", layer.seen)
        return led


def past_at(entries: Trace, get: Get, parent: Parent, through: Through) -> Past:
    """The past of a try that goes on in its own trial, where these entries end. Raises StoreError."""
    return _past(Lived(entries, "", ""), get, parent, through, PastLived(**spent(entries, parent.turn, own=True)))  # type: ignore[arg-type]


class Fork(msgspec.Struct, frozen=True):
    """A fork as its run's record keeps it: where it began, the blob of its Lived, the blobs which that needs, and what is not restored.

    `attempt`: of the parent, whose sampling seed the first attempt has, too; `image`: the kept machine to start from, or "".
    """

    parent: Parent
    attempt: int
    image: str
    past: Blob
    held: tuple[Blob, ...]
    lost: tuple[str, ...]


def forked(fork: Fork, get: Get, through: Through) -> Past:
    """The past of a fork, from its own record. Raises StoreError."""
    past = unpacked(get(fork.past))
    figures = spent(past.entries, fork.parent.turn, own=False)
    event = PastLived(**figures, past=fork.past, held=fork.held, lost=fork.lost)  # type: ignore[arg-type]
    return msgspec.structs.replace(_past(past, get, fork.parent, through, event), image=fork.image)


def agrees(past: Past, agent: Agent, specs: tuple[ToolSpec, ...], get: Get) -> Parted | None:
    """Where the agent of today parts from its own past, or None where it lives through it. Raises StoreError."""
    led = past.conversation(agent, specs, get)
    try:
        sent(led, None)
    except Parted as parted:
        return parted
    finally:
        led.close()
    return None


def _past(past: Lived, get: Get, parent: Parent, through: Through, event: PastLived) -> Past:
    seen = last(past.entries, TreeSeen)
    if seen is None:
        raise HarnessError("the try ended before its workspace was seen")
    made = layers(past, get)
    return Past(
        parent, root(past.entries, get), made, Tree(seen.tree, seen.extra, seen.git), shell(past.entries, get), through, event,
        image(past.entries, get),
    )


def layers(past: Lived, get: Get) -> tuple[Layer, ...]:
    """What the agent has lived through: of a fork's fork the first past comes first, under the view that the first fork had."""
    before = parent_of(past.entries, get)
    inner = layers(before, get) if before else ()
    own = steps(past.entries, get)
    if any(step.answer is Unanswered.NEVER for step in own):
        raise HarnessError("a wish of that past was never answered")
    every = (*(step for layer in inner for step in layer.steps), *own)
    first = given(root(past.entries, get), get)
    digest = message(f"v{len(inner) + 1}", Role.USER, Origin.HARNESS, Text(past.digest))
    requests = [step.answer.message.id for step in every if isinstance(step.answer, Given)]
    names = frozenset(each.id for step in every for each in _messages(step))
    return (*inner, Layer(own, past.view, Seen(names, (requests or [first.message.id if first else ""])[-1], digest, past.aid)))


def _messages(step: Step) -> Iterator[Message]:
    if isinstance(step.wish, Ask):
        yield from step.wish.view
    if isinstance(step.answer, (Answered, Used, Given)):
        yield step.answer.message
