"""Places for the nodes of an adjacency: on a circle, modalities together, related streams side by side."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from sensorgraph.typing import MODALITIES


@dataclass(frozen=True)
class Ring:
    """Where everything stands on a circle of radius 1.

    Attributes:
        angle: node to its angle (radians, anticlockwise from the right).
        groups: modality to the first and last angle of its nodes.
    """

    angle: dict[str, float]
    groups: dict[str, tuple[float, float]]


def ring_layout(graph: nx.DiGraph, gap_nodes: float = 1.5) -> Ring:
    """Spread the nodes over a circle; the same graph always gives the same places.

    Force layouts let names collide and differ from run to run. On a circle every name has its own ray, and chords
    between neighbours stay short when related streams stand side by side.

    Args:
        graph: as `sensorgraph.viz.adjacency_graph` makes it.
        gap_nodes: space between modalities, in nodes.

    Example:
        >>> graph = nx.DiGraph()
        >>> graph.add_node("oil", modality="sensor")
        >>> graph.add_node("mic", modality="audio")
        >>> [round(angle, 3) for angle in ring_layout(graph).angle.values()]
        [1.571, -1.571]
    """
    present = {str(data.get("modality", "unknown")) for _, data in graph.nodes(data=True)}
    modalities = [name for name in MODALITIES if name in present] + sorted(present - set(MODALITIES))
    gap = gap_nodes if len(modalities) > 1 else 0.0
    # At least one node's room closes the circle even without gaps.
    step = 2 * np.pi / max(graph.number_of_nodes() + gap * len(modalities), 1)
    angle: dict[str, float] = {}
    groups: dict[str, tuple[float, float]] = {}
    place = 0.0
    for modality in modalities:
        members = [name for name, data in graph.nodes(data=True) if str(data.get("modality", "unknown")) == modality]
        ordered = _side_by_side(graph, members)
        for name in ordered:
            # From the top, clockwise, as a clock is read.
            angle[name] = np.pi / 2 - place * step
            place += 1
        groups[modality] = (angle[ordered[0]], angle[ordered[-1]])
        place += gap
    return Ring(angle, groups)


def _side_by_side(graph: nx.DiGraph, members: list[str]) -> list[str]:
    """Members in an order in which strongly linked ones (pairs first of all) are neighbours."""
    members = sorted(members)
    if len(members) < 3:
        return members
    number = {name: position for position, name in enumerate(members)}
    close = np.zeros((len(members), len(members)))
    for one, other, data in graph.edges(members, data=True):
        if one in number and other in number and one != other:
            close[number[one], number[other]] += abs(data.get("weight", 0.0))
    close += close.T
    close /= max(close.max(), 1e-12)
    for one, other, data in graph.edges(members, data=True):
        if data.get("is_pair") and one in number and other in number and one != other:
            close[number[one], number[other]] = close[number[other], number[one]] = 2.0
    distance = 2.0 - close
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), method="average", optimal_ordering=True)
    return [members[position] for position in leaves_list(tree)]
