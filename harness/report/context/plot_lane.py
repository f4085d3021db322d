"""Plot 8: one trial's course as lanes over turns; every mark says what it is and leads to its turn in the trial's story."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.core.findings import Finding
from harness.report.context import lane as lanes
from harness.report.context.lane import Lane, Track
from harness.report.context.svg import drawing, element, line, path, quoted, text
from harness.report.summary import counted

NAMES, ROW, CURVE = 150, 20, 64
LEAST, MOST = 6.0, 18.0
"""Width of a turn."""
WIDTH = 860.0
LETTERS = 22


def lane_svg(told: Lane) -> str:
    """"" for a trial without a turn."""
    if not told.last:
        return ""
    wide = min(MOST, max(LEAST, WIDTH / told.last))
    rows = [*_window(told, wide), *_stages(told, wide)]
    y = CURVE + 2 * ROW
    for each in told.classes:
        rows += [_name(y, f"{each.letter} {each.words}"), *_findings(told, each.findings, y, wide)]
        y += ROW
    for track in told.tracks:
        rows += _track(told, track, y, wide)
        y += ROW
    return drawing("".join(rows), said(told), high=y + 6, wide=NAMES + wide * told.last + 8)


def said(told: Lane) -> str:
    """The drawing's text alternative."""
    found = ", ".join(f"{each.letter} {len(each.findings)}" for each in told.classes) or "nothing found"
    violated = sum(not chance.honoured for track in told.tracks for chance in track.chances)
    chances = sum(len(track.chances) for track in told.tracks)
    return f"{counted(told.last, 'turn')}, {counted(len(told.tracks), 'item')}: {violated} of {chances} opportunities violated; findings: {found}"


def _x(turn: int, wide: float) -> float:
    return round(NAMES + (turn - 0.5) * wide, 1)


def _name(y: float, words: str) -> str:
    short = words if len(words) <= LETTERS else f"{words[: LETTERS - 1]}…"
    return element("g", element("title", quoted(words)) + text(0, y, short, kind="name"))


def _linked(told: Lane, turn: int, words: str, shape: str) -> str:
    return element("a", element("title", quoted(words)) + shape, href=f"#{told.trial}/turn-{turn}", aria_label=words)


def _window(told: Lane, wide: float) -> Iterator[str]:
    """How full the window was, with what was cleared and cut."""
    yield _name(14, "window, % full") + line(NAMES, CURVE, NAMES + wide * told.last, CURVE, "tick") + line(NAMES, 8, NAMES + wide * told.last, 8, "tick")
    places = [(_x(pulse.turn, wide), round(CURVE - (CURVE - 8) * min(1.0, pulse.fill), 1)) for pulse in told.pulses if pulse.fill is not None]
    if len(places) > 1:
        yield path([(places[0][0], CURVE), *places, (places[-1][0], CURVE)], "l-fill", closed=True)
    for pulse in told.pulses:
        if pulse.edits:
            yield _linked(told, pulse.turn, f"turn {pulse.turn}: the agent cleared its view", line(_x(pulse.turn, wide), 8, _x(pulse.turn, wide), CURVE, "l-clear"))
    for cut in told.cuts:
        lost = f", {counted(cut.all, 'item')} lost" if cut.all else ""
        amount = f": {cut.tokens:,} tokens" if cut.tokens is not None else ""
        yield _linked(told, cut.turn, f"turn {cut.turn}: {cut.kind}{amount}{lost}", line(_x(cut.turn, wide), 4, _x(cut.turn, wide), CURVE + 4, "l-cut"))


def _stages(told: Lane, wide: float) -> Iterator[str]:
    """Where each request begins, and turns by number."""
    yield _name(CURVE + 16, "request")
    for turn, stage in told.stages:
        at = round(NAMES + (turn - 1) * wide, 1)
        yield line(at, 8, at, CURVE + 20, "l-stage") + text(at + 3, CURVE + 16, stage)


def _findings(told: Lane, found: Sequence[Finding], y: float, wide: float) -> Iterator[str]:
    """One mark a turn; where several fall together it says all of them."""
    by_turn: dict[int, list[Finding]] = {}
    for one in found:
        by_turn.setdefault(one.turn, []).append(one)
    for turn, ones in by_turn.items():
        kinds = {one.kind[1:] for one in ones}
        words = "+" if len(kinds) > 1 else next(iter(kinds))
        number = text(_x(turn, wide), y, words, anchor="middle", kind="l-number") if wide > 9 else ""
        mark = element("circle", cx=_x(turn, wide), cy=y - 4, r=min(7.5, wide / 2 + 1), class_="l-found")
        yield _linked(told, turn, "; ".join(map(_finding, ones)), mark + number)


def _finding(one: Finding) -> str:
    about = f", {one.item}" if one.item else ""
    return f"{one.kind} at turn {one.turn}{about}: {one.detail} ({_sight(one)}; {one.status}; entries {', '.join(map(str, one.evidence)) or 'none'})"


def _sight(one: Finding) -> str:
    if one.visible is None:
        return "view not told"
    back = f", {one.distance:,} tokens back" if one.distance is not None else ""
    since = f", as of turn {one.onset}" if one.onset != one.turn else ""
    return f"in view{back}{since}" if one.visible else f"not in view{back}{since}"


def _track(told: Lane, track: Track, y: float, wide: float) -> Iterator[str]:
    item = track.item
    yield _name(y, f"{item.id}{'' if item.validated else ' (not validated)'}: {item.text}" if item.text else item.id)
    if item.born is not None:
        end = told.last if item.ended is None else item.ended - 1
        yield line(_x(item.born, wide), y - 4, _x(max(end, item.born), wide), y - 4, "l-holds")
    for first, last in item.spans:
        yield line(_x(first, wide) - wide / 3, y - 4, _x(last, wide) + wide / 3, y - 4, "l-seen")
    for turn in dict.fromkeys(item.shows):
        yield _linked(told, turn, f"turn {turn}: {item.id} shown", element("circle", cx=_x(turn, wide), cy=y - 4, r=3.2, class_="l-shown"))
    for chance in track.chances:
        back = f"{chance.distance:,} tokens and {chance.apart} turns back" if chance.distance is not None else "not in view"
        since = f", as of turn {chance.begun}" if chance.begun is not None else ""
        words = f"turn {chance.turn}: {item.id} {lanes.outcome(chance)} ({chance.subject}), {back}{since}"
        yield _linked(told, chance.turn, words, _mark(track.words[chance.turn - 1] if chance.honoured else lanes.LOST, _x(chance.turn, wide), y - 4))


def _mark(word: str, x: float, y: float) -> str:
    """By shape as well as by colour."""
    if word == lanes.LOST:
        return path([(x - 4, y - 4), (x + 4, y + 4)], "l-lost") + path([(x - 4, y + 4), (x + 4, y - 4)], "l-lost")
    if word == lanes.SLIPPED:
        return path([(x, y - 5), (x + 5, y + 4), (x - 5, y + 4)], "l-slipped", closed=True)
    return path([(x - 4, y), (x - 1, y + 4), (x + 5, y - 5)], "l-kept")
