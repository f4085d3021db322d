"""The pure decisions about room hold for every view."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.window import droppable, fit, is_result, oldest, stand_in, total
from harness.core.chat import Message, Origin, Part, Role, Text, ToolCall, ToolOutput, message

sizes = st.integers(0, 3000)


@st.composite
def views(draw):
    """System, request, then replies with calls and results, nudges and further requests."""
    made = [message("a1", Role.SYSTEM, Origin.HARNESS, Text("s" * draw(sizes)))]
    made.append(message("m1", Role.USER, Origin.TASK, Text("r" * draw(sizes))))
    for k in range(draw(st.integers(0, 8))):
        calls = [ToolCall(f"c{k}.{n}", "shell", "{}") for n in range(draw(st.integers(0, 3)))]
        parts = [Part(f"r{k}.1", Origin.MODEL, Text("t" * draw(sizes)))]
        parts += [Part(f"r{k}.{n + 2}", Origin.MODEL, call) for n, call in enumerate(calls)]
        made.append(Message(f"r{k}", Role.ASSISTANT, tuple(parts)))
        for call in calls:
            output = ToolOutput(call.id, call.name, "o" * draw(sizes), ok=draw(st.booleans()))
            made.append(message(f"t{call.id}", Role.TOOL, Origin.TOOL, output))
        if draw(st.integers(0, 4)) == 0:
            made.append(message(f"u{k}", Role.USER, draw(st.sampled_from([Origin.HARNESS, Origin.USER])), Text("more")))
    return tuple(made)


def kept(view):
    return frozenset(m.id for m in view if m.role is Role.SYSTEM or m.parts[0].origin in {Origin.TASK, Origin.USER})


def cleared(view, found):
    return tuple(stand_in(m, f"n{m.id}") if m.id in found.clear else m for m in view)


def pairs(view):
    calls = [call.id for m in view for call in m.calls]
    return calls, [p.content.call_id for m in view for p in m.parts if isinstance(p.content, ToolOutput)]


@given(views(), st.integers(0, 4000), st.integers(0, 5))
def test_fit_clears_old_results_only(view, budget, recent):
    """Never the system text, a request, a reply, or one of the newest results; and oldest first."""
    found = fit(view, keep=kept(view), budget=budget, recent=recent)
    results = [m.id for m in view if is_result(m)]
    assert set(found.clear) <= set(results[: max(0, len(results) - recent)])
    assert list(found.clear) == [ident for ident in results if ident in found.clear]
    assert not set(found.clear) & kept(view)


@given(views(), st.integers(0, 4000), st.integers(0, 5))
def test_fit_keeps_its_word(view, budget, recent):
    """The size told is the size had; it fits, or everything that may be cleared is; nothing is cleared where it fitted already."""
    found = fit(view, keep=kept(view), budget=budget, recent=recent)
    after = cleared(view, found)
    assert total(after) == found.tokens <= total(view)
    assert found.fits == (found.tokens <= budget)
    assert found.fits or not fit(after, keep=kept(view), budget=budget, recent=recent).clear
    assert not found.clear or total(view) > budget


@given(views(), st.integers(0, 4000))
def test_clearing_keeps_pairs(view, budget):
    """Call and result stay paired, in order, under the same names."""
    assert pairs(cleared(view, fit(view, keep=kept(view), budget=budget, recent=0))) == pairs(view)


@given(views(), st.integers(0, 4000))
def test_dropping_takes_whole_exchanges(view, tokens):
    """What is dropped is oldest first and whole: no result without its call, nothing that must stay."""
    gone = oldest(view, keep=kept(view), tokens=tokens)
    left = tuple(m for m in view if m.id not in gone)
    asked, answered = pairs(left)
    assert asked == answered
    assert not gone & kept(view)
    groups = [frozenset(m.id for m in group) for group in droppable(view, keep=kept(view))]
    assert gone == frozenset().union(*groups[: sum(group <= gone for group in groups)])
