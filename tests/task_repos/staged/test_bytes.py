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
    "T0/S": "23e2391c235ca92735650bb9ea6f8e352d7234e4a32fa2975a54a5a780cdb8ac",
    "T1/S": "e30c5055f34ee496343ebbbfa789c0914c16669aee6c9836183d98dc0c7efb33",
    "T1/L": "5c204a3575e6d753b98f0f7eb5481bc8f4ef2027c6b9be62f887a46f9817388e",
    "T3/S": "b9e82abbaa72c0977198cfec5ff79b2e74f3658b570fd7b06f32d3842e813868",
    "T5/S": "71eb971f519d91ba103cbb4c0ca63cfa068e73fe3cdc714361936407ae99e164",
    "T6/S": "af613d6df0dc4823ec0e84c263fb34b6f4fe64c02fab8473aa9ac75105e6be09",
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
