"""Rates of high scores: counted below a base level, a tail posterior above it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import beta

from sensorgraph.scoring.gpd import TailPosterior

_INTERVAL = (0.05, 0.95)
"""The interval of a rate is the central 90 %."""

_BASE_RATE_NODES = np.linspace(-2.5, 2.5, 11)
"""Standard normal nodes over which the uncertainty of the rate at the base level is spread."""


@dataclass(frozen=True)
class RateInterval:
    """Central 90 % interval of a rate per sample."""

    low: float
    high: float


@dataclass(frozen=True)
class TailModel:
    """How often per sample a score lies above any level.

    Args:
        levels: scores of the counted part, ascending; the last one is the base level.
        rates: rate per sample above each of them, descending.
        num_above: independent observations above the base level, which set how well its rate is known.
        num_independent: independent observations altogether.
        posterior: tails above the base level, or None where only counting is possible.
        inflation: factor on the logarithmic width of the interval, for what no tail family describes.

    Shapes: ``levels``, ``rates`` [B].
    """

    levels: np.ndarray
    rates: np.ndarray
    num_above: float
    num_independent: float
    posterior: TailPosterior | None
    inflation: float = 1.0

    @property
    def base_level(self) -> float:
        """Level above which the tail posterior speaks."""
        return float(self.levels[-1])

    @property
    def base_rate(self) -> float:
        """Rate per sample above the base level."""
        return float(self.rates[-1])

    def rate_above(self, scores: np.ndarray) -> np.ndarray:
        """Predictive rate per sample above each score; NaN stays NaN. Shapes: ``scores`` [T]; returns [T]."""
        scores = np.atleast_1d(np.asarray(scores, dtype=np.float64))
        result = np.interp(scores, self.levels, self.rates)
        beyond = scores > self.base_level
        if beyond.any():
            if self.posterior is None:
                result[beyond] = 0.0
            else:
                result[beyond] = self.base_rate * self.posterior.survival(scores[beyond] - self.base_level)
        return result

    def level_of(self, rate: float) -> float:
        """Score that is exceeded at a rate per sample; the base level where nothing is known above it."""
        if rate >= self.base_rate or self.posterior is None:
            # np.interp wants ascending abscissae, the rates descend.
            return float(np.interp(-rate, -self.rates, self.levels))
        posterior = self.posterior
        target = np.log(rate / self.base_rate)

        def gap(log_excess: float) -> float:
            survival = float(posterior.survival(np.array([np.exp(log_excess)]))[0])
            return np.log(max(survival, 1e-300)) - target

        low = high = float(np.log(posterior.scales.max()))
        while gap(low) < 0.0:
            low -= 4.0
        while gap(high) > 0.0:
            high += 4.0
        return self.base_level + float(np.exp(brentq(gap, low, high, xtol=1e-13, rtol=1e-13)))

    def interval_at(self, level: float) -> RateInterval:
        """90 % interval of the rate above one level."""
        if level < self.base_level or self.posterior is None:
            count = float(self.rate_above(np.array([level]))[0]) * self.num_independent
            rest = max(self.num_independent - count, 0.0)
            low = beta.ppf(_INTERVAL[0], count, rest + 1.0) if count > 0.0 else 0.0
            high = beta.ppf(_INTERVAL[1], count + 1.0, rest) if rest > 0.0 else 1.0
            return RateInterval(float(low), float(high))
        depths = self.posterior.depths(np.array([level - self.base_level]))[:, 0]
        centre = -np.log(max(float(self.posterior.weights @ np.exp(-depths)), 1e-300))
        depths = centre + (depths - centre) * self.inflation
        noise = _BASE_RATE_NODES / np.sqrt(max(self.num_above, 1.0)) * self.inflation
        log_rates = (np.log(self.base_rate) - depths[:, None] + noise[None, :]).ravel()
        weights = (self.posterior.weights[:, None] * np.exp(-0.5 * _BASE_RATE_NODES**2)[None, :]).ravel()
        order = np.argsort(log_rates)
        cumulative = np.cumsum(weights[order])
        cumulative = (cumulative - 0.5 * weights[order]) / cumulative[-1]
        low, high = np.interp(_INTERVAL, cumulative, np.exp(log_rates[order]))
        return RateInterval(float(low), float(min(high, 1.0)))
