"""A staged task played in memory: the conversation of a worker that keeps everything, with a model answering and files that follow."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

from harness.core.chat import Message, ModelRequest, Origin, Role, Sampling, Text, ToolCall, ToolOutput, View, message
from harness.core.memory import Use
from task_repos.staged import made, wanted, write
from task_repos.staging.delivery import texts
from task_repos.staging.generating import Generated, generate


def laid(place: Path, words: str = "S,family=T6,rules=1", seed: int = 3) -> None:
    """The folders of these tasks below the place."""
    for folder in made(wanted(words, seed)):
        write(folder, place / folder.name)


def task(seed: int = 3, **dials: str | int) -> Generated:
    return generate("S", seed, "T6", "staged", {"rules": 1, **dials})


class Talk:
    """`ask(model)` is one turn; `view` what it sees. The tools do what they do, as far as files go."""

    def __init__(self, one: Generated, seed: int = 1) -> None:
        self.requests, self.files, self.seed = iter(texts(one.task)), dict(one.task.ground.base), seed
        self.names = (f"m{number}" for number in count(1))
        self.view: list[Message] = [message("m0", Role.SYSTEM, Origin.HARNESS, Text("You work on a repository."))]
        self.replies, self.over, self.calls, self.failed = 0, False, list[ToolCall](), 0
        self._request()

    def _request(self) -> None:
        text = next(self.requests, None)
        self.over = text is None
        if text is not None:
            self.view.append(message(next(self.names), Role.USER, Origin.TASK if self.replies == 0 else Origin.USER, Text(text)))

    def request(self, view: View | None = None) -> ModelRequest:
        return ModelRequest(tuple(self.view) if view is None else view, (), Sampling(seed=self.seed), None, 4096, replies=self.replies)

    def ask(self, model, view: View | None = None) -> Message:  # type: ignore[no-untyped-def]
        """The reply, acted on."""
        reply = model.reply(self.request(view), deadline=None, progress=lambda _: None)
        said = message(next(self.names), Role.ASSISTANT, Origin.MODEL, *reply.contents)
        self.view.append(said)
        self.replies += 1
        for call in said.calls:
            self._use(call)
        if any(call.name == "finish" for call in said.calls):
            self._request()
        return said

    def _use(self, call: ToolCall) -> None:
        given, shown = json.loads(call.raw_arguments), "done"
        self.calls.append(call)
        if call.name == "write":
            self.files[given["path"]] = given["content"]
        elif call.name == "read":
            shown = self.files.get(given["path"], "no such file")
        elif call.name == "replace":
            found = self.files.get(given["path"], "").count(given["old"])
            self.failed += found != 1
            self.files[given["path"]] = self.files.get(given["path"], "").replace(given["old"], given["new"], 1)
        self.view.append(message(next(self.names), Role.TOOL, Origin.TOOL, ToolOutput(call.id, call.name, shown, ok=True)))

    def done(self) -> list[Use]:
        return [Use(call.name, call.raw_arguments) for call in self.calls]
