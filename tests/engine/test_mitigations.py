"""What each agent loses in a window too small, as its record and the detectors tell it: the whole driver, a real folder, a real record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agents import coder, masking, notes, pinned, sliding, summarising
from harness.core.agent import Agent, Stop
from harness.core.chat import Origin, Role, ToolOutput
from harness.core.events import AgentStopped, PromptRendered, ToolCalled
from tests.engine.mitigated import (
    END,
    LOOKS,
    PORT,
    SALT,
    SUFFIX,
    SUMMARY,
    Lived,
    count,
    exactly_confessed,
    lived,
    run,
    take_down,
    taken_up,
)

ALL = (SUFFIX, SALT, PORT)
COUNTS = tuple(count(f"c{k}") for k in range(10, 18))
MASKED = {"recent": 1, "low_water": 0.3}
"""Results are a sixth of the window: with more of them kept, clearing could free too little."""


def policies(trial: Lived) -> list[str]:
    return [edit.policy for edit in trial.edits]


def stop(trial: Lived) -> Stop:
    return next(entry.event.stop for entry in trial.trace if isinstance(entry.event, AgentStopped))


@pytest.mark.parametrize(
    ("agent", "does"),
    [
        (coder.create(**MASKED), {"clear"}),
        (masking.create(**MASKED), {"clear"}),
        (summarising.create(), {"summarise"}),
        (sliding.create(), {"slide"}),
        (pinned.create(**MASKED), {"clear", "pin"}),
        (notes.create(**MASKED), {"clear", "notes"}),
    ],
    ids=lambda each: each.name if hasattr(each, "name") else "",
)
def test_the_record_says_what_every_view_lacks(tmp_path: Path, agent: Agent, does: set[str]) -> None:
    """Folding the splices, what left a view is what was confessed, to the message; the work ends as it should."""
    trial = lived(tmp_path, agent, *LOOKS, take_down("I count.", "c3"), *COUNTS, END)
    assert exactly_confessed(trial.trace)
    assert set(policies(trial)) == does
    assert all(edit.reason for edit in trial.edits)
    assert stop(trial) is Stop.ANSWERED


def test_masking_loses_what_files_said_and_nothing_else(tmp_path: Path) -> None:
    """The salt and the port stood in results: both are gone; the request's rule stands where it stood."""
    trial = lived(tmp_path, masking.create(**MASKED), *LOOKS, *COUNTS, END)
    assert sorted(trial.losses(*ALL)) == ["B1 port", "B1 salt"]
    assert trial.model.summaries == 0  # type: ignore[attr-defined]


def test_masking_ends_where_it_can_free_nothing(tmp_path: Path) -> None:
    """Long commands are the model's own words: they can't be masked, and no summary comes to the rescue."""
    talk = (run(f"true {'x' * 4000}", f"c{k}") for k in range(20, 30))
    trial = lived(tmp_path, masking.create(), *talk, END)
    assert stop(trial) is Stop.WINDOW
    assert policies(trial) == []


def test_summarising_loses_what_its_summary_leaves_out(tmp_path: Path) -> None:
    """One summary in the place of everything but the request, never a stand-in; what it names is no loss."""
    trial = lived(tmp_path, summarising.create(), *LOOKS, *COUNTS[:5], END, summary=f"{SUMMARY} {PORT.text}")
    assert policies(trial) == ["summarise"]
    assert trial.losses(*ALL) == ["B1 salt"]
    assert [each.role for each in trial.views[-1]][:3] == [Role.SYSTEM, Role.USER, Role.USER]


def test_sliding_loses_it_without_telling_the_model(tmp_path: Path) -> None:
    """No stand-in, no summary: whole exchanges are gone, and the newest one stays."""
    trial = lived(tmp_path, sliding.create(), *LOOKS, *COUNTS, END)
    assert sorted(trial.losses(*ALL)) == ["B1 port", "B1 salt"]
    assert "cleared" not in trial.last()


@pytest.mark.parametrize(("agent", "rendered"), [(coder.create(**MASKED), False), (pinned.create(**MASKED), True), (notes.create(**MASKED), True)], ids=["coder", "pinned", "notes"])
def test_what_is_said_again_has_its_prompt_on_record(tmp_path: Path, agent: Agent, rendered: bool) -> None:
    """A user message with words of the harness's may cost earlier reasoning, so the prompt with it last is kept; requests and results aren't."""
    trial = lived(tmp_path, agent, *LOOKS, take_down("I count.", "c3"), *COUNTS, END)
    assert any(isinstance(entry.event, PromptRendered) for entry in trial.trace) is rendered


