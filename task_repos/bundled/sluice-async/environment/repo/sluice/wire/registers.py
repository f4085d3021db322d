"""Values as they lie in the 16-bit registers of an outstation."""

from __future__ import annotations

import math
import struct
from enum import Enum

from sluice.errors import MessageError


class RegisterType(Enum):
    """How a value is laid into words; the second part is the number of words."""

    U16 = ("u16", 1)
    I16 = ("i16", 1)
    U32 = ("u32", 2)
    I32 = ("i32", 2)
    F32 = ("f32", 2)
    BITS = ("bits", 1)

    def __init__(self, label: str, words: int) -> None:
        self.label = label
        self.words = words

    @classmethod
    def named(cls, label: str) -> RegisterType:
        for each in cls:
            if each.label == label:
                return each
        raise MessageError(f"no register type {label!r}")


_RANGES = {
    RegisterType.U16: (0, 0xFFFF),
    RegisterType.BITS: (0, 0xFFFF),
    RegisterType.I16: (-0x8000, 0x7FFF),
    RegisterType.U32: (0, 0xFFFFFFFF),
    RegisterType.I32: (-0x80000000, 0x7FFFFFFF),
}
_FORMATS = {
    RegisterType.U16: ">H",
    RegisterType.BITS: ">H",
    RegisterType.I16: ">h",
    RegisterType.U32: ">I",
    RegisterType.I32: ">i",
    RegisterType.F32: ">f",
}


def encode_value(value: float, kind: RegisterType, scale: float = 1.0) -> tuple[int, ...]:
    """The words for a value; whole-number types hold ``value / scale``, rounded."""
    if not math.isfinite(value):
        raise MessageError("only finite values fit a register")
    if kind is RegisterType.F32:
        raw: float = value / scale
    else:
        raw = round(value / scale)
        low, high = _RANGES[kind]
        if not low <= raw <= high:
            raise MessageError(f"{value} does not fit {kind.label} with scale {scale}")
    packed = struct.pack(_FORMATS[kind], raw)
    return struct.unpack(f">{kind.words}H", packed)


def decode_value(words: tuple[int, ...], kind: RegisterType, scale: float = 1.0) -> float:
    """The value in words; a float register may hold NaN, which stands for a broken sensor."""
    if len(words) != kind.words:
        raise MessageError(f"{kind.label} takes {kind.words} words, not {len(words)}")
    (raw,) = struct.unpack(_FORMATS[kind], struct.pack(f">{kind.words}H", *words))
    return float(raw) * scale if scale != 1.0 else float(raw)


def same_words(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    return tuple(first) == tuple(second)
