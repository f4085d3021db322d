"""A proof holds for what it was made of: the task, its image, those who judge, and what a user's own words made of them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from harness.cli.preparing.permits import as_allowed
from harness.cli.preparing.proving import under
from harness.cli.rejudge import _as_proved
from harness.core.task import Brief, ImageTag, Place, Provenance, TaskSpec, TestIds
from harness.core.validation import Validation
from harness.plan import Allowed, Grading, Plan
from harness.store.proofs import Proofs

CHECK = TestIds("pytest", "junit", ("t::new",), ("t::old", "t::flaky"))
TASK = TaskSpec("t", "sha256:t", Brief(()), Place(ImageTag("i"), network_asked=False), CHECK, Provenance("x"))


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (Plan(("x",)), ""), (Plan(("x",), allow=Allowed(harbor=True)), "network=public"), (Plan(("x",), grading=Grading(5)), "grading.timeout_s=5"),
        (Plan(("x",), sandbox={"use": "host", "memory": "1g"}), "sandbox.memory=1g sandbox.use=host"), (Plan(("x",), steps="fresh"), ""),
    ],
)  # fmt: skip
def test_a_proof_made_under_other_words_is_none(plan: Plan, words: str, tmp_path: Path) -> None:
    """An oracle that had a network, more time or another sandbox shows nothing of a run without them."""
    (task,) = as_allowed((TASK,), plan.allow)
    assert under(task, plan) == words
    proof = Validation("t", "sha256:t", True, "", (1, 1), "failed", image="sha256:i", harness="h", under=words)
    Proofs(tmp_path).keep(proof)
    assert Proofs(tmp_path).find("sha256:t", "sha256:i", "h", words) == proof
    assert Proofs(tmp_path).find("sha256:t", "sha256:i", "h", f"{words} more") is None


def test_a_corrected_task_is_judged_without_the_ids_that_were_flaky() -> None:
    """Else every trial would lose by tests that nobody corrected."""
    left = msgspec.structs.replace(CHECK, pass_to_pass=("t::old",), quarantined=("t::flaky",))
    ran = msgspec.structs.replace(TASK, check=left, doubts=("1 flaky test left out",))
    found = _as_proved(TASK, ran)
    assert (found.check, found.doubts) == (left, ran.doubts)
