"""What every model adapter must satisfy; each claim is a function of an opened Model that gives complaints, none when it holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeAlias

from harness.core.chat import (
    CUT,
    ModelRequest,
    Origin,
    Parameter,
    Reply,
    ReplyStop,
    Role,
    Text,
    ToolCall,
    ToolOutput,
    ToolSpec,
    View,
    message,
)
from harness.core.errors import ContextOverflow, ModelError
from harness.core.ports import Model

Claim: TypeAlias = Callable[[Model], tuple[str, ...]]

SILENCE_S = 300.0
SHELL = ToolSpec("shell", "Run a command in the repository's folder.", (Parameter("command", "string", "A shell command."),))
FIRST: View = (
    message("m1", Role.SYSTEM, Origin.HARNESS, Text("You work in a repository. Use the tool to look around, then say DONE.")),
    message("m2", Role.USER, Origin.TASK, Text("List the files of the current folder.")),
)


def tells_who_it_is(model: Model) -> tuple[str, ...]:
    """Kind, name and a granted window are on record before the first turn, and the output limit fits the window."""
    facts = model.facts
    granted = facts.window.granted
    found = [f"facts.{name} is empty" for name in ("kind", "name") if not getattr(facts, name)]
    found += ["facts.max_output is not positive"] if facts.max_output < 1 else []
    found += ["facts.max_output exceeds the window granted"] if granted is not None and facts.max_output > granted else []
    return tuple(found)


def answers(model: Model) -> tuple[str, ...]:
    """A reply has an end, a raw stop, counts that are positive or absent, the bytes of the exchange, and reports progress."""
    seen: list[int] = []
    reply = model.reply(question(model, FIRST), deadline=SILENCE_S, progress=seen.append)
    counts = {"input_total": reply.usage.input_total, "output_total": reply.usage.output_total}
    found = [f"usage.{name} is {value}" for name, value in counts.items() if value is not None and value < 0]
    found += ["no progress was reported"] if not seen else []
    found += ["the reply's bytes were not kept"] if not reply.wire.response else []
    found += ["a reply with calls did not end as tool"] if _calls(reply) and reply.stop not in CUT | {ReplyStop.TOOL} else []
    return tuple(found)


def goes_on_after_a_tool(model: Model) -> tuple[str, ...]:
    """A call's result can be given back under its id, and the conversation goes on."""
    reply = model.reply(question(model, FIRST), deadline=SILENCE_S, progress=_ignore)
    calls = _calls(reply)
    if not calls or reply.stop in CUT:
        return ()
    outputs = (ToolOutput(call.id, call.name, "README.md\nsrc", ok=True) for call in calls)
    view = (
        *FIRST,
        message("a1", Role.ASSISTANT, Origin.MODEL, *reply.contents),
        *(message(f"t{k}", Role.TOOL, Origin.TOOL, output) for k, output in enumerate(outputs, 1)),
    )
    model.reply(question(model, view), deadline=SILENCE_S, progress=_ignore)
    return ids(calls)


def ids(calls: tuple[ToolCall, ...]) -> tuple[str, ...]:
    """Every call has an id of its own and arguments that are text."""
    found = [f"the call of {call.name} has no id" for call in calls if not call.id]
    found += ["two calls share an id"] if len({call.id for call in calls}) != len(calls) else []
    return (*found, *(f"the arguments of {call.name} are no JSON" for call in calls if not _is_json(call.raw_arguments)))


def refuses_what_is_too_long(model: Model) -> tuple[str, ...]:
    """A prompt longer than the window is ContextOverflow, never a silent cut; not asked where nobody promises that."""
    window = model.facts.window.granted
    if window is None or not model.facts.truncation_excluded:
        return ()
    flood = (*FIRST, message("m3", Role.USER, Origin.TASK, Text("x7 " * (2 * window + 64))))
    try:
        reply = model.reply(question(model, flood), deadline=SILENCE_S, progress=_ignore)
    except ContextOverflow:
        return ()
    except ModelError as other:
        return (f"an overlong prompt was {other.fault}, not overflow: {other.text}",)
    return (f"an overlong prompt was answered, counted as {reply.usage.input_total} tokens in a window of {window}",)


def survives_hostile_text(model: Model) -> tuple[str, ...]:
    """Lone surrogates, NUL and unparseable arguments in the history are sent somehow, never a crash of the adapter."""
    view = (
        *FIRST,
        message("a1", Role.ASSISTANT, Origin.MODEL, Text("\ud800 \x00"), ToolCall("call_1", "shell", '{"command": ')),
        message("t1", Role.TOOL, Origin.TOOL, ToolOutput("call_1", "shell", "\udfff not JSON", ok=False)),
    )
    try:
        model.reply(question(model, view), deadline=SILENCE_S, progress=_ignore)
    except ModelError:
        return ()
    return ()


def counts_or_says_nothing(model: Model) -> tuple[str, ...]:
    """`count` is positive or None, and more words are never fewer tokens."""
    short, long = (model.count(question(model, view)) for view in (FIRST, _longer(FIRST)))
    if short is None or long is None:
        return ()
    return () if 0 < short < long else (f"a longer prompt was counted as {long} tokens, a shorter one as {short}",)


CLAIMS: tuple[Claim, ...] = (
    tells_who_it_is,
    answers,
    goes_on_after_a_tool,
    refuses_what_is_too_long,
    survives_hostile_text,
    counts_or_says_nothing,
)


def complaints(model: Model) -> tuple[str, ...]:
    """All that is wrong with a model, each with the claim it breaks. Raises ModelError when it can't be asked at all."""
    return tuple(f"{claim.__name__}: {complaint}" for claim in CLAIMS for complaint in claim(model))


def question(model: Model, view: View) -> ModelRequest:
    """A small question as an agent would ask it."""
    facts = model.facts
    tools = (SHELL,) if not facts.capabilities or "tools" in facts.capabilities else ()
    return ModelRequest(view, tools, facts.sampling, facts.window.granted, min(256, facts.max_output))


def _longer(view: View) -> View:
    return (*view, message("m3", Role.USER, Origin.TASK, Text("Then say what each of them is for. " * 4)))


def _calls(reply: Reply) -> tuple[ToolCall, ...]:
    return tuple(content for content in reply.contents if isinstance(content, ToolCall))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _ignore(_count: int) -> None:
    """Progress that nobody watches."""
