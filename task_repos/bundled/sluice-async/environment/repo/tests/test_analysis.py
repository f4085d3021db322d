"""Figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sluice.analysis.balance import Basin, balance
from sluice.analysis.gaps import Gap, completeness, gaps
from sluice.analysis.rating import RatingCurve, Segment
from sluice.analysis.rollup import pulse_volume, rollup, run_hours
from sluice.analysis.statistics import median, percentile, spikes, summarise, trend
from sluice.errors import ConfigError
from sluice.model.readings import Quality, Reading
from sluice.reports.tables import as_csv, as_text

START = datetime(2026, 3, 2, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def series(*values, point="level", span=QUARTER):
    return [Reading("weir", point, START + n * span, value, Quality.BAD if value is None else Quality.GOOD) for n, value in enumerate(values)]


def test_figures():
    assert summarise([1.0, 2.0, 6.0]).mean == 3.0
    assert summarise([]).count == 0
    assert percentile([0.0, 10.0], 0.25) == 2.5
    assert median([3.0, 1.0, 2.0]) == 2.0
    assert trend(series(1.0, 1.1, 1.2)) == pytest.approx(0.4)


def test_spikes_stand_out():
    values = [1.0, 1.01, 1.0, 1.02, 1.0, 9.0, 1.01, 1.0, 1.02, 1.0, 1.01]
    assert [r.value for r in spikes(series(*values))] == [9.0]


def test_gaps_are_joined():
    found = series(1.0, None, None, 1.0)
    assert gaps(found, START, START + timedelta(hours=1), QUARTER) == [Gap(START + QUARTER, START + 3 * QUARTER)]
    assert completeness(found, START, START + timedelta(hours=1), QUARTER) == 0.5


def test_hours_are_drawn_together():
    rows = rollup(series(1.0, 3.0, 5.0, 7.0, 9.0))
    assert [(row.start.hour, row.summary.count, row.summary.mean) for row in rows] == [(0, 4, 4.0), (1, 1, 9.0)]


def test_counters_run_over():
    assert pulse_volume(series(65530.0, 4.0), 10.0) == pytest.approx(0.1)
    assert run_hours(series(1.0, 0.0, 1.0, 1.0)) == 0.5


def test_a_rating_curve_goes_both_ways():
    curve = RatingCurve((Segment(2.0, 3.0, 1.0, 1.5), Segment(4.0, 3.2, 1.0, 1.6)))
    assert curve.flow(0.5) == (0.0, True)
    assert curve.level(curve.flow(1.8)[0]) == pytest.approx(1.8, abs=1e-3)
    assert curve.apply(series(9.0), "flow")[0].quality is Quality.DOUBTFUL
    with pytest.raises(ConfigError):
        RatingCurve(())


def test_a_basin_balances():
    basin = Basin(((0.0, 0.0), (10.0, 36_000.0)))
    found = balance(basin, series(1.0, 2.0, span=timedelta(hours=1)), {"in": series(*[2.0] * 5, point="in")}, {"out": series(*[1.0] * 5, point="out")})
    assert (found.inflow, found.outflow, found.stored, found.lost) == (7200.0, 3600.0, 3600.0, 0.0)


def test_tables():
    assert as_text(["a", "b"], [["x", 1.5]], frozenset({1})) == "a      b\nx  1.500\n"
    assert as_csv(["a"], [[None], ["x,y"]]) == 'a\n""\n"x,y"\n'
