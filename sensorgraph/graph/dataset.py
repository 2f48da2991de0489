"""Prepared graphs on disk: built once, keyed by a hash of what made them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from torch_geometric.data import Dataset, HeteroData

from sensorgraph.errors import FileFormatError
from sensorgraph.graph.build import build_graph
from sensorgraph.graph.schema import GraphSchema
from sensorgraph.graph.statistics import ValueStatistics
from sensorgraph.graph.store import load_graph, save_graph
from sensorgraph.graph.summary import NUM_FEATURES
from sensorgraph.scenes import Scene
from sensorgraph.scenes.atomic import atomic_folder, write_atomically
from sensorgraph.words import BIN_EVIDENCE, EVIDENCE, WORD_FEATURE_NAMES

SCHEMA_VERSION = 3
_MANIFEST = "manifest.json"


class SceneDataset(Dataset):
    """Scene graphs from a prepared folder, for PyG's `DataLoader`.

    Args:
        folder: what `prepare` wrote.
        transform: applied to each graph when it is read.

    Raises:
        FileFormatError: the folder is missing, incomplete or of another version.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> from sensorgraph.scenes import Sensor
        >>> oil = Sensor("oil", 10.0, np.arange(20, dtype=np.float32))
        >>> scenes = [Scene(name, "r", 0.0, 2.0, (oil,)) for name in ("first", "second")]
        >>> folder = prepare(Path(tempfile.mkdtemp()) / "graphs", scenes, GraphSchema(2.0, 4), ValueStatistics())
        >>> data = SceneDataset(folder)
        >>> len(data), data[1].scene_id
        (2, 'second')
    """

    def __init__(self, folder: Path, transform: Callable[[HeteroData], HeteroData] | None = None) -> None:
        super().__init__(None, transform)
        facts = _read_manifest(folder)
        self.scene_ids: list[str] = facts["scenes"]
        self.files: list[str] = facts["files"]
        self.folder = folder

    def len(self) -> int:
        """Number of scenes."""
        return len(self.scene_ids)

    def get(self, idx: int) -> HeteroData:
        """One graph, before the transform."""
        return load_graph(self.folder / self.files[idx])


class GraphList(Dataset):
    """Graphs that are already in memory.

    Args:
        graphs: the graphs.
        transform: applied to each graph when it is taken.

    Example:
        >>> len(GraphList([]))
        0
    """

    def __init__(
        self, graphs: Sequence[HeteroData], transform: Callable[[HeteroData], HeteroData] | None = None
    ) -> None:
        super().__init__(None, transform)
        self.graphs = list(graphs)

    def len(self) -> int:
        """Number of scenes."""
        return len(self.graphs)

    def get(self, idx: int) -> HeteroData:
        """One graph, before the transform (a shallow copy: transforms replace attributes)."""
        return self.graphs[idx].clone() if self.transform is None else _shallow(self.graphs[idx])


def write_manifest(folder: Path, names: Sequence[str], scene_ids: Sequence[str]) -> None:
    """Declare the graphs of a folder complete: ``names`` of files and the scenes in them, in order."""
    facts = {"version": SCHEMA_VERSION, "files": list(names), "scenes": list(scene_ids)}
    write_atomically(folder / _MANIFEST, json.dumps(facts).encode())


def is_prepared(folder: Path) -> bool:
    """Whether a folder was prepared to the end."""
    return (folder / _MANIFEST).is_file()


def prepare(folder: Path, scenes: Iterable[Scene], schema: GraphSchema, statistics: ValueStatistics) -> Path:
    """Build the graphs of all scenes into ``folder``, all or nothing.

    A folder that is already there is complete, and is taken as it is.

    Args:
        folder: name it by `key_of`, so that other data or settings prepare anew.
        scenes: taken once, in order (wrap them for a progress bar).
        schema: of the run.
        statistics: of the run.

    Example:
        >>> import tempfile
        >>> folder = prepare(Path(tempfile.mkdtemp()) / "graphs", [], GraphSchema(2.0, 4), ValueStatistics())
        >>> is_prepared(folder), len(SceneDataset(folder))
        (True, 0)
    """
    if is_prepared(folder):
        return folder
    with atomic_folder(folder) as temporary:
        names, ids = [], []
        for number, scene in enumerate(scenes):
            names.append(f"{number:06d}.safetensors")
            save_graph(temporary / names[-1], build_graph(scene, schema, statistics))
            ids.append(scene.id)
        write_manifest(temporary, names, ids)
    return folder


def key_of(*parts: Any) -> str:
    """Twelve hexadecimal digits that change when anything that made the graphs changes.

    Example:
        >>> key_of({"num_bins": 20}, "recording_1") == key_of({"num_bins": 20}, "recording_1")
        True
    """
    made_by = [SCHEMA_VERSION, EVIDENCE, BIN_EVIDENCE, WORD_FEATURE_NAMES, NUM_FEATURES]
    text = json.dumps([made_by, *parts], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _read_manifest(folder: Path) -> dict[str, Any]:
    manifest = folder / _MANIFEST
    if not manifest.is_file():
        raise FileFormatError(f"{folder}: holds no prepared scenes; run the preparation again")
    try:
        facts = json.loads(manifest.read_text())
        version, complete = facts["version"], {"scenes", "files"} <= set(facts)
    except (ValueError, KeyError, TypeError) as error:
        raise FileFormatError(f"{manifest}: is damaged; delete its folder to prepare anew (got {error})") from error
    if version != SCHEMA_VERSION:
        raise FileFormatError(
            f"{folder}: was prepared by another version; delete it (got {version}, not {SCHEMA_VERSION})"
        )
    if not complete:
        raise FileFormatError(f"{manifest}: is damaged; delete its folder to prepare anew (got {sorted(facts)})")
    return dict(facts)


def _shallow(data: HeteroData) -> HeteroData:
    out = HeteroData()
    for kind in (*data.node_types, *data.edge_types):
        for name, value in data[kind].items():
            out[kind][name] = value
    for name in ("scene_id", "recording_id", "start_s", "stream_id"):
        out[name] = data[name]
    return out
