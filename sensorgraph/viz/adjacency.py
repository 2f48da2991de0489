"""The learned adjacency as a networkx graph, and as GraphML for other tools."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from sensorgraph.errors import DataError, UnknownNameError
from sensorgraph.scenes.atomic import write_atomically
from sensorgraph.typing import ChannelType
from sensorgraph.viz.tables import require_columns


def adjacency_graph(
    link_table: pd.DataFrame, stream_table: pd.DataFrame, pairs: Iterable[tuple[str, str]] = ()
) -> nx.DiGraph:
    """A graph with one node per stream and one edge per learned link.

    Args:
        link_table: columns ``from``, ``to`` (stream ids), ``weight``; all further columns become edge attributes.
        stream_table: columns ``id``, ``modality``; all further columns become node attributes, ``type`` (a
            `ChannelType`, its number, or any text) by its name. A missing value (None, NaN) becomes no attribute.
        pairs: ``(msb, lsb)`` of each found pair. Its two nodes get ``half`` (``msb`` or ``lsb``) and ``partner``; its
            edge gets ``is_pair`` and is added with weight 0 and ``learned`` False where no link was learned.

    Raises:
        DataError: columns are missing, ids or links appear twice, or a weight is not finite.
        UnknownNameError: a link or pair names a stream that is not in the stream table.

    Example:
        >>> streams = pd.DataFrame({"id": ["oil", "mic"], "modality": ["sensor", "audio"]})
        >>> links = pd.DataFrame({"from": ["oil"], "to": ["mic"], "weight": [0.7]})
        >>> graph = adjacency_graph(links, streams)
        >>> graph.nodes["mic"]["modality"], graph.edges["oil", "mic"]["weight"]
        ('audio', 0.7)
    """
    pairs = list(pairs)
    require_columns("viz.adjacency", link_table, ["from", "to", "weight"])
    require_columns("viz.adjacency", stream_table, ["id", "modality"])
    _check(link_table, stream_table, pairs)
    graph = nx.DiGraph()
    row: dict[Any, Any]
    for row in stream_table.to_dict("records"):
        attributes = _attributes(row, leave_out=("id",))
        if isinstance(attributes.get("type"), int | float):
            # A table with unknown types holds its numbers as floats.
            attributes["type"] = ChannelType(int(attributes["type"])).name.lower()
        graph.add_node(str(row["id"]), **attributes)
    for row in link_table.to_dict("records"):
        attributes = _attributes(row, leave_out=("from", "to"))
        graph.add_edge(str(row["from"]), str(row["to"]), **{**attributes, "learned": True, "is_pair": False})
    for msb, lsb in pairs:
        if not graph.has_edge(msb, lsb):
            graph.add_edge(msb, lsb, weight=0.0, learned=False)
        graph.edges[msb, lsb]["is_pair"] = True
        graph.nodes[msb].update(half="msb", partner=lsb)
        graph.nodes[lsb].update(half="lsb", partner=msb)
    return graph


def write_graphml(graph: nx.DiGraph, path: str | Path) -> None:
    """Write a graph as GraphML (for Gephi, yEd, Cytoscape, ...) in one step.

    Raises:
        OSError: the folder is missing or the disk is full; an old file stays as it was.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "links.graphml"
        >>> write_graphml(nx.DiGraph([("oil", "mic")]), path)
        >>> list(nx.read_graphml(path).edges)
        [('oil', 'mic')]
    """
    write_atomically(path, ("\n".join(nx.generate_graphml(graph)) + "\n").encode())


def _check(link_table: pd.DataFrame, stream_table: pd.DataFrame, pairs: list[tuple[str, str]]) -> None:
    twice = stream_table["id"][stream_table["id"].duplicated()]
    if len(twice):
        raise DataError(f"viz.adjacency: stream ids must be unique (got '{twice.iloc[0]}' twice)")
    repeated = link_table[link_table[["from", "to"]].duplicated()]
    if len(repeated):
        first = repeated.iloc[0]
        raise DataError(
            f"viz.adjacency: a link appears twice; average the scenes first (got '{first['from']}' -> '{first['to']}')"
        )
    wrong = link_table[~np.isfinite(link_table["weight"].to_numpy(np.float64))]
    if len(wrong):
        first = wrong.iloc[0]
        raise DataError(
            f"viz.adjacency: link '{first['from']}' -> '{first['to']}': weight must be finite (got {first['weight']})"
        )
    known = set(stream_table["id"])
    ends = [*link_table["from"], *link_table["to"], *(half for pair in pairs for half in pair)]
    unknown = sorted({str(end) for end in ends if end not in known})
    if unknown:
        raise UnknownNameError(f"viz.adjacency: links name streams that are not in the table: {', '.join(unknown)}")


def _attributes(row: dict[Any, Any], leave_out: tuple[str, ...]) -> dict[str, Any]:
    return {str(name): _plain(value) for name, value in row.items() if name not in leave_out and _is_there(value)}


def _is_there(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and np.isnan(value)) and value is not pd.NA


def _plain(value: Any) -> str | int | float | bool:
    """GraphML knows four kinds of values; an enumeration is written by its name."""
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, np.generic):
        value = value.item()
    return value if isinstance(value, str | int | float | bool) else str(value)
