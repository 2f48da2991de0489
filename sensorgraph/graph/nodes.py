"""Rows of one node type: the streams of one modality as tensors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from sensorgraph.errors import SceneError
from sensorgraph.graph.schema import GraphSchema
from sensorgraph.graph.statistics import ValueStatistics
from sensorgraph.graph.summary import summarise_audio, summarise_pictures, summarise_sensor
from sensorgraph.graph.summary.picture import area_average
from sensorgraph.scenes import Audio, Image, Scene, Sensor, Text, Video

# A value beyond this many scales says "far out" and no more; without a bound one broken sample would drown a bin.
LARGEST_VALUE = 1e4
_SAME_RATE = 1e-3


class Rows:
    """Collects the streams of one modality of one scene.

    Every stream contributes its samples (``value``, ``valid``, ``bin``, ``time_s``) and its summary.
    """

    def __init__(self, schema: GraphSchema, modality: str) -> None:
        self.schema = schema
        self.modality = modality
        self.value: list[np.ndarray] = []
        self.valid: list[np.ndarray] = []
        self.bin: list[np.ndarray] = []
        self.time_s: list[np.ndarray] = []
        self.summary: list[np.ndarray] = []
        self.observed: list[np.ndarray] = []
        self.rate_hz: list[float] = []
        self.channel: list[int] = []
        self.is_word: list[bool] = []

    def add(
        self,
        stream_id: str,
        value: np.ndarray,
        valid: np.ndarray,
        bin_number: np.ndarray,
        time_s: np.ndarray,
        summary: tuple[np.ndarray, np.ndarray],
        rate_hz: float,
        is_word: bool = False,
    ) -> None:
        """Add one stream."""
        self.value.append(value)
        self.valid.append(valid)
        self.bin.append(bin_number)
        self.time_s.append(time_s)
        self.summary.append(summary[0])
        self.observed.append(summary[1])
        self.rate_hz.append(rate_hz)
        self.channel.append(self.schema.channel_number(self.modality, stream_id))
        self.is_word.append(is_word)

    def tensors(self) -> dict[str, Tensor]:
        """Attributes of the node type; zero rows where the scene has no such stream."""
        empty_of: dict[str, np.ndarray] = {
            "sensor": np.zeros(0, np.float32),
            "audio": np.zeros(0, np.float32),
            "text": np.zeros(0, np.int64),
        }
        no_pictures = np.zeros((0, self.schema.picture_channels, *self.schema.picture_size), np.float32)
        empty_value = empty_of.get(self.modality, no_pictures)
        shape = (0, self.schema.num_bins, self.schema.num_features(self.modality))
        return {
            "value": _join(self.value, empty_value),
            "valid": _join(self.valid, np.zeros(0, bool)),
            "bin": _join([part.astype(np.int16) for part in self.bin], np.zeros(0, np.int16)),
            "time_s": _join([part.astype(np.float32) for part in self.time_s], np.zeros(0, np.float32)),
            "length": torch.tensor([len(part) for part in self.value], dtype=torch.int64),
            "rate_hz": torch.tensor(self.rate_hz, dtype=torch.float32),
            "channel": torch.tensor(self.channel, dtype=torch.int64),
            "is_word": torch.tensor(self.is_word, dtype=torch.bool),
            "summary": _stack(self.summary, np.zeros(shape, np.float32)),
            "observed": _stack(self.observed, np.zeros(shape, bool)),
        }


def rows_of(scene: Scene, modality: str, schema: GraphSchema, statistics: ValueStatistics) -> Rows:
    """All streams of one modality of a scene."""
    rows = Rows(schema, modality)
    for stream in scene.of_modality(modality):
        if isinstance(stream, Sensor):
            _add_sensor(rows, stream, scene.recording_id, statistics)
        elif isinstance(stream, Audio):
            _add_audio(rows, stream, scene.id)
        elif isinstance(stream, Text):
            _add_text(rows, stream)
        else:
            _add_pictures(rows, stream)
    return rows


def _add_sensor(rows: Rows, stream: Sensor, recording_id: str, statistics: ValueStatistics) -> None:
    time_s, valid = stream.times(), stream.validity()
    bin_number = rows.schema.clock.bin_of(time_s)
    if stream.is_word:
        value = stream.values.astype(np.float32)
        summary = summarise_sensor(stream.values, valid, bin_number, rows.schema.num_bins)
    else:
        affine = statistics.of(recording_id, stream)
        normal = (stream.values.astype(np.float64) - affine.centre) / affine.scale
        value = np.clip(np.nan_to_num(normal, nan=0.0), -LARGEST_VALUE, LARGEST_VALUE).astype(np.float32)
        summary = summarise_sensor(value, valid, bin_number, rows.schema.num_bins)
    value = np.where(valid, value, np.float32(0))
    rows.add(stream.id, value, valid, bin_number, time_s, summary, stream.rate_hz, stream.is_word)


def _add_audio(rows: Rows, stream: Audio, scene_id: str) -> None:
    rate_hz = rows.schema.audio_rate_hz
    if rate_hz is not None and abs(stream.rate_hz - rate_hz) > _SAME_RATE * rate_hz:
        raise SceneError(
            f"scene '{scene_id}', stream '{stream.id}': this run listens at {rate_hz:g} Hz; resample the recording "
            f"(got {stream.rate_hz:g} Hz)"
        )
    time_s = stream.times()
    bin_number = rows.schema.clock.bin_of(time_s)
    valid = np.isfinite(stream.values)
    value = np.where(valid, stream.values, 0).astype(np.float32)
    summary = summarise_audio(value, valid, bin_number, rows.schema.num_bins)
    rows.add(stream.id, value, valid, bin_number, time_s, summary, stream.rate_hz)


def _add_text(rows: Rows, stream: Text) -> None:
    vocabulary, num_bins = rows.schema.text, rows.schema.num_bins
    line_bin = rows.schema.clock.bin_of(stream.time_s)
    ids = [vocabulary.token_ids(line) for line in stream.lines]
    tokens_per_line = np.array([len(tokens) for tokens in ids], np.int64)
    parts = [vocabulary.summary([stream.lines[k] for k in np.flatnonzero(line_bin == b)]) for b in range(num_bins)]
    summary = (np.stack([part[0] for part in parts]), np.stack([part[1] for part in parts]))
    value = np.array([token for tokens in ids for token in tokens], np.int64)
    rows.add(
        stream.id,
        value,
        np.ones(len(value), bool),
        np.repeat(line_bin, tokens_per_line),
        np.repeat(stream.time_s, tokens_per_line),
        summary,
        len(stream.lines) / rows.schema.duration_s,
    )


def _add_pictures(rows: Rows, stream: Image | Video) -> None:
    bin_number = rows.schema.clock.bin_of(stream.time_s)
    frames = area_average(stream.frames, *rows.schema.picture_size) / np.float32(255)
    summary = summarise_pictures(frames, bin_number, rows.schema.num_bins, motion=stream.modality == "video")
    if frames.shape[-1] != rows.schema.picture_channels:
        grey = frames.mean(-1, keepdims=True)
        frames = np.repeat(grey, rows.schema.picture_channels, axis=-1)
    value = np.ascontiguousarray(np.moveaxis(frames, -1, 1), np.float32)
    valid = np.ones(len(value), bool)
    rate_hz = len(value) / rows.schema.duration_s
    rows.add(stream.id, value, valid, bin_number, stream.time_s, summary, rate_hz)


def _join(parts: Sequence[np.ndarray], empty: np.ndarray) -> Tensor:
    return torch.from_numpy(np.concatenate(parts) if parts else empty)


def _stack(parts: Sequence[np.ndarray], empty: np.ndarray) -> Tensor:
    return torch.from_numpy(np.stack(parts) if parts else empty)
