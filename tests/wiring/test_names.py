"""Names to parts: options are a signature, and a wrong word is answered with the nearest right one."""

from __future__ import annotations

from typing import Literal

import pytest

from harness.core.errors import PlanError
from harness.wiring.names import bound, creator


def made(
    *, memory: str = "4g", size: int = 1, share: float = 0.5, quick: bool = False, mode: Literal["plain", "careful"] = "plain"
) -> tuple[object, ...]:
    return memory, size, share, quick, mode


def test_command_line_words_become_the_annotated_kinds() -> None:
    """Everything on a command line is text; the signature says what it means."""
    options = {"memory": "8g", "size": "3", "share": "0.25", "quick": "yes", "mode": "careful"}
    assert bound(made, {}, options, "sandbox") == ("8g", 3, 0.25, True, "careful")


def test_given_parts_reach_only_who_asks() -> None:
    """Wiring offers more than a plugin wants; what it has no parameter for is kept from it."""
    assert bound(made, {"size": 7, "secret": "key"}, {}, "sandbox")[1] == 7


@pytest.mark.parametrize(
    ("options", "field", "expected"),
    [
        ({"memry": "1"}, "sandbox.memry", "nearest 'memory'"),
        ({"size": "three"}, "sandbox.size", "int"),
        ({"quick": "perhaps"}, "sandbox.quick", "bool"),
        ({"mode": "fast"}, "sandbox.mode", "plain or careful"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, str], field: str, expected: str) -> None:
    """Field, found and expected are told, with the nearest name."""
    with pytest.raises(PlanError) as told:
        bound(made, {}, options, "sandbox")
    assert told.value.complaint.field == field
    assert expected in told.value.complaint.expected


@pytest.mark.parametrize(("room", "name", "near"), [("agents", "codr", "coder"), ("models", "olama", "ollama"), ("sources", "harbr", "harbor")])
def test_an_unknown_name_gets_the_nearest(room: str, name: str, near: str) -> None:
    """A typing mistake is answered with what was probably meant."""
    with pytest.raises(PlanError) as told:
        creator(room, name, "use")
    assert near in told.value.complaint.expected


def test_a_dotted_name_means_itself() -> None:
    """Another distribution's module needs no registration."""
    assert creator("agents", "agents.idle", "agents.use").__module__ == "agents.idle"
