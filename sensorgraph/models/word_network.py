"""The network that judges words: bits talk to their neighbours, candidate pairs to their rivals."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sensorgraph.heads.channel_type import ChannelTypeHead
from sensorgraph.heads.pairing import best_pair_of
from sensorgraph.models.word_graph import NUM_BIT_FIGURES, NUM_LINK_FIGURES, NUM_WORD_FIGURES, WordGraph
from sensorgraph.words.bits import NUM_BITS


@dataclass(frozen=True)
class WordLogits:
    """Logits: ``is_pair`` [E] (the first is the MSB), ``flag`` [N, 16], ``begins`` [N, 16], ``channel_type`` [N, 3].

    Those of the types are log probabilities.
    """

    channel_type: Tensor
    is_pair: Tensor
    flag: Tensor
    begins: Tensor


class WordNetwork(nn.Module):
    """Judges channels, candidate pairs and bits of one recording.

    Bits are read by convolutions along the word, with the figures of the whole word beside them. Every candidate link
    has a state; in each round it is told the strongest states among the links that want the same MSB and among those
    that want the same LSB, and the channels are told those of the links at them, so that redundant sources compete
    before anything is decided. Nothing depends on the order or the number of channels.

    A channel is half of a value if one of its candidates is a pair, or, rarely, if its partner cannot be seen; so the
    probability of that type is never below that of its best pair.

    Args:
        hidden: width of all states.
        num_rounds: rounds of messages between links and channels; 0 judges each link and channel by itself.
        dropout: share of states that are left out in training.

    Example:
        >>> graph = WordGraph(torch.zeros(3, 16, 28), torch.zeros(3, 29), torch.tensor([[0], [2]]), torch.zeros(1, 30))
        >>> logits = WordNetwork(hidden=8)(graph)
        >>> logits.channel_type.shape, logits.is_pair.shape, logits.flag.shape
        (torch.Size([3, 3]), torch.Size([1]), torch.Size([3, 16]))
    """

    def __init__(self, hidden: int = 48, num_rounds: int = 2, dropout: float = 0.1) -> None:
        super().__init__()
        self.bit = nn.Linear(NUM_BIT_FIGURES, hidden)
        self.word = nn.Sequential(nn.Linear(NUM_WORD_FIGURES, hidden), nn.GELU(), nn.Linear(hidden, hidden))
        self.place = nn.Parameter(torch.zeros(NUM_BITS, hidden))
        self.along = nn.ModuleList(_Along(hidden, width, dropout) for width in (3, 5, 5))
        self.channel = nn.Sequential(nn.Linear(3 * hidden, hidden), nn.GELU(), nn.Linear(hidden, hidden))
        self.link = nn.Sequential(nn.Linear(NUM_LINK_FIGURES, hidden), nn.GELU(), nn.Linear(hidden, hidden))
        self.rounds = nn.ModuleList(_Round(hidden, dropout) for _ in range(num_rounds))
        self.judge_link = nn.Sequential(nn.LayerNorm(3 * hidden), nn.Linear(3 * hidden, hidden), nn.GELU())
        self.is_pair = nn.Linear(hidden, 1)
        self.channel_type = ChannelTypeHead(hidden, NUM_WORD_FIGURES, hidden)
        self.judge_bit = nn.Sequential(nn.Linear(2 * hidden, hidden), nn.GELU(), nn.Dropout(dropout))
        self.flag_and_begins = nn.Linear(hidden, 2)

    def forward(self, graph: WordGraph) -> WordLogits:
        """Judge; see the class for shapes."""
        word = self.word(graph.words)
        bits = self.bit(graph.bits) + self.place + word[:, None]
        for block in self.along:
            bits = block(bits)
        channel = self.channel(torch.cat([word, bits.mean(1), bits.amax(1)], dim=-1))
        link = self.link(graph.evidence)
        for one_round in self.rounds:
            channel, link = one_round(channel, link, graph.link)
        high, low = channel[graph.link[0]], channel[graph.link[1]]
        is_pair = self.is_pair(self.judge_link(torch.cat([link, high, low], dim=-1))).squeeze(-1)
        best = best_pair_of(is_pair, graph.link, len(channel))
        together = torch.cat([bits, channel[:, None].expand_as(bits)], dim=-1)
        flag, begins = self.flag_and_begins(self.judge_bit(together)).unbind(-1)
        types = _types(self.channel_type(channel, graph.words, best), best)
        return WordLogits(types, is_pair, flag, begins)


def _types(alone: Tensor, best_pair: Tensor) -> Tensor:
    """Log probabilities of types [N, 3]: a half has a partner here, or is one whose partner cannot be seen."""
    one, orphan, packed = alone.unbind(-1)
    # The pair's logit informs the type; the type's loss must not bend the pair's.
    not_half = F.logsigmoid(-best_pair.detach()) + F.logsigmoid(-orphan)
    half = torch.log(-torch.expm1(not_half.clamp(max=-1e-6)))
    kind = F.log_softmax(torch.stack([one, packed], dim=-1), dim=-1) + not_half[:, None]
    return torch.stack([kind[:, 0], half, kind[:, 1]], dim=-1)


class _Along(nn.Module):
    """A bit and its neighbours, with the mean of the word beside them."""

    def __init__(self, hidden: int, width: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(hidden)
        self.near = nn.Conv1d(hidden, hidden, width, padding=width // 2)
        self.all = nn.Linear(hidden, hidden, bias=False)
        self.out = nn.Linear(hidden, hidden)
        self.dropout = nn.Dropout(dropout)

    def forward(self, bits: Tensor) -> Tensor:
        normal = self.norm(bits)
        mixed = self.near(normal.transpose(1, 2)).transpose(1, 2) + self.all(normal.mean(1, keepdim=True))
        return bits + self.dropout(self.out(F.gelu(mixed)))


class _Round(nn.Module):
    """Links hear their rivals, channels hear their links."""

    def __init__(self, hidden: int, dropout: float) -> None:
        super().__init__()
        self.norm_link, self.norm_channel = nn.LayerNorm(hidden), nn.LayerNorm(hidden)
        self.link = nn.Sequential(
            nn.Linear(7 * hidden, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, hidden)
        )
        self.channel = nn.Sequential(
            nn.Linear(3 * hidden, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, hidden)
        )

    def forward(self, channel: Tensor, link: Tensor, ends: Tensor) -> tuple[Tensor, Tensor]:
        normal, node = self.norm_link(link), self.norm_channel(channel)
        # What a channel hears as MSB and as LSB is kept apart: its rivals differ.
        as_high, as_low = (_strongest(normal, end, len(channel)) for end in ends)
        high, low = ends
        told = [normal, node[high], node[low], as_high[high], as_low[low], as_low[high], as_high[low]]
        link = link + self.link(torch.cat(told, dim=-1))
        return channel + self.channel(torch.cat([node, as_high, as_low], dim=-1)), link


def _strongest(state: Tensor, end: Tensor, num: int) -> Tensor:
    """Greatest entry of the links at each channel, 0 where there is none: [num, hidden]."""
    out = torch.zeros(num, state.shape[1], dtype=state.dtype, device=state.device)
    return out.scatter_reduce(0, end[:, None].expand_as(state), state, "amax", include_self=False)
