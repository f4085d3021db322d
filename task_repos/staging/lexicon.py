"""Words to make repositories of: domains with their nouns and fields, and syllables for what nobody can guess."""

from __future__ import annotations

import msgspec

from task_repos.staging.draw import Draw


class Domain(msgspec.Struct, frozen=True):
    """`package`: importable; `trade`: what it is about, in a sentence; `nouns`: what it keeps records of; `texts`, `numbers`: fields of theirs."""

    package: str
    trade: str
    nouns: tuple[str, ...]
    texts: tuple[str, ...]
    numbers: tuple[str, ...]


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


DOMAINS = (
    Domain(
        "quayside", "the berths, pilots and cargo of a small harbour",
        words("berth vessel pilot crane pallet tug buoy manifest voyage agent permit tide warehouse container hatch mooring lighter dredger customs barge forklift beacon"),
        words("name home flag owner contact remark grade zone"), words("length draught weight hours fee year"),
    ),
    Domain(
        "orchardry", "the trees, pickers and crates of a fruit farm",
        words("tree picker crate orchard hive sprayer ladder variety harvest cellar press invoice tractor rootstock graft fence shift market label scale bottle trellis"),
        words("name field strain keeper origin remark grade quarter"), words("height yield_kg rows hours price year"),
    ),
    Domain(
        "lendhall", "the books, readers and loans of a town library",
        words("book reader loan shelf branch copy hold fine author series donor card van binder reading room atlas journal cabinet notice keyring stamp"),
        words("title place section clerk language remark grade floor"), words("pages copies days fee visits year"),
    ),
    Domain(
        "wardline", "the wards, beds and rotas of a cottage hospital",
        words("ward bed rota nurse porter meal chart pharmacy linen visit theatre trolley alarm sample clinic referral monitor stretcher badge locker kitchen ambulance"),
        words("name wing lead contact diet remark grade floor"), words("capacity hours doses stay fee year"),
    ),
    Domain(
        "tramworks", "the lines, depots and drivers of a tramway",
        words("line depot driver car stop switch timetable ticket zone rail pantograph garage inspector signal delay axle brake shelter platform tunnel substation siren"),
        words("name terminus keeper model colour remark grade area"), words("length seats minutes fare mileage year"),
    ),
)

ONSETS = words("b br d dr f fl g gl h j k kr l m n p pl qu r s sk st t tr v vr w z")
VOWELS = words("a e i o u au ei oa")
CODAS = words("b ck d ft g l lm m n nd p rk rt sk st t x z")
VERBS = words("collect fold gather settle align condense derive extract figure frame group index judge lay map note order pack quote rank sift tally unify weave compose trim outline resolve shape sort")
THINGS = words("marks slips runs tags notes sums legs stems rounds pairs codes lots grids waves turns seals folds bands keys spans cells loops knots plots")


def nonce(draw: Draw) -> str:
    """Two or three syllables, five letters at the least: a word that no text holds."""
    word = ""
    while len(word) < 6:
        word += draw.pick(ONSETS) + draw.pick(VOWELS) + draw.pick(CODAS)
    return word


def code(draw: Draw) -> str:
    """A value such as KROLMIST-4821: at the least ten symbols, drawn from some 10**10."""
    return f"{nonce(draw).upper()}-{draw.between(1000, 9999)}"


USED = frozenset({"sort_keys"})
"""What the package's own code calls something by that no stage may rename: an argument of `json.dumps`."""


def pairs(draw: Draw, count: int, taken: frozenset[str] = USED) -> list[tuple[str, str]]:
    """So many different (verb, thing), none of them in `taken` as verb_thing."""
    every = [(verb, thing) for verb in VERBS for thing in THINGS if f"{verb}_{thing}" not in taken]
    return draw.sample(every, count)
