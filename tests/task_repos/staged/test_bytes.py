"""One seed gives the same bytes, whatever Python, machine and hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from task_repos.staging.draw import Draw
from task_repos.staging.generating import digest
from tests.task_repos.staged.ground import FAMILIES, made

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = {
    "T0/S": "74c29e0f73dd19bdba34a2a56bad1b124d03cdec1c1b3b95cd57cd1877023934",
    "T1/S": "c9a7b93cf4c7757da080af576f5f14631fac5071c67f509b7ff3669b79603b17",
    "T1/L": "6ba5ebf9e18af6e4a1bd07377b3aaf74ea9d415aea5bc4ec973d497b79e32a38",
    "T3/S": "939287fcd46406765207a0bcbe150972f85e30347bbcadfd2c63218dfc6b0f9d",
    "T5/S": "971ed25cc45e2eda4f891f6bb458411dddcec4ed708fab0b394b36afa46efe17",
    "T6/S": "10f2259345a2f45972c29903ae19a53acc499646a9672654a7191a66faa6a8c4",
}
"""Digest of a task of each family at seed 7. A change here changes every task of every seed: raise dials.VERSION with it."""
PROGRAM = """
import sys
from task_repos.staging.generating import digest, generate
for word in sys.argv[1:]:
    family, tier = word.split("/")
    print(word, digest(generate(tier, 7, family).folders[0]))
"""


@pytest.mark.parametrize("word", GOLDEN)
def test_the_golden_digests_hold(word: str) -> None:
    """Repository, requests, hidden checks, solution and manifest are byte for byte what they were."""
    family, tier = word.split("/")
    assert digest(made(family, 7, tier).folders[0]) == GOLDEN[word]


@pytest.mark.parametrize("hashed", ["0", "1", "4242"])
def test_hash_seeds_change_nothing(hashed: str) -> None:
    """Another PYTHONHASHSEED, another process: the same bytes."""
    env = {**os.environ, "PYTHONHASHSEED": hashed, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", PROGRAM, *GOLDEN], env=env, capture_output=True, text=True, check=True)
    assert dict(line.split() for line in ran.stdout.splitlines()) == GOLDEN


def test_every_seed_is_another_task() -> None:
    """Neighbouring seeds share neither repository nor words."""
    folders = [made("T1", seed).folders[0] for seed in range(6)]
    assert len({digest(folder) for folder in folders}) == 6
    assert len({folder.requests[0][1] for folder in folders}) == 6


def test_families_are_all_golden() -> None:
    """No family of these is without its golden digest."""
    assert {word.split("/")[0] for word in GOLDEN} == set(FAMILIES)


def test_chance_is_fair_and_known() -> None:
    """The stream is SHA-256's, each number as likely; a child's choices don't depend on its parent's."""
    draw = Draw("known")
    assert [draw.below(1000) for _ in range(4)] == [512, 941, 763, 673]
    counts = [0] * 6
    for _ in range(6000):
        counts[draw.below(6)] += 1
    assert all(850 < count < 1150 for count in counts)
    assert Draw("a").child("b").below(10**9) == Draw("a/b").below(10**9)
    assert sorted(Draw("s").shuffled(range(9))) == list(range(9))
    with pytest.raises(ValueError, match="bound"):
        draw.below(0)
    with pytest.raises(ValueError, match="of 2"):
        draw.sample("ab", 3)
