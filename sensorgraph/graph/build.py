"""Scenes become PyG graphs."""

from __future__ import annotations

import numpy as np
import torch
from torch_geometric.data import HeteroData

from sensorgraph.errors import SceneError
from sensorgraph.graph.links.candidates import candidate_links
from sensorgraph.graph.links.structure import structural_links, wired_links
from sensorgraph.graph.nodes import rows_of
from sensorgraph.graph.schema import CANDIDATE, LINK_TYPES, SCENE, WIRED, GraphSchema
from sensorgraph.graph.statistics import ValueStatistics
from sensorgraph.graph.summary import TOGGLE_RATES
from sensorgraph.graph.truth import bits_of, channel_truth, moved_bits, stream_truth
from sensorgraph.scenes import Scene, Sensor
from sensorgraph.typing import MODALITIES
from sensorgraph.words import WORD_FEATURE_NAMES, word_features


def build_graph(scene: Scene, schema: GraphSchema, statistics: ValueStatistics) -> HeteroData:
    """The graph of one scene: one node per stream, one for the scene, and every link type of the schema.

    Node attributes, for each modality with ``N`` streams, ``L`` bins, ``F`` summary features:

    - ``value`` [sum T, ...], ``valid`` [sum T] bool, ``bin`` [sum T] int16, ``time_s`` [sum T] float32, ``length`` [N]:
      the raw series, one after the other (see `sensorgraph.graph.ragged.Ragged`);
    - ``rate_hz`` [N], ``channel`` [N] int64 (0 = not known to the schema), ``is_word`` [N] bool;
    - ``summary`` [N, L, F] float32, ``observed`` [N, L, F] bool: what decoders reconstruct;
    - ``cause`` [N, L], ``affected`` [N, L] bool: anomaly truth.

    Sensors also have ``word_feature`` [N, K], ``moved`` [N, 16] (1 where a bit of a word ever changes), ``toggle_rate``
    [N, L, 16] (0 for physical values) and the channel truth of `sensorgraph.graph.truth.channel_truth`.
    The candidate links carry ``edge_attr`` [E, K], ``bin_evidence`` [E, L, k] and their truth. The graph names its
    scene: ``scene_id``, ``recording_id``, ``start_s``, and ``stream_id`` per modality, in row order.

    Raises:
        SceneError: the scene has another duration than the schema, or no stream at all.

    Example:
        >>> from sensorgraph.scenes import Scene, Sensor
        >>> scene = Scene("s", "r", 0.0, 2.0, (Sensor("oil", 10.0, np.arange(20, dtype=np.float32)),))
        >>> graph = build_graph(scene, GraphSchema(duration_s=2.0, num_bins=4), ValueStatistics.fit([scene]))
        >>> graph["sensor"].value.shape, graph["sensor"].summary.shape[:2], graph["audio"].num_nodes
        (torch.Size([20]), torch.Size([1, 4]), 0)
    """
    if abs(scene.duration_s - schema.duration_s) > 1e-6:
        raise SceneError(
            f"scene '{scene.id}': this run's scenes are {schema.duration_s:g} s long; cut it so "
            f"(got {scene.duration_s:g} s)"
        )
    if not scene.streams:
        raise SceneError(f"scene '{scene.id}': has no stream; leave it out (got 0)")
    data = HeteroData()
    for modality in MODALITIES:
        store = data[modality]
        for name, tensor in rows_of(scene, modality, schema, statistics).tensors().items():
            store[name] = tensor
        store.num_nodes = len(store["length"])
        for name, tensor in stream_truth(scene, modality, schema.clock).items():
            store[name] = tensor

    sensors = [stream for stream in scene.of_modality("sensor") if isinstance(stream, Sensor)]
    data["sensor"].word_feature = _word_features(sensors)
    data["sensor"].moved = torch.stack(
        [bits_of(moved_bits(sensor) if sensor.is_word else 0) for sensor in sensors] or [torch.zeros(16)]
    )[: len(sensors)]
    data["sensor"].toggle_rate = data["sensor"].summary[..., TOGGLE_RATES].clone()
    for name, tensor in channel_truth(scene, sensors).items():
        data["sensor"][name] = tensor

    data[SCENE].num_nodes = 1
    data[SCENE].anomalous = torch.stack([data[modality].cause.any(0) for modality in MODALITIES]).any(0, keepdim=True)
    for link_type in LINK_TYPES:
        data[link_type].edge_index = torch.zeros(2, 0, dtype=torch.int64)
    for link_type, edge_index in structural_links({m: data[m].num_nodes for m in MODALITIES}).items():
        data[link_type].edge_index = edge_index
    data[WIRED].edge_index = wired_links(scene, sensors)
    for name, tensor in candidate_links(scene, sensors, schema.clock).items():
        data[CANDIDATE][name] = tensor

    data.scene_id = scene.id
    data.recording_id = scene.recording_id
    data.start_s = scene.start_s
    data.stream_id = {modality: [s.id for s in scene.of_modality(modality)] for modality in MODALITIES}
    return data


def _word_features(sensors: list[Sensor]) -> torch.Tensor:
    """What the bits of a word tell about it, [N, K] float32; zeros for physical values."""
    out = np.zeros((len(sensors), len(WORD_FEATURE_NAMES)), np.float32)
    for row, sensor in enumerate(sensors):
        if sensor.is_word:
            out[row] = word_features(sensor.values, sensor.validity())
    return torch.from_numpy(out)
