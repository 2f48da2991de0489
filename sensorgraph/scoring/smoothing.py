"""How much to smooth, decided by the recording itself: every row takes the width that makes it most surprising."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import chi2

WIDTHS = (5, 15, 50)
"""Rows of the training clock that are averaged; short for spikes and steps, long for faint and lasting faults."""


_USUAL = (0.93, 0.93, 0.93, 0.99)
"""Share of the normal rows that a smoothed kind of evidence is compared with (level, others, past, joint).

Windows of all channels see every small change of normal operation, too; so their rarer heights are the measure."""

_VOTES = (1.0, 0.5, 1.0, 1.0)
"""How much each kind counts: what the others say in a row is part of what windows know, too."""

_POWER = 1.5
"""Between a mean, in which kinds that see nothing hide one that is sure, and the largest, which any kind can raise."""

_LEAST_HEIGHT = 0.1
"""Of the mean: where nearly all rows are quite still (flags that are seldom up), they do not make the rest enormous."""

_LEAST_REACH = 0.01
"""Of the height: rows that differ by less are alike."""

_NOTHING = 1e-6
"""Evidence this small is none: channels that never moved."""

_LEAST_FREEDOM = 1e-3
"""Of a variance that a single window is to tell: none."""

_UNSURE = 0.05
"""Few windows seem this much too steady in one recording out of twenty, by chance."""


@dataclass(frozen=True)
class Usual:
    """What smoothed evidence of normal rows is like.

    Attributes:
        middle: [W, K] its median.
        high: [W, K] what few normal rows exceed.
        votes: [K] how much each kind counts.
        power: of the mean over kinds.
    """

    middle: np.ndarray
    high: np.ndarray
    votes: np.ndarray
    power: float

    @staticmethod
    def above_zero(high: np.ndarray) -> Usual:
        """The plain rule: evidence is divided by its height, and kinds are averaged. Shapes: ``high`` [W, K]."""
        return Usual(np.zeros_like(high), high, np.ones(high.shape[1]), 1.0)

    @property
    def reach(self) -> np.ndarray:
        """[W, K] the unit in which evidence stands out."""
        return np.maximum(self.high - self.middle, _LEAST_REACH * self.high)

    def over(self, num_rows: np.ndarray, kind: int, widths: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Median and reach of means over other numbers of rows: between the (ascending) widths on either side, in the
        logarithm, and below the first as if rows were independent. Shapes: ``num_rows`` [N], both [N].

        Example:
            >>> usual = Usual.above_zero(np.array([[2.0], [1.0]]))
            >>> usual.over(np.array([1, 4, 8, 16]), 0, (4, 16))[1].tolist()
            [4.0, 2.0, 1.5, 1.0]
        """
        place = np.log(num_rows)
        middle, reach = (np.interp(place, np.log(widths), part[:, kind]) for part in (self.middle, self.reach))
        return middle, reach * np.sqrt(np.maximum(widths[0] / num_rows, 1.0))

    def at_other_rate(self, widths: tuple[int, ...], others: tuple[int, ...]) -> Usual:
        """For means that last as long, over ``others`` rows in the place of ``widths``.

        Where rows come more slowly, means are over fewer of them and more restless, as in `over`; where they come
        faster, means over more rows that belong together are no steadier.

        Example:
            >>> usual = Usual.above_zero(np.array([[2.0], [1.0]]))
            >>> [usual.at_other_rate((4, 16), others).high.ravel().tolist() for others in ((1, 4), (8, 32))]
            [[4.0, 2.0], [2.0, 1.0]]
        """
        kinds = range(len(self.votes))
        found = [self.over(np.array(others), kind, widths)[1] for kind in kinds]
        return replace(self, high=self.middle + np.maximum(self.reach, np.stack(found, axis=1)))


@dataclass(frozen=True)
class Blend:
    """Scores of rows, and how they came about.

    Attributes:
        scores: [T] weighted mean over the kinds of evidence of the largest moving mean; 0 where nothing was measured.
        measured: [T] bool, False where nothing was measured near enough for a mean of any width.
        chosen: [K, T] number of the width that was largest for each kind.
        quick: [T] what the first width alone would score.
    """

    scores: np.ndarray
    measured: np.ndarray
    chosen: np.ndarray
    quick: np.ndarray


