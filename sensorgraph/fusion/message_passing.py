"""Message passing over streams, for all bins at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor, nn
from torch_geometric.utils import softmax

from sensorgraph.errors import ConfigError
from sensorgraph.fusion.base import Fused, Fusion, Links, Tokens
from sensorgraph.fusion.bin_mixing import BinMixing
from sensorgraph.fusion.carry import Route, carry
from sensorgraph.fusion.scales import Scales
from sensorgraph.graph.schema import NODE_TYPES


class MessagePassing(Fusion):
    r"""Multi-head messages along links, alternating with mixing along bins.

    In each head a link from :math:`s` to :math:`r` has one attention :math:`a_{rs}` for all bins, made of the link's
    own weight and of who the two are, so that it says *how two streams relate* and the adjacency can be read off it.
    Only what the sender knows differs from bin to bin:

    .. math:: m_r[l] = \frac{\sum_s a_{rs}\, p_s[l]\, v_s[l]}{\sum_s a_{rs}\, p_s[l]}

    with :math:`p_s[l]` = 1 where the sender is present, else 0: who is absent is not averaged in as a zero. Because
    attention does not depend on the bin, all bins travel in one matrix product.

    Args:
        dim: token width.
        num_layers: rounds of messages; each is followed by mixing along bins.
        num_heads: independent attentions; must divide ``dim``.
        reach: bins seen on each side per round of mixing.
        causal: whether a later bin may not reach an earlier one.
        dropout: share of activations dropped in training.
        num_factors: linear messages that are fitted before training (`sensorgraph.models.shared_factors`).
        num_remembered: bins of normal operation that are kept, for relations that are no straight lines
            (`sensorgraph.models.scene_memory`).
        scales: whether what each modality says has learned scales, as in the other kinds. Who a sender is bends what
            it says already, so that they add something to read rather than something to learn.

    Raises:
        ConfigError: ``num_heads`` does not divide ``dim``.

    Example:
        >>> seen, scene = torch.ones(2, 3, dtype=torch.bool), torch.tensor([0, 0])
        >>> heard = Tokens(torch.randn(2, 3, 8), seen, torch.randn(2, 8), scene)
        >>> links = Links(torch.tensor([[0], [1]]), torch.zeros(1), "sensor", "sensor")
        >>> fused = MessagePassing(dim=8)({"sensor": heard}, {("sensor", "relates", "sensor"): links})
        >>> fused.tokens["sensor"].shape, fused.attention["sensor", "relates", "sensor"].tolist()
        (torch.Size([2, 3, 8]), [1.0])

    Reference: after Velickovic et al., "Graph attention networks" (2018), with attention that is static over time.
    """

    def __init__(
        self,
        dim: int,
        num_layers: Annotated[int, Field(ge=1)] = 2,
        num_heads: Annotated[int, Field(ge=1)] = 8,
        reach: Annotated[int, Field(ge=0)] = 2,
        causal: bool = False,
        dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0,
        num_factors: Annotated[int, Field(ge=0)] = 32,
        num_remembered: Annotated[int, Field(ge=0)] = 1500,
        scales: bool = False,
    ) -> None:
        super().__init__(dim, num_factors, num_remembered)
        if dim % num_heads:
            raise ConfigError(f"fusion.num_heads: must divide model.dim, {dim} (got {num_heads})")
        self.scales = Scales(dim) if scales else None
        self.layers = nn.ModuleList(_Round(dim, num_heads, dropout) for _ in range(num_layers))
        self.mixing = nn.ModuleList(BinMixing(dim, reach, causal, dropout) for _ in range(num_layers))

    def forward(self, tokens: Mapping[str, Tokens], links: Mapping[tuple[str, str, str], Links]) -> Fused:
        """Shapes: see `Fusion.forward`."""
        kinds, order = list(tokens), list(links)
        sizes = [len(tokens[kind].value) for kind in kinds]
        begin = dict(zip(kinds, torch.tensor([0, *sizes]).cumsum(0).tolist(), strict=False))
        value = torch.cat([tokens[kind].value for kind in kinds])
        who = torch.cat([tokens[kind].who for kind in kinds])
        present = torch.cat([tokens[kind].present for kind in kinds])
        sender = torch.cat([links[k].edge_index[0] + begin[links[k].sender] for k in order])
        receiver = torch.cat([links[k].edge_index[1] + begin[links[k].receiver] for k in order])
        weight = torch.cat([links[k].weight for k in order])
        route = Route.of(sender, receiver, torch.cat([tokens[kind].scene for kind in kinds]))
        scale = None if self.scales is None else self.scales(_kind_of(kinds, sizes, value.device))
        shown = torch.zeros_like(weight)
        for layer, mixing in zip(self.layers, self.mixing, strict=True):
            value, attention = layer(value, present, who, weight, route, scale)
            value = mixing(value)
            shown = shown + attention / len(self.layers)
        num_links = [links[k].edge_index.shape[1] for k in order]
        return Fused(
            dict(zip(kinds, value.split(sizes), strict=True)), dict(zip(order, shown.split(num_links), strict=True))
        )


def _kind_of(kinds: Sequence[str], sizes: Sequence[int], device: torch.device) -> Tensor:
    """The type of each node as a place in ``NODE_TYPES``."""
    number = torch.tensor([NODE_TYPES.index(kind) for kind in kinds], device=device)
    return torch.repeat_interleave(number, torch.tensor(sizes, device=device))


class _Round(nn.Module):
    """One round: what a sender says is its token, bent by who it is; what is heard changes the receiver."""

    def __init__(self, dim: int, num_heads: int, dropout: float) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.norm = nn.LayerNorm(dim)
        self.bend = nn.Linear(dim, 2 * dim)
        self.say = nn.Linear(dim, dim)
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.trust = nn.Parameter(torch.ones(num_heads))
        self.hear = nn.Sequential(nn.Linear(2 * dim, 2 * dim), nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * dim, dim))

    def forward(
        self, value: Tensor, present: Tensor, who: Tensor, weight: Tensor, route: Route, loudness: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Shapes: ``value`` [M, L, D], ``present`` [M, L], ``who`` [M, D], ``weight`` [E], ``loudness``
        [M, 1, D]; returns the new value and the attention averaged over heads [E]."""
        num_nodes, num_bins, dim = value.shape
        width = dim // self.num_heads
        normed = self.norm(value)
        scale, shift = self.bend(who).chunk(2, dim=-1)
        said = self.say(normed * (1 + scale[:, None]) + shift[:, None])
        said = said if loudness is None else said * loudness
        query = self.query(who).view(num_nodes, self.num_heads, width) / width**0.5
        key = self.key(who).view(num_nodes, self.num_heads, width)
        logit = (query[route.receiver] * key[route.sender]).sum(-1) + weight[:, None] * self.trust
        attention = softmax(logit, route.receiver, num_nodes=num_nodes)
        heard = carry(said.view(num_nodes, num_bins, self.num_heads, width), present, attention, route)
        return value + self.hear(torch.cat([normed, heard.flatten(2)], dim=-1)), attention.mean(-1)
