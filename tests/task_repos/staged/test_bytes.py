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
    "T0/S": "6008db30fd05fe1c739933b21f107a7dd4abe5b573cc0feef5865d4f8de900c9",
    "T1/S": "fee82e03ed7909d559783004ebf357cc0c9a04c14b6eae4dc8f307e6a55d8318",
    "T1/L": "c1b018c0db47b12b18b50316fc7ba38e100f99c796bd438ed3f4c8082f189216",
    "T3/S": "23f352a1a9b0d42f8cc6ec274ffe514ee74998e7d08b5a77d6022da474f8ace3",
    "T5/S": "611b4309d9e0b0a496ba6228e5b283e6cf0a02d40c428250dc682d6fad3a0267",
    "T6/S": "937b8bd044efbff96724479711ffa7718823eddbd8f3196c0e284920c6d6c42c",
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
