"""Figures and hostile words as a page writes them: what can't be seen is written out, what was not told is a dash."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import msgspec

from harness.core.facts import PLAYED
from harness.metrics.environment import Machine
from harness.metrics.statistics.intervals import Interval
from harness.report.cells import Cell
from harness.report.summary import ASKS_NONE
from harness.report.surroundings import MachineRecord, ModelRecord

NONE = "–"
LONGEST = 400
"""Characters of a name or sentence in the overview; a name that is longer is meant to be in the way."""

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufdd0-\ufdef\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
"""Control, direction, format, private and lone-surrogate characters; the page's script knows the same by their Unicode classes."""


def visible(text: object) -> str:
    """The text with unseen characters written out, and its middle left out where it is longer than any honest one."""
    words = str(text)
    if len(words) > LONGEST:
        words = f"{words[: LONGEST // 2]} … {words[-LONGEST // 4 :]}"
    return written(words)


def written(text: str) -> str:
    """All of the text, with unseen characters written out."""
    return _UNSEEN.sub(lambda found: _written(ord(found.group())), text)


def _written(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def num(figure: float | None) -> str:
    return NONE if figure is None else f"{figure:,.0f}"


def pct(share: float | None) -> str:
    return NONE if share is None else f"{100 * share:.0f} %"


def bounds(interval: Interval | None) -> str:
    return NONE if interval is None else f"{100 * interval.low:.0f} to {100 * interval.high:.0f} %"


def cases(cell: Cell) -> str:
    """Worst to best case."""
    return NONE if cell.worst is None or cell.best is None else f"{100 * cell.worst:.0f} to {100 * cell.best:.0f} %"


def mean(figure: float | None) -> str:
    """One decimal for small figures, none for large ones."""
    return NONE if figure is None else f"{figure:,.1f}".removesuffix(".0") if abs(figure) < 100 else f"{figure:,.0f}"


def brief(figure: float | None) -> str:
    """1,234 as it is, then 12.3k, 4.5M."""
    if figure is None:
        return NONE
    for bound, word in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(figure) >= bound:
            size = figure / (1e3 if word == "k" else bound)
            return f"{size:,.1f}".removesuffix(".0") + word if size < 100 else f"{size:,.0f}{word}"
    return f"{figure:,.0f}"


def clock(seconds: float | None) -> str:
    """3 ms, 0.12 s, 4.3 s, 2 min 05 s, 3 h 07 min."""
    if seconds is None:
        return NONE
    if 0 < seconds < 0.01:
        return f"{1000 * seconds:.0f} ms" if seconds >= 0.0005 else "<1 ms"
    if seconds < 60:
        return f"{seconds:.2f} s" if 0 < seconds < 1 else f"{seconds:.1f} s" if seconds else "0 s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60:02d} min"


def usd(money: float | None) -> str:
    return NONE if money is None else f"${money:,.2f}" if money >= 0.1 or not money else f"${money:.4f}"


def moment(iso: str) -> str:
    """An ISO time without its seconds, with its zone where it has one; anything else as it is."""
    found = re.match(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d)?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?", iso)
    return visible(iso) if not found else f"{found[1]} {found[2]}{_zone(found[3] or '')}"


def _zone(offset: str) -> str:
    if not offset:
        return ""
    digits = offset.replace(":", "")
    return " UTC" if digits in ("Z", "+0000", "-0000") else f" UTC{digits[:3]}:{digits[3:]}"


def short(digest: str) -> str:
    return visible(digest.removeprefix("sha256:")[:12]) or NONE


def digested(words: str) -> str:
    """A digest in a sentence, cut to what tells it from others."""
    return re.sub(r"(sha256:)?([0-9a-f]{12})[0-9a-f]{20,}", r"\2", words)


def whom(cell: Cell) -> str:
    """Agent and model, or the agent alone where it asks none."""
    return cell.agent if cell.model == ASKS_NONE else f"{cell.agent} × {cell.model}"


def of_trials(trials: int) -> str:
    return f" ({trials:,} trial{'' if trials == 1 else 's'})"


def model_facts(told: ModelRecord, redacted: bool) -> str:
    """What the server said of a model, in one line."""
    facts, window = told.facts, told.window
    sizes = (("asked", window.asked), ("granted", window.granted), ("trained", window.trained), ("on the GPU", window.resident))
    script = facts.kind in PLAYED
    where = [] if script else [facts.server and f"at {facts.server}", _sampling(told), facts.digest and f"digest {short(facts.digest)}"]
    words = [
        "a script, no model" if script else " ".join(word for word in (facts.family, facts.parameters, facts.quantisation) if word),
        "window " + ", ".join(f"{size:,} {name}" for name, size in sizes if size is not None) if any(size is not None for _, size in sizes) else "",
        f"thinking {told.thinking}" if told.thinking else "",
        f"{100 * facts.on_gpu:.0f} % on the GPU" if facts.on_gpu is not None else "",
        "" if script else f"output up to {facts.max_output:,}",
        *([] if redacted else [f"server {facts.server_version}" if facts.server_version else "", *where]),
        f"prices of {facts.price.date}" if facts.price else "",
    ]
    return " · ".join(word for word in words if word) + of_trials(told.trials)


def _sampling(told: ModelRecord) -> str:
    values = msgspec.to_builtins(told.facts.sampling)
    sent = [f"{name} {value}" for name, value in values.items() if value is not None and name not in ("origin", "seed")]
    return f"sampling {', '.join(sent) or 'as the server has it'} ({told.facts.sampling.origin})"


def machine_lines(told: Sequence[MachineRecord], redacted: bool) -> list[str]:
    """Containers that are alike in what is said of them, once."""
    found: Counter[str] = Counter()
    for record in told:
        found[_machine(record.machine, redacted)] += record.trials
    return [words + of_trials(trials) for words, trials in found.items()]


def _machine(machine: Machine, redacted: bool) -> str:
    words = [
        f"{machine.cpus:g} CPUs", f"{machine.memory / 2**20:,.0f} MiB", f"{machine.pids:,} processes", f"{machine.confinement} confinement",
        *([] if redacted else [f"engine {machine.engine}" if machine.engine else "", machine.shell]),
    ]
    return " · ".join(word for word in words if word)


def limits(text: str) -> str:
    """Limits as the record has them, without those that bind nothing."""
    try:
        found = msgspec.json.decode(text, type=dict[str, float | bool | None])
    except msgspec.MsgspecError:
        return visible(text)
    told = [f"{name.replace('_', ' ')} {value:g}" for name, value in found.items() if value is not None and not isinstance(value, bool)]
    return visible(" · ".join(told))


def indented(text: str) -> str:
    """JSON text laid out to be read; anything else as it is."""
    try:
        return msgspec.json.format(text, indent=2)
    except msgspec.MsgspecError:
        return text


_FORMS: Mapping[str, Callable[[float | None], str]] = {"mean": mean, "brief": brief, "clock": clock}


def format_as(figure: float, form: str) -> str:
    """The figure in one of the forms by name."""
    return _FORMS[form](figure)


def counted(pairs: Sequence[tuple[str, int]]) -> dict[str, int]:
    return dict(pairs)


FILTERS: dict[str, Callable[..., object]] = {
    each.__name__: each
    for each in (
        visible, num, pct, bounds, cases, mean, brief, clock, usd, moment, short, digested, whom, of_trials, model_facts, machine_lines, limits,
        written,
        indented, format_as, counted,
    )
}
"""By the names that the templates call them."""