def usual_heights(
    rows: np.ndarray,
    widths: tuple[int, ...],
    causal: bool,
    share: Sequence[float] | None = None,
    begins: np.ndarray | None = None,
) -> Usual:
    """Median and height of smoothed evidence, per width and kind.

    This is how the recording says how much to smooth: where noise is quick, wide means hardly move and a small rise of
    theirs counts for much; where normal operation wanders slowly, wide means wander too and are trusted less. It is
    also how it says which kind to trust: the mean of hundreds of channels is so steady that a rise of a tenth is news.

    Args:
        rows: of training.
        widths: of the moving means, in rows.
        causal: means of past rows, else of rows on both sides.
        share: per kind, of the normal rows that stay below the height; those of the detector's kinds when None.
        begins: rows before which time has a gap; no mean reaches across.

    Shapes: ``rows`` [K, T], ``begins`` [T] bool.

    Example:
        >>> rows = np.random.default_rng(0).random((1, 1000))
        >>> quick, slow = usual_heights(rows, (1, 50), causal=True).high[:, 0]
        >>> bool(quick > 0.85 and slow < 0.65)
        True
    """
    share = _USUAL if share is None else share
    middle, high = np.zeros((len(widths), len(rows))), np.ones((len(widths), len(rows)))
    for number, width in enumerate(widths):
        for kind, smooth in enumerate(_whole_mean(rows, width, causal, number == 0, begins)):
            known = smooth[~np.isnan(smooth)]
            if len(known):
                median, height = np.quantile(known, [0.5, share[kind]])
                height = max(float(height), _LEAST_HEIGHT * float(known.mean()))
                if height > _NOTHING:
                    middle[number, kind], high[number, kind] = median, height
            elif number:  # too few rows for one whole window: as the next narrower width
                middle[number, kind], high[number, kind] = middle[number - 1, kind], high[number - 1, kind]
    return Usual(middle, high, np.array(_VOTES[: len(rows)]), _POWER)


def not_by_chance(usual: Usual, widths: tuple[int, ...], num_rows: Sequence[int]) -> Usual:
    r"""The same where wide means are no steadier than few rows can show.

    Means of :math:`w` independent rows reach :math:`w^{-1/2}` as far as the rows, and means of rows that belong
    together farther. Rows that alternate make steadier ones, and so does chance where there are few: the reach
    :math:`r` of :math:`n = T / w` separate windows may be too small by what a variance of so many values may be. Up to
    there, what the next narrower width lets expect of independent rows, :math:`r_0`, is believed instead; a single
    window tells nothing:

    .. math:: r \leftarrow \max\bigl(r, \min(r_0, \; r \sqrt{n / \chi^2_{n - 1, .05}})\bigr)

    Args:
        usual: of `usual_heights`.
        widths: ascending.
        num_rows: rows in whole windows of each width.

    Example:
        >>> usual = Usual(np.zeros((2, 1)), np.array([[1.0], [0.1]]), np.ones(1), 1.0)
        >>> [not_by_chance(usual, (1, 4), [num, num]).high.round(2).tolist() for num in (40, 40_000)]
        [[[1.0], [0.17]], [[1.0], [0.1]]]
    """
    reach = usual.reach
    for number in range(1, len(widths)):
        expected = reach[number - 1] * np.sqrt(widths[number - 1] / widths[number])
        num = num_rows[number] / widths[number]
        least = chi2.ppf(_UNSURE, max(num - 1.0, _LEAST_FREEDOM))
        most = reach[number] * np.sqrt(num / max(least, np.finfo(float).tiny))
        reach[number] = np.maximum(reach[number], np.minimum(expected, most))
    return replace(usual, high=usual.middle + reach)


def blend(
    rows: np.ndarray, usual: Usual, widths: tuple[int, ...], causal: bool, begins: np.ndarray | None = None
) -> Blend:
    r"""Scores from the evidence of rows.

    A kind of evidence is smoothed with every width, and counts with the width that makes it stand out most: farthest
    above its median, in units of how far normal rows get. The score is a power mean over the kinds,

    .. math:: \Bigl( \sum_k v_k \max(s_k, 0)^p \Big/ \sum_k v_k \Bigr)^{1/p}

    so that none of them alarms alone unless it is very sure.

    Args:
        rows: the evidence.
        usual: of normal rows, from `usual_heights`.
        widths: of the moving means, in rows, ascending.
        causal: means of past rows, else of rows on both sides.
        begins: rows before which time has a gap; no mean reaches across.

    Shapes: ``rows`` [K, T], NaN where there is nothing; ``begins`` [T] bool.

    Example:
        >>> usual = Usual.above_zero(np.ones((2, 1)))
        >>> blend(np.array([[1.0, 1.0, 7.0, 1.0]]), usual, (1, 3), causal=True).scores.tolist()
        [1.0, 1.0, 7.0, 3.0]
    """
    smooth = np.stack([_in_units(rows, usual, widths, number, causal, begins) for number in range(len(widths))])
    empty = np.isnan(smooth)
    filled = np.where(empty, -np.inf, smooth)
    chosen = filled.argmax(axis=0)
    largest = filled.max(axis=0)
    return Blend(_over_kinds(largest, usual), np.isfinite(largest).any(axis=0), chosen, _over_kinds(filled[0], usual))


