"""Calls that stand in a reply's plain words: in the model's own way of writing them, or in the dialect of another one."""

from __future__ import annotations

import re

from harness.metrics.context.scene import Turn

_JSON = re.compile(r"<(?:tool_call|function_call|tools?)>\s*\{|\{\s*\"(?:name|function|tool|tool_name)\"\s*:\s*[\"{]")
_NAMED = re.compile(r"\"(?:name|tool|tool_name)\"\s*:\s*\"([\w.-]+)\"")
_ARGUMENTS = re.compile(r"\"(?:arguments|parameters|args|input)\"\s*:")
_FOREIGN: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("xml", "qwen3-coder|qwen3\\.5|qwen3\\.6|nemotron", re.compile(r"<function=[\w.-]+>|<parameter=[\w.-]+>")),
    ("invoke", "claude", re.compile(r"<(?:\w+:)?invoke name=\"|<(?:\w+:)?function_calls>|<parameter name=\"")),
    ("marked", "mistral|devstral|magistral|codestral|ministral", re.compile(r"\[TOOL_CALLS\]")),
    ("channel", "gpt-oss", re.compile(r"<\|channel\|>commentary to=|<\|call\|>")),
    ("python tag", "llama", re.compile(r"<\|python_tag\|>")),
    ("tool code", "gemma|gemini", re.compile(r"```tool_code\b|<tool_code>|<start_function_call>|\[\w+\(\w+=.*\)\]\s*\Z")),
    ("deepseek", "deepseek", re.compile(r"<｜tool▁calls?▁begin｜>")),
    ("react", "", re.compile(r"^Action:\s*\S+\s*\n+\s*Action Input:", re.MULTILINE)),
    ("patch", "", re.compile(r"^\*\*\* Begin Patch\s*$", re.MULTILINE)),
    ("tags", "", re.compile(r"<(?:execute_bash|execute_ipython|str_replace_editor|read_file>\s*<path|write_to_file|execute_command|apply_diff)\b")),
)
"""Name, models that are taught to write so (searched in the model's name), what shows it. Sources: the templates of these model families,
and the prompts of ReAct, OpenHands (CodeAct), Cline and Codex."""
_WHOLE = re.compile(r"</function>|</(?:\w+:)?invoke>|^\*\*\* End Patch|</(?:execute_bash|execute_ipython|str_replace_editor|read_file|write_to_file|execute_command|apply_diff)>", re.MULTILINE)
_QUOTED = re.compile(r"^(?:>|    ).*$|`[^`\n]+`", re.MULTILINE)


def foreign(said: str, model: str) -> str:
    """The dialect of another model or harness in which the words hold a call, "" for none."""
    text = _QUOTED.sub("", said)
    for name, own, pattern in _FOREIGN:
        if pattern.search(text) and not (own and re.search(own, model, re.IGNORECASE)):
            return name
    return ""


def whole(said: str) -> bool:
    """The words hold the end of a call in such a dialect, too."""
    return bool(_WHOLE.search(said))


def leaked(turn: Turn, model: str) -> bool:
    """A call of a tool on offer that was written as plain words in the model's own way, or as bare JSON.

    Told by the wire where it counted one; else read from the words of a reply that ended by itself.
    """
    if turn.replied is None or turn.calls:
        return bool(turn.replied and turn.replied.repaired)
    if turn.replied.leaked:
        return not foreign(turn.said, model)
    text = _QUOTED.sub("", turn.said)
    named = {match[1] for match in _NAMED.finditer(text)}
    if _JSON.search(text) and _ARGUMENTS.search(text) and named & set(turn.tools):
        return not foreign(turn.said, model)
    return any(own and re.search(own, model, re.IGNORECASE) and pattern.search(text) for _, own, pattern in _FOREIGN)


def begun(text: str) -> bool:
    """A call was begun in the words, in whatever dialect."""
    return bool(_JSON.search(text)) or any(pattern.search(text) for _, _, pattern in _FOREIGN)
