"""Summary of a scalar channel per bin."""

from __future__ import annotations

import numpy as np

from sensorgraph.graph.summary.spectrum import band_powers

NUM_BANDS = 6
BAND_EDGES = np.concatenate([[0.0], 2.0 ** np.arange(-(NUM_BANDS - 1), 1)])

PHYSICAL_FEATURES: tuple[str, ...] = (
    "level",
    "log_spread",
    *(f"log_band_{band}" for band in range(NUM_BANDS)),
    "log_crest",
    "repeated_share",
    "slope",
)
WORD_FEATURES: tuple[str, ...] = (
    *(f"toggle_rate_{bit}" for bit in range(16)),
    "word_level",
    "log_step",
    "word_repeated_share",
    "wrap_rate",
)
SENSOR_FEATURES: tuple[str, ...] = (*PHYSICAL_FEATURES, *WORD_FEATURES)
TOGGLE_RATES = slice(len(PHYSICAL_FEATURES), len(PHYSICAL_FEATURES) + 16)

_BITS_OF_BYTE = ((np.arange(256)[:, None] >> np.arange(8)) & 1).astype(np.float64)
_LEAST_SPREAD = 1e-6  # relative to the stream's own scale; keeps the logarithm of a constant bin finite


def summarise_sensor(
    values: np.ndarray, valid: np.ndarray, bin_number: np.ndarray, num_bins: int, scale: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Level, spread, spectrum and regularity of a stream in each bin.

    Args:
        values: [T] uint16 words or float32 physical values.
        valid: [T] bool.
        bin_number: [T] int64, -1 outside the scene.
        num_bins: bins of the scene.
        scale: the typical size of the stream's values (physical only), so that logarithms are unit-free.

    Shapes: returns summary [L, F] float32 (0 where not observed) and observed [L, F] bool, F = len(SENSOR_FEATURES).

    Example:
        >>> values = np.float32([1, 3, 1, 3, 5, 5, 5, 5])
        >>> summary, observed = summarise_sensor(values, np.ones(8, bool), np.arange(8) // 4, num_bins=3)
        >>> summary[:, 0].tolist(), observed[:, 0].tolist()
        ([2.0, 5.0, 0.0], [True, True, False])
    """
    kept = valid & (bin_number >= 0)
    is_word = values.dtype == np.uint16
    summary = np.full((num_bins, len(SENSOR_FEATURES)), np.nan)
    kept_values, kept_bins = values[kept], bin_number[kept]
    if len(kept_values):
        part = summary[:, len(PHYSICAL_FEATURES) :] if is_word else summary[:, : len(PHYSICAL_FEATURES)]
        if is_word:
            _fill_words(part, kept_values, kept_bins, num_bins)
        else:
            _fill_physical(part, kept_values.astype(np.float64) / scale, kept_bins, num_bins)
    observed = np.isfinite(summary)
    return np.where(observed, summary, 0).astype(np.float32), observed


def _mean_per_bin(values: np.ndarray, bins: np.ndarray, num_bins: int) -> np.ndarray:
    """Mean of values [T] per bin, NaN where a bin has none."""
    count = np.bincount(bins, minlength=num_bins)
    with np.errstate(invalid="ignore"):
        return np.bincount(bins, weights=values, minlength=num_bins) / count


def _fill_physical(out: np.ndarray, values: np.ndarray, bins: np.ndarray, num_bins: int) -> None:
    # Time rises, hence so do bins: a bin is one run of samples.
    edge = np.searchsorted(bins, np.arange(num_bins + 1))
    count = np.diff(edge)
    filled = count > 0
    begin, size = edge[:-1][filled], count[filled]
    level = np.add.reduceat(values, begin) / size
    out[filled, 0] = level
    enough = count >= 4  # one to three samples have a level and nothing else that deserves a name
    if not enough.any():
        return
    centred = values - np.repeat(level, size)
    spread, peak = np.zeros(num_bins), np.zeros(num_bins)
    spread[filled] = np.sqrt(np.add.reduceat(centred**2, begin) / size)
    peak[filled] = np.maximum.reduceat(np.abs(centred), begin)
    out[enough, 1] = np.log10(spread[enough] + _LEAST_SPREAD)
    moving = enough & (spread > _LEAST_SPREAD)
    out[moving, 8] = np.log10(peak[moving] / spread[moving])
    repeats = np.zeros(len(values))
    repeats[1:] = values[1:] == values[:-1]
    repeats[begin] = 0  # the first sample of a bin repeats nothing of it
    num_repeats = np.zeros(num_bins)
    num_repeats[filled] = np.add.reduceat(repeats, begin)
    out[enough, 9] = num_repeats[enough] / (count[enough] - 1)

    # A full bin has the usual number of samples; only full bins have a comparable spectrum and slope.
    usual = _usual_so_far(count)
    full = enough & (count >= usual)
    for num_samples in np.unique(usual[full]):
        chosen = np.flatnonzero(full & (usual == num_samples))
        rows = values[edge[chosen][:, None] + np.arange(num_samples)]
        power = band_powers(rows, BAND_EDGES)
        out[chosen, 2 : 2 + NUM_BANDS] = np.log10(np.sqrt(power) + _LEAST_SPREAD)
        ramp = np.arange(num_samples) - (num_samples - 1) / 2
        out[chosen, 10] = rows @ ramp / (ramp @ ramp) * num_samples


def _usual_so_far(count: np.ndarray) -> np.ndarray:
    """Median of the counts of at least 4 up to each bin, [L]: what comes later does not decide what an earlier bin is.

    Example:
        >>> _usual_so_far(np.array([0, 10, 20, 20, 2])).tolist()
        [0, 10, 15, 20, 20]
    """
    known = count[count >= 4]
    if (known == known[:1]).all():
        return np.where(np.cumsum(count >= 4) > 0, known[:1].sum(), 0)
    median = [int(np.median(known[: number + 1])) for number in range(len(known))]
    return np.array([0, *median])[np.cumsum(count >= 4)]


def _fill_words(out: np.ndarray, words: np.ndarray, bins: np.ndarray, num_bins: int) -> None:
    out[:, 16] = _mean_per_bin(words / 65536.0, bins, num_bins)
    if len(words) < 2:
        return
    same_bin = bins[1:] == bins[:-1]
    where = bins[1:][same_bin]
    if not len(where):
        return
    size = np.abs(np.diff(words.astype(np.int32))[same_bin])
    count = np.bincount(where, minlength=num_bins).astype(np.float64)
    with np.errstate(invalid="ignore"):
        out[:, :16] = _toggles_per_bin((words[1:] ^ words[:-1])[same_bin], where, num_bins) / count[:, None]
        out[:, 17] = np.bincount(where, weights=np.log2(1.0 + size) / 16.0, minlength=num_bins) / count
        out[:, 18] = np.bincount(where[size == 0], minlength=num_bins) / count
        out[:, 19] = np.bincount(where[size > 32768], minlength=num_bins) / count


def _toggles_per_bin(changed: np.ndarray, bins: np.ndarray, num_bins: int) -> np.ndarray:
    """How often each bit is set in ``changed`` [T] uint16, per bin: [L, 16].

    Counted by byte values, of which there are 256, instead of by samples, of which there are many more.
    """
    halves = []
    for byte in (changed & 0xFF, changed >> 8):
        histogram = np.bincount(bins * 256 + byte, minlength=num_bins * 256).reshape(num_bins, 256)
        halves.append(histogram @ _BITS_OF_BYTE)
    return np.concatenate(halves, axis=1)
