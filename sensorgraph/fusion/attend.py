"""Attention to a few senders, bin by bin: dense where scenes are small, along a table where they are large."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from sensorgraph.fusion.streams import Places
from sensorgraph.fusion.strongest import Heard

_DENSE_UP_TO = 160
"""Nodes per scene up to which a full matrix per scene and bin beats gathering keys and values."""
_FAR_BELOW = -1e9
"""A logit that is nothing beside any other, and still finite when it is added to one."""


@dataclass(frozen=True)
class Attended:
    """What each node heard [N, L, H, d], and its attention to each sender of its row, averaged over heads [N, K, L]."""

    message: Tensor
    attention: Tensor


def attend(query: Tensor, key: Tensor, said: Tensor, bias: Tensor, heard: Heard, places: Places) -> Attended:
    r"""Softmax over the present senders of each row and a silent one, :math:`e^{x_s} / (1 + \sum_n e^{x_n})`.

    Args:
        query: [N, L, H, d], already divided by the square root of ``d``.
        key: [N, L, H, d].
        said: [N, L, H, d].
        bias: [N, K, H], added to the products of queries and keys.
        heard: who hears whom.
        places: where each node stands in its scene.
    """
    if places.longest <= _DENSE_UP_TO:
        return _dense(query, key, said, bias, heard, places)
    return _sparse(query, key, said, bias, heard)


def _sparse(query: Tensor, key: Tensor, said: Tensor, bias: Tensor, heard: Heard) -> Attended:
    rows, shape = heard.sender.flatten(), (*heard.sender.shape, *key.shape[1:])
    logit = (query[:, None] * key.index_select(0, rows).view(shape)).sum(-1) + bias[:, :, None]
    logit = logit.masked_fill(~heard.present[..., None], -torch.inf)
    silence = logit.new_zeros(len(logit), 1, *logit.shape[2:])
    attention = torch.cat([logit, silence], 1).softmax(1)[:, :-1]
    message = (attention[..., None] * said.index_select(0, rows).view(shape)).sum(1)
    return Attended(message, attention.mean(-1))


def _dense(query: Tensor, key: Tensor, said: Tensor, bias: Tensor, heard: Heard, places: Places) -> Attended:
    num_nodes, num_bins, num_heads, _ = query.shape
    num_scenes, size = places.num_scenes, places.longest + 1
    row = places.scene * size + places.place

    def by_scene(flat: Tensor) -> Tensor:
        """[N, L, H, d] to [S, L, H, n, d], with zeros in the last row of each scene, which is the silent sender's."""
        spread = flat.new_zeros(num_scenes * size, *flat.shape[1:]).index_copy(0, row, flat)
        return spread.view(num_scenes, size, *flat.shape[1:]).permute(0, 2, 3, 1, 4)

    there = heard.link < heard.num_links
    receiver = torch.arange(num_nodes, device=row.device)[:, None].expand_as(heard.sender)
    cell = row[receiver] * size + row[heard.sender] % size
    # A matrix of biases per scene: minus infinity where nobody is heard, 0 for the silent sender.
    matrix = bias.new_full((num_scenes, size, size, num_heads), -torch.inf)
    matrix[:, :, -1] = 0
    matrix = matrix.view(-1, num_heads).index_put((cell[there],), bias[there])
    matrix = matrix.view(num_scenes, 1, size, size, num_heads).permute(0, 1, 4, 2, 3)
    # One more channel of the product silences who is absent: cheaper than another pass over all matrices.
    present = torch.ones(num_nodes, num_bins, 1, 1, dtype=torch.bool, device=row.device)
    present[heard.sender[there]] = heard.present[there][..., None, None]
    silent = torch.where(present, 0.0, _FAR_BELOW).to(key.dtype).expand(*key.shape[:-1], 1)
    ask = by_scene(torch.cat([query, torch.ones_like(silent)], dim=-1))
    logit = ask @ by_scene(torch.cat([key, silent], dim=-1)).transpose(-1, -2)
    attention = logit.add_(matrix).softmax(-1)
    message = (attention @ by_scene(said)).permute(0, 3, 1, 2, 4).flatten(0, 1).index_select(0, row)
    shown = attention.mean(2).permute(0, 2, 3, 1).flatten(0, 2).index_select(0, cell.flatten())
    return Attended(message, shown.view(*cell.shape, num_bins) * there[..., None])
