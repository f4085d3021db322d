"""The labelled corpus: scripted workers with one planted fault each, look-alikes that must stay silent, and what detectors make of both.

How a run comes about: a *base* (bases/: a worker who forgets nothing, over a small repository, of a seed) is given to a *family* (families/),
which plants one fault in its script and says what the truth is; the case is *played* (playing.py) through the engine's real path, so that its
trace is as real as any; *proving* (proving.py) checks on the record, without any detector, that what was planted is there; *matching*
(matching.py) holds the findings against the truths, and *scorecard* (scorecard.py) counts.

A family is a module in families/ with

    KINDS: tuple[str, ...]     the kinds that it plants ("C1"), or for look-alikes a word for each; () is one kind named after the module
    SORT: "fault" | "mix" | "alike" | "clean"
    BASES: tuple[str, ...]     which bases it can work on: "desk", "brief", "short" (bases/desk.py), "staged" (generated tasks)
    def plant(kind: str, base: Base, dice: Random) -> Case

It is found by being there. `plant` is pure: it changes the base's script with the hands of placing.py, draws only from `dice`, and raises
Unfit where the base has no legal place (another base is drawn then). Name, sort and seed of the case are filled in by deck.py. A turn that
misses on purpose has the mark "stale" or "missed"; any other edit that does not find its passage makes the case unfit. Each Truth names turns by
Say.name and brings proofs. A kind that truly goes along with a planted one is listed in companions.py with a reason, or in Case.allowed
for what only this family brings along. Families never import detectors, and are written from what the design says of a kind: half of
them by somebody who has not read the detectors.
"""
