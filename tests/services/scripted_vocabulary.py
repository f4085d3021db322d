"""The words a scripted model knows: bytes, a few merges, its control tokens, and the pieces of what it will say."""

from __future__ import annotations

from dataclasses import dataclass

NORMAL, CONTROL, USER_DEFINED = 1, 3, 4  # token types of the GGUF format
END_OF_TEXT, TURN_START, TURN_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
CALL_START, CALL_END = "<tool_call>", "</tool_call>"
RESPONSE_START, RESPONSE_END = "<tool_response>", "</tool_response>"
THINK_START, THINK_END = "<think>", "</think>"
CONTROLS = (END_OF_TEXT, TURN_START, TURN_END)
TAGS = (CALL_START, CALL_END, RESPONSE_START, RESPONSE_END, THINK_START, THINK_END)
MERGES = ("th", "in", "er", "on", "re", "an")  # servers refuse an empty merge table
SIZES = (*range(8, 29), *range(7, 1, -1))  # in order of liking; a piece of one letter could stand anywhere


@dataclass(frozen=True)
class Vocabulary:
    """Token texts in order of their numbers, with their types; a text occurs once."""

    texts: tuple[str, ...]
    types: tuple[int, ...]

    def number(self, text: str) -> int:
        return self.texts.index(text)


def byte_letters() -> list[str]:
    """The printable letter that stands for each of the 256 bytes in byte-level vocabularies."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    strangers = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(strangers)) for byte in range(256)]


NEWLINE = byte_letters()[0x0A]


def make_vocabulary(words: list[str]) -> Vocabulary:
    """The vocabulary of a model that sees or says `words` as single tokens."""
    entries = dict.fromkeys((*byte_letters(), *MERGES), NORMAL)
    entries |= dict.fromkeys(CONTROLS, CONTROL) | dict.fromkeys(TAGS, USER_DEFINED)
    entries |= {word: USER_DEFINED for word in words if word not in entries}
    return Vocabulary(tuple(entries), tuple(entries.values()))


def cut_pieces(text: str, taken: set[str]) -> list[str]:
    """Cut a text into pieces that no other text of the model uses: the last piece said is all the model's memory.

    Pieces are short because some servers lose the text of tokens of 32 bytes and more, and hold no newline, lest one
    swallow the newline that opens a reply. `taken` grows by the pieces; raises ValueError for a text it can't cut.
    """
    if "\n" in text or not text.isascii():
        raise ValueError(f"{text!r}: found a newline or a letter outside ASCII, expected one plain line")
    pieces = try_cuts(text, taken, set())
    if pieces is None:
        raise ValueError(f"{text!r}: every way to cut it uses a piece of another text of the model")
    taken.update(pieces)
    return pieces


def try_cuts(text: str, taken: set[str], dead: set[str]) -> list[str] | None:
    """The first way to cut all of `text` into pieces not taken, or None; `dead` holds the rests that no way cuts."""
    if not text:
        return []
    for size in SIZES:
        piece = text[:size]
        if size > len(text) or piece in taken or text[size:] in dead:
            continue
        rest = try_cuts(text[size:], taken | {piece}, dead)
        if rest is not None:
            return [piece, *rest]
    dead.add(text)
    return None
