"""The order in which trials are given out: exactly once, balanced wherever a run stops, few loads, nobody starves."""

from __future__ import annotations

from collections import Counter
from itertools import groupby, permutations, product

from hypothesis import given
from hypothesis import strategies as st

from harness.core.trial import TrialKey
from harness.engine.lineup import HANDFUL, Lineup, Place, lined_up

LANES = {"ollama/a": "one", "ollama/b": "one", "ollama/c": "one", "openai/d": "two", "openai/e": "two"}
MODELS = [*LANES, "claude/x", "claude/y", "none"]
chosen_models = st.lists(st.sampled_from(MODELS), min_size=1, max_size=6, unique=True)


def planned(attempts: int, tasks: int, models: list[str]) -> dict[str, TrialKey]:
    """As a plan numbers them: attempt, task, model."""
    every = product(range(1, attempts + 1), range(tasks), models)
    return {f"t{number:04}": TrialKey("r", f"task{task}", "coder", model, "", attempt) for number, (attempt, task, model) in enumerate(every, 1)}


@given(st.integers(1, 3), st.integers(1, 11), chosen_models, st.integers(1, 5))
def test_every_prefix_is_balanced(attempts: int, tasks: int, models: list[str], handful: int) -> None:
    """Wherever a run stops, no model has more than a block's tasks more trials than another, and no task is an attempt and a bit ahead."""
    keys = planned(attempts, tasks, models)
    order = [keys[place.short] for place in lined_up(keys, LANES, handful)]
    assert Counter(order) == Counter(keys.values())
    by_model, by_task = Counter(dict.fromkeys(models, 0)), Counter({f"task{number}": 0 for number in range(tasks)})
    for key in order:
        by_model[key.model] += 1
        by_task[key.task] += 1
        assert max(by_model.values()) - min(by_model.values()) <= handful
        assert max(by_task.values()) - min(by_task.values()) <= len(models)


@given(st.lists(st.sets(st.sampled_from(["ollama/a", "ollama/b", "ollama/c"]), min_size=1), min_size=1, max_size=5))
def test_a_lane_changes_its_model_as_rarely_as_its_blocks_allow(blocks: list[set[str]]) -> None:
    """No order that keeps each block's models together changes the model less often; also where a resumed run has ragged blocks."""
    keys = {f"t{n:02}{model}": TrialKey("r", "task", "coder", model, "", n) for n, models in enumerate(blocks) for model in sorted(models)}
    order = [place.model for place in lined_up(keys, LANES)]
    loaded = "ollama/c"
    ways = product(*(permutations(models) for models in blocks))
    fewest = min(changes([loaded, *(model for models in way for model in models)]) for way in ways)
    assert changes([loaded, *order]) == fewest


def changes(models: list[str]) -> int:
    return len(list(groupby(models))) - 1


def test_two_models_of_a_server_turn_round_from_block_to_block() -> None:
    """B A | A B, where B was asked last what it is: one load less for each block, and none for the first."""
    keys = planned(2, HANDFUL, ["ollama/a", "ollama/b"])
    order = [place.model for place in lined_up(keys, dict.fromkeys(("ollama/a", "ollama/b"), "one"))]
    assert [(model, len(list(run))) for model, run in groupby(order)] == [("ollama/b", 4), ("ollama/a", 8), ("ollama/b", 4)]


def test_short_ids_stay_in_plan_order_where_nothing_is_to_be_gained() -> None:
    """Without local models the plan's own order is kept, task by task."""
    keys = planned(2, 3, ["claude/x", "none"])
    assert [place.short for place in lined_up(keys, {})] == list(keys)


def test_a_hosted_model_stands_beside_the_local_one() -> None:
    """With two at a time the local server and the hosted model both have something to do."""
    order = [place.model for place in lined_up(planned(1, 2, ["ollama/a", "claude/x"]), LANES)]
    assert order == ["ollama/a", "claude/x"] * 2


places = st.lists(st.tuples(st.sampled_from(sorted(MODELS))), max_size=30).map(
    lambda rows: [Place(f"t{number}", model, LANES.get(model, "")) for number, (model,) in enumerate(rows)]
)


@given(places, st.integers(1, 6), st.data())
def test_everyone_is_leased_once_in_turn_and_no_server_serves_two_models(line: list[Place], size: int, data: st.DataObject) -> None:
    """Whatever ends when, and whatever comes back: each trial runs, in one lane nobody overtakes, and whoever could go does."""
    lineup, running, left, back = Lineup(line), list[Place](), Counter[str](), set[str]()
    named, lanes = {place.short: place for place in line}, dict[str, list[str]]()
    while len(lineup) or running:
        while len(running) < size and (short := lineup.lease()) is not None:
            place = named[short]
            running.append(place)
            lanes.setdefault(place.lane, []).append(short)
            assert len({other.model for other in running if other.lane == place.lane}) == 1 or not place.lane
        assert running, "somebody waits and nobody runs"
        over = running.pop(data.draw(st.integers(0, len(running) - 1)))
        if over.short not in back and data.draw(st.booleans()):
            back.add(over.short)
            lineup.again(over.short)
            continue
        lineup.done(over.short)
        left[over.short] += 1
    assert left == Counter(place.short for place in line)
    for lane, order in lanes.items():
        first = list(dict.fromkeys(order))
        assert first == [place.short for place in line if place.lane == lane]


def test_who_has_no_lane_goes_ahead_while_a_server_changes_its_model() -> None:
    """A hosted trial overtakes one that waits for a server; one of the same server does not."""
    lineup = Lineup([Place("t1", "a", "one"), Place("t2", "b", "one"), Place("t3", "a", "one"), Place("t4", "claude"), Place("t5", "z", "two")])
    assert [lineup.lease() for _ in range(4)] == ["t1", "t4", "t5", None]
    lineup.done("t1")
    assert [lineup.lease(), lineup.lease()] == ["t2", None]
    lineup.again("t2")
    assert lineup.lease() == "t2"


def test_a_larger_window_is_loaded_as_a_model_of_its_own() -> None:
    """Else a server would load it anew between two questions; the other arms of a probe have one and the same."""
    keys = {f"t{n:04}": TrialKey("run", "task", "coder", "ollama/m", arm, n) for n, arm in enumerate(("full", "wide", "fresh", "wide"), 1)}
    places = lined_up(keys, {"ollama/m": "ollama here"})
    assert {place.short: place.model for place in places} == {"t0001": "ollama/m", "t0002": "ollama/m wide", "t0003": "ollama/m", "t0004": "ollama/m wide"}
