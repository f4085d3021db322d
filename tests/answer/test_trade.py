"""Which of several offers another one beats in both rate and price."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harness.answer.compare.trade import Offer, beaten, front

OFFERS = st.lists(st.builds(Offer, st.sampled_from((0.0, 0.3, 0.5, 1.0)), st.sampled_from((0.0, 1.0, 2.5, 9.0))), min_size=1, max_size=7)


def test_more_for_less_beats_and_the_same_does_not() -> None:
    """More passes for the same, or as many for less; an offer like it does not, and neither does more for more."""
    offers = (Offer(0.5, 2.0), Offer(0.5, 1.0), Offer(0.5, 1.0), Offer(0.6, 3.0), Offer(0.4, 3.0))
    assert beaten(offers) == (1, None, None, None, 0)
    assert front(offers) == (Offer(0.5, 1.0), Offer(0.6, 3.0))


@given(OFFERS)
def test_the_front_rises_and_beats_all_else(offers: list[Offer]) -> None:
    """Along the front more costs more; whoever is not on it is beaten by somebody who is."""
    best = front(offers)
    assert all(one.amount < other.amount and one.rate < other.rate for one, other in pairwise(best))
    for offer, by in zip(offers, beaten(offers), strict=True):
        assert (by is None) == (offer in best)
        assert offer in best or any(one.rate >= offer.rate and one.amount <= offer.amount for one in best)
