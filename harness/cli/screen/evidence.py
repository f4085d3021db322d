"""The sentences behind a verdict as `show` prints them: what broke first, then what was not reached, and how many are not shown."""

from __future__ import annotations

from harness.core.task import Check, RewardScript

SHOWN = 10


def told(evidence: tuple[str, ...], check: Check, *, raw: bool) -> list[str]:
    """Sentences about the whole, PASS_TO_PASS tests, FAIL_TO_PASS tests, in this order; `raw` shortens nothing. Pure."""
    kinds = dict.fromkeys(check.pass_to_pass, "PASS_TO_PASS") if not isinstance(check, RewardScript) else {}
    kinds |= dict.fromkeys(check.fail_to_pass, "FAIL_TO_PASS") if not isinstance(check, RewardScript) else {}
    order = {"": 0, "PASS_TO_PASS": 1, "FAIL_TO_PASS": 2}
    marked = sorted(((kinds.get(one.rpartition(": ")[0], ""), one) for one in evidence), key=lambda pair: order[pair[0]])
    lines = [f"{kind} {one}".strip() for kind, one in marked]
    hidden = 0 if raw else len(lines) - SHOWN
    return [*lines[:SHOWN], f"... {hidden} more (--raw shows all)"] if hidden > 0 else lines
