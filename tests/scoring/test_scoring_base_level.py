"""Levels share the tail by what they know and whether they may be right; their disagreement widens the interval."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sensorgraph.scoring import fit_threshold
from sensorgraph.scoring.base_level import Sample, fit_levels
from sensorgraph.scoring.gpd import TailPrior
from sensorgraph.scoring.rate_curve import RateCurve, averaged_curve


def sample_of(values: np.ndarray) -> Sample:
    return Sample(np.sort(values), len(values), 0, None, 1.0, TailPrior())


def test_where_the_tail_fits_everywhere_the_lowest_level_counts_most() -> None:
    levels = fit_levels(sample_of(np.random.default_rng(0).exponential(size=50_000)))
    assert levels[0][0].num_above == 10_000
    assert sum(weight for _, weight in levels) == pytest.approx(1.0)
    assert [weight for _, weight in levels] == sorted((weight for _, weight in levels), reverse=True)


def test_a_bent_body_has_no_say() -> None:
    rng = np.random.default_rng(0)
    values = np.where(rng.random(50_000) < 0.1, 3.0, 0.0) + rng.standard_normal(50_000)
    shares = {fit.num_above: weight for fit, weight in fit_levels(sample_of(values))}
    assert shares[10_000] + shares[5_000] < 1e-3
    assert max(shares.values()) < 0.9


def test_an_odd_top_does_not_throw_the_rest_of_the_sample_away() -> None:
    # By chance the largest of these are small: one in three hundred samples has as low a maximum. A level that a test
    # had chosen kept 250 values of this sample, and its threshold at 1e-5 was exceeded seven times too often.
    law = stats.lognorm(1.0)
    threshold = fit_threshold(law.rvs(size=100_000, random_state=np.random.default_rng(30)), rate_per_sample=1e-5)
    assert threshold.num_exceedances > 5_000
    assert 0.5 < law.sf(threshold.value) / 1e-5 < 3.0


@pytest.mark.parametrize("cell", [0.002, 0.05, 0.3])
def test_the_prior_keeps_its_mass_on_coarse_grids(cell: float) -> None:
    # A coarse grid would step over the narrow peak, or take it for much wider than it is, if only cell middles counted.
    shapes = np.arange(-300, 301) * cell
    density = np.exp(TailPrior().log_density(shapes, np.zeros(len(shapes)), cell))
    scale = TailPrior().shape_spread * np.pi
    assert (density * cell).sum() / scale == pytest.approx(1.0, abs=0.04)


def line(offset: float, half_width: float) -> RateCurve:
    levels = np.linspace(0.0, 10.0, 101)
    rates = -levels + offset
    return RateCurve(levels, rates, rates - half_width, rates + half_width, stepwise=False)


def test_curves_that_agree_keep_their_interval_and_others_widen_it() -> None:
    same = averaged_curve([line(0.0, 0.3), line(0.0, 0.3)], [0.5, 0.5]).interval_at(5.0)
    assert np.log([same.low, same.high]) == pytest.approx([-5.3, -4.7], abs=1e-4)
    apart = averaged_curve([line(0.0, 0.3), line(2.0, 0.3)], [0.5, 0.5]).interval_at(5.0)
    # A tenth of either half lies beyond, so 1.28 of its standard deviations of .3 / 1.645.
    assert np.log([apart.low, apart.high]) == pytest.approx([-5.0 - 0.2337, -3.0 + 0.2337], abs=1e-3)
    unequal = averaged_curve([line(0.0, 0.3), line(2.0, 0.3)], [0.99, 0.01]).interval_at(5.0)
    assert np.log(unequal.high) < -4.6


def test_averaged_rates_are_the_mean_rates() -> None:
    curve = averaged_curve([line(0.0, 0.3), line(1.0, 0.3)], [0.75, 0.25])
    rate = float(curve.rate_above(np.array([5.0]))[0])
    assert rate == pytest.approx(0.75 * np.exp(-5.0) + 0.25 * np.exp(-4.0), rel=1e-6)
