"""From a trained model to tables: the last place where there is torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Dataset, HeteroData
from torch_geometric.loader import DataLoader

from sensorgraph.graph.schema import CANDIDATE, RELATES, SCENE
from sensorgraph.models.hiding import Round, span_rounds, stream_rounds
from sensorgraph.models.modality_context import out_of_context
from sensorgraph.models.scene_gnn import Encodings, SceneGNN
from sensorgraph.typing import MODALITIES

_STREAMS_AT_ONCE = 400
_MOST_SCENES = 8


@dataclass(frozen=True)
class Predictions:
    """What the network says about scenes.

    Attributes:
        residuals: one row per scene, stream and bin: ``recording``, ``scene``, ``scene_start_s``, ``modality``,
            ``stream``, ``is_word``, ``bin``, ``against_others`` (of known streams how much the others contradict
            them, as a softplus; of others the mean size of residuals in sigmas), ``against_past`` (mean size
            in sigmas), ``deviation`` (mean size in sigmas of the training distribution), ``out_of_context`` and
            ``against_memory`` (how much the rest of the scene speaks against all streams of this modality, in nats, by
            the shared factors and by what is remembered of normal scenes), ``familiar`` (log density of where this
            modality is among what is remembered, in nats), ``cause`` and ``affected`` (truth). NaN where nothing was
            observed, or nothing is known.
        channels: one row per sensor of words: probabilities, bits (masks), and truth.
        pairs: one row per candidate link: both ends, probability, order, and truth.
        overflow: one row per candidate link and bin: probability and truth.
        links: one row per scene and learned link: both ends and the attention (0..1).
    """

    residuals: pd.DataFrame
    channels: pd.DataFrame
    pairs: pd.DataFrame
    overflow: pd.DataFrame
    links: pd.DataFrame


def predict(
    model: SceneGNN,
    dataset: Dataset,
    batch_size: int | None = None,
    progress: Callable[[Iterable[HeteroData]], Iterator[HeteroData]] = iter,
    device: str = "cpu",
) -> Predictions:
    """Run the model over a data set; the order of scenes is kept, and no scene's numbers depend on the others'.

    Args:
        model: the network, on ``device``.
        dataset: prepared scenes.
        batch_size: scenes at once; None takes as many as have some 400 streams together, 8 at most: more would only
            leave the cache.
        progress: wraps the iteration over batches, e.g. in a progress bar.
        device: where the network computes; the tables are made on the CPU.

    Example:
        >>> from sensorgraph.graph.dataset import GraphList
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> run = tiny_run(seeds=[0])
        >>> found = predict(run.model(dim=8), GraphList(run.graphs()))
        >>> found.residuals.groupby("modality")["stream"].nunique().to_dict()
        {'audio': 1, 'image': 2, 'sensor': 15, 'text': 1, 'video': 1}
    """
    tables: dict[str, list[pd.DataFrame]] = {name: [] for name in Predictions.__dataclass_fields__}
    was_training = model.training
    model.eval()
    batch_size = scenes_at_once(dataset) if batch_size is None else batch_size
    with torch.no_grad():
        for graph in progress(DataLoader(dataset, batch_size=batch_size)):
            for name, table in _predict_batch(model, graph.to(device)).items():
                tables[name].append(table)
    model.train(was_training)
    return Predictions(**{name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()})


def scenes_at_once(dataset: Dataset) -> int:
    """How many scenes `predict` takes together, told from the first one.

    Example:
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> scenes_at_once(tiny_run(seeds=[0]).graphs())
        8
    """
    if not len(dataset):
        return 1
    first = dataset[0]
    num_streams = sum(first[modality].num_nodes for modality in MODALITIES)
    return min(max(_STREAMS_AT_ONCE // max(num_streams, 1), 1), _MOST_SCENES)


def _predict_batch(model: SceneGNN, graph: HeteroData) -> dict[str, pd.DataFrame]:
    encodings = model.encode(graph)
    whole = model.fuse(graph, encodings)
    reading = model.read(graph, encodings, whole)
    against_others = unexpectedness(model, graph, encodings, stream_rounds(graph), contextual=True)
    against_past = unexpectedness(model, graph, encodings, span_rounds(graph))
    context = _on_cpu(_context(graph, encodings))
    against_memory, familiar = _on_cpu(_by_memory(model, graph, encodings))
    graph, whole, reading = graph.cpu(), _on_cpu(whole), _on_cpu(reading)
    against_others, against_past = _on_cpu(against_others), _on_cpu(against_past)
    names = _Names(graph)
    residuals = []
    for modality in MODALITIES:
        store = graph[modality]
        num_streams, num_bins = store.summary.shape[:2]
        residuals.append(
            {
                **names.streams(modality, np.repeat(np.arange(num_streams), num_bins)),
                "is_word": np.repeat(store.is_word.numpy(), num_bins),
                "bin": np.tile(np.arange(num_bins), num_streams),
                "against_others": against_others[modality].flatten().numpy(),
                "against_past": against_past[modality].flatten().numpy(),
                "deviation": _mean_size(store.summary, store.observed).flatten().numpy(),
                "out_of_context": context[modality].flatten().numpy(),
                "against_memory": against_memory[modality].flatten().numpy(),
                "familiar": familiar[modality].flatten().numpy(),
                "cause": store.cause.flatten().numpy(),
                "affected": store.affected.flatten().numpy(),
            }
        )

    truth, links = graph["sensor"], graph[CANDIDATE]
    probability = torch.softmax(reading.channel_type, -1).numpy()
    channels = {
        **names.streams("sensor"),
        **{name: probability[:, number] for number, name in enumerate(("one_word", "two_word", "complex_bits"))},
        "live_bits": _masks(reading.bits.live > 0),
        "flag_bits": _masks(reading.bits.flag > 0),
        "true_type": truth.channel_type.numpy(),
        "true_live_bits": _masks(truth.live_bits > 0.5),
        "true_flag_bits": _masks(truth.flag_bits > 0.5),
    }
    of_words = truth.is_word.numpy()

    pairs = {
        **names.links(links.edge_index, "msb", "lsb"),
        "probability": torch.sigmoid(reading.pairs.is_pair).numpy(),
        "swapped_probability": torch.softmax(reading.pairs.order, -1)[:, 1].numpy(),
        "lag_samples": links.lag.numpy(),
        "is_pair": links.is_pair.numpy(),
        "swapped": links.swapped.numpy(),
    }
    num_links, num_bins = reading.overflow.shape
    overflow = {
        **{name: np.repeat(pairs[name], num_bins) for name in ("scene", "msb", "lsb", "is_pair")},
        "bin": np.tile(np.arange(num_bins), num_links),
        "probability": torch.sigmoid(reading.overflow).flatten().numpy(),
        "truth": links.overflow.flatten().numpy(),
    }

    learned = [kind for kind in whole.edge_index if kind in (RELATES, CANDIDATE) or "informs" in kind]
    attention = [
        {
            **names.links(whole.edge_index[kind], "sender", "receiver", kind[0], kind[2]),
            "kind": np.full(whole.edge_index[kind].shape[1], kind[1]),
            "weight": whole.fused.attention[kind].numpy(),
        }
        for kind in learned
    ]
    return {
        "residuals": _table(residuals),
        "channels": pd.DataFrame({name: column[of_words] for name, column in channels.items()}),
        "pairs": pd.DataFrame(pairs),
        "overflow": pd.DataFrame(overflow),
        "links": _table(attention),
    }


def unexpectedness(
    model: SceneGNN, graph: HeteroData, encodings: Encodings, rounds: Sequence[Round], contextual: bool = False
) -> dict[str, Tensor]:
    """Mean absolute residual in sigmas of every bin, each from the round that judges it.

    Of whole streams that the shared factors know, it is how much the others contradict them (`disagreement`).

    Shapes: modality to [N, L], NaN where nothing is observed.
    """
    out = _unknown(graph)
    for look in rounds:
        state = model.fuse(graph, encodings, look.hidden)
        found = model.reconstruct(state, look.judged)
        for modality, part in found.items():
            store = graph[modality]
            residual = store.summary - part.mean
            size = _mean_size(residual * torch.exp(-0.5 * part.log_variance), store.observed)
            if contextual and model.factors is not None and state.belief is not None:
                contradicted = model.factors.disagreement(
                    graph, state.belief, modality, residual, look.judged[modality].any(1)
                )
                size = torch.where(torch.isnan(contradicted), size, functional.softplus(contradicted))
            out[modality] = torch.where(look.judged[modality], size, out[modality])
    return out


def _context(graph: HeteroData, encodings: Encodings) -> dict[str, Tensor]:
    """How much the rest of a scene speaks against a modality, for each of its streams: [N, L], NaN where nobody knows.

    It is known of modalities of which the shared factors know a stream.
    """
    if encodings.messages is None:
        return _unknown(graph)
    return _of_streams(graph, out_of_context(encodings.messages, encodings.present, graph[SCENE].num_nodes))


def _by_memory(model: SceneGNN, graph: HeteroData, encodings: Encodings) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """What memory says of a modality, for each of its streams: [N, L] twice, NaN where nothing is remembered."""
    if model.memory is None:
        return _unknown(graph), _unknown(graph)
    found = model.memory(graph, encodings.present)
    return _of_streams(graph, found.against), _of_streams(graph, found.familiar)


def _unknown(graph: HeteroData) -> dict[str, Tensor]:
    """Modality to [N, L], NaN throughout."""
    return {m: torch.full(graph[m].summary.shape[:2], torch.nan, device=graph[m].channel.device) for m in MODALITIES}


def _of_streams(graph: HeteroData, found: dict[str, Tensor]) -> dict[str, Tensor]:
    """What is known of modalities [S, L] for each of their streams [N, L], NaN for modalities of which nothing is."""
    return _unknown(graph) | {m: value[graph[m].batch].float() for m, value in found.items()}


def _on_cpu(found: Any) -> Any:
    """A record, a dictionary or a tensor with everything in it moved to the CPU."""
    if isinstance(found, Tensor):
        return found.cpu()
    if isinstance(found, dict):
        return {name: _on_cpu(part) for name, part in found.items()}
    if isinstance(found, tuple):
        return tuple(_on_cpu(part) for part in found)
    if is_dataclass(found) and not isinstance(found, type):
        return replace(found, **{field.name: _on_cpu(getattr(found, field.name)) for field in fields(found)})
    return found


def _mean_size(value: Tensor, observed: Tensor) -> Tensor:
    """Mean over the observed features, [N, L]; NaN where there are none."""
    total = (value.abs() * observed).sum(-1)
    count = observed.sum(-1)
    return torch.where(count > 0, total / count.clamp(min=1), torch.nan)


def _masks(bits: Tensor) -> np.ndarray:
    return (bits.long() << torch.arange(16)).sum(-1).numpy()


def _table(parts: list[dict[str, np.ndarray]]) -> pd.DataFrame:
    """One table of all parts; made at once, because making many small ones takes most of the time."""
    return pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


class _Names:
    """Names of the rows of a batch."""

    def __init__(self, graph: HeteroData) -> None:
        recording, scene = np.array(graph.recording_id, str), np.array(graph.scene_id, str)
        start_s = np.asarray(graph.start_s, float)
        ids = _stream_ids(graph)
        self.columns: dict[str, dict[str, np.ndarray]] = {}
        for modality in MODALITIES:
            number = graph[modality].batch.numpy()
            self.columns[modality] = {
                "recording": recording[number],
                "scene": scene[number],
                "scene_start_s": start_s[number],
                "modality": np.full(len(number), modality),
                "stream": np.array([name for part in ids for name in part[modality]], str),
            }

    def streams(self, modality: str, rows: np.ndarray | slice = slice(None)) -> dict[str, np.ndarray]:
        """Recording, scene and stream of rows of a modality."""
        return {name: column[rows] for name, column in self.columns[modality].items()}

    def links(
        self, edge_index: Tensor, first: str, second: str, sender: str = "sensor", receiver: str = "sensor"
    ) -> dict[str, np.ndarray]:
        """Scene and both ends of every link."""
        head, tail = edge_index.numpy()
        return {
            "scene": self.columns[sender]["scene"][head],
            first: self.columns[sender]["stream"][head],
            second: self.columns[receiver]["stream"][tail],
        }


def _stream_ids(graph: HeteroData) -> list[dict[str, list[str]]]:
    ids = graph.stream_id
    if isinstance(ids, list):
        return ids
    # PyG collates a dictionary of lists into a dictionary of lists of lists.
    return [{m: ids[m][number] for m in MODALITIES} for number in range(graph.num_graphs)]
