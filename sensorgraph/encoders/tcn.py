"""Dilated temporal convolutions on patches: for fast streams (1 kHz and above)."""

from __future__ import annotations

from sensorgraph.encoders.base import Encoded, Encoder
from sensorgraph.encoders.patches import PatchStem
from sensorgraph.encoders.readout import BinReadout
from sensorgraph.encoders.step_conv import ConvStack
from sensorgraph.graph.ragged import Ragged


class TCNEncoder(Encoder):
    """Patches of samples, then residual convolutions whose reach doubles with every layer.

    With the defaults a step covers 16 samples and the network sees 31 steps, a quarter of a second at 2 kHz.

    Args:
        dim: channels of tokens and vectors.
        hidden: channels of a step.
        patch_samples: samples per step.
        num_layers: residual blocks, with dilations 1, 2, 4, ...
        kernel_size: taps of each convolution.
        causal: a token sees its own and earlier bins only.

    Reference: Bai, Kolter and Koltun, "An Empirical Evaluation of Generic Convolutional and Recurrent Networks for
    Sequence Modeling" (2018).
    """

    def __init__(
        self,
        dim: int = 128,
        hidden: int = 32,
        patch_samples: int = 16,
        num_layers: int = 4,
        kernel_size: int = 3,
        causal: bool = False,
    ) -> None:
        super().__init__(dim)
        self.stem = PatchStem(patch_samples, hidden)
        self.stack = ConvStack(hidden, num_layers, kernel_size, causal)
        self.readout = BinReadout(hidden, dim)

    def forward(self, streams: Ragged) -> Encoded:
        steps = self.stem(streams, self.stack.gap)
        return self.readout(steps.with_value(self.stack(steps.value, steps.row.inside())))
