"""Loggers' files, and two weeks against each other."""

import pytest

from stationlog import Quantity, summarise
from stationlog.comparison import compare, describe
from stationlog.reader import ReadError, read_observations

FILE = """\
at,temperature [degC],pressure [hPa]
2026-03-01T06:00,4.0,1000.0
2026-03-01T12:00,9.0,
2026-03-08T06:00,5.0,1002.5
2026-03-08T12:00,12.0,1001.0
"""


def test_read_observations():
    first, second, *_ = read_observations(FILE.splitlines())
    assert first.temperature == Quantity(4.0, "degC")
    assert first.pressure == Quantity(1000.0, "hPa")
    assert second.pressure is None


@pytest.mark.parametrize(
    "heading",
    ["when,temperature [degC]", "at,temperature", "at,humidity [hPa]"],
    ids=["no-time", "no-unit", "unknown-element"],
)
def test_odd_headings_are_refused(heading):
    with pytest.raises(ReadError):
        read_observations([heading])


def test_compare_two_stretches():
    first, second = summarise(read_observations(FILE.splitlines()))
    comparison = compare([second], [first])
    assert comparison.spread.value == 2.0
    assert describe(comparison) == "mean +2.0 °C, low +1.0 °C, high +3.0 °C, spread +2.0 °C"
