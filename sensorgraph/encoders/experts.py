"""Mixture of experts for raw words: a gate chooses who looks at a channel, softly at first, then hard."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sensorgraph.encoders.base import Encoded, Encoder, pool_to_bins
from sensorgraph.encoders.word_experts import FieldView, FlagView, NumberView, WordExpert, cosine_similarity
from sensorgraph.encoders.word_features import NUM_SUMMARY, WordPatches, WordRow, cut_words
from sensorgraph.errors import ConfigError
from sensorgraph.graph.ragged import Ragged

EXPERTS = ("binary", "numeric", "multi_bit")
"""Order of the experts in every array of gate values."""


@dataclass(frozen=True)
class GateRecord:
    """What the gate did in one forward pass.

    Attributes:
        probability: [N, K], softmax of the gate over `EXPERTS`; for the loss that keeps experts alive.
        weight: [N, K], what the experts' vectors were weighted with; hard gates have zeros here.
        present: [N] bool, False for streams without a valid sample (leave them out of losses).
        similarity: scalar, mean squared cosine between different experts' vectors of a stream; a diversity loss.
    """

    probability: Tensor
    weight: Tensor
    present: Tensor
    similarity: Tensor


class ExpertsEncoder(Encoder):
    r"""Binary-, numeric- and multi-bit-focused experts behind one gate.

    With :math:`p` the softmax of the gate and :math:`q` its ``top_k`` largest entries renormalised, experts are
    weighted by :math:`(1-h)\,p + h\,q`. The hardness :math:`h` rises from 0 to 1 during training (`set_hardness`);
    at 1 in evaluation, only chosen experts run. Hardness is a buffer, so a checkpoint remembers it.

    Values must be the words themselves, as for `BitsEncoder`. After each forward pass, `gate_record` holds what the
    gate did in it (the trainer reads it for its losses); it is None before the first.

    Args:
        dim: channels of tokens and vectors.
        hidden: channels of a step, for each expert.
        patch_samples: samples per step.
        num_layers: residual convolutions of each expert.
        gate_hidden: width of the gate's network.
        top_k: experts that remain for a stream once gates are hard.
        soft_until: share of training with soft gates alone.
        hard_from: share of training after which gates are hard.
        causal: a token sees its own and earlier bins only; the gate then decides anew in every bin, from what it has
            seen so far.

    Raises:
        ConfigError: ``top_k`` is not between 1 and the number of experts, or the schedule is upside down.

    Reference: Shazeer et al., "Outrageously Large Neural Networks: The Sparsely-Gated Mixture-of-Experts Layer" (2017).

    Example:
        >>> encoder = ExpertsEncoder(dim=8, soft_until=0.5, hard_from=1.0)
        >>> encoder.set_hardness(0.75)
        >>> encoder.hardness.item()
        0.5
    """

    hardness: Tensor

    def __init__(
        self,
        dim: int = 128,
        hidden: int = 24,
        patch_samples: int = 8,
        num_layers: int = 1,
        gate_hidden: int = 32,
        top_k: int = 2,
        soft_until: float = 0.3,
        hard_from: float = 0.7,
        causal: bool = False,
    ) -> None:
        super().__init__(dim)
        _check(top_k, soft_until, hard_from)
        self.patch_samples, self.top_k, self.causal = patch_samples, top_k, causal
        self.soft_until, self.hard_from = soft_until, hard_from
        views = (FlagView(patch_samples, hidden), NumberView(patch_samples, hidden), FieldView(hidden))
        experts = [WordExpert(view, dim, hidden, num_layers, causal) for view in views]
        self.experts = nn.ModuleList(experts)
        self._gap = max(expert.stack.gap for expert in experts)
        self.gate = nn.Sequential(nn.Linear(NUM_SUMMARY, gate_hidden), nn.GELU(), nn.Linear(gate_hidden, len(EXPERTS)))
        self.register_buffer("hardness", torch.zeros(()))
        self.gate_record: GateRecord | None = None

    def set_hardness(self, step_fraction: float) -> None:
        """Follow the schedule.

        Args:
            step_fraction: share of training that is done, 0 to 1.
        """
        span = max(self.hard_from - self.soft_until, 1e-9)
        self.hardness.fill_(min(max((step_fraction - self.soft_until) / span, 0.0), 1.0))

    def forward(self, streams: Ragged) -> Encoded:
        words = cut_words(streams, self.patch_samples, self._gap)
        mean, mask = pool_to_bins(
            words.each(WordPatches.summary)[None],
            words.row.cell.masked_fill(~words.used, -1)[None],
            streams.num_streams * streams.num_bins,
        )
        mask = mask.view(streams.num_streams, streams.num_bins)
        mean = mean.view(*mask.shape, NUM_SUMMARY)
        probability = self.gate(_seen_so_far(mean, mask) if self.causal else _whole(mean, mask)).softmax(-1)
        weight = self._harden(probability)
        tokens = mean.new_zeros(*mask.shape, self.dim)
        vectors = mean.new_zeros(streams.num_streams, len(EXPERTS), self.dim)
        seen = torch.zeros(vectors.shape[:2], dtype=torch.bool, device=vectors.device)
        for number, expert in enumerate(self.experts):
            chosen = self._chosen(weight[..., number])
            part = self._select(words, streams, chosen)
            encoded = expert(part, streams.rate_hz[chosen])
            tokens = tokens.index_add(0, chosen, encoded.tokens * weight[chosen, :, number, None])
            vectors[chosen, number] = encoded.vectors
            seen[chosen, number] = True
        self.gate_record = GateRecord(
            probability[:, -1], weight[:, -1], mask.any(1), cosine_similarity(vectors, seen & mask.any(1)[:, None])
        )
        return Encoded(tokens, (vectors * weight[:, -1, :, None]).sum(1), mask)

    def _harden(self, probability: Tensor) -> Tensor:
        largest = probability.topk(self.top_k, dim=-1).indices
        kept = torch.zeros_like(probability).scatter(-1, largest, 1.0)
        hard = probability * kept
        # One survivor always has weight 1; the straight-through difference keeps its gradient.
        hard = kept + hard - hard.detach() if self.top_k == 1 else hard / hard.sum(-1, keepdim=True)
        return torch.lerp(probability, hard, self.hardness)

    def _chosen(self, weight: Tensor) -> Tensor:
        """Streams that an expert must look at: [n] int64. While training all of them, so that diversity can be seen."""
        if self.training:
            return torch.arange(len(weight), device=weight.device)
        return (weight > 0).any(1).nonzero().squeeze(1)

    def _select(self, words: WordRow, streams: Ragged, chosen: Tensor) -> WordRow:
        if len(chosen) == streams.num_streams:
            return words
        return cut_words(streams.select(chosen), self.patch_samples, self._gap)


def _whole(mean: Tensor, mask: Tensor) -> Tensor:
    """Mean over the whole stream, the same for every bin: [N, L, F]."""
    count = mask.sum(1)[:, None, None].clamp(min=1)
    return ((mean * mask[..., None]).sum(1, keepdim=True) / count).expand_as(mean)


def _seen_so_far(mean: Tensor, mask: Tensor) -> Tensor:
    """Mean over the bins up to each bin: [N, L, F]."""
    return (mean * mask[..., None]).cumsum(1) / mask.cumsum(1)[..., None].clamp(min=1)


def _check(top_k: int, soft_until: float, hard_from: float) -> None:
    problems = []
    if not 1 <= top_k <= len(EXPERTS):
        problems.append(f"experts.top_k: must be between 1 and {len(EXPERTS)} (got {top_k})")
    if not 0 <= soft_until <= hard_from <= 1:
        problems.append(
            f"experts.soft_until: must be between 0 and hard_from, which ends at 1 (got {soft_until} and {hard_from})"
        )
    if problems:
        raise ConfigError(problems)
