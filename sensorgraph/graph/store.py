"""One prepared graph per file: safetensors, read by memory map, without pickle."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch_geometric.data import HeteroData

from sensorgraph.errors import FileFormatError
from sensorgraph.graph.schema import LINK_TYPES, NODE_TYPES
from sensorgraph.scenes.atomic import write_atomically

_NAMES = ("scene_id", "recording_id", "start_s", "stream_id")


def save_graph(path: Path, data: HeteroData) -> None:
    """Write a graph atomically.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> from sensorgraph.graph import GraphSchema, ValueStatistics, build_graph
        >>> from sensorgraph.scenes import Scene, Sensor
        >>> scene = Scene("s", "r", 0.0, 2.0, (Sensor("oil", 10.0, np.arange(20, dtype=np.float32)),))
        >>> path = Path(tempfile.mkdtemp()) / "graph"
        >>> save_graph(path, build_graph(scene, GraphSchema(2.0, 4), ValueStatistics()))
        >>> load_graph(path).stream_id["sensor"]
        ['oil']
    """
    tensors = {}
    for place in (*NODE_TYPES, *LINK_TYPES):
        kind = place if isinstance(place, str) else "/".join(place)
        for name, value in data[place].items():
            if name != "num_nodes":
                tensors[f"{kind}:{name}"] = value.contiguous()
    facts = {name: data[name] for name in _NAMES}
    facts["num_nodes"] = {kind: data[kind].num_nodes for kind in NODE_TYPES}
    write_atomically(path, save(tensors, metadata={"sensorgraph": json.dumps(facts)}))


def load_graph(path: Path) -> HeteroData:
    """Read what `save_graph` wrote.

    Raises:
        FileFormatError: the file is missing, truncated or not one of ours.

    Example:
        >>> load_graph(Path("nowhere"))  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        sensorgraph.errors.FileFormatError: nowhere: not a prepared graph; delete its folder to prepare anew ...
    """
    data = HeteroData()
    for place in (*NODE_TYPES, *LINK_TYPES):
        data[place]  # the order of types is that of a graph just built, whatever the order in the file
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {})["sensorgraph"])
            for kind, count in facts.pop("num_nodes").items():
                data[kind].num_nodes = count
            for key in file.keys():  # noqa: SIM118 - a safetensors handle is no mapping
                kind, name = key.split(":")
                data[tuple(kind.split("/")) if "/" in kind else kind][name] = file.get_tensor(key)
        for name in _NAMES:
            data[name] = facts[name]
    except (OSError, SafetensorError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise FileFormatError(
            f"{path}: not a prepared graph; delete its folder to prepare anew (got {error})"
        ) from error
    return data
