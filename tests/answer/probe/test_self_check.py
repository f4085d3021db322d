"""Full goes first, and a model whose full differs from itself is asked nothing more: before its money is spent, and for good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from harness.answer.probe.constancy import Checked
from harness.cli.resume import over
from harness.cli.running.self_check import CHECKED, sentence, waves, withheld
from harness.store.sqlite import RunStore
from tests.answer.conftest import Command
from tests.answer.probe.laid_probe import DRIFTING, RUN, STEADY, TASKS, lay, roll

ONE, OTHER = "simulated/one", "simulated/other"
WHOLE = 4 * TASKS


def left(store: RunStore) -> list[str]:
    done = store.settled_shorts()
    return [short for short, _ in store.keys().items() if short not in done]


def told(store: RunStore, short_ids: tuple[str, ...]) -> dict[str, int]:
    """"MODEL ARM" -> how many."""
    words = [f"{store.keys()[short].model} {store.keys()[short].variant}" for short in short_ids]
    return {word: words.count(word) for word in dict.fromkeys(words)}


def after_full(store: RunStore) -> dict[str, int]:
    """What is begun once full is through."""
    return told(store, (*waves(store, left(store)),)[-1])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    made = lay(tmp_path, (ONE, OTHER))
    yield made
    made.close()


def test_full_goes_first_and_the_others_mixed(store: RunStore) -> None:
    """All re-rolls of full of all models, then, where it agrees with itself, re-roll by re-roll every other arm."""
    order = waves(store, left(store))
    assert told(store, next(order)) == {f"{ONE} full": WHOLE, f"{OTHER} full": WHOLE}
    roll(store, {ONE: STEADY, OTHER: STEADY})
    rest = next(order)
    assert told(store, rest) == {f"{model} {arm}": WHOLE for model in (ONE, OTHER) for arm in ("fresh", "remind")}
    assert {store.keys()[short].variant for short in rest[:4]} == {"fresh", "remind"}
    assert (list(order), withheld(store)) == ([], {})


def test_a_model_that_differs_from_itself_is_asked_nothing_more(store: RunStore) -> None:
    """The other one is; what is withheld has a sentence with model and reason."""
    order = waves(store, left(store))
    next(order)
    roll(store, {ONE: DRIFTING, OTHER: STEADY})
    assert told(store, next(order)) == {f"{OTHER} fresh": WHOLE, f"{OTHER} remind": WHOLE}
    held = withheld(store)
    assert told(store, tuple(held)) == {f"{ONE} fresh": WHOLE, f"{ONE} remind": WHOLE}
    assert sentence(held) == f"{2 * WHOLE} re-rolls not rolled: full differs from itself ({ONE} under coder)"


def test_who_is_not_through_is_not_decided(store: RunStore) -> None:
    """Re-rolls of full that are pending could decide otherwise: their model waits for the next time, and then it is decided over all of them."""
    roll(store, {ONE: ("violated", "honoured", "honoured", "pending"), OTHER: STEADY})
    assert after_full(store) == {f"{OTHER} fresh": WHOLE, f"{OTHER} remind": WHOLE}
    assert withheld(store) == {}
    roll(store, {ONE: ("pending", "pending", "pending", "violated")})
    assert after_full(store) == {f"{model} {arm}": WHOLE for model in (ONE, OTHER) for arm in ("fresh", "remind")}


def test_nothing_is_decided_twice(tmp_path: Path) -> None:
    """A resumption goes by what is on record, in either direction, and other arms that were rolled meanwhile change nothing."""
    store = lay(tmp_path, (ONE,))
    roll(store, {ONE: DRIFTING})
    list(waves(store, left(store)))
    store.close()
    again = RunStore(store.folder)
    assert len(withheld(again)) == 2 * WHOLE
    assert [len(wave) for wave in waves(again, left(again))] == [0, 0]
    again.keep(CHECKED, msgspec.json.encode((Checked(ONE, "coder"),)).decode())
    assert after_full(again) == {f"{ONE} fresh": WHOLE, f"{ONE} remind": WHOLE}
    again.close()
    steady = lay(tmp_path / "other", (ONE,))
    roll(steady, {ONE: STEADY})
    steady.keep(CHECKED, msgspec.json.encode((Checked(ONE, "coder", "as another version had it"),)).decode())
    assert after_full(steady) == {}
    steady.close()


def test_one_re_roll_can_not_be_held_against_itself(tmp_path: Path) -> None:
    """With -k 1 nothing is decided and everything is rolled, as the result says."""
    store = lay(tmp_path, (ONE,), rolls=1)
    roll(store, {ONE: ("violated",)})
    assert after_full(store) == {f"{ONE} fresh": TASKS, f"{ONE} remind": TASKS}
    store.close()


def test_a_run_that_is_no_probe_has_one_wave(store: RunStore) -> None:
    """Everything that is left, in its order."""
    store.keep("probe", "")
    assert list(waves(store, left(store))) == [tuple(left(store))]


@pytest.fixture
def void(home: Path) -> RunStore:
    """The record of a probe whose only model differed from itself, as an evening leaves it."""
    store = lay(home, (ONE,))
    roll(store, {ONE: DRIFTING})
    list(waves(store, left(store)))
    store.keep("finished", "2026-01-01T06:00:00+0000")
    return store


def test_a_void_side_is_told_wherever_somebody_looks(void: RunStore, longhaul: Command) -> None:
    """status, runs, --result as text and JSON: what was not rolled and why, and nobody is sent to resume."""
    for words in (("status", RUN), ("probe", RUN, "--result")):
        said = longhaul(*words)
        assert said.code == 0, said.err
        assert "not rolled" in said.out
        assert "full differs from itself" in said.out
        assert "longhaul resume" not in said.out
    state = longhaul("status", RUN, "--json").json
    assert "not rolled: full differs from itself" in state["note"]
    assert (state["counts"]["waiting"], state["counts"]["held"]) == (0, 2 * WHOLE)
    assert longhaul("runs", "--json").json["runs"][0]["state"] == "finished"
    body = longhaul("probe", RUN, "--result", "--json").json
    assert {each["why"] for each in body["not_done"]} == {"not rolled: full differs from itself (4 re-rolls)"}
    assert len(body["not_done"]) == 2 * TASKS
    assert body["sides"][0]["arms"]["fresh"] == {"failed": 0, "rolls": 0, "idle": 0, "lost": 0, "held": WHOLE, "unreadable": 0}
    assert body["trials"]["pending"] == 2 * WHOLE


def test_a_void_probe_is_not_gone_on_with(void: RunStore, longhaul: Command) -> None:
    """`resume` asks no model, rolls nothing, says why, and changes nothing."""
    assert over(void.folder)
    before = [repr(each) for each in void.progress().values()]
    said = longhaul("resume", RUN)
    assert said.code == 0, said.err
    assert f"nothing is left to do; {2 * WHOLE} re-rolls not rolled: full differs from itself" in said.out
    assert "longhaul resume" not in said.out
    assert [repr(each) for each in void.progress().values()] == before
