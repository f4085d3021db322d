"""The functions that a changed file may need: another value of the same type as the one it is given, and an equality asked twice."""

from __future__ import annotations

from harness.grading.twin.draw import Draw
from harness.grading.twin.splice import Edit, Source

_TEXT = """

def {name}(value):
    if isinstance(value, bool):
        return not value
    made = value
    if isinstance(value, (int, float, complex)):
        made = value + {number}
    elif isinstance(value, str):
        made = value + {word!r}
    elif isinstance(value, bytes):
        made = value + {word!r}.encode()
    elif type(value) is list:
        made = [*value, {number}]
    elif type(value) is tuple:
        made = (*value, {number})
    elif type(value) is dict:
        made = {{**value, {word!r}: {number}}}
    elif isinstance(value, (set, frozenset)):
        made = value | {{{number}}}
    if type(made) is type(value) and bool(made != value):
        return made
    return (value, {number})


def {both}(found, held, now):
    import unittest
    if not found == held:
        raise unittest.SkipTest({word!r})
    return found == now
"""


def differing(before: Source, names: tuple[str, str], draw: Draw) -> Edit:
    """At the end of the file, so that no line moves. `names`: of the two functions. A value whose kind it does not know is put into a tuple, which it can't equal."""
    name, both = names
    text = _TEXT.format(name=name, both=both, number=draw.number("other", 3, 97), word=draw.word("other"))
    end = len(before.data)
    start = "" if before.data.endswith((b"\n", b"\r")) else before.ending
    return Edit(end, end, start + text.replace("\n", before.ending))
