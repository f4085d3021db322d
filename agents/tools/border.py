"""The border every call crosses: arguments are read strictly, and what the file system refuses becomes a result."""

from __future__ import annotations

from collections.abc import Callable

from agents.tools.arguments import Arguments, Flaw, parse
from harness.core.chat import ToolCall, ToolSpec
from harness.core.errors import Blame
from harness.core.ports import ToolResult


def cross(call: ToolCall, spec: ToolSpec, act: Callable[[Arguments], ToolResult]) -> ToolResult:
    """Run `act` on the checked arguments; a flaw or an OSError comes back as a failure that the model can read."""
    arguments = parse(call.raw_arguments, spec)
    if isinstance(arguments, Flaw):
        return refused(arguments)
    try:
        return act(arguments)
    except OSError as error:
        return failed(_sentence(error), touches=True)


def refused(flaw: Flaw) -> ToolResult:
    """The call was not run, and the model is to blame."""
    text = f"Not run. {flaw.sentence}"
    return ToolResult(ok=False, text=text, full=text.encode(), problem=flaw.problem, blame=Blame.MODEL, touches=False)


def unfit(sentence: str) -> ToolResult:
    """The arguments are of the right types but can't be used."""
    return refused(Flaw("arguments", sentence))


def failed(sentence: str, *, touches: bool = False) -> ToolResult:
    """The tool ran and could not do what was asked."""
    return ToolResult(ok=False, text=sentence, full=sentence.encode("utf-8", "replace"), touches=touches)


def done(text: str, *, touches: bool) -> ToolResult:
    return ToolResult(ok=True, text=text, full=text.encode("utf-8", "replace"), touches=touches)


def _sentence(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "Failed: there is no such file."
        case IsADirectoryError():
            return "Failed: this is a folder, not a file; list it with `shell`."
        case NotADirectoryError():
            return "Failed: a part of the path that should be a folder is a file."
        case PermissionError():
            return "Failed: permission denied."
        case OSError(strerror=str(words)):
            return f"Failed: {words}."
        case _:
            return f"Failed: {error}."
