"""Video as single frames whose features are mixed along time: cheap, and enough where motion is slow."""

from __future__ import annotations

from sensorgraph.encoders.base import Encoded, Encoder
from sensorgraph.encoders.picture_net import PictureNet
from sensorgraph.encoders.readout import BinReadout
from sensorgraph.encoders.row import Steps, patchify
from sensorgraph.encoders.step_conv import ConvStack
from sensorgraph.graph.ragged import Ragged


class VideoFramesEncoder(Encoder):
    """A picture network for each frame, then residual convolutions from frame to frame.

    Args:
        dim: channels of tokens and vectors.
        in_channels: 1 (grey) or 3 (colour); set by the program from the data.
        hidden: channels of the first picture stage.
        num_stages: picture stages.
        num_layers: residual convolutions along time, with dilations 1, 2, 4, ...
        causal: a token sees its own and earlier bins only.
    """

    def __init__(
        self,
        dim: int = 128,
        in_channels: int = 3,
        hidden: int = 16,
        num_stages: int = 2,
        num_layers: int = 2,
        causal: bool = False,
    ) -> None:
        super().__init__(dim)
        self.net = PictureNet(in_channels, hidden, num_stages)
        width = self.net.out_channels
        self.stack = ConvStack(width, num_layers, 3, causal)
        self.readout = BinReadout(width, dim)

    def forward(self, streams: Ragged) -> Encoded:
        patches = patchify(streams, size=1, gap=self.stack.gap)
        frames = patches.spread(self.net.describe(streams)).squeeze(1)
        used = patches.spread(streams.valid).squeeze(1)
        # A missing frame is silent between its neighbours.
        value = self.stack(frames, used[:, None].to(frames.dtype))
        return self.readout(Steps(value, used, patches.row))