def _over_kinds(height: np.ndarray, usual: Usual) -> np.ndarray:
    """Power mean of what is known. Shapes: ``height`` [K, T], ``-inf`` where a kind knows nothing; returns [T]."""
    known = np.isfinite(height)
    votes = known * usual.votes[:, None]
    powers = np.maximum(np.where(known, height, 0.0), 0.0) ** usual.power
    return ((powers * votes).sum(axis=0) / np.maximum(votes.sum(axis=0), _NOTHING)) ** (1.0 / usual.power)


def moving_mean(series: np.ndarray, width: int, causal: bool, begins: np.ndarray | None = None) -> np.ndarray:
    """Mean over a window of what is there; shorter windows at the ends, and where time has a gap before a row.

    Shapes: ``series`` [..., T], NaN where missing, ``begins`` [T] bool; returns the series', NaN for windows without
    any.

    Example:
        >>> moving_mean(np.array([1.0, 3.0, np.nan, 5.0]), 3, causal=False).tolist()
        [2.0, 2.0, 4.0, 5.0]
    """
    missing = np.isnan(series)
    first, last = _window(series.shape[-1], width, causal, begins)
    total = _sum_between(np.where(missing, 0.0, series), first, last)
    if not missing.any():
        return total / (last - first)
    count = _sum_between(~missing, first, last)
    return np.where(count > 0.5, total / np.maximum(count, 1.0), np.nan)


def _whole_mean(
    rows: np.ndarray, width: int, causal: bool, is_first: bool, begins: np.ndarray | None = None
) -> np.ndarray:
    """Means over whole windows, NaN near the ends and gaps in time; the first width always says something."""
    smooth = moving_mean(rows, width, causal, begins)
    if is_first:
        return smooth
    first, last = _window(rows.shape[-1], width, causal, begins)
    return np.where(last - first < width, np.nan, smooth)


def rows_in_windows(num_rows: int, width: int, causal: bool, begins: np.ndarray | None = None) -> int:
    """Rows that follow each other in whole windows: all of them, but where time has gaps.

    Example:
        >>> rows_in_windows(100, 5, False), rows_in_windows(100, 5, False, begins=np.arange(100) % 10 == 0)
        (100, 64)
    """
    first, last = _window(num_rows, width, causal, begins)
    num_whole = int((last - first == width).sum())
    return num_whole + width - 1 if num_whole else 0


def _in_units(
    rows: np.ndarray, usual: Usual, widths: tuple[int, ...], number: int, causal: bool, begins: np.ndarray | None
) -> np.ndarray:
    """Moving means above the median of normal ones, in units of their reach: [K, T].

    Near an end and around a gap means are over fewer rows, and half a window may hold all that is high in it. So they
    are compared with what normal means over so few rows reach: a fault that lasts to the end of a recording is no
    fainter there, and a short rise no stronger.
    """
    smooth, width = moving_mean(rows, widths[number], causal, begins), widths[number]
    out = (smooth - usual.middle[number][:, None]) / usual.reach[number][:, None]
    for kind, known in enumerate(_known_in_window(rows, width, causal, begins)):
        few = (known < width) & (known > 0)
        if few.any():
            middle, reach = usual.over(known[few], kind, widths)
            out[kind, few] = (smooth[kind, few] - middle) / reach
        if number:
            # A narrower mean tells as much from where the rows are.
            out[kind, known < widths[0]] = np.nan
    # Where even that has none, nothing was measured.
    return np.where(_known_in_window(rows, widths[0], causal, begins) == 0, np.nan, out) if number else out


def _known_in_window(rows: np.ndarray, width: int, causal: bool, begins: np.ndarray | None) -> np.ndarray:
    """Rows that a mean is over, [K, T]."""
    first, last = _window(rows.shape[-1], width, causal, begins)
    missing = np.isnan(rows)
    return _sum_between(~missing, first, last) if missing.any() else np.broadcast_to(last - first, rows.shape)


def _window(num_rows: int, width: int, causal: bool, begins: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """First row of the window of each row, and the row after its last."""
    after = 0 if causal else (width - 1) // 2
    place = np.arange(num_rows)
    earliest, latest = np.zeros(num_rows, np.int64), np.full(num_rows, num_rows)
    if begins is not None:
        earliest = np.maximum.accumulate(np.where(begins, place, 0))
        latest[:-1] = np.minimum.accumulate(np.where(begins, place, num_rows)[::-1])[::-1][1:]
    return np.maximum(place - (width - 1 - after), earliest), np.minimum(place + after + 1, latest)


def _sum_between(series: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    running = np.zeros((*series.shape[:-1], series.shape[-1] + 1))
    np.cumsum(series, axis=-1, dtype=np.float64, out=running[..., 1:])
    return running[..., last] - running[..., first]
