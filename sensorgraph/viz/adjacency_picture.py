"""A readable picture of the learned adjacency."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Arc, FancyArrowPatch
from matplotlib.path import Path as Curve

from sensorgraph.typing import MODALITIES
from sensorgraph.viz.adjacency_layout import Ring, ring_layout
from sensorgraph.viz.style import (
    FAINT,
    INK,
    PAIR_COLOUR,
    house_style,
    modality_colour,
    new_figure,
    save,
    say_empty,
    shorten,
)

# Words of the domain and of the literature for the same three types.
MARKERS = {
    "one_word": "s",
    "1word": "s",
    "two_word": "D",
    "2word": "D",
    "complex_bits": "^",
}
_NARROWEST, _WIDEST = 0.5, 3.6


def draw_adjacency(
    graph: nx.DiGraph, path: str | Path | None = None, *, title: str = "Learned adjacency", max_links: int = 250
) -> Figure:
    """Draw streams on a circle and links as arrows between them.

    Colour is the modality, shape the channel type, width and darkness the weight; arrows have the colour of the stream
    that they come from, found pairs stand out (from MSB to LSB).

    Args:
        graph: as `sensorgraph.viz.adjacency_graph` makes it.
        path: where to save a PNG; None saves nothing.
        title: above the picture.
        max_links: only so many of the strongest links are drawn, and a line below says so. Pairs are always drawn.

    Raises:
        OSError: the picture cannot be written.

    Example:
        >>> graph = nx.DiGraph()
        >>> graph.add_node("oil", modality="sensor")
        >>> graph.add_node("mic", modality="audio")
        >>> graph.add_edge("oil", "mic", weight=0.7, learned=True, is_pair=False)
        >>> len(draw_adjacency(graph).axes)
        1
    """
    with house_style():
        num_nodes = graph.number_of_nodes()
        side_in = float(np.clip(7.5 + 0.03 * num_nodes, 8.0, 16.0))
        figure = new_figure(side_in + 1.4, side_in)
        axes = figure.add_axes((0.0, 0.02, side_in / (side_in + 1.4), 0.93))
        axes.set_axis_off()
        figure.text(0.02, 0.965, title, fontsize=13, fontweight="bold", va="center")
        if not num_nodes:
            say_empty(axes, "no streams")
        else:
            ring = ring_layout(graph)
            letters = float(np.clip(720 / num_nodes, 5.0, 9.5))
            # The longest name must fit outside the ring; a letter is about .55 of its size wide, in 72nds of an inch.
            name_in = 0.55 / 72 * letters * max(len(_name(graph, node)) for node in graph)
            reach = 1.07 / (1 - min(name_in / (side_in * 0.465), 0.6))
            axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
            drawn = _draw_links(axes, graph, ring, max_links)
            _draw_nodes(axes, graph, ring, letters)
            _draw_groups(axes, ring)
            _explain(figure, graph)
            _count(figure, graph, drawn)
        if path is not None:
            save(figure, path)
    return figure


def _at(angle: float, radius: float = 1.0) -> np.ndarray:
    return radius * np.array([np.cos(angle), np.sin(angle)])


def _relative_weight(graph: nx.DiGraph) -> dict[tuple[str, str], float]:
    weight = {(one, other): abs(data.get("weight", 0.0)) for one, other, data in graph.edges(data=True)}
    largest = max(weight.values(), default=0.0)
    return {edge: value / largest if largest > 0 else 0.0 for edge, value in weight.items()}


def _draw_links(axes: Axes, graph: nx.DiGraph, ring: Ring, max_links: int) -> int:
    relative = _relative_weight(graph)
    pairs = [edge for edge in graph.edges if graph.edges[edge].get("is_pair")]
    others = sorted((edge for edge in graph.edges if edge not in set(pairs)), key=lambda edge: (relative[edge], edge))
    others = others[max(len(others) - max_links, 0) :]
    for order, edge in enumerate(others):
        share = relative[edge]
        colour = modality_colour(str(graph.nodes[edge[0]].get("modality")))
        width = _NARROWEST + (_WIDEST - _NARROWEST) * share**1.5
        _arrow(axes, ring, edge, color=colour, alpha=0.12 + 0.78 * share, linewidth=width, zorder=1 + order * 1e-4)
    for edge in pairs:
        _arrow(axes, ring, edge, color=PAIR_COLOUR, alpha=1.0, linewidth=2.6, zorder=3, label="pair")
    return len(others)


def _arrow(axes: Axes, ring: Ring, edge: tuple[str, str], **look: Any) -> None:
    start, end = _at(ring.angle[edge[0]], 0.965), _at(ring.angle[edge[1]], 0.955)
    apart = float(np.linalg.norm(end - start))
    middle = (start + end) / 2
    across = np.array([start[1] - end[1], end[0] - start[0]])
    # Far ends bend through the middle of the ring; the shift to one side parts a link from its reverse.
    control = middle * (0.35 if apart > 0.5 else 0.8) + 0.06 * across
    curve = Curve([start, control, end], [Curve.MOVETO, Curve.CURVE3, Curve.CURVE3])
    size = 5 + 2.2 * look["linewidth"]
    axes.add_patch(
        FancyArrowPatch(
            path=curve, arrowstyle="-|>", mutation_scale=size, shrinkA=0, shrinkB=0, capstyle="round", **look
        )
    )


def _name(graph: nx.DiGraph, node: str) -> str:
    half = graph.nodes[node].get("half")
    return shorten(node, 24) + (f" ({half.upper()})" if half else "")


def _draw_nodes(axes: Axes, graph: nx.DiGraph, ring: Ring, letters: float) -> None:
    num_nodes = graph.number_of_nodes()
    size = float(np.clip(4200 / num_nodes, 14, 110))
    for name, data in graph.nodes(data=True):
        x, y = _at(ring.angle[name])
        marker = MARKERS.get(str(data.get("type", "")).lower(), "o")
        edge_colour, edge_width = (PAIR_COLOUR, 1.8) if "half" in data else ("white", 0.8)
        colour = modality_colour(str(data.get("modality")))
        axes.scatter(x, y, s=size, c=colour, marker=marker, edgecolors=edge_colour, linewidths=edge_width, zorder=5)
        degrees = np.degrees(ring.angle[name])
        on_left = np.cos(ring.angle[name]) < -1e-9
        x, y = _at(ring.angle[name], 1.05)
        axes.text(
            x,
            y,
            _name(graph, name),
            fontsize=letters,
            rotation=degrees + 180 if on_left else degrees,
            rotation_mode="anchor",
            ha="right" if on_left else "left",
            va="center",
            color=PAIR_COLOUR if "half" in data else INK,
        )


def _draw_groups(axes: Axes, ring: Ring) -> None:
    """A band under the nodes shows where a modality begins and ends."""
    step = np.degrees(2 * np.pi / max(len(ring.angle), 1) * 0.45)
    for modality, (first, last) in ring.groups.items():
        start, end = np.degrees(last) - step, np.degrees(first) + step
        band = Arc((0, 0), 2, 2, theta1=start, theta2=end, color=modality_colour(modality), alpha=0.18, linewidth=15)
        axes.add_patch(band)


def _explain(figure: Figure, graph: nx.DiGraph) -> None:
    nodes = [data for _, data in graph.nodes(data=True)]
    blank = Line2D([], [], linestyle="none")
    parts: list[tuple[Artist, str]] = []
    present = {str(data.get("modality", "unknown")) for data in nodes}
    parts.append((blank, "modality"))
    for name in [name for name in MODALITIES if name in present] + sorted(present - set(MODALITIES)):
        parts.append((Line2D([], [], linestyle="none", marker="o", color=modality_colour(name), markersize=8), name))
    types = sorted({str(data["type"]) for data in nodes if "type" in data})
    if types:
        parts.append((blank, "channel type"))
        for name in types:
            marker = MARKERS.get(name.lower(), "o")
            parts.append((Line2D([], [], linestyle="none", marker=marker, color=FAINT, markersize=7), name))
    largest = max((abs(data.get("weight", 0.0)) for *_, data in graph.edges(data=True)), default=0.0)
    if largest > 0:
        parts.append((blank, "link weight"))
        for share in (1.0, 0.5, 0.1):
            width = _NARROWEST + (_WIDEST - _NARROWEST) * share**1.5
            line = Line2D([], [], color=INK, alpha=0.12 + 0.78 * share, linewidth=width)
            parts.append((line, f"{share * largest:.2g}"))
    if any(data.get("is_pair") for *_, data in graph.edges(data=True)):
        parts.append((blank, "found pair"))
        parts.append((Line2D([], [], color=PAIR_COLOUR, linewidth=2.6), "MSB to LSB"))
    legend = figure.legend(
        [artist for artist, _ in parts], [text for _, text in parts], loc="center left", bbox_to_anchor=(0.86, 0.5)
    )
    for (artist, _), text in zip(parts, legend.get_texts(), strict=True):
        if artist is blank:
            text.set_fontweight("bold")


def _count(figure: Figure, graph: nx.DiGraph, drawn: int) -> None:
    pairs = sum(bool(data.get("is_pair")) for *_, data in graph.edges(data=True))
    links = graph.number_of_edges() - pairs
    shown = f"{links} links" if drawn == links else f"strongest {drawn} of {links} links"
    streams = graph.number_of_nodes()
    text = f"{streams} streams, {shown}, {pairs} pairs"
    figure.text(0.02, 0.022, text, fontsize=8, color=FAINT)
