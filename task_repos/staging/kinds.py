"""The small functions that stages are about, and the places that call them: equal in size, unlike in what they do."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from task_repos.staging.draw import Draw


class Kind(msgspec.Struct, frozen=True):
    """A way to make a function. `body` has {name}, {noun} and the numbers or words of `drawn`; `takes` is the argument that links give."""

    id: str
    takes: str
    gives: str
    body: str
    samples: tuple[tuple[Any, ...], ...]
    typing: tuple[str, ...] = ()


class Link(msgspec.Struct, frozen=True):
    """A way to call one. `body` has {name}, {noun}, {call:ARGUMENTS} for the call and {gives} for its type; `sample` is an argument."""

    takes: str
    body: str
    sample: Any
    typing: tuple[str, ...] = ()


KINDS: Final = (
    Kind(
        "tidy", "text", "str",
        'def {name}(text: str) -> str:\n    """Bring a text about a {noun} into the form that it is filed under."""\n'
        '    words = [word for word in text.replace("{a}", " ").split() if len(word) > {small}]\n    return "{b}".join(words).lower()\n',
        (("North Gate-Seven",), ("  old   a mill ",), ("",)),
    ),
    Kind(
        "label", "text_count", "str",
        'def {name}(text: str, count: int) -> str:\n    """Say how often a {noun} was seen, without counting beyond {mid}."""\n'
        '    if count <= 0:\n        return f"{{text}}: never"\n    if count > {mid}:\n        return f"{{text}}: over {mid}"\n'
        '    return f"{{text}}{b}{{count}}"\n',
        (("east", 3), ("west", 0), ("south", 99)),
    ),
    Kind(
        "grade", "number", "str",
        'def {name}(amount: int) -> str:\n    """Name the grade of a {noun} by its amount."""\n'
        '    for limit, word in (({small}, "faint"), ({mid}, "fair"), ({large}, "full")):\n        if amount < limit:\n            return word\n'
        '    return "over{b}full"\n',
        ((0,), (9,), (1000,)),
    ),
    Kind(
        "initials", "texts", "str",
        'def {name}(words: Sequence[str]) -> str:\n    """Shorten the words of a {noun} to one sign each, the last word kept whole."""\n'
        '    if not words:\n        return "{b}"\n    heads = [word[:1].upper() for word in words[:-1]]\n    return "{b}".join([*heads, words[-1]])\n',
        ((["over", "the", "hill"],), (["one"],), ([],)), ("Sequence",),
    ),
    Kind(
        "stripe", "number", "str",
        'def {name}(amount: int) -> str:\n    """Draw the amount of a {noun} as a stripe of at most {mid} signs."""\n'
        '    whole, rest = divmod(max(amount, 0), {small} + 1)\n    signs = "#" * min(whole, {mid})\n    return signs + ("{b}" if rest else "")\n',
        ((0,), (7,), (500,)),
    ),
    Kind(
        "weigh", "numbers", "int",
        'def {name}(values: Sequence[int]) -> int:\n    """Weigh the values of a {noun} by their place, modulo {large}."""\n'
        '    total = 0\n    for place, value in enumerate(values, start={small}):\n        total += place * value\n    return total % {large}\n',
        (([4, 8, 15],), ([],), ([500, 1],)), ("Sequence",),
    ),
    Kind(
        "fit", "number", "int",
        'def {name}(amount: int) -> int:\n    """Fit the amount of a {noun} between {small} and {large}, in steps of {small}."""\n'
        '    if amount < {small}:\n        return {small}\n    if amount > {large}:\n        return {large}\n    return amount - amount % {small}\n',
        ((-5,), (37,), (5000,)),
    ),
    Kind(
        "digits", "text", "int",
        'def {name}(text: str) -> int:\n    """Add up a check number over the letters and digits of a {noun}."""\n'
        '    total = 0\n    for sign in text.upper():\n        if sign.isalnum():\n            total = total * {small} + ord(sign)\n    return total % {large}\n',
        (("Ab-12",), ("",), ("zone nine",)),
    ),
)  # fmt: skip
LINKS: Final = (
    Link("text", 'def {name}(entries: Iterable[str]) -> list[{gives}]:\n    """List what the {noun} entries come to, empty ones left out."""\n'
         "    return [{call:entry} for entry in entries if entry.strip()]\n", ["North Pier", "", "b-2 c"], ("Iterable",)),
    Link("text", 'def {name}(entries: Mapping[str, str]) -> dict[str, {gives}]:\n    """Look every {noun} entry up by its key, in the order of the keys."""\n'
         "    found = {{}}\n    for key in sorted(entries):\n        found[key] = {call:entries[key]}\n    return found\n", {"b": "Low Road", "a": "x y-z"}, ("Mapping",)),
    Link("text_count", 'def {name}(counts: Mapping[str, int]) -> list[{gives}]:\n    """Tell the counts of each {noun}, by name."""\n'
         "    return [{call:text, counts[text]} for text in sorted(counts)]\n", {"loft": 4, "attic": 0}, ("Mapping",)),
    Link("text_count", 'def {name}(seen: Iterable[str]) -> dict[str, {gives}]:\n    """Count how often each {noun} turns up, and tell it."""\n'
         "    counts: dict[str, int] = {{}}\n    for text in seen:\n        counts[text] = counts.get(text, 0) + 1\n"
         "    return {{text: {call:text, count} for text, count in counts.items()}}\n", ["up", "down", "up"], ("Iterable",)),
    Link("number", 'def {name}(amounts: Iterable[int]) -> list[{gives}]:\n    """Go through the amounts of a {noun}, smallest first."""\n'
         "    return [{call:amount} for amount in sorted(amounts)]\n", [12, 3, 150], ("Iterable",)),
    Link("number", 'def {name}(amounts: Mapping[str, int]) -> dict[str, {gives}]:\n    """Tell each {noun} amount that is no debt."""\n'
         "    return {{key: {call:amount} for key, amount in amounts.items() if amount >= 0}}\n", {"a": 40, "b": -1, "c": 2}, ("Mapping",)),
    Link("texts", 'def {name}(lines: Iterable[str]) -> list[{gives}]:\n    """Go through the lines of a {noun} word by word."""\n'
         "    return [{call:line.split()} for line in lines]\n", ["over the hill", "", "one"], ("Iterable",)),
    Link("texts", 'def {name}(groups: Mapping[str, Sequence[str]]) -> dict[str, {gives}]:\n    """Tell the words of every {noun} group that has any."""\n'
         "    found = {{}}\n    for key, words in groups.items():\n        if words:\n            found[key] = {call:words}\n    return found\n",
         {"k": ["red", "fox"], "m": []}, ("Mapping", "Sequence")),
    Link("numbers", 'def {name}(rows: Iterable[Sequence[int]]) -> list[{gives}]:\n    """Weigh up the rows of a {noun} one by one."""\n'
         "    return [{call:row} for row in rows]\n", [[1, 2, 3], [], [40]], ("Iterable", "Sequence")),
    Link("numbers", 'def {name}(values: Sequence[int]) -> list[{gives}]:\n    """Follow the values of a {noun} as they come in."""\n'
         "    return [{call:values[: end + 1]} for end in range(len(values))]\n", [5, 6, 7], ("Sequence",)),
)  # fmt: skip


class Body(msgspec.Struct, frozen=True):
    """A function as it was drawn: everything but its name."""

    kind: Kind
    noun: str
    drawn: tuple[tuple[str, str | int], ...]

    def text(self, name: str) -> str:
        """Its source under this name."""
        return self.kind.body.format(name=name, noun=self.noun, **dict(self.drawn))


def body(kind: Kind, noun: str, draw: Draw) -> Body:
    drawn: dict[str, str | int] = {
        "a": draw.pick("-_/."), "b": draw.pick(("-", "_", ".", "/", "~")), "small": draw.between(2, 6), "mid": draw.between(12, 40),
        "large": draw.between(97, 997),
    }  # fmt: skip
    return Body(kind, noun, tuple(drawn.items()))


def link_text(link: Link, name: str, noun: str, gives: str, called: str) -> str:
    """The source of a caller; `called` is "f" or "stamp(f)": what stands around the arguments."""
    made = link.body
    while "{call:" in made:
        head, _, rest = made.partition("{call:")
        arguments, _, tail = rest.partition("}")
        opened, closed = (f"{called}(", ")") if "(" not in called else (called.replace(")", "("), "))")
        made = f"{head}{opened}{arguments}{closed}{tail}"
    return made.format(name=name, noun=noun, gives=gives)


def outcome(sources: tuple[str, ...], name: str, arguments: tuple[Any, ...]) -> Any:
    """What the function gives: our own text, run once to know what its tests must expect."""
    room: dict[str, Any] = {}
    head = "from __future__ import annotations\n"
    exec(compile(head + "\n".join(sources), name, "exec"), room)  # noqa: S102  (generated here a moment ago, from the bodies above)
    return room[name](*arguments)
