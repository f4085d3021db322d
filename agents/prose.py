"""Prompts as files: package data, read when an agent or a tool is made and never at import."""

from __future__ import annotations

from importlib.resources import files


def prose(name: str, package: str = "agents.prompts") -> str:
    """The words of `<name>.md` in the package, without the newline at their end."""
    return (files(package) / f"{name}.md").read_text(encoding="utf-8").rstrip("\n")


def described(tool: str) -> str:
    """What a model is told of a tool: one paragraph, its line breaks taken out."""
    return " ".join(prose(tool, "agents.tools.prompts").split())
