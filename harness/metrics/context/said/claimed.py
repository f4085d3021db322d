"""Which numbered points a claim calls done and which not done: numbers, lists, ranges, "all", "everything except 2.1", prose with denials."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from harness.core.agent import Claim


class Claimed(msgspec.Struct, frozen=True):
    """Points by what the claim says of them; a point in neither is not mentioned.

    `vague`: something is claimed or owned up to in words that name no point, so that what is not mentioned can't be told from it.
    """

    done: frozenset[str]
    undone: frozenset[str]
    vague: bool = False


class Group(msgspec.Struct, frozen=True):
    """A list of points that one statement is about: "1.1, 1.2 and 2.1 to 2.3". `start`, `end`: its place in the text."""

    points: frozenset[str]
    start: int
    end: int


NEAR = 80
"""Characters around a number that are looked at for what is said of it."""
LONGEST = 20_000
"""Characters of a list that are read: no list of points is longer."""
MOST_DIGITS = 12
NUMBER = r"\d+(?:\.\d+)*"
DASH = r"(?:-|–|—|\.{2,3}|…|~|～|\bto\b|\bthrough\b|\bthru\b|\buntil\b|\bbis\b|\bà\b|\ba\b|\bhasta\b|至|到|から)"
AND = r"(?:\s*(?:,|、|，|;|/|&|\+|\band\b|\bund\b|\bet\b|\by\b|\be\b|\bas well as\b|\bplus\b|和|及|と|\bи\b)\s*)+(?:(?:points?|items?|steps?|no\.|#)\s*)?"
POINT = re.compile(rf"(?<![\d.A-Za-z_])(?<![A-Za-z_]-)({NUMBER})(?:\s*{DASH}\s*({NUMBER}))?(?![A-Za-z_%]|\.?\d)", re.IGNORECASE)
BEFORE = re.compile(r"(?:\b(?:python|version|release|v|py|port|exit|code|status|lines?|http|utf|took|in|ran|all|of|the|these)|[=$€<>×x*/:_])\s*$", re.IGNORECASE)
"""Words before a whole number that make it another number than a point's."""
COUNTED = re.compile(
    r"\s*(?:(?:new|old|other|unit|visible|hidden|failing|passing|more|different|existing|of)\s+)*(?:tests?|files?|lines?|failed|passed|failures?|errors?|warnings?"
    r"|functions?|methods?|class(?:es)?|modules?|times|calls?|callers?|places?|occurrences?|commits?|cases?|turns?|seconds?|minutes?|ms|s|kb|mb|bytes?"
    r"|tokens?|points?|items?|of|imports?|usages?|references?|names?|packages?|arguments?|parameters?|skipped|deselected|xfailed)\b|\s*[%°]",
    re.IGNORECASE,
)
"""What follows a whole number that counts something."""
DENIED_AFTER = re.compile(
    r"^[\s:)\]\-–—(*_`.,]*(?:(?:is|are|was|were|has|have|had|does|do|did|could|can|would|been|be|still|remains?|currently|only|ist|sind|wurden?|est|sont)\s+)*"
    r"(?:not\b|never\b|n.t\b|(?:is|are|was|were|has|have|could|can|do|does|did)n.t\b|cannot\b|no\s+time|un(?:done|finished|met|resolved|started|implemented)\b"
    r"|incomplete\b|unfinished\b|todo\b|partial(?:ly)?\b|partly\b|nicht\b|offen\b|fehl\w*|未|没|✗|✘|❌|\[ \]"
    r"|(?:pending|open|missing|skipped|omitted|deferred|postponed|blocked|failed|failing|to do|half done|left|left out|left open|remains?|outstanding|abandoned)"
    r"(?=\s*(?:[.,;:)!(\n]|$|because|due|since|as\b|for\b|until|-|–|—)))",
    re.IGNORECASE,
)
DENIED_BEFORE = re.compile(
    r"(?:\b(?:not|never|n.t|cannot|without|unable to|failed to|skipped|omitted|missing|incomplete|unfinished|pending|deferred|remaining|open|still|todo|left)"
    r"(?:\s+(?:yet|to|do|done|complete[d]?|finish(?:ed)?|implement(?:ed)?|address(?:ed)?|met|started|for|is|are|out|points?|items?|numbers?|open))*"
    r"|\b(?:nicht|offen|fehlt|fehlen|pas|未完成|未|没有))[\s:(#*_`]*(?:points?|items?|numbers?|nos?\.?|Punkte?)?[\s:(#*_`]*$|(?:✗|✘|❌|\[ \])\s*$",
    re.IGNORECASE,
)
BUT = re.compile(
    r"\b(?:except(?:ing|ions?)?|but(?!\s+(?:also|now|not only))|besides|other than|apart from|aside from|excluding|save(?: for)?|bar|minus|without"
    r"|außer|ausser|bis auf|ausgenommen|sauf|excepté|hormis|excepto|salvo|menos|tranne|eccetto|кроме)\b|除了|除|以外|を除",
    re.IGNORECASE,
)
ALL = re.compile(
    r"\b(?:everything|all(?:\s+(?:of\s+(?:it|them)|of\s+the|the|these|those|my|numbered|requested|required|listed|above|remaining|other|\d+|two|three|four|five|six|seven"
    r"|eight|nine|ten))*(?:\s+(?:points?|items?|requirements?|requests?|requested|tasks?|steps?|of\s+\w+|done|completed?|finished|implemented|met|good|set"
    r"|is|are|were|have|has|work)\b|(?=\s*(?:[.,;:!)(\n]|$|except|but|apart|besides|other|save|excluding|and\b)))|each\s+(?:point|item|requirement)"
    r"|every\s+(?:\w+\s+)?(?:point|item|requirement|thing|task)|(?:both|the|entire|whole)\s+(?:points|items|request|whole request)|alles|alle\s+punkte"
    r"|tout|tous\s+les\s+points|todo(?!\s*:)s?(?:\s+los\s+puntos)?|tutto|tutti\s+i\s+punti|все|всё)(?!\w)|全部|所有|すべて|全て|모두",
    re.IGNORECASE,
)
OF_POINTS = re.compile(r"point|item|requirement|request|punkt|punto|done|finished|complete|met\b", re.IGNORECASE)
SAYS = re.compile(r"\s*(?:is|was|has been|else|requested|required|asked|done|finished|complete|works|in the request|[.!)]|$)", re.IGNORECASE)
REST = re.compile(
    r"\b(?:the\s+rest|everything\s+else|all\s+(?:the\s+)?(?:others?|other\s+\w+|remaining(?:\s+\w+)?|else)|(?:the\s+)?(?:remaining|other)\s+(?:\w+\s+)?(?:points?|items?|ones)|remainder"
    r"|der\s+rest|alles\s+andere|le\s+reste|el\s+resto|il\s+resto|остальн\w+)\b|其余|其他|残り",
    re.IGNORECASE,
)
NOTHING = re.compile(
    r"^[\s\-–—.*_`(\[\"']*(?:(?:none|nothing|n/?a|nil|no\s+(?:(?:open|remaining|outstanding|further|unfinished|other)\s+)?(?:points?|items?|work|issues?|thing)"
    r"|keine?s?|nichts|rien|aucune?|nada|ninguno|niente|nessuno|ничего|empty|null|no)(?![^\W\d])"
    r"(?:(?!\b(?:time|rest|because|due|could|but|except|besides|others?|else|zeit|temps|tiempo)\b)[^\d]){0,60}|无|没有|なし|없음|∅)?[\s\-–—.*_`)\]\"'!。]*$",
    re.IGNORECASE,
)
HEADING = re.compile(r"^\s*(?:(?P<mark>[#*_>]+)|[-•])?\s*(?P<words>[^\W\d][^:：\n*_]{0,40}?)\s*[*_]*(?P<end>[:：]|$)\s*[*_]*")
UNDONE_HEADING = re.compile(
    r"\b(?:not|n.t|incomplete|unfinished|remaining|pending|open|todo|to do|missing|outstanding|left|skipped|undone|nicht|offen|pas|sin|pendientes?|non)\b|未|没|残",
    re.IGNORECASE,
)
DONE_HEADING = re.compile(r"\b(?:done|completed?|finished|implemented|erledigt|fertig|fait|terminé|hecho|fatto|готово)\b|完成", re.IGNORECASE)


