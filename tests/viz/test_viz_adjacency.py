from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from matplotlib.patches import FancyArrowPatch

from sensorgraph.errors import DataError, UnknownNameError
from sensorgraph.typing import ChannelType
from sensorgraph.viz import adjacency_graph, draw_adjacency, write_graphml
from sensorgraph.viz.adjacency_layout import ring_layout


def _tables(num_sensors: int = 6) -> tuple[pd.DataFrame, pd.DataFrame]:
    ids = [f"w{number:02d}" for number in range(num_sensors)]
    streams = pd.DataFrame({"id": [*ids, "mic", "log"], "modality": ["sensor"] * num_sensors + ["audio", "text"]})
    streams["type"] = [float(number % 3) for number in range(num_sensors)] + [np.nan, np.nan]
    rng = np.random.default_rng(0)
    rows = [
        {"from": one, "to": streams["id"][(number + step) % len(streams)], "weight": rng.uniform(), "lag_s": 0.1 * step}
        for number, one in enumerate(streams["id"])
        for step in (1, 2)
    ]
    return pd.DataFrame(rows), streams


def test_every_attribute_is_kept() -> None:
    links, streams = _tables()
    graph = adjacency_graph(links, streams, [("w00", "w01"), ("w05", "w00")])
    assert graph.number_of_nodes() == 8
    assert graph.nodes["w01"] == {"modality": "sensor", "type": "two_word", "half": "lsb", "partner": "w00"}
    assert graph.nodes["mic"] == {"modality": "audio"}
    assert graph.edges["w00", "w01"]["is_pair"]
    assert graph.edges["w00", "w01"]["learned"]
    assert graph.edges["w00", "w02"]["lag_s"] == pytest.approx(0.2)
    assert not graph.edges["w00", "w02"]["is_pair"]
    assert graph.edges["w05", "w00"] == {"weight": 0.0, "learned": False, "is_pair": True}


def test_types_may_be_enumerations_or_texts() -> None:
    links, streams = _tables(2)
    streams["type"] = [ChannelType.COMPLEX_BITS, "2word", None, None]
    graph = adjacency_graph(links, streams)
    assert graph.nodes["w00"]["type"] == "complex_bits"
    assert graph.nodes["w01"]["type"] == "2word"


def test_graphml_returns_the_same_graph(tmp_path: Path) -> None:
    links, streams = _tables()
    graph = adjacency_graph(links, streams, [("w00", "w01")])
    write_graphml(graph, tmp_path / "graph.graphml")
    again = nx.read_graphml(tmp_path / "graph.graphml")
    assert dict(again.nodes(data=True)) == dict(graph.nodes(data=True))
    assert {edge: again.edges[edge] for edge in again.edges} == {edge: graph.edges[edge] for edge in graph.edges}
    assert [path.name for path in tmp_path.iterdir()] == ["graph.graphml"]


def test_empty_tables_make_an_empty_graph_and_a_picture_that_says_so(tmp_path: Path) -> None:
    links, streams = _tables()
    graph = adjacency_graph(links[:0], streams[:0])
    assert graph.number_of_nodes() == 0
    figure = draw_adjacency(graph, tmp_path / "empty.png")
    assert "no streams" in [text.get_text() for text in figure.axes[0].texts]
    write_graphml(graph, tmp_path / "empty.graphml")
    assert nx.read_graphml(tmp_path / "empty.graphml").number_of_nodes() == 0


def test_bad_tables_are_named() -> None:
    links, streams = _tables()
    with pytest.raises(DataError, match="lacks columns weight"):
        adjacency_graph(links.drop(columns="weight"), streams)
    with pytest.raises(UnknownNameError, match="nobody"):
        adjacency_graph(links, streams, [("w00", "nobody")])
    with pytest.raises(DataError, match="must be finite"):
        adjacency_graph(links.assign(weight=np.nan), streams)
    with pytest.raises(DataError, match="a link appears twice"):
        adjacency_graph(pd.concat([links, links]), streams)
    with pytest.raises(DataError, match="unique"):
        adjacency_graph(links, pd.concat([streams, streams]))


def test_the_ring_keeps_modalities_together_and_pairs_side_by_side() -> None:
    links, streams = _tables(9)
    graph = adjacency_graph(links, streams, [("w00", "w07"), ("w03", "w08")])
    ring = ring_layout(graph)
    order = sorted(ring.angle, key=lambda name: -ring.angle[name])
    modalities = [graph.nodes[name]["modality"] for name in order]
    assert modalities == ["sensor"] * 9 + ["audio", "text"]
    for msb, lsb in (("w00", "w07"), ("w03", "w08")):
        assert abs(order.index(msb) - order.index(lsb)) == 1
    assert len({round(angle, 9) for angle in ring.angle.values()}) == 11
    assert ring_layout(graph) == ring


def test_the_picture_shows_every_name_every_link_and_the_pairs(tmp_path: Path) -> None:
    links, streams = _tables()
    graph = adjacency_graph(links, streams, [("w05", "w00")])
    figure = draw_adjacency(graph, tmp_path / "graph.png", title="machine 7")
    axes = figure.axes[0]
    names = {text.get_text() for text in axes.texts}
    assert {"w05 (MSB)", "w00 (LSB)", "w02", "mic", "log"} <= names
    arrows = [patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
    assert len(arrows) == graph.number_of_edges()
    assert sum(arrow.get_label() == "pair" for arrow in arrows) == 1
    said = " ".join(text.get_text() for text in figure.texts)
    assert "machine 7" in said
    assert "8 streams, 16 links, 1 pairs" in said
    assert imread(tmp_path / "graph.png").shape[2] == 4


def test_stronger_links_are_wider_and_only_the_strongest_are_drawn() -> None:
    links, streams = _tables()
    graph = adjacency_graph(links, streams)
    figure = draw_adjacency(graph, max_links=5)
    arrows = [patch for patch in figure.axes[0].patches if isinstance(patch, FancyArrowPatch)]
    widths = [arrow.get_linewidth() for arrow in arrows]
    assert len(widths) == 5
    assert widths == sorted(widths)
    assert any("strongest 5 of 16 links" in text.get_text() for text in figure.texts)


def test_the_same_graph_gives_the_same_bytes(tmp_path: Path) -> None:
    links, streams = _tables()
    for name in ("one.png", "two.png"):
        draw_adjacency(adjacency_graph(links, streams), tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
