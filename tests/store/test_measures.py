"""What was measured is found again under just what it was measured with, and a spoilt file is none."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from harness.core.errors import StoreError
from harness.core.measured import Measured, Pairing
from harness.store.measures import Measures

PAIRING = Pairing("ollama/qwen3.6:27b", "sha256:q", "http://127.0.0.1:11434", "0.34.0", 65536, "on", "coder")
MEASURED = Measured(512.0, 33.0, 2.1, True, 3.2, None, None, 41.0, (("needle", "too long"),), "2026-01-02")


def test_a_measurement_is_found_under_its_pairing_alone(tmp_path: Path) -> None:
    """Another digest, server, version, window, thinking or agent is another pairing."""
    kept = Measures(tmp_path / "measures")
    assert kept.find(PAIRING) is None
    kept.keep(PAIRING, MEASURED)
    assert kept.find(PAIRING) == MEASURED
    for name in Pairing.__struct_fields__:
        other = 1024 if name == "window" else "another"
        assert kept.find(msgspec.structs.replace(PAIRING, **{name: other})) is None, name


@pytest.mark.parametrize("spoilt", [b"", b"{", b"\xff", b'{"pairing": {}, "measured": {}}', b"[" * 100_000])
def test_a_spoilt_file_is_none(tmp_path: Path, spoilt: bytes) -> None:
    """So the model is measured anew."""
    kept = Measures(tmp_path)
    kept.keep(PAIRING, MEASURED)
    (path,) = tmp_path.iterdir()
    path.write_bytes(spoilt)
    assert kept.find(PAIRING) is None


@pytest.mark.parametrize("speed", [0.0, -3.0])
def test_a_speed_of_nothing_is_none(tmp_path: Path, speed: float) -> None:
    """A hand-edited speed would make a night endless."""
    kept = Measures(tmp_path)
    kept.keep(PAIRING, msgspec.structs.replace(MEASURED, decode=speed))
    assert kept.find(PAIRING) is None


def test_a_folder_that_can_not_be_is_an_error_with_a_name(tmp_path: Path) -> None:
    """The caller says so, and measures again next time."""
    (tmp_path / "measures").write_text("a file")
    with pytest.raises(StoreError):
        Measures(tmp_path / "measures").keep(PAIRING, MEASURED)
