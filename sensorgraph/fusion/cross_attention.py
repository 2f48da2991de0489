"""Cross-attention: each stream, in each bin, attends to a few of those that it is linked to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor, nn

from sensorgraph.errors import ConfigError
from sensorgraph.fusion.attend import attend
from sensorgraph.fusion.base import Fused, Fusion, Inside, Links, Tokens
from sensorgraph.fusion.bin_mixing import BinMixing
from sensorgraph.fusion.scales import Scales
from sensorgraph.fusion.streams import Places, Streams
from sensorgraph.fusion.strongest import Heard, strongest_links
from sensorgraph.fusion.uptake import AddChange, Bend


class CrossAttention(Fusion):
    r"""Multi-head attention along the strongest links into each stream, alternating with mixing along bins.

    Unlike in message passing, attention depends on what both ends do in a bin:

    .. math:: a_{rs}[l] = \frac{p_s[l] \exp(q_r[l] \cdot k_s[l] / \sqrt d + b\, w_{rs})}
        {1 + \sum_n p_n[l] \exp(q_r[l] \cdot k_n[l] / \sqrt d + b\, w_{rn})}

    with :math:`w` the weight of the link. The 1 is for attending to nobody. Links join streams of one scene, so that
    nothing crosses the batch; time and memory grow with ``top_k`` times streams, and never with their square.

    Args:
        dim: token width.
        num_layers: rounds of attention.
        num_heads: independent attentions; must divide ``dim``.
        top_k: streams of each modality that a stream attends to: those with the strongest links.
        reach: bins seen on each side per round of mixing.
        causal: whether a later bin may not reach an earlier one.
        dropout: share of activations dropped in training.

    Raises:
        ConfigError: ``num_heads`` does not divide ``dim``.

    Example:
        >>> from sensorgraph.testing import fake_scene
        >>> scene = fake_scene({"sensor": 9, "audio": 1}, dim=8)
        >>> fused = CrossAttention(dim=8, top_k=3)(scene.tokens, scene.links)
        >>> attended = (fused.inside.link_attention["sensor", "relates", "sensor"] > 0).any(1)
        >>> fused.tokens["sensor"].shape, int(attended.sum()) <= 9 * 3 < len(attended)
        (torch.Size([9, 4, 8]), True)

    Reference: Vaswani et al., "Attention is all you need" (2017); Tsai et al., "Multimodal transformer for unaligned
        multimodal language sequences" (2019), for attention from one modality to another.
    """

    def __init__(
        self,
        dim: int,
        num_layers: Annotated[int, Field(ge=1)] = 2,
        num_heads: Annotated[int, Field(ge=1)] = 2,
        top_k: Annotated[int, Field(ge=1)] = 8,
        reach: Annotated[int, Field(ge=0)] = 2,
        causal: bool = False,
        dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0,
    ) -> None:
        super().__init__(dim)
        if dim % num_heads:
            raise ConfigError(f"fusion.num_heads: must divide model.dim, {dim} (got {num_heads})")
        self.top_k = top_k
        self.scales = Scales(dim)
        self.layers = nn.ModuleList(_Attend(dim, num_heads, dropout) for _ in range(num_layers))
        self.mixing = nn.ModuleList(BinMixing(dim, reach, causal, dropout) for _ in range(num_layers))

    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Shapes: see `Fusion.forward`; attention is averaged over heads, layers and bins."""
        streams = Streams.of(tokens)
        heard = strongest_links(streams, links, self.top_k)
        places = streams.places()
        value, scale = streams.value, self.scales(streams.kind)
        shown = value.new_zeros(heard.num_links + 1, value.shape[1])
        for layer, mixing in zip(self.layers, self.mixing, strict=True):
            value, attention = layer(value, scale, streams, heard, places)
            value = mixing(value)
            share = attention.flatten(0, 1).to(shown.dtype) / len(self.layers)
            shown = shown.index_add(0, heard.link.flatten(), share)
        per_link = dict(zip(links, shown[:-1].split([link.weight.numel() for link in links.values()]), strict=True))
        attention = {kind: share.mean(1) for kind, share in per_link.items()}
        return Fused(streams.by_type(value), attention, Inside(link_attention=per_link))


class _Attend(nn.Module):
    """One round: what a sender says is its token, bent by who it is; what is heard changes the receiver."""

    def __init__(self, dim: int, num_heads: int, dropout: float) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.norm = nn.LayerNorm(dim)
        self.bend = Bend(dim)
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.say = nn.Linear(dim, dim)
        self.trust = nn.Parameter(torch.ones(num_heads))
        self.hear = AddChange(dim, dropout)

    def forward(
        self, value: Tensor, scale: Tensor, streams: Streams, heard: Heard, places: Places
    ) -> tuple[Tensor, Tensor]:
        """New tokens [N, L, D], and the attention that each stream pays to each that it hears [N, K, L]."""
        num_nodes, num_bins, dim = value.shape
        width = dim // self.num_heads
        normed = self.norm(value)

        def by_head(flat: Tensor) -> Tensor:
            return flat.view(num_nodes, num_bins, self.num_heads, width)

        attended = attend(
            by_head(self.query(normed)) / width**0.5,
            by_head(self.key(normed)),
            by_head(self.say(self.bend(normed, streams.who)) * scale),
            heard.weight[..., None] * self.trust,
            heard,
            places,
        )
        taken = self.hear(value, normed, attended.message.flatten(2), streams.who)
        return taken.value, attended.attention
