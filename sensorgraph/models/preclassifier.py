"""What type is a channel of words? One small network per rate, for a fast first answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from sensorgraph.errors import ConfigError, DataError

NUM_TYPES = 3
_BITS = 16
_STRIDE = 4
_LEAST_SAMPLES = 8


@dataclass(frozen=True)
class TypeGuess:
    """What the pre-classifier says of channels.

    Attributes:
        type_probs: [N, 3], of one word, two word and complex bits.
        emb: [N, D], what it saw in each channel.
    """

    type_probs: Tensor
    emb: Tensor


class PreClassifier(nn.Module):
    r"""Convolutions along time, attention pooling over any length, and an MLP.

    Counts are not fed as they are: a sample enters as its 16 bits and as which of them have just flipped, so that a
    word of flags and the low half of a counter look different at any scale. With steps :math:`h_t`, the vector is

    .. math:: e = \sum_t \mathrm{softmax}_t(a \cdot h_t)\, W h_t

    Args:
        dim: width ``D`` of the embedding.
        hidden: channels of a step.

    Example:
        >>> counter = torch.arange(400) * 37 % 65536
        >>> flags = torch.randint(0, 2, (300,)) * 5
        >>> guess = PreClassifier(dim=8).predict([counter, flags])
        >>> guess.type_probs.shape, guess.emb.shape
        (torch.Size([2, 3]), torch.Size([2, 8]))

    Reference: Lin et al., "A structured self-attentive sentence embedding" (2017), for attention pooling.
    """

    def __init__(self, dim: int = 128, hidden: int = 32) -> None:
        super().__init__()
        self.enter = nn.Conv1d(2 * _BITS, hidden, 2 * _STRIDE, _STRIDE, padding=_STRIDE)
        self.middle = nn.Conv1d(hidden, hidden, 5, padding=2)
        self.leave = nn.Conv1d(hidden, hidden, 5, dilation=2, padding=4)
        self.attention = nn.Linear(hidden, 1)
        self.embed = nn.Linear(hidden, dim)
        self.classify = nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, dim), nn.GELU(), nn.Linear(dim, NUM_TYPES))

    def forward(self, words: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Logits [N, 3] and embeddings [N, D] of channels of any length.

        Shapes: ``words`` N times [T] integer, at least 8 samples each.

        Raises:
            DataError: a channel is shorter.
        """
        short = [number for number, channel in enumerate(words) if len(channel) < _LEAST_SAMPLES]
        if short or not len(words):
            raise DataError(
                f"preclassifier: needs channels of at least {_LEAST_SAMPLES} samples; leave shorter ones out "
                f"(got {len(words)} channels, too short: {short})"
            )
        length = torch.tensor([len(channel) for channel in words])
        padded = nn.utils.rnn.pad_sequence([channel.long() for channel in words], batch_first=True)
        bits = (padded[:, None] >> torch.arange(_BITS)[:, None]) & 1
        flips = nn.functional.pad((bits[..., 1:] != bits[..., :-1]).long(), (1, 0))
        real = (torch.arange(padded.shape[1]) < length[:, None]).float()[:, None]
        steps = self.enter(torch.cat([bits, flips], dim=1).float() * real)
        # What lies behind the end of a channel is kept at 0, so that its neighbours in the batch change nothing.
        inside = (torch.arange(steps.shape[2]) * _STRIDE < length[:, None]).float()[:, None]
        steps = gelu(steps) * inside
        steps = steps + gelu(self.middle(steps)) * inside
        steps = (steps + gelu(self.leave(steps)) * inside).transpose(1, 2)
        logit = self.attention(steps)[..., 0].masked_fill(inside[:, 0] == 0, -torch.inf)
        embedding = (torch.softmax(logit, 1)[..., None] * self.embed(steps)).sum(1)
        return self.classify(embedding), embedding

    def predict(self, words: Sequence[Tensor]) -> TypeGuess:
        """Probabilities and embeddings; see `forward` for shapes and errors."""
        return _guess(self, words)


class PreClassifierByRate(nn.Module):
    """One pre-classifier for every range of rates: what is slow at 2 kHz is fast at 50 Hz.

    Args:
        edges_hz: rates that part the ranges, rising; two edges make three ranges.
        dim: width of the embedding.

    Raises:
        ConfigError: the edges do not rise.

    Example:
        >>> by_rate = PreClassifierByRate(edges_hz=(100.0, 1000.0), dim=8)
        >>> by_rate.predict([torch.arange(64), torch.arange(90)], rates_hz=[50.0, 2000.0]).emb.shape
        torch.Size([2, 8])
    """

    def __init__(self, edges_hz: Sequence[float] = (100.0, 1000.0), dim: int = 128) -> None:
        super().__init__()
        if list(edges_hz) != sorted(set(edges_hz)):
            raise ConfigError(f"preclassifier.edges_hz: must rise (got {list(edges_hz)})")
        self.register_buffer("edges_hz", torch.tensor(list(edges_hz), dtype=torch.float64))
        self.dim = dim
        self.ranges = nn.ModuleList(PreClassifier(dim) for _ in range(len(edges_hz) + 1))

    def forward(self, words: Sequence[Tensor], rates_hz: Sequence[float]) -> tuple[Tensor, Tensor]:
        """Logits [N, 3] and embeddings [N, D]; a rate on an edge belongs to the faster range."""
        if len(words) != len(rates_hz):
            raise DataError(f"preclassifier: one rate per channel (got {len(words)} channels, {len(rates_hz)} rates)")
        rates = torch.tensor(list(rates_hz), dtype=torch.float64)
        which = torch.bucketize(rates, self.get_buffer("edges_hz"), right=True)
        logits, embedding = torch.zeros(len(words), NUM_TYPES), torch.zeros(len(words), self.dim)
        for number in which.unique().tolist():
            chosen = (which == number).nonzero()[:, 0]
            some_logits, some = self.ranges[number]([words[row] for row in chosen.tolist()])
            logits, embedding = logits.index_copy(0, chosen, some_logits), embedding.index_copy(0, chosen, some)
        return logits, embedding

    def predict(self, words: Sequence[Tensor], rates_hz: Sequence[float]) -> TypeGuess:
        """Probabilities and embeddings of channels of any rates."""
        return _guess(self, words, rates_hz)


@torch.no_grad()
def _guess(model: PreClassifier | PreClassifierByRate, *inputs: Sequence[Tensor] | Sequence[float]) -> TypeGuess:
    was_training = model.training
    model.eval()
    logits, embedding = model(*inputs)
    model.train(was_training)
    return TypeGuess(torch.softmax(logits, -1), embedding)
