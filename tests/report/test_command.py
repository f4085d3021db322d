"""`longhaul report`: every output of one run, files whole or not at all, and nothing replaced that is no plain file."""

from __future__ import annotations

import json
import os
import stat
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.cli.record.landing import land
from harness.core.errors import PlanError
from tests.report.recorded import RUN, record

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """`report("--json")` -> exit code, stdout, stderr, on a recorded run."""
    record(tmp_path / "home").close()
    monkeypatch.setenv("LONGHAUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(("report", "last", *words))
        told = capsys.readouterr()
        return int(end.value.code or 0), told.out, told.err

    return call


def test_without_options_it_is_text(report: Call) -> None:
    """Counts first, then rates with intervals, and the tables behind."""
    code, out, err = report()
    assert (code, err) == (0, "")
    assert out.startswith("planned 3 = 1 passed + 1 failed + 0 broken + 0 invalid + 1 pending")
    assert "50 %" in out
    assert "trials by why their conversation ended" in out
    assert "turns 150" in out


def test_json_is_one_object_and_files_are_told_elsewhere(report: Call, tmp_path: Path) -> None:
    """stdout is JSON and nothing else, also with files asked for."""
    code, out, err = report("--json", "--junit", "deep/er/junit.xml", "--summary", "summary.md")
    told = json.loads(out)
    assert (code, told["schema"], told["counts"]["planned"], told["cells"][0]["rate"]) == (0, "longhaul.report/2", 3, 0.5)
    assert ET.parse(tmp_path / "deep" / "er" / "junit.xml").getroot().attrib["tests"] == "3"
    assert "planned 3" in (tmp_path / "summary.md").read_text("utf-8")
    assert "JUnit XML: deep/er/junit.xml" in err


def test_charts_are_pictures(report: Call, tmp_path: Path) -> None:
    """One SVG and one PNG for each, in a folder that is made; a second time they are replaced."""
    for _ in range(2):
        code, out, _ = report("--charts", "charts")
        assert (code, out) == (0, "charts: charts\n")
    names = {path.name for path in (tmp_path / "charts").iterdir()}
    assert {"pass_rates.svg", "pass_rates.png", "stops.svg"} <= names
    assert {name.rsplit(".", 1)[1] for name in names} == {"svg", "png"}


@pytest.mark.parametrize("option", ["--junit", "--summary", "--charts"])
def test_what_is_no_plain_file_is_not_replaced(report: Call, tmp_path: Path, option: str) -> None:
    """One sentence, exit 2, and it stands as it stood."""
    place = tmp_path / "place"
    if option == "--charts":
        place.write_text("mine", encoding="utf-8")
    else:
        place.mkdir()
    code, out, err = report(option, "place")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert option in err
    assert place.is_dir() or place.read_text("utf-8") == "mine"


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    """Nothing half-written is left beside it; a mode is kept; a link's target is replaced, not the link."""
    target, link = tmp_path / "real", tmp_path / "link"
    target.write_bytes(b"old")
    target.chmod(0o600)
    link.symlink_to(target)
    land(link, b"new", "--junit")
    assert (link.is_symlink(), target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (True, b"new", 0o600)
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", tmp_path, target / "below"):
        with pytest.raises(PlanError):
            land(place, b"x", "--junit")
    assert {path.name for path in tmp_path.iterdir()} == {"real", "link", "pipe"}


def test_redacted_is_numbers_only_everywhere(report: Call, tmp_path: Path) -> None:
    """Neither task nor test nor host in any output; the figures stay."""
    for words in (("--redact",), ("--redact", "--json"), ("--redact", "--junit", "j.xml", "--summary", "s.md")):
        code, out, _ = report(*words)
        files = "".join((tmp_path / name).read_text("utf-8") for name in words if name.endswith((".xml", ".md")))
        assert code == 0
        assert not [word for word in ("t|1", "t::new", "a-host", "nightly", RUN) if word in out + files]
        assert words[1:] or "50 %" in out


def test_an_unknown_run_names_the_nearest(report: Call, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence with what there is."""
    with pytest.raises(SystemExit) as end:
        main(("report", "20270101"))
    assert end.value.code == 2
    assert RUN in capsys.readouterr().err


def test_the_page_is_written_and_opened(report: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the record, with its path said; without a browser that is said, too."""
    seen = tmp_path / "seen"
    monkeypatch.setenv("BROWSER", f"sh -c 'echo \"$0\" > {seen}' %s")
    code, out, _ = report("--open")
    page = tmp_path / "home" / "runs" / RUN / "report.html"
    assert code == 0
    assert str(page) in out
    assert page.read_text("utf-8").lower().startswith("<!doctype html>")
    assert seen.read_text("utf-8").strip() == page.as_uri()
