"""Message passing over streams, for all bins at once."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch_geometric.utils import softmax

from sensorgraph.fusion.base import Fused, Fusion, Links, Tokens
from sensorgraph.fusion.bin_mixing import BinMixing

_LEAST_ATTENTION = 1e-6


class MessagePassing(Fusion):
    r"""Gated message passing with attention that belongs to the link, alternating with mixing along bins.

    A link from :math:`s` to :math:`r` has one attention :math:`a_{rs}` and one gate :math:`g_{rs} \in R^D` for all
    bins, so that it says *how two streams relate*, and the adjacency can be read off it. Only what the sender knows
    differs from bin to bin:

    .. math:: m_r[l] = \frac{\sum_s a_{rs}\, p_s[l]\; g_{rs} \odot v_s[l]}{\sum_s a_{rs}\, p_s[l]}

    with :math:`p_s[l]` = 1 where the sender is present, else 0. One gather and one scatter of [E, L, D] per layer is
    all it costs, which is a third of attention per bin.

    Args:
        dim: token width.
        num_layers: rounds of messages; each is followed by mixing along bins.
        reach: bins seen on each side per round.
        causal: whether a later bin may not reach an earlier one.
        dropout: share of activations dropped in training.

    Reference: after Brody, Alon, Yahav, "How attentive are graph attention networks?" (2022), with attention that is
    static over time.
    """

    def __init__(
        self, dim: int, num_layers: int = 2, reach: int = 3, causal: bool = False, dropout: float = 0.0
    ) -> None:
        super().__init__(dim)
        self.layers = nn.ModuleList(_Round(dim, dropout) for _ in range(num_layers))
        self.mixing = nn.ModuleList(BinMixing(dim, reach, causal, dropout) for _ in range(num_layers))

    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Shapes: see `Fusion.forward`."""
        kinds = list(tokens)
        begin, total = {}, 0
        for kind in kinds:
            begin[kind] = total
            total += len(tokens[kind].value)
        value = torch.cat([tokens[kind].value for kind in kinds])
        present = torch.cat([tokens[kind].present for kind in kinds])
        order = list(links)
        sender = torch.cat([links[k].edge_index[0] + begin[links[k].sender] for k in order])
        receiver = torch.cat([links[k].edge_index[1] + begin[links[k].receiver] for k in order])
        attention = softmax(torch.cat([links[k].weight for k in order]), receiver, num_nodes=total)
        who = torch.cat([tokens[kind].who for kind in kinds])
        weight = attention[:, None] * present[sender]
        heard = weight.new_zeros(total, weight.shape[1]).index_add_(0, receiver, weight)
        share = weight / heard.clamp(min=_LEAST_ATTENTION)[receiver]
        for layer, mixing in zip(self.layers, self.mixing, strict=True):
            value = mixing(layer(value, who, sender, receiver, share))
        sizes = [len(tokens[kind].value) for kind in kinds]
        num_links = [links[k].edge_index.shape[1] for k in order]
        return Fused(
            dict(zip(kinds, value.split(sizes), strict=True)),
            dict(zip(order, attention.split(num_links), strict=True)),
        )


class _Round(nn.Module):
    """One round of messages: what a sender says is its token, bent by who it is; what is heard is gated by who both
    are."""

    def __init__(self, dim: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.bend = nn.Linear(dim, 2 * dim)
        self.say = nn.Sequential(nn.Linear(dim, dim), nn.GELU(), nn.Dropout(dropout), nn.Linear(dim, dim))
        self.gate_sender = nn.Linear(dim, dim)
        self.gate_receiver = nn.Linear(dim, dim, bias=False)
        self.hear = nn.Sequential(nn.Linear(2 * dim, 2 * dim), nn.GELU(), nn.Linear(2 * dim, dim))

    def forward(self, value: Tensor, who: Tensor, sender: Tensor, receiver: Tensor, share: Tensor) -> Tensor:
        """Shapes: ``value`` [M, L, D], ``who`` [M, D], ``sender`` and ``receiver`` [E], ``share`` [E, L]."""
        normed = self.norm(value)
        scale, shift = self.bend(who).chunk(2, dim=-1)
        said = self.say(normed * (1 + scale[:, None]) + shift[:, None])
        gate = torch.sigmoid(self.gate_sender(who)[sender] + self.gate_receiver(who)[receiver])
        message = said[sender] * gate[:, None] * share[..., None]
        heard = torch.zeros_like(said).index_add_(0, receiver, message)
        return value + self.hear(torch.cat([normed, heard], dim=-1))
