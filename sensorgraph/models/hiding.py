"""What is hidden from the model so that it must be told by the others: whole streams, modalities, spans."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from sensorgraph.graph.schema import MEDIA
from sensorgraph.typing import MODALITIES

NUM_GROUPS = 4
NUM_SPANS = 4

Hidden = dict[str, Tensor]
"""Modality to [N, L] bool, True where the model may not look."""


@dataclass(frozen=True)
class Round:
    """One look at the scenes.

    Attributes:
        hidden: where the model may not look.
        judged: what is scored by this round, a part of what is hidden.
    """

    hidden: Hidden
    judged: Hidden


def nothing(graph: HeteroData) -> Hidden:
    """Nothing is hidden."""
    return {m: torch.zeros_like(graph[m].summary[..., 0], dtype=torch.bool) for m in MODALITIES}


def place_in_scene(graph: HeteroData, modality: str) -> Tensor:
    """Number of each stream within its own scene: [N] int64, whatever else is in the batch."""
    pointer = graph[modality].ptr
    return torch.arange(len(graph[modality].batch), device=pointer.device) - pointer[graph[modality].batch]


def stream_rounds(graph: HeteroData, num_groups: int = NUM_GROUPS) -> list[Round]:
    """Rounds in which every stream is hidden exactly once from all that is left: the residual *against the others*.

    Sensors take turns in ``num_groups`` groups by their place in the scene; a medium's streams are hidden together,
    because two cameras would vouch for each other.

    Example:
        >>> from torch_geometric.data import Batch
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> looks = stream_rounds(Batch.from_data_list(tiny_run(seeds=[0]).graphs()))
        >>> len(looks), bool((sum(look.judged["sensor"].int() for look in looks) == 1).all())
        (8, True)
    """
    rounds = []
    for group in range(num_groups):
        hidden = nothing(graph)
        hidden["sensor"] = _whole(graph, "sensor", place_in_scene(graph, "sensor") % num_groups == group)
        rounds.append(Round(hidden, hidden))
    for modality in MEDIA:
        if graph[modality].num_nodes:
            hidden = nothing(graph)
            hidden[modality] = torch.ones_like(hidden[modality])
            rounds.append(Round(hidden, hidden))
    return rounds


def span_rounds(graph: HeteroData, num_spans: int = NUM_SPANS) -> list[Round]:
    """Rounds in which every bin of every stream is hidden exactly once: the residual *against its own past*.

    Round ``k`` judges the ``k``-th of ``num_spans`` equal stretches of bins, of all streams together. One bin more on
    either side is hidden too, because encoders see a little beyond the bin that their token stands for.

    Example:
        >>> from torch_geometric.data import Batch
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> first = span_rounds(Batch.from_data_list(tiny_run(seeds=[0]).graphs()))[0]
        >>> first.judged["audio"][0].tolist(), first.hidden["audio"][0].tolist()
        ([True, False, False, False], [True, True, False, False])
    """
    rounds = []
    for span in range(num_spans):
        hidden: Hidden = {}
        judged: Hidden = {}
        for modality in MODALITIES:
            num_streams, num_bins = graph[modality].summary.shape[:2]
            turn = _stretch(num_bins, num_spans, graph[modality].channel.device) == span
            wider = turn.clone()
            wider[1:] |= turn[:-1]
            wider[:-1] |= turn[1:]
            judged[modality] = turn.expand(num_streams, num_bins)
            hidden[modality] = wider.expand(num_streams, num_bins)
        rounds.append(Round(hidden, judged))
    return rounds


def random_hiding(graph: HeteroData, generator: torch.Generator | None = None) -> Hidden:
    """One random round per scene for training: some sensors, all sensors, one medium, or a stretch of bins.

    Example:
        >>> from torch_geometric.data import Batch
        >>> from sensorgraph.testing.tiny_run import tiny_run
        >>> batch = Batch.from_data_list(tiny_run(seeds=[0]).graphs())
        >>> random_hiding(batch, torch.Generator().manual_seed(0))["sensor"].shape
        torch.Size([30, 4])
    """
    num_scenes = graph["scene"].num_nodes
    scheme = torch.rand(num_scenes, generator=generator)
    share = 0.1 + 0.3 * torch.rand(num_scenes, generator=generator)
    num_bins = graph["sensor"].summary.shape[1]
    span = torch.randint(NUM_SPANS, (num_scenes,), generator=generator)
    medium = torch.randint(len(MEDIA), (num_scenes,), generator=generator)
    hidden: Hidden = {}
    for modality in MODALITIES:
        # Drawn on the CPU, so that a seed hides the same on every device.
        scene = graph[modality].batch.cpu()
        luck = torch.rand(len(scene), generator=generator)
        if modality == "sensor":
            whole = (scheme[scene] < 0.45) & (luck < share[scene]) | (scheme[scene] >= 0.9)
        else:
            chosen = medium[scene] == MEDIA.index(modality)
            whole = (scheme[scene] >= 0.45) & (scheme[scene] < 0.7) & chosen | (scheme[scene] < 0.2) & (luck < 0.3)
        in_span = _stretch(num_bins, NUM_SPANS, scene.device)[None, :] == span[scene][:, None]
        stretched = ((scheme >= 0.7) & (scheme < 0.9))[scene][:, None] & in_span
        hidden[modality] = (whole[:, None] | stretched).to(graph[modality].batch.device)
    return hidden


def _whole(graph: HeteroData, modality: str, chosen: Tensor) -> Tensor:
    return chosen[:, None].expand(graph[modality].summary.shape[:2])


def _stretch(num_bins: int, num_spans: int, device: torch.device) -> Tensor:
    return torch.arange(num_bins, device=device) * num_spans // num_bins
