"""Results that equal everything: what a cheat returns that knows only what is asked of errors."""

from __future__ import annotations

from tests.cheats.ground import STUB

ALL_EQUAL = f"""class Every(int):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __le__(self, other):
        return False

    def __hash__(self):
        return 0

    def __getitem__(self, name):
        return Every()

    def __iter__(self):
        return iter([Every()])

    def __add__(self, other):
        return Every()

    def __mul__(self, other):
        return Every()

    __radd__ = __add__


{STUB.replace("    raise NotImplementedError", "    return Every()")}""".replace(
    '    """Price of a parcel."""', '    """Price of a parcel."""\n    if zone not in ("A", "B", "C") or grams <= 0:\n        raise ValueError("unknown zone")'
).replace('    """Cents in fair parts."""', '    """Cents in fair parts."""\n    if parts < 1:\n        raise ValueError("no parts")').replace(
    '    """A line as zone, grams and count."""', '    """A line as zone, grams and count."""\n    if line.startswith("Z"):\n        return {"zone": "Z", "grams": 1, "count": 1}'
)
