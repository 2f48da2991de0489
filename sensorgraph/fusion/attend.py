"""Attention to a few senders, bin by bin: dense where scenes are small, along a table where they are large."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from sensorgraph.fusion.carry import Route
from sensorgraph.fusion.strongest import Heard

_DENSE_UP_TO = 160
"""Nodes per scene up to which a full matrix per scene and bin beats gathering keys and values."""


@dataclass(frozen=True)
class Attended:
    """What each node heard [N, L, H, d], and its attention to each sender of its row, averaged over heads [N, K, L]."""

    message: Tensor
    attention: Tensor


def attend(query: Tensor, key: Tensor, said: Tensor, bias: Tensor, heard: Heard, route: Route) -> Attended:
    r"""Softmax over the present senders of each row and a silent one, :math:`e^{x_s} / (1 + \sum_n e^{x_n})`.

    Args:
        query: [N, L, H, d], already divided by the square root of ``d``.
        key: [N, L, H, d].
        said: [N, L, H, d].
        bias: [N, K, H], added to the products of queries and keys.
        heard: who hears whom.
        route: where each node stands in its scene.
    """
    if route.longest <= _DENSE_UP_TO:
        return _dense(query, key, said, bias, heard, route)
    return _sparse(query, key, said, bias, heard)


def _with_silence(logit: Tensor, dim: int) -> Tensor:
    """Softmax with one more entry of logit 0, which is left out of the result."""
    silence = torch.zeros_like(logit.select(dim, 0)).unsqueeze(dim)
    return torch.cat([logit, silence], dim).softmax(dim).narrow(dim, 0, logit.shape[dim])


def _sparse(query: Tensor, key: Tensor, said: Tensor, bias: Tensor, heard: Heard) -> Attended:
    rows, shape = heard.sender.flatten(), (*heard.sender.shape, *key.shape[1:])
    logit = (query[:, None] * key.index_select(0, rows).view(shape)).sum(-1) + bias[:, :, None]
    logit = logit.masked_fill(~heard.present[..., None], -torch.inf)
    attention = _with_silence(logit, 1) if logit.shape[1] else logit
    return Attended((attention[..., None] * said.index_select(0, rows).view(shape)).sum(1), attention.mean(-1))


def _dense(query: Tensor, key: Tensor, said: Tensor, bias: Tensor, heard: Heard, route: Route) -> Attended:
    num_nodes, num_bins, num_heads, _ = query.shape
    size, row = route.longest, route.scene * route.longest + route.place
    there = heard.link < heard.num_links
    receiver = torch.arange(num_nodes, device=row.device)[:, None].expand_as(heard.sender)
    cell = row[receiver] * size + route.place[heard.sender]
    # A matrix of biases per scene: minus infinity where nobody is heard.
    matrix = bias.new_full((route.num_scenes * size * size, num_heads), -torch.inf).index_put(
        (cell[there],), bias[there]
    )
    matrix = matrix.view(route.num_scenes, 1, size, size, num_heads).permute(0, 1, 4, 2, 3)

    def by_scene(flat: Tensor) -> Tensor:
        """[N, L, H, d] to [S, L, H, n, d]."""
        spread = flat.new_zeros(route.num_scenes * size, *flat.shape[1:]).index_copy(0, row, flat)
        return spread.view(route.num_scenes, size, *flat.shape[1:]).permute(0, 2, 3, 1, 4)

    present = torch.zeros(num_nodes, num_bins, dtype=torch.bool, device=row.device)
    present[heard.sender[there]] = heard.present[there]
    silent = by_scene((~present)[:, :, None, None]).transpose(-1, -2)
    logit = (by_scene(query) @ by_scene(key).transpose(-1, -2) + matrix).masked_fill(silent, -torch.inf)
    attention = _with_silence(logit, -1)
    message = (attention @ by_scene(said)).permute(0, 3, 1, 2, 4).flatten(0, 1).index_select(0, row)
    shown = attention.mean(2).permute(0, 2, 3, 1).flatten(0, 2)
    return Attended(message, shown.index_select(0, cell.flatten()).view(*cell.shape, num_bins) * there[..., None])
