"""What a Dockerfile says: its instructions with their lines, the images it begins from, what only BuildKit understands. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

DIRECTIVE: Final = re.compile(r"#\s*(\w+)\s*=\s*(\S+)\s*$")
HEREDOC: Final = re.compile(r"<<-?\s*(['\"]?)([A-Za-z_]\w*)\1")
VARIABLE: Final = re.compile(r"\\\$|\$\{(\w+)(?:(:?[-+])([^}]*))?\}|\$(\w+)")


class Instruction(msgspec.Struct, frozen=True):
    """One instruction: `word` in capitals, `rest` joined over continued lines, `line` where it begins (from 1)."""

    word: str
    rest: str
    line: int

    @property
    def text(self) -> str:
        return f"{self.word} {self.rest}"


class Stage(msgspec.Struct, frozen=True):
    """A FROM with what follows: `image` after variables are filled in, `name` of AS or empty."""

    image: str
    name: str
    opening: Instruction
    steps: tuple[Instruction, ...]


def instructions(text: str) -> tuple[Instruction, ...]:
    """All instructions in order; a heredoc's body is skipped over, its instruction shows it by `<<`."""
    lines = text.replace("\r\n", "\n").split("\n")
    escape = escape_of(lines)
    found: list[Instruction] = []
    at = 0
    while at < len(lines):
        begun = at
        words: list[str] = []
        while at < len(lines):
            line = lines[at]
            at += 1
            if not line.strip() or line.lstrip().startswith("#"):
                if not words:
                    break
                continue
            bare = line.rstrip()
            words.append(bare[:-1] if bare.endswith(escape) else bare)
            if not bare.endswith(escape):
                break
        if words:
            found.append(instruction("".join(words).strip(), begun + 1))
            at = after_heredocs(lines, at, found[-1])
    return tuple(found)


def escape_of(lines: list[str]) -> str:
    """The escape character: a backslash unless a directive at the very top says otherwise."""
    for line in lines:
        directive = DIRECTIVE.match(line)
        if not directive:
            break
        if directive[1].lower() == "escape":
            return directive[2]
    return "\\"


def instruction(text: str, line: int) -> Instruction:
    word, _, rest = text.partition(" ")
    return Instruction(word.strip().upper(), rest.strip(), line)


def after_heredocs(lines: list[str], at: int, found: Instruction) -> int:
    """The line after the bodies of the heredocs that an instruction opens."""
    if found.word not in {"RUN", "COPY", "ADD"}:
        return at
    for _, name in HEREDOC.findall(found.rest):
        end = next((n for n in range(at, len(lines)) if lines[n].lstrip("\t").rstrip() == name), None)
        if end is None:
            return at
        at = end + 1
    return at


def needs_buildkit(found: tuple[Instruction, ...], text: str) -> Iterator[tuple[int, str]]:
    """(line, what) of everything that the classic builder fails on or would silently misread."""
    for one in found:
        if one.word in {"RUN", "COPY", "ADD"} and ends_heredoc(one, text):
            yield one.line, f"a heredoc in {one.word}"
        for flag in re.findall(r"--([a-z-]+)(?==|\s)", leading_flags(one.rest)):
            if (one.word, flag) in BUILDKIT_FLAGS:
                yield one.line, f"{one.word} --{flag}"


BUILDKIT_FLAGS: Final = frozenset(
    {("RUN", "mount"), ("RUN", "network"), ("RUN", "security")}
    | {(word, flag) for word in ("COPY", "ADD") for flag in ("chmod", "link", "parents", "exclude", "checksum", "keep-git-dir")}
)


def leading_flags(rest: str) -> str:
    """The `--name=value` words before anything else."""
    return re.match(r"(?:--\S+\s+)*", rest + " ")[0]  # type: ignore[index]


def ends_heredoc(one: Instruction, text: str) -> bool:
    """Whether `<<NAME` has its closing line; a here-string of a shell in an ordinary RUN has none."""
    names = {name for _, name in HEREDOC.findall(one.rest)}
    later = {line.lstrip("\t").rstrip() for line in text.split("\n")[one.line :]}
    return bool(names & later)


def stages(found: tuple[Instruction, ...], arguments: Mapping[str, str] | None = None) -> tuple[Stage, ...]:
    """The stages, with ARGs before the first FROM filled into the names of images."""
    known: dict[str, str] = {}
    made: list[Stage] = []
    for one in found:
        if one.word == "FROM":
            made.append(opened(one, known))
        elif made:
            made[-1] = msgspec.structs.replace(made[-1], steps=(*made[-1].steps, one))
        elif one.word == "ARG":
            known |= declared(one.rest, known, arguments or {})
    return tuple(made)


def opened(one: Instruction, known: Mapping[str, str]) -> Stage:
    words = [word for word in one.rest.split() if not word.startswith("--")]
    name = words[2] if len(words) == 3 and words[1].upper() == "AS" else ""
    return Stage(image=filled(words[0], known) if words else "", name=name, opening=one, steps=())


def declared(rest: str, known: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """What an ARG line brings: name to value, given ones first; those without any value are left out."""
    found = {}
    for word in rest.split():
        name, equals, value = word.partition("=")
        if name in given:
            found[name] = given[name]
        elif equals:
            found[name] = filled(value.strip("\"'"), known)
        elif name in known:
            found[name] = known[name]
    return found


def filled(text: str, known: Mapping[str, str]) -> str:
    """Variables replaced as a Dockerfile does: `$X`, `${X}`, `${X:-word}`, `${X:+word}`."""

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[4]
        if name is None:
            return "$"
        here = known.get(name, "")
        match match[2]:
            case ":-" | "-":
                return here or match[3]
            case ":+" | "+":
                return match[3] if here else ""
        return here

    return VARIABLE.sub(value, text)


def base_images(found: tuple[Stage, ...]) -> tuple[str, ...]:
    """Images that must be there before the build: every FROM and COPY --from that is not a stage."""
    names: list[str] = []
    seen: set[str] = set()
    for number, stage in enumerate(found):
        if stage.image.lower() not in seen and stage.image != "scratch":
            names.append(stage.image)
        for step in stage.steps:
            source = re.search(r"--from=(\S+)", leading_flags(step.rest))
            if step.word == "COPY" and source and source[1].lower() not in seen and not source[1].isdigit():
                names.append(source[1])
        seen |= {stage.name.lower(), str(number)} - {""}
    return tuple(dict.fromkeys(names))


def json_form(rest: str) -> tuple[str, ...] | None:
    """The words of an exec form, or None for the shell form."""
    try:
        words = json.loads(rest)
    except (ValueError, RecursionError):
        return None
    if isinstance(words, list) and all(isinstance(word, str) for word in words):
        return tuple(words)
    return None
