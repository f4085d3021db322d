"""The check sum of frames and the proof of a shared secret."""

from __future__ import annotations

import hashlib
import hmac

_POLYNOMIAL = 0x1021
_START = 0xFFFF


def _table() -> tuple[int, ...]:
    found = []
    for byte in range(256):
        value = byte << 8
        for _ in range(8):
            value = ((value << 1) ^ _POLYNOMIAL) if value & 0x8000 else value << 1
        found.append(value & 0xFFFF)
    return tuple(found)


_TABLE = _table()


def crc16(data: bytes, start: int = _START) -> int:
    """CRC-16/CCITT-FALSE: ``crc16(b"123456789") == 0x29B1``."""
    value = start
    for byte in data:
        value = ((value << 8) & 0xFFFF) ^ _TABLE[(value >> 8) ^ byte]
    return value


def proof(secret: str, nonce: bytes, station: str) -> bytes:
    """What shows that we know the secret of a station: 16 bytes."""
    message = nonce + station.encode("utf-8")
    return hmac.new(secret.encode("utf-8"), message, hashlib.sha256).digest()[:16]


def is_proof(given: bytes, secret: str, nonce: bytes, station: str) -> bool:
    return hmac.compare_digest(given, proof(secret, nonce, station))
