"""Scores for sets in which every recording begins with normal rows of its own: each is compared with itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from sensorgraph.errors import CalibrationError
from sensorgraph.scoring.channel_scores import scored_channels
from sensorgraph.scoring.rule import ScoringSettings
from sensorgraph.scoring.scorer import Scores, score_tables
from sensorgraph.scoring.series import EVIDENCE, RecordingSeries, series_of
from sensorgraph.scoring.smoothing import Usual, usual_heights
from sensorgraph.scoring.surprise import Surprise

_ALL = "*"

_USUAL = 0.9
"""Share of the normal bins that smoothed evidence is compared with."""


@dataclass(frozen=True)
class OwnNormal:
    """What is normal in one recording.

    Attributes:
        streams: ids, in the order of the columns below.
        kinds: of the streams.
        surprise: how large their residuals usually are.
        heights: [W, 3] what one normal bin in ten exceeds, per width and kind of evidence.
    """

    streams: tuple[str, ...]
    kinds: tuple[str, ...]
    surprise: Surprise
    heights: np.ndarray

    @classmethod
    def of(cls, recordings: list[RecordingSeries], settings: ScoringSettings, causal: bool) -> OwnNormal:
        """Learn from residuals of normal bins."""
        kind_of = {
            stream: str(kind)
            for series in recordings
            for stream, kind in zip(series.streams.tolist(), series.kinds.tolist(), strict=True)
        }
        streams = tuple(kind_of)
        residuals = [_columns(series, streams) for series in recordings]
        surprise = Surprise.of(np.concatenate(residuals, axis=1))
        rows = [surprise.of_rows(surprise.of_channels(part)) for part in residuals]
        shares = [_USUAL] * len(EVIDENCE)
        heights = usual_heights(np.concatenate(rows, axis=1), settings.widths, causal, shares).high
        return cls(streams, tuple(kind_of.values()), surprise, heights)

    def widened(self, series: RecordingSeries) -> OwnNormal:
        """The same for the streams of a series; one that was never seen is as restless as the median of its kind."""
        if tuple(series.streams) == self.streams:
            return self
        place = {stream: number for number, stream in enumerate(self.streams)}
        scale, usual = np.ones((2, len(EVIDENCE), len(series.streams)))
        for column, (stream, kind) in enumerate(zip(series.streams, series.kinds, strict=True)):
            alike = [place[stream]] if stream in place else [n for n, name in enumerate(self.kinds) if name == kind]
            if alike:
                scale[:, column] = np.median(self.surprise.scale[:, alike], axis=1)
                usual[:, column] = np.median(self.surprise.usual[:, alike], axis=1)
        surprise = Surprise(scale, usual, self.surprise.level)
        return OwnNormal(tuple(series.streams), tuple(series.kinds), surprise, self.heights)

    def to_plain(self) -> dict[str, object]:
        """What JSON can hold."""
        tables = {name: table.tolist() for name, table in vars(self.surprise).items()}
        return {"streams": self.streams, "kinds": self.kinds, "heights": self.heights.tolist(), **tables}

    @classmethod
    def from_plain(cls, plain: dict[str, list]) -> OwnNormal:
        """Read what `to_plain` gave."""
        surprise = Surprise(*(np.array(plain[name]) for name in ("scale", "usual", "level")))
        return cls(tuple(plain["streams"]), tuple(plain["kinds"]), surprise, np.array(plain["heights"]))


@dataclass(frozen=True)
class OwnNormalScorer:
    r"""Residuals as shares of the recording's own normal, smoothed as much as makes them stand out most.

    Two recordings of one machine may differ more than a fault changes either, and then no common scale fits. With
    normal rows in each recording, a residual :math:`r_c` of stream :math:`c` is divided by its own robust size
    :math:`s_c` over them (`Surprise`), and averaged over streams and over :math:`w` bins. What one normal bin in ten
    exceeds at that width is the unit; the most unusual width counts, and kinds of evidence are averaged:

    .. math:: \mathrm{score} = \tfrac{1}{3} \sum_e \max_w \frac{1}{h_{ew}}
        \Bigl\langle \tfrac{1}{C} \sum_c r_{ec} / s_{ec} \Bigr\rangle_w

    So 1 is what a normal bin seldom exceeds, in every recording, and one threshold serves all. It is the rule of
    `sensorgraph.AnomalyDetector` in its plain form, on the residuals of the network.

    A recording without normal rows of its own is judged by all of them together.

    Attributes:
        settings: widths.
        bin_s: length of a bin (s).
        causal: average over earlier bins only.
        own: recording to what is normal in it; ``*`` stands for all together.
    """

    settings: ScoringSettings
    bin_s: float
    causal: bool
    own: dict[str, OwnNormal]

    @classmethod
    def fit(
        cls, residuals: pd.DataFrame, bin_s: float, settings: ScoringSettings, causal: bool = False
    ) -> OwnNormalScorer:
        """Learn from residuals of normal rows.

        Raises:
            CalibrationError: there are none.
        """
        recordings = list(series_of(residuals, bin_s))
        if not recordings:
            raise CalibrationError("scoring: no calibration residuals; give the calibration split some scenes (got 0)")
        own = {series.recording: OwnNormal.of([series], settings, causal) for series in recordings}
        own[_ALL] = OwnNormal.of(recordings, settings, causal)
        return cls(settings, bin_s, causal, own)

    def score(self, residuals: pd.DataFrame) -> Scores:
        """Scores of every stream and of the machine in every bin; NaN where nothing was measured."""
        return score_tables(self._scored(series_of(residuals, self.bin_s)), self.bin_s)

    def to_json(self) -> str:
        """The scorer as JSON text; `from_json` gives it back."""
        own = {recording: normal.to_plain() for recording, normal in self.own.items()}
        plain = {"settings": asdict(self.settings), "bin_s": self.bin_s, "causal": self.causal, "own": own}
        return json.dumps(plain)

    @classmethod
    def from_json(cls, text: str) -> OwnNormalScorer:
        """Read what `to_json` wrote."""
        plain = json.loads(text)
        own = {recording: OwnNormal.from_plain(normal) for recording, normal in plain["own"].items()}
        return cls(ScoringSettings.from_plain(plain["settings"]), plain["bin_s"], plain["causal"], own)

    def _scored(
        self, recordings: Iterable[RecordingSeries]
    ) -> Iterator[tuple[RecordingSeries, np.ndarray, np.ndarray]]:
        for series in recordings:
            own = self.own.get(series.recording, self.own[_ALL]).widened(series)
            scaled = own.surprise.of_channels(_columns(series, own.streams))
            rows = own.surprise.of_rows(scaled)
            widths = self.settings.widths
            usual = Usual.above_zero(own.heights)
            found = scored_channels(scaled, rows, own.surprise.level, usual, widths, self.causal)
            yield series, found.channels, np.where(found.measured, found.scores, np.nan)


def _columns(series: RecordingSeries, streams: tuple[str, ...]) -> np.ndarray:
    """Residuals of some streams, [3, T, C] float32; NaN for those that are not there."""
    place = {stream: number for number, stream in enumerate(series.streams)}
    out = np.full((len(EVIDENCE), len(series.start_s), len(streams)), np.nan, np.float32)
    known = [column for column, stream in enumerate(streams) if stream in place]
    of_series = [place[streams[column]] for column in known]
    for kind, evidence in enumerate(EVIDENCE):
        out[kind][:, known] = series.values[evidence][:, of_series]
    return out
