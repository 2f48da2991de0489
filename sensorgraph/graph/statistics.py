"""Normalisation that is fitted on training scenes only and kept with the run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from sensorgraph.errors import DataError
from sensorgraph.scenes import Scene, Sensor

Normalisation = Literal["robust", "min_max"]
Scope = Literal["run", "recording"]

_SAMPLES_PER_SCENE = 2000
_MAD_OF_NORMAL = 0.6744897501960817


@dataclass(frozen=True)
class Affine:
    """``(value - centre) / scale``."""

    centre: float
    scale: float


@dataclass(frozen=True)
class NormaliseByRate:
    """Which normalisation the streams of a range of rates get.

    Args:
        kind: ``robust`` (median and MAD) or ``min_max`` (to 0..1).
        min_rate_hz: slowest rate that this applies to (Hz).
        max_rate_hz: fastest rate that this applies to (Hz).
    """

    kind: Normalisation = "robust"
    min_rate_hz: float = 0.0
    max_rate_hz: float = float("inf")


@dataclass(frozen=True)
class ValueStatistics:
    """Centre and scale of every physical sensor, by channel name or by recording and channel name.

    Raw words are never normalised: their bits are the information.

    Attributes:
        scope: ``run`` has one entry per stream id; ``recording`` one per recording and stream id, for sets in which
            every recording has its own training rows.
        affine: the entries, ``"id"`` or ``"recording/id"``.
    """

    scope: Scope = "run"
    affine: Mapping[str, Affine] = field(default_factory=dict)

    @classmethod
    def fit(
        cls,
        scenes: Iterable[Scene],
        by_rate: Sequence[NormaliseByRate] = (NormaliseByRate(),),
        scope: Scope = "run",
    ) -> ValueStatistics:
        """Statistics of the training scenes, seen once each.

        Raises:
            DataError: a rate that no entry of ``by_rate`` covers.
        """
        samples: dict[str, list[np.ndarray]] = {}
        kinds: dict[str, Normalisation] = {}
        for scene in scenes:
            for stream in scene.streams:
                if not isinstance(stream, Sensor) or stream.is_word:
                    continue
                key = _key(scope, scene.recording_id, stream.id)
                values = stream.values[stream.validity()]
                every = max(len(values) // _SAMPLES_PER_SCENE, 1)
                samples.setdefault(key, []).append(np.asarray(values[::every], np.float64))
                kinds[key] = _kind_of(by_rate, stream)
        return cls(scope, {key: _fit_affine(np.concatenate(parts), kinds[key]) for key, parts in samples.items()})

    def of(self, recording_id: str, stream: Sensor) -> Affine:
        """The entry of a stream; a stream that training never saw is judged by its own scene."""
        found = self.affine.get(_key(self.scope, recording_id, stream.id))
        if found is None:
            found = _fit_affine(np.asarray(stream.values[stream.validity()], np.float64), "robust")
        return found

    def to_json(self) -> str:
        """The statistics as JSON text; `from_json` gives them back."""
        return json.dumps(
            {"scope": self.scope, "affine": {key: [a.centre, a.scale] for key, a in sorted(self.affine.items())}}
        )

    @classmethod
    def from_json(cls, text: str) -> ValueStatistics:
        """Read what `to_json` wrote."""
        fields = json.loads(text)
        return cls(fields["scope"], {key: Affine(*pair) for key, pair in fields["affine"].items()})


def robust_affine(values: np.ndarray) -> Affine:
    """Median and MAD, with the spread of a normal distribution as the unit.

    Where more than half of the values are equal the MAD is 0 and the standard deviation stands in; a constant has
    scale 1, so that the first departure from it is measured in its own unit.

    Example:
        >>> import numpy as np
        >>> robust_affine(np.array([1.0, 2.0, 3.0])).centre
        2.0
    """
    if not len(values):
        return Affine(0.0, 1.0)
    centre = float(np.median(values))
    scale = float(np.median(np.abs(values - centre))) / _MAD_OF_NORMAL
    tiny = 1e-9 * max(abs(centre), 1e-30)
    if scale <= tiny:
        scale = float(np.std(values))
    return Affine(centre, scale if scale > tiny else 1.0)


def _fit_affine(values: np.ndarray, kind: Normalisation) -> Affine:
    if kind == "robust" or not len(values):
        return robust_affine(values)
    low, high = float(values.min()), float(values.max())
    return Affine(low, high - low if high > low else 1.0)


def _key(scope: Scope, recording_id: str, stream_id: str) -> str:
    return stream_id if scope == "run" else f"{recording_id}/{stream_id}"


def _kind_of(by_rate: Sequence[NormaliseByRate], stream: Sensor) -> Normalisation:
    for entry in by_rate:
        if entry.min_rate_hz <= stream.rate_hz <= entry.max_rate_hz:
            return entry.kind
    raise DataError(
        f"stream '{stream.id}': no normalisation covers its rate; widen an entry of normalisation "
        f"(got {stream.rate_hz:g} Hz)"
    )
