"""How well channels are sorted into one value, half of a value, and packed bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sensorgraph.errors import DataError
from sensorgraph.typing import ChannelType


@dataclass(frozen=True)
class TypeFigures:
    """What predicted types are worth.

    Attributes:
        accuracy: share of channels with the right type; an abstention is wrong.
        macro_f1: mean F1 over the types that occur in the truth, each with the same weight.
        f1: per type, NaN for a type that does not occur in the truth.
        confusion: [types, types + 1] counts, rows truth, columns predicted, last column abstained.
    """

    accuracy: float
    macro_f1: float
    f1: tuple[float, ...]
    confusion: np.ndarray

    @property
    def num_abstained(self) -> int:
        """Channels without an answer."""
        return int(self.confusion[:, -1].sum())


def type_figures(true_types: ArrayLike, found_types: ArrayLike, num_types: int = len(ChannelType)) -> TypeFigures:
    """Judge predicted channel types.

    Why macro-F1 beside accuracy: most channels are one value in one word, so "always 1word" has a fine accuracy.

    Args:
        true_types: [N] numbers of `ChannelType`.
        found_types: [N] the same, -1 where the finder abstains.
        num_types: how many types there are.

    Raises:
        DataError: shapes differ, no channel, or a number that is no type.

    Example:
        >>> figures = type_figures([0, 0, 0, 1], [0, 0, 0, 0])
        >>> figures.accuracy, round(figures.macro_f1, 3)
        (0.75, 0.429)
    """
    truth, found = np.asarray(true_types), np.asarray(found_types)
    if truth.ndim != 1 or truth.size == 0 or truth.shape != found.shape:
        raise DataError(f"type_figures: needs one found type per channel (got {truth.shape} and {found.shape})")
    if not np.isin(truth, np.arange(num_types)).all() or not np.isin(found, np.arange(-1, num_types)).all():
        raise DataError(f"type_figures: types must be 0..{num_types - 1}, found ones also -1 (got {truth}, {found})")
    confusion = np.zeros((num_types, num_types + 1), dtype=np.int64)
    np.add.at(confusion, (truth.astype(int), np.where(found < 0, num_types, found).astype(int)), 1)
    hits = np.diag(confusion)
    actual, named = confusion.sum(axis=1), confusion[:, :num_types].sum(axis=0)
    f1 = np.where(actual > 0, 2 * hits / np.maximum(actual + named, 1), np.nan)
    return TypeFigures(float(hits.sum() / truth.size), float(np.nanmean(f1)), tuple(f1.tolist()), confusion)