def claimed(claim: Claim, own: Sequence[str], known: Sequence[str]) -> Claimed:
    """What a claim says. `own`: the points of the request handed back, which "all" stands for; `known`: those and all earlier ones."""
    claim = Claim(_squeezed(claim.done), _squeezed(claim.not_done))
    said, denied = _read(claim.done, own, known)
    listed = frozenset() if NOTHING.match(claim.not_done) else _listed(claim.not_done, known)
    owned = not NOTHING.match(claim.not_done)
    if owned and not listed and _whole(claim.not_done, own):
        listed = frozenset(own) - said
    undone = denied | listed
    if REST.search(claim.done) and owned:
        said |= frozenset(own) - undone
    if owned and REST.search(claim.not_done):
        undone |= frozenset(own) - said
    silent = NOTHING.match(claim.done) is not None
    if not said and not denied and not silent:
        if owned and not listed:
            return Claimed(said, undone, vague=True)
        if not owned or len(own) == 1:  # Words without numbers over nothing left undone hand in the whole request.
            said = frozenset(own) - undone
    return Claimed(said - _heads(claim.not_done, known), undone, vague=owned and not undone)


def _squeezed(text: str) -> str:
    """Runs of one mark or of white space shortened: they say nothing, and what looks for words would try each of their places."""
    return re.sub(r"([^\w\s])\1{3,}", r"\1\1\1", re.sub(r"[^\S\n]+", " ", re.sub(r"\n\s*\n", "\n\n", text[:LONGEST])))


