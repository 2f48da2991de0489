"""From many candidate pairs to few: each channel belongs to one value at most."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


def one_to_one(link: np.ndarray, worth: np.ndarray, num_channels: int) -> np.ndarray:
    """The links of greatest total worth of which no two share a channel, in whatever role.

    Among MSBs and LSBs the best assignment is found exactly, apart for every group of channels that are linked at
    all. A channel that comes out as MSB of one pair and LSB of another is taken out of the less worthy one, and the
    rest is assigned anew.

    Args:
        link: [E, 2] int64 channel numbers.
        worth: [E] float64; only links of positive worth are taken.
        num_channels: number of channels.

    Shapes: returns [n] int64, numbers of the chosen links, ascending.

    Example:
        >>> import numpy as np
        >>> link = np.array([[0, 1], [0, 2], [3, 1]])
        >>> one_to_one(link, np.array([5.0, 4.0, 3.0]), 4).tolist()
        [1, 2]
    """
    open_links = np.flatnonzero(worth > 0)
    while True:
        chosen = _assigned(link, worth, open_links, num_channels)
        clash = _worst_clash(link, worth, chosen)
        if clash < 0:
            return np.sort(chosen)
        open_links = open_links[open_links != clash]


def _assigned(link: np.ndarray, worth: np.ndarray, open_links: np.ndarray, num_channels: int) -> np.ndarray:
    if not len(open_links):
        return open_links
    high, low = link[open_links, 0], link[open_links, 1]
    graph = coo_matrix((np.ones(len(open_links)), (high, low + num_channels)), (2 * num_channels, 2 * num_channels))
    part = connected_components(graph, directed=False)[1][high]
    chosen = []
    order = np.argsort(part, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(part[order])) + 1):
        rows, row = np.unique(high[members], return_inverse=True)
        columns, column = np.unique(low[members], return_inverse=True)
        value = np.zeros((len(rows), len(columns)))
        number = np.full(value.shape, -1)
        value[row, column] = worth[open_links[members]]
        number[row, column] = open_links[members]
        taken = number[linear_sum_assignment(value, maximize=True)]
        chosen.append(taken[taken >= 0])
    return np.concatenate(chosen)


def _worst_clash(link: np.ndarray, worth: np.ndarray, chosen: np.ndarray) -> int:
    """Of the chosen links with a channel that another one uses in the other role, the least worthy; -1 if none."""
    both = np.intersect1d(link[chosen, 0], link[chosen, 1])
    clashing = chosen[np.isin(link[chosen], both).any(axis=1)]
    return int(clashing[worth[clashing].argmin()]) if len(clashing) else -1
