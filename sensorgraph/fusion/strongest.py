"""The strongest links into each stream, as a table that is as wide for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from sensorgraph.fusion.base import Links
from sensorgraph.fusion.streams import Streams
from sensorgraph.graph.schema import NODE_TYPES

_SAME_WITHIN = 1e-4


@dataclass(frozen=True)
class Heard:
    """Whom each of ``N`` nodes hears, at most ``K`` others each.

    Attributes:
        sender: [N, K] int64 node numbers; 0 where a row has fewer links.
        link: [N, K] int64, its number among the links of all types, in their order; ``num_links`` where none is.
        weight: [N, K], of the link.
        present: [N, K, L] bool, whether there is a link, and whether its sender is present in the bin.
        num_links: links of all types.
    """

    sender: Tensor
    link: Tensor
    weight: Tensor
    present: Tensor
    num_links: int


def strongest_links(streams: Streams, links: Mapping[tuple[str, str, str], Links], top_k: int) -> Heard:
    """Chooses, for each node, the ``top_k`` links with the largest weights from each node type.

    Each type has places of its own, so that a hidden stream whose strongest links come from streams that are hidden
    too still hears the other modalities. Where two streams are linked in several ways, the strongest link counts.
    Weights that are equal but for rounding, which differs from batch to batch, count as equal: among them the first
    link counts. Takes the time of sorting the links, and memory linear in links and in the number of nodes.

    Example:
        >>> from sensorgraph.testing import fake_scene
        >>> scene = fake_scene({"sensor": 5, "audio": 1})
        >>> strongest_links(Streams.of(scene.tokens), scene.links, top_k=2).sender.shape
        torch.Size([7, 4])
    """
    num_nodes, device = len(streams.value), streams.value.device
    none = torch.zeros(0, dtype=torch.int64, device=device)
    sender = torch.cat([none, *(link.edge_index[0] + streams.begin[link.sender] for link in links.values())])
    receiver = torch.cat([none, *(link.edge_index[1] + streams.begin[link.receiver] for link in links.values())])
    weight = torch.cat([streams.value.new_zeros(0), *(link.weight for link in links.values())])
    strength = torch.round(weight.detach() / _SAME_WITHIN)
    order = torch.argsort(strength, descending=True, stable=True)
    order, again = _ranked(order, receiver * num_nodes + sender)
    single = order[again == 0]
    single = single[torch.argsort(strength[single], descending=True, stable=True)]
    order, rank = _ranked(single, receiver * len(NODE_TYPES) + streams.kind[sender])
    kept, place = _ranked(order[rank < top_k], receiver)
    link = torch.full((num_nodes, int(place.max()) + 1 if len(place) else 0), len(sender), device=device)
    link[receiver[kept], place] = kept
    there = link < len(sender)
    senders = torch.cat([sender, sender.new_zeros(1)])[link]
    return Heard(
        senders,
        link,
        torch.cat([weight, weight.new_zeros(1)])[link],
        streams.present[senders] & there[..., None],
        len(sender),
    )


def _ranked(order: Tensor, group: Tensor) -> tuple[Tensor, Tensor]:
    """Links sorted by group, else in the order that they came in, and the rank of each within its group."""
    order = order[torch.argsort(group[order], stable=True)]
    count = torch.unique_consecutive(group[order], return_counts=True)[1]
    begin = torch.repeat_interleave(count.cumsum(0) - count, count)
    return order, torch.arange(len(order), device=order.device) - begin
