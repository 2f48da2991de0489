"""Three ways to look at raw words: as flags, as one number, as fields of several bits."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sensorgraph.encoders.base import Encoded
from sensorgraph.encoders.patches import log_rate
from sensorgraph.encoders.readout import BinReadout
from sensorgraph.encoders.row import Steps
from sensorgraph.encoders.step_conv import ConvStack
from sensorgraph.encoders.word_features import NUM_BITS, NUM_NUMBERS, WordPatches, WordRow


class FlagView(nn.Module):
    """Each bit and its toggles by itself, sample by sample: [R, hidden]."""

    def __init__(self, patch_samples: int, hidden: int) -> None:
        super().__init__()
        self.bits = nn.Linear(patch_samples * NUM_BITS, hidden)
        self.toggles = nn.Linear(patch_samples * NUM_BITS, hidden, bias=False)

    def forward(self, words: WordPatches) -> Tensor:
        return self.bits(words.bits.flatten(1)) + self.toggles(words.toggles.flatten(1))


class NumberView(nn.Module):
    """The word as a number: level, steps and roll-overs, sample by sample: [R, hidden]."""

    def __init__(self, patch_samples: int, hidden: int) -> None:
        super().__init__()
        self.numbers = nn.Linear(patch_samples * NUM_NUMBERS, hidden)

    def forward(self, words: WordPatches) -> Tensor:
        return self.numbers(words.numbers.flatten(1))


class FieldView(nn.Module):
    """Runs of neighbouring bits that move together: [R, hidden].

    The bit above toggles only together with the bit below where both belong to one counter; where a field ends, it does
    not. A convolution along the word sees where.

    Args:
        hidden: channels of a step.
        num_patterns: patterns that the convolution along the word looks for.
    """

    def __init__(self, hidden: int, num_patterns: int = 8) -> None:
        super().__init__()
        self.along_word = nn.Conv1d(3, num_patterns, kernel_size=5, padding=2)
        self.out = nn.Linear(num_patterns * NUM_BITS, hidden)

    def forward(self, words: WordPatches) -> Tensor:
        return self.out(F.gelu(self.along_word(words.bit_statistics)).flatten(1))


class WordExpert(nn.Module):
    """A view of words, then residual convolutions along time.

    Args:
        view: words to steps, [R, hidden].
        dim: channels of tokens and vectors.
        hidden: channels of a step.
        num_layers: residual convolutions.
        causal: a token sees its own and earlier bins only.
    """

    def __init__(self, view: nn.Module, dim: int, hidden: int, num_layers: int, causal: bool) -> None:
        super().__init__()
        self.view = view
        self.rate = nn.Linear(1, hidden, bias=False)
        self.stack = ConvStack(hidden, num_layers, 3, causal)
        self.readout = BinReadout(hidden, dim)

    def forward(self, words: WordRow, rate_hz: Tensor) -> Encoded:
        inside = words.row.inside()
        steps = words.each(self.view)
        if len(steps):
            steps = steps + self.rate(log_rate(rate_hz))[words.row.stream()]
        return self.readout(Steps(self.stack(steps * inside, inside), words.used, words.row))


def cosine_similarity(vectors: Tensor, seen: Tensor) -> Tensor:
    """Mean squared cosine between what different experts say of the same stream; 0 where nothing can be compared.

    Shapes: ``vectors`` [N, K, D], ``seen`` [N, K] bool (the expert looked at the stream); returns a scalar.
    """
    unit = F.normalize(vectors, dim=-1)
    square = (unit @ unit.transpose(1, 2)).square()
    pair = (seen[:, :, None] & seen[:, None, :]) & ~torch.eye(seen.shape[1], dtype=torch.bool, device=seen.device)
    return (square * pair).sum() / pair.sum().clamp(min=1)