def _read(text: str, own: Sequence[str], known: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Points that words of what is done name as done, and those that they except or deny."""
    done: set[str] = set()
    undone: set[str] = set()
    for heading, block in _blocks(text):
        for sentence in _sentences(block):
            said, denied = _sentence(sentence, own, known)
            if heading is False:
                said, denied = set(), said | denied
            done |= said
            undone |= denied
    return frozenset(done - undone), frozenset(undone)


def _sentence(sentence: str, own: Sequence[str], known: Sequence[str]) -> tuple[set[str], set[str]]:
    groups = list(_groups(sentence, known))
    but, every = BUT.search(sentence), ALL.search(sentence)
    denied = {point for group in groups if _is_denied(sentence, group) for point in group.points}
    if every is not None and not _is_denied(sentence, Group(frozenset(), every.start(), every.end())):
        spared = {point for group in groups if but is not None and group.start >= but.end() for point in group.points}
        named = {point for group in groups for point in group.points} - spared - denied
        whole = not named or but is not None or bool(OF_POINTS.search(every[0]) or SAYS.match(sentence[every.end() : every.end() + NEAR]))
        return (set(own) | named if whole else named) - spared - denied, denied | spared
    if but is not None and groups:
        denied |= {point for group in groups if group.start >= but.end() and _spares(sentence, but) for point in group.points}
    return {point for group in groups for point in group.points} - denied, denied


def _spares(sentence: str, but: re.Match[str]) -> bool:
    """"1.1-1.4 except 1.2" spares it; "1.1 done, but 1.2 took longer" does not."""
    return but[0].lower() != "but" and bool(POINT.match(sentence[but.end() : but.end() + NEAR].lstrip(" :(")))


def _is_denied(sentence: str, group: Group) -> bool:
    after, before = sentence[group.end : group.end + NEAR], sentence[max(0, group.start - NEAR) : group.start]
    return bool(DENIED_AFTER.match(after) or DENIED_BEFORE.search(before))


def _listed(text: str, known: Sequence[str]) -> frozenset[str]:
    return frozenset(point for group in _groups(text, known) for point in group.points)


def _heads(text: str, known: Sequence[str]) -> frozenset[str]:
    """Points that an entry of what is not done begins with; those named in its reason may well be done."""
    if NOTHING.match(text):
        return frozenset()
    starts = [0, *(match.end() for match in re.finditer(r"[;\n；]|(?<=[.!])\s", text))]
    lead = re.compile(r"[\s\-–*•(\[#]*(?:(?:points?|items?|no\.?|punkte?)\s*)?", re.IGNORECASE)
    begins = {found.end() for start in starts if (found := lead.match(text, start)) is not None}
    return frozenset(point for group in _groups(text, known) if group.start in begins for point in group.points)


def _whole(text: str, own: Sequence[str]) -> bool:
    return len(own) == 1 or bool(ALL.search(text) or REST.search(text))


def _blocks(text: str) -> Iterator[tuple[bool | None, str]]:
    """Text under its headings: True under "Done:", False under "Not done:", None under no heading."""
    state: bool | None = None
    for line in text.splitlines():
        match = HEADING.match(line)
        told = None if match is None else _heading(match)
        state = state if told is None else told
        yield state, line if match is None or told is None else line[match.end() :]


def _heading(match: re.Match[str]) -> bool | None:
    """What a heading announces; None for a line that is none, such as "Everything is done"."""
    words = match["words"]
    if ALL.search(words) or not (match["end"] or match["mark"] or len(words.split()) <= 2):
        return None
    if UNDONE_HEADING.search(words):
        return False
    return True if DONE_HEADING.search(words) else None


def _sentences(block: str) -> Iterator[str]:
    return (part for part in re.split(r"[;；。]|(?<=[.!?)])\s+(?=\D)|,\s*(?=but\b)", block) if part.strip())


def _groups(text: str, known: Sequence[str]) -> Iterator[Group]:
    """Lists of points in the text, joined over commas and "and"."""
    group: Group | None = None
    for match in POINT.finditer(text):
        points = _points(match, text, known)
        if not points:
            continue
        if group is not None and re.fullmatch(AND, text[group.end : match.start()], re.IGNORECASE):
            group = Group(group.points | points, group.start, match.end())
            continue
        if group is not None:
            yield group
        group = Group(points, match.start(), match.end())
    if group is not None:
        yield group


def _points(match: re.Match[str], text: str, known: Sequence[str]) -> frozenset[str]:
    first, last = match[1], match[2]
    if "." not in first and (BEFORE.search(text[max(0, match.start() - NEAR) : match.start()]) or COUNTED.match(text[match.end() : match.end() + NEAR])):
        return frozenset()
    if last is None:
        return _named(first, known)
    if "." in first and "." not in last:
        last = f"{first.rpartition('.')[0]}.{last}"
    low, high = _order(first), _order(last)
    if len(low) < 2 <= max((len(_order(point)) for point in known), default=0):
        return frozenset(point for point in known if low <= _order(point)[: len(low)] <= high)
    return frozenset(point for point in known if low <= _order(point) <= high)


def _named(number: str, known: Sequence[str]) -> frozenset[str]:
    """The point itself, or all points below a number that is none itself ("3" for 3.1 and 3.2)."""
    if number in known:
        return frozenset({number})
    return frozenset(point for point in known if point.startswith(f"{number}."))


def _order(point: str) -> tuple[int, ...]:
    return tuple(int(part[:MOST_DIGITS]) if part.isdecimal() else 0 for part in point.split("."))
