"""What normal rows score when they are new: a threshold from rows that set their own units would be too low."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student_t

from sensorgraph.scoring.smoothing import Usual, blend, not_by_chance, rows_in_windows, usual_heights

_MOST_BLOCKS = 10
_RARE = 0.999
_LEAST_FREEDOM = 4.0
"""With less, nothing would ever alarm."""


def usual_and_scores(
    rows: np.ndarray, widths: tuple[int, ...], causal: bool, begins: np.ndarray | None = None
) -> tuple[Usual, np.ndarray]:
    """What normal evidence is like, and what its rows would score if they were new.

    Each block of rows is scored by the heights of all others, for the height of a block is partly its own.

    Args:
        rows: of training, by networks that did not see them.
        widths: of the moving means, in rows.
        causal: means of past rows, else of rows on both sides.
        begins: rows before which time has a gap; no mean reaches across.

    Shapes: ``rows`` [K, T], NaN where there is nothing; ``begins`` [T] bool; the scores are [T].

    Example:
        >>> rows = np.random.default_rng(0).random((1, 400))
        >>> usual, scores = usual_and_scores(rows, (5, 50), causal=True)
        >>> bool(scores.max() > 1.1 * blend(rows, usual, (5, 50), causal=True).scores.max())
        True
    """
    num_rows, widest = rows.shape[1], max(widths)
    scores = np.zeros(num_rows)
    # Two of the widest windows at least: of a shorter block, none is wholly its own.
    num_blocks = int(np.clip(num_rows // (2 * widest), 2, _MOST_BLOCKS))
    for block in np.array_split(np.arange(num_rows), num_blocks):
        others = np.delete(rows, block, axis=1)
        other_begins = None if begins is None else np.delete(begins, block)
        first = max(block[0] - widest, 0)
        near = slice(first, block[-1] + widest + 1)
        usual = usual_of(others, widths, causal, other_begins)
        found = blend(rows[:, near], usual, widths, causal, None if begins is None else begins[near]).scores
        scores[block] = found[block[0] - first :][: len(block)]
    return usual_of(rows, widths, causal, begins), as_if_new(scores, float(np.mean(widths)))


def usual_of(rows: np.ndarray, widths: tuple[int, ...], causal: bool, begins: np.ndarray | None = None) -> Usual:
    """Of all kinds of evidence of the detector. Shapes: ``rows`` [K, T], ``begins`` [T] bool."""
    num_rows = [rows_in_windows(rows.shape[1], width, causal, begins) for width in widths]
    return not_by_chance(usual_heights(rows, widths, causal, begins=begins), widths, num_rows)


def as_if_new(scores: np.ndarray, width: float) -> np.ndarray:
    """Scores of held-out rows, raised by how uncertain it is that so few have seen all there is.

    Rows that were left out lie between those that were fitted to; new rows lie beyond them. A mean makes one
    independent stretch of so many rows, and how far ``n`` stretches stray says for new ones what a sample of ``n``
    does: Student's t takes the place of the normal distribution, where one in a thousand is exceeded.

    Args:
        scores: of rows.
        width: rows that are averaged, a mean over the widths, any of which may be the one that counts.

    Shapes: ``scores`` [T]; returns the same.

    Example:
        >>> [as_if_new(np.ones(num), 20.0)[0].round(3).item() for num in (5000, 400)]
        [1.011, 1.158]
    """
    freedom = max(len(scores) / width - 1.0, _LEAST_FREEDOM)
    return scores * float(student_t.ppf(_RARE, freedom) / norm.ppf(_RARE))
