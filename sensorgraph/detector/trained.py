"""Everything that fitting found, and how it is used on telemetry of other rates."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch

from sensorgraph.detector.fitted import FittedNetwork
from sensorgraph.detector.telemetry import Telemetry
from sensorgraph.errors import DataWarning
from sensorgraph.scoring.edges import Edges
from sensorgraph.scoring.smoothing import WIDTHS, Usual
from sensorgraph.scoring.threshold import Threshold, fit_threshold

_OTHER_RATE = 1.2
"""From this ratio on, a channel that was sampled at another rate than in training is not compared with its past."""

_UNUSUAL = 0.99
"""Share of the training rows that an alarm does not reach down to."""

_SURE = 2.0
"""Quick scores of so many times that level are no smear."""


@dataclass(frozen=True)
class Trained:
    """A fitted detector.

    Attributes:
        fitted: the network, and what is usual.
        names: of the channels.
        period_s: between rows of training (s).
        periods_s: [C] between samples of each channel (s), NaN for those without any.
        step_s: what is common between rows of training (s); far longer ones are gaps.
        usual: what smoothed evidence of normal rows is like.
        scores: [T] of the training rows, as if they were new; thresholds are set by them.
    """

    fitted: FittedNetwork
    names: tuple[str, ...]
    period_s: float
    periods_s: np.ndarray
    step_s: float
    usual: Usual
    scores: np.ndarray

    def network_for(self, telemetry: Telemetry) -> FittedNetwork:
        """The network; channels at another rate than in training lose their past.

        Warns:
            DataWarning: naming them.
        """
        ratio = telemetry.periods_s() / self.periods_s
        other = np.nan_to_num(np.maximum(ratio, 1.0 / ratio), nan=1.0) > _OTHER_RATE
        if not other.any():
            return self.fitted
        names = [name for name, differs in zip(self.names, other, strict=True) if differs]
        warnings.warn(
            f"test: {len(names)} channels at another rate than in training are not compared with their own past "
            f"({', '.join(names[:8])})",
            DataWarning,
            stacklevel=4,
        )
        network, gone = self.fitted.network, torch.from_numpy(other)
        messages, windows = network.messages, network.windows
        if max(telemetry.period_s / self.period_s, self.period_s / telemetry.period_s) > _OTHER_RATE:
            # Earlier rows are not as old as in training.
            messages, gone_there = messages.of_now(), torch.ones_like(gone)
        else:
            gone_there = gone
        if windows is not None:
            windows = windows.without(gone_there)
        network = replace(network, messages=messages, past=network.past.without(gone), windows=windows)
        return replace(self.fitted, network=network)

    def widths_for(self, telemetry: Telemetry) -> tuple[int, ...]:
        """Widths of moving means that last as long as those of training."""
        return tuple(max(round(width * self.period_s / telemetry.period_s), 1) for width in WIDTHS)

    def usual_for(self, telemetry: Telemetry) -> Usual:
        """What means of those widths are like."""
        widths = self.widths_for(telemetry)
        return self.usual if widths == WIDTHS else self.usual.at_other_rate(WIDTHS, widths)

    def threshold(self, false_alarms_per_day: float) -> Threshold:
        """Threshold for so many false events per day.

        Raises:
            ConfigError: an impossible rate.
        """
        return fit_threshold(self.scores, events_per_day=false_alarms_per_day, sample_period_s=self.period_s)

    def extent(self) -> float:
        """Level above which an alarm goes on."""
        return float(np.quantile(self.scores, _UNUSUAL))

    def edges(self, quick: np.ndarray, telemetry: Telemetry) -> Edges:
        """Where alarms begin and end, by scores of the shortest means [T]."""
        return Edges(quick, max(self.widths_for(telemetry)), _SURE * self.extent())


def strongest_links(trained: Trained, num_strongest: int) -> pd.DataFrame:
    """Links that are among the strongest of either end, strongest first."""
    strength = trained.fitted.network.messages.partial_correlation().numpy()
    size = np.abs(strength)
    num = min(num_strongest, len(size) - 1)
    chosen = np.zeros(size.shape, bool)
    if num > 0:
        np.put_along_axis(chosen, np.argsort(-size, axis=1)[:, :num], True, axis=1)
    first, second = np.nonzero(np.triu(chosen | chosen.T, 1) & (size > 0))
    table = pd.DataFrame(
        {
            "first": [trained.names[number] for number in first],
            "second": [trained.names[number] for number in second],
            "partial_correlation": strength[first, second],
        }
    )
    return table.sort_values("partial_correlation", key=np.abs, ascending=False, ignore_index=True)
