"""The vocabulary: frozen values and ports; standard library and msgspec only, no I/O, no clock, no log."""
