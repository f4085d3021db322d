"""An account that was kept is found under just what made it, and a damaged file is none: it is made again."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from harness.core.errors import StoreError
from harness.store.accounts import KeptAccounts, Named

NAME = Named("t0001", "sha256:m", 12.5, 40, "sha256:t", tested=True)
BODY = b'{"trial":"t0001","chances":[[1,2,3]]}\nand more\n'


def test_an_account_is_found_under_its_name_alone(tmp_path: Path) -> None:
    """Another measure, time of settling, last entry or task is another account; lines in it stay its own."""
    kept = KeptAccounts(tmp_path)
    assert (kept.find(NAME), kept.any()) == (None, False)
    kept.keep(NAME, BODY)
    assert (kept.find(NAME), kept.any()) == (BODY, True)
    for field in ("measure", "task"):
        assert kept.find(msgspec.structs.replace(NAME, **{field: "another"})) is None
    assert kept.find(msgspec.structs.replace(NAME, settled=13.0)) is None
    assert kept.find(msgspec.structs.replace(NAME, seq=41)) is None
    assert kept.find(msgspec.structs.replace(NAME, tested=False)) is None


def test_no_changed_byte_passes_for_a_figure(tmp_path: Path) -> None:
    """At every place of the file: also where what stands there then is still an account that could be read."""
    kept = KeptAccounts(tmp_path)
    kept.keep(NAME, BODY)
    (path,) = (tmp_path / "context").iterdir()
    data = path.read_bytes()
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert kept.find(NAME) is None, place
        path.write_bytes(data[:place])
        assert kept.find(NAME) is None, place
    path.write_bytes(data)
    assert kept.find(NAME) == BODY


@pytest.mark.parametrize("spoilt", [b"", b"\n", b"\n\n", b"{", b"\xff", b"[" * 100_000, b'{"trial": 5}\n\n', msgspec.json.encode(NAME) + b"\n" + BODY])
def test_a_spoilt_file_is_none(tmp_path: Path, spoilt: bytes) -> None:
    """Nothing, no JSON, other types, nesting without end, one without a digest."""
    kept = KeptAccounts(tmp_path)
    kept.keep(NAME, BODY)
    (path,) = (tmp_path / "context").iterdir()
    path.write_bytes(spoilt)
    assert kept.find(NAME) is None


def test_a_folder_that_can_not_be_is_an_error_with_a_name(tmp_path: Path) -> None:
    """The caller goes on without what it could not keep."""
    (tmp_path / "context").write_text("a file")
    with pytest.raises(StoreError):
        KeptAccounts(tmp_path).keep(NAME, BODY)
    assert KeptAccounts(tmp_path).find(NAME) is None
