"""A small machine of states: what may follow what, and who has come how far."""

from __future__ import annotations

from task_repos.staging.shapes.thing import Page, Thing

STATES = (
    ("planned", "booked", "active", "done", "void"), ("draft", "checked", "released", "closed", "void"),
    ("asked", "granted", "running", "ended", "refused"),
)  # fmt: skip


def page(thing: Thing) -> Page:
    first, second, third, last, off = STATES[thing.twist % 3]
    states = "\n".join(f'    {name.upper()} = "{name}"' for name in (first, second, third, last, off))
    kind = f"{thing.title}State"
    text = f'''class {kind}(Enum):
    """How far a {thing.noun} has come."""

{states}


FOLLOWS: dict[{kind}, frozenset[{kind}]] = {{
    {kind}.{first.upper()}: frozenset({{{kind}.{second.upper()}, {kind}.{off.upper()}}}),
    {kind}.{second.upper()}: frozenset({{{kind}.{third.upper()}, {kind}.{off.upper()}}}),
    {kind}.{third.upper()}: frozenset({{{kind}.{last.upper()}}}),
    {kind}.{last.upper()}: frozenset(),
    {kind}.{off.upper()}: frozenset(),
}}


{_flow(thing, kind, first)}'''
    errors = (f"{thing.package}.errors", ("FlowError",))
    return Page(
        f"Which state of a {thing.noun} may follow which.", (("enum", ("Enum",)), errors), text,
        (("pytest", ()), errors, (f"{thing.home}.policy", (f"{thing.title}Flow", kind))), _test(thing),
    )  # fmt: skip


def _test(thing: Thing) -> str:
    _, second, third, last, _ = STATES[thing.twist % 3]
    kind = f"{thing.title}State"
    return f"""def test_a_{thing.noun}_goes_its_way() -> None:
    flow = {thing.title}Flow("X1")
    for state in ({kind}.{second.upper()}, {kind}.{third.upper()}, {kind}.{last.upper()}):
        flow.advance(state)
    assert flow.over
    assert flow.next_states() == []


def test_a_{thing.noun}_skips_no_state() -> None:
    with pytest.raises(FlowError):
        {thing.title}Flow("X2").advance({kind}.{last.upper()})
"""


def _flow(thing: Thing, kind: str, first: str) -> str:
    return f'''class {thing.title}Flow:
    """The way of one {thing.noun} through its states, with every step kept."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.steps: list[{kind}] = [{kind}.{first.upper()}]

    @property
    def state(self) -> {kind}:
        """Where it is now."""
        return self.steps[-1]

    @property
    def over(self) -> bool:
        """Whether nothing can follow."""
        return not FOLLOWS[self.state]

    def advance(self, state: {kind}) -> None:
        """Go on to a state; raises FlowError where it may not follow."""
        if state not in FOLLOWS[self.state]:
            raise FlowError(f"{thing.noun} {{self.code}}: {{self.state.value}} to {{state.value}}")
        self.steps.append(state)

    def next_states(self) -> list[str]:
        """The names of what may follow, in the order of the alphabet."""
        return sorted(state.value for state in FOLLOWS[self.state])
'''
