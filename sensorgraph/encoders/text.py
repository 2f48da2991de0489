"""Log lines as token ids: embedding, positions and convolutions."""

from __future__ import annotations

import torch
from torch import nn

from sensorgraph.encoders.base import Encoded, Encoder
from sensorgraph.encoders.positions import sine_positions
from sensorgraph.encoders.readout import BinReadout
from sensorgraph.encoders.row import Steps, patchify
from sensorgraph.encoders.step_conv import ConvStack
from sensorgraph.errors import DataError
from sensorgraph.graph.ragged import Ragged


class TextEncoder(Encoder):
    """Tokens of the lines of each bin: embedding plus the token's place in its bin, then residual convolutions.

    Args:
        dim: channels of tokens and vectors.
        vocab_size: number of token ids; set by the program from the data.
        hidden: channels of a step.
        num_layers: residual convolutions, with dilations 1, 2, 4, ...
        causal: a token sees its own and earlier bins only.

    Raises:
        DataError: a token id is not in the vocabulary.
    """

    def __init__(
        self, dim: int = 128, vocab_size: int = 1024, hidden: int = 32, num_layers: int = 2, causal: bool = False
    ) -> None:
        super().__init__(dim)
        self.vocab_size = vocab_size
        self.embedding = nn.Embedding(vocab_size, hidden)
        self.stack = ConvStack(hidden, num_layers, 3, causal)
        self.readout = BinReadout(hidden, dim)

    def forward(self, streams: Ragged) -> Encoded:
        self._check(streams)
        patches = patchify(streams, size=1, gap=self.stack.gap)
        used = patches.spread(streams.valid).squeeze(1)
        token = patches.spread(torch.where(streams.valid, streams.value, 0)).squeeze(1)
        steps = self.embedding(token) + sine_positions(patches.row.rank(), self.embedding.embedding_dim)
        value = self.stack(steps * used[:, None], used[:, None].to(steps.dtype))
        return self.readout(Steps(value, used, patches.row))

    def _check(self, streams: Ragged) -> None:
        strange = streams.valid & ((streams.value < 0) | (streams.value >= self.vocab_size))
        if bool(strange.any()):
            raise DataError(
                f"text: token ids must be below the vocabulary size, {self.vocab_size}; tokenize with the run's own "
                f"tokenizer (got {int(streams.value[strange][0])})"
            )
