"""How well MSB/LSB pairs are found, and their order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sensorgraph.errors import DataError
from sensorgraph.evaluation.counts import Counts


@dataclass(frozen=True)
class PairFigures:
    """What found pairs are worth.

    Attributes:
        counts: of pairs whatever their order, with precision, recall and F1.
        order_accuracy: share of the rightly found pairs whose order is right too (NaN if none was found).
        num_abstained: pairs of which the finder said that the data cannot tell.
        num_abstained_true: those among them that are pairs; they count as missed.
    """

    counts: Counts
    order_accuracy: float
    num_abstained: int
    num_abstained_true: int


def pair_figures(
    true_pairs: Iterable[tuple[str, str]],
    found_pairs: Iterable[tuple[str, str]],
    abstained_pairs: Iterable[tuple[str, str]] = (),
) -> PairFigures:
    """Judge found pairs.

    Why order apart: a pair in the wrong order is a find that a reader can repair; a missed pair is not.

    Args:
        true_pairs: ``(msb, lsb)`` stream ids.
        found_pairs: the same, as found.
        abstained_pairs: pairs for which the finder declined to answer.

    Raises:
        DataError: a pair is named twice (in either order), or a stream is paired with itself.

    Example:
        >>> figures = pair_figures([("a", "b"), ("c", "d")], [("b", "a")], abstained_pairs=[("c", "d")])
        >>> figures.counts.precision, figures.counts.recall, figures.order_accuracy, figures.num_abstained_true
        (1.0, 0.5, 0.0, 1)
    """
    truth = _by_streams(true_pairs, "true_pairs")
    found = _by_streams(found_pairs, "found_pairs")
    abstained = _by_streams(abstained_pairs, "abstained_pairs")
    both = found.keys() & abstained.keys()
    if both:
        raise DataError(f"pair_figures: a pair is either found or abstained from (both: {_shown(both)})")
    hits = truth.keys() & found.keys()
    num_ordered = sum(truth[streams] == found[streams] for streams in hits)
    return PairFigures(
        counts=Counts(len(hits), len(found) - len(hits), len(truth) - len(hits)),
        order_accuracy=num_ordered / len(hits) if hits else float("nan"),
        num_abstained=len(abstained),
        num_abstained_true=len(truth.keys() & abstained.keys()),
    )


def _by_streams(pairs: Iterable[tuple[str, str]], place: str) -> dict[frozenset[str], tuple[str, str]]:
    named: dict[frozenset[str], tuple[str, str]] = {}
    for msb, lsb in pairs:
        streams = frozenset((msb, lsb))
        if msb == lsb:
            raise DataError(f"pair_figures, {place}: a stream cannot pair with itself (got '{msb}')")
        if streams in named:
            raise DataError(f"pair_figures, {place}: name each pair once (got {_shown([streams])} twice)")
        named[streams] = (msb, lsb)
    return named


def _shown(groups: Iterable[frozenset[str]]) -> str:
    return ", ".join(sorted("/".join(sorted(streams)) for streams in groups))