def test_pinned_keeps_the_rules_and_not_the_facts(tmp_path: Path) -> None:
    """Rules of the request and of the file that was taken out stand last in the view, word for word; the port was no rule."""
    trial = lived(tmp_path, pinned.create(**MASKED), *LOOKS, *COUNTS, END)
    assert trial.losses(*ALL) == ["B1 port"]
    edit = next(k for k, view in enumerate(trial.views) if any("salt ZK-77" in each.text and each.role is Role.USER for each in view))
    pin = trial.views[edit][-1]
    assert pin.text.count("Every new function ends with `_op`.") == 1
    assert "- CONTRIBUTING.md: Never put the salt ZK-77 into a log." in pin.text
    assert "founded in 1901" not in trial.last()
    assert [part.origin for part in pin.parts] == [Origin.HARNESS, Origin.HARNESS, Origin.TOOL]


def test_pins_outlast_summaries_and_are_said_once(tmp_path: Path) -> None:
    """After several summaries there is one message of rules, with the file's among them though its result is long gone."""
    trial = lived(tmp_path, pinned.create(), *LOOKS, *COUNTS, *COUNTS, END)
    assert policies(trial).count("summarise") >= 3
    assert policies(trial).count("pin") == policies(trial).count("summarise")
    assert trial.last().count("ZK-77") == 1
    assert exactly_confessed(trial.trace)
    assert trial.losses(SUFFIX, SALT) == []


def test_notes_keep_what_was_noted(tmp_path: Path) -> None:
    """The port was noted and is shown again after the loss; the salt was not, and is lost."""
    trial = lived(tmp_path, notes.create(), *LOOKS, take_down(PORT.text, "c3"), *COUNTS, *COUNTS, END)
    assert policies(trial).count("summarise") >= 3
    assert trial.last().count("KQ7-ZD4X2") == 1
    assert trial.losses(*ALL) == ["B1 salt"]
    page = next(each for each in trial.views[-1] if each.text.endswith(PORT.text))
    assert [part.origin for part in page.parts] == [Origin.HARNESS, Origin.MODEL]
    assert exactly_confessed(trial.trace)


def test_the_same_work_under_coder_loses_both(tmp_path: Path) -> None:
    """The control of the two above: without pins and notes both are gone, and so the detector says."""
    trial = lived(tmp_path, coder.create(), *LOOKS, *COUNTS, *COUNTS, END)
    assert trial.losses(*ALL) == ["B1 port", "B1 salt"]


def test_a_note_without_room_is_declined_and_nothing_is_dropped(tmp_path: Path) -> None:
    """The call is answered in the harness's name and not run; all notes before it are shown again."""
    long = tuple(take_down(f"{k} {'n' * 900}", f"n{k}") for k in range(4))
    trial = lived(tmp_path, notes.create(), *long, *COUNTS[:5], END)
    ran = [entry.event.name for entry in trial.trace if isinstance(entry.event, ToolCalled)]
    assert ran.count("note") == 2
    refused = [part for view in trial.views for each in view for part in each.parts if "Not noted" in part.content.text]
    assert {(part.origin, part.content.ok) for part in refused if isinstance(part.content, ToolOutput)} == {(Origin.HARNESS, False)}
    page = next(each for each in trial.views[-1] if "your notes" in each.text)
    assert [part.content.text[:1] for part in page.parts[1:]] == ["0", "1"]
    assert exactly_confessed(trial.trace)


def said(trial: Lived) -> list[tuple[str, ...]]:
    """The views, each once, without what tools said: that holds the folder's name."""
    each = [tuple(f"{m.id} {'' if m.role is Role.TOOL else m.text}" for m in view) for view in trial.views if view]
    return list(dict.fromkeys(each))


@pytest.mark.parametrize("create", [masking.create, summarising.create, sliding.create, pinned.create, notes.create])
def test_a_conversation_goes_on_as_if_it_had_not_stopped(tmp_path: Path, create: Callable[[], Agent]) -> None:
    """What an agent dropped, pinned or noted is made again from the record alone: the views are those of an undisturbed trial."""
    tape = (*LOOKS, take_down(PORT.text, "c3"), take_down("n" * 900, "c4"), *COUNTS[:6], take_down("n" * 990, "c5"), take_down("m" * 990, "c6"), *COUNTS[:3], END)
    (tmp_path / "whole").mkdir()
    (tmp_path / "parts").mkdir()
    undisturbed = lived(tmp_path / "whole", create(), *tape)
    assert undisturbed.edits
    assert said(taken_up(tmp_path / "parts", create(), *tape, at=12)) == said(undisturbed)
