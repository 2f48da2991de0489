"""Bit-aware encoder for raw 16-bit words."""

from __future__ import annotations

from torch import Tensor, nn

from sensorgraph.encoders.base import Encoded, Encoder
from sensorgraph.encoders.patches import log_rate
from sensorgraph.encoders.readout import BinReadout
from sensorgraph.encoders.row import Steps
from sensorgraph.encoders.step_conv import ConvStack
from sensorgraph.encoders.word_features import NUM_BITS, NUM_NUMBERS, WordPatches, WordRow, cut_words
from sensorgraph.graph.ragged import Ragged


class BitsEncoder(Encoder):
    """A word becomes 16 bit channels, 16 toggle channels and counter features; small convolutions run over time.

    Values must be the words themselves (0 to 65535 as float32), never normalised: which bits move, how often and
    together with which others is what tells a number from half a number from packed flags.

    Args:
        dim: channels of tokens and vectors.
        hidden: channels of a step.
        patch_samples: samples per step.
        num_layers: residual convolutions, with dilations 1, 2, 4, ...
        kernel_size: taps of each convolution.
        causal: a token sees its own and earlier bins only.
    """

    def __init__(
        self,
        dim: int = 128,
        hidden: int = 32,
        patch_samples: int = 8,
        num_layers: int = 2,
        kernel_size: int = 3,
        causal: bool = False,
    ) -> None:
        super().__init__(dim)
        self.stem = WordStem(patch_samples, hidden)
        self.stack = ConvStack(hidden, num_layers, kernel_size, causal)
        self.readout = BinReadout(hidden, dim)

    def forward(self, streams: Ragged) -> Encoded:
        words = cut_words(streams, self.stem.patch_samples, self.stack.gap)
        steps = self.stem(words, streams.rate_hz)
        return self.readout(steps.with_value(self.stack(steps.value, steps.row.inside())))


class WordStem(nn.Module):
    """Bits, toggles, counter features and the stream's rate to steps.

    Args:
        patch_samples: samples per step.
        hidden: channels of a step.
    """

    def __init__(self, patch_samples: int, hidden: int) -> None:
        super().__init__()
        self.patch_samples = patch_samples
        self.bits = nn.Linear(patch_samples * NUM_BITS, hidden)
        self.toggles = nn.Linear(patch_samples * NUM_BITS, hidden, bias=False)
        self.numbers = nn.Linear(patch_samples * NUM_NUMBERS, hidden, bias=False)
        self.rate = nn.Linear(1, hidden, bias=False)

    def forward(self, words: WordRow, rate_hz: Tensor) -> Steps:
        steps = words.each(self._look)
        if len(steps):
            steps = steps + self.rate(log_rate(rate_hz))[words.row.stream()]
        return Steps(steps * words.row.inside(), words.used, words.row)

    def _look(self, words: WordPatches) -> Tensor:
        # Products and sums instead of one product of the joined features: nothing is copied.
        steps = self.bits(words.bits.flatten(1)) + self.toggles(words.toggles.flatten(1))
        return steps + self.numbers(words.numbers.flatten(1))
