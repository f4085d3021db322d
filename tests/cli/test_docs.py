"""What the documents say holds: their examples run, and every key and field is in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agents.models.script_file import read as read_script
from harness.contracts.agent import complaints
from harness.metrics.environment import Environment, Machine
from harness.metrics.money import Money
from harness.metrics.row import Calls, Row, RowDigests, Seconds, Tokens
from harness.metrics.statistics.intervals import Interval
from harness.metrics.statistics.passk import AtK
from harness.plan import TABLES, load
from harness.report.cautions import FLAGS, Caution
from harness.report.cells import Cell
from harness.report.health import Health
from harness.report.overview import GridRow, Mark, Origins, Overview
from harness.report.splits import ByOutcome, CostSplit, Speed, Spread, TimeSplit
from harness.report.summary import Counts
from harness.report.surroundings import AgentRecord, MachineRecord, ModelRecord, Named, Seed, Surroundings, TaskRecord

DOCS = Path(__file__).resolve().parents[2] / "docs"


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of a document."""
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / name).read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_the_plan_in_the_document_is_one(tmp_path: Path) -> None:
    """It loads, and says what the prose says."""
    path = tmp_path / "plan.toml"
    path.write_text(blocks("plan.md", "toml")[0], encoding="utf-8")
    plan = load(path)
    assert (plan.attempts, plan.models[1].options["window"], plan.agents[0].use) == (3, 65536, "coder")


def test_every_key_of_a_plan_is_documented() -> None:
    """No key is a secret."""
    text = (DOCS / "plan.md").read_text("utf-8")
    missing = [field for table in TABLES for field in table.__struct_fields__ if not re.search(rf"[`\[]{field}[`\]]|^{field} =", text, re.MULTILINE)]
    assert not missing


RECORDS = (
    Row, Calls, Tokens, Seconds, RowDigests, Money, Environment, Machine, Overview, Caution, Cell, Counts, Interval, AtK, ByOutcome, Spread, TimeSplit,
    CostSplit, Speed, Health, GridRow, Mark, Origins, Surroundings, ModelRecord, AgentRecord, TaskRecord, MachineRecord, Named, Seed,
)  # fmt: skip


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_field_of_a_report_is_documented(record: type) -> None:
    """Under the name it has in JSON."""
    text = (DOCS / "json.md").read_text("utf-8")
    assert not [name for name in record.__struct_encode_fields__ if f"`{name}`" not in text and name != "about"]  # type: ignore[attr-defined]


def test_every_kind_of_warning_is_documented() -> None:
    """By the word that a program looks for."""
    text = (DOCS / "json.md").read_text("utf-8")
    source = (DOCS.parent / "harness" / "report" / "cautions.py").read_text("utf-8")
    kinds = {*FLAGS.values(), *re.findall(r'(?:Caution|_one)\("(\w+)"', source)}
    assert len(kinds) > 15
    assert not [kind for kind in kinds if f"`{kind}`" not in text]


def test_the_agent_in_the_document_keeps_the_contract() -> None:
    """It can be copied."""
    room: dict[str, object] = {}
    exec(blocks("agents.md", "python")[0], room)
    assert complaints(room["create"]()) == ()  # type: ignore[operator]


def test_the_script_in_the_document_is_one() -> None:
    """It is read without complaint."""
    assert len(read_script("mine.toml", blocks("models.md", "toml")[0]).replies) == 2


ROOT = DOCS.parent
PAGES = [*sorted(DOCS.glob("*.md")), ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "benchmarks" / "README.md"]


def test_the_short_plan_in_the_prose_is_one(tmp_path: Path) -> None:
    """The two lines that are said to run anywhere load, and name nothing of the user's."""
    found = re.search(r"a plan of two lines that runs anywhere is `(.*?)` and `(.*?)`", (DOCS / "plan.md").read_text("utf-8"))
    assert found
    path = tmp_path / "plan.toml"
    path.write_text("\n".join(found.groups()), encoding="utf-8")
    plan = load(path)
    assert (plan.tasks, plan.models[0].use) == (("bundled",), "scripted/demo")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """Every relative link names a file."""
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text("utf-8")):
        assert "://" in target or (path.parent / target).exists(), target
