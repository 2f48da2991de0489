"""Single pictures: a small residual network for each frame."""

from __future__ import annotations

from sensorgraph.encoders.base import Encoded, Encoder
from sensorgraph.encoders.picture_net import PictureNet
from sensorgraph.encoders.readout import BinReadout
from sensorgraph.encoders.row import cell_of_sample
from sensorgraph.graph.ragged import Ragged


class ImageEncoder(Encoder):
    """Each valid frame by itself, then mean and maximum over the frames of a bin.

    A token sees the frames of its own bin only, so it is causal by construction.

    Args:
        dim: channels of tokens and vectors.
        in_channels: 1 (grey) or 3 (colour); set by the program from the data.
        hidden: channels of the first stage.
        num_stages: residual stages; each but the first halves the size and doubles the channels.
    """

    def __init__(self, dim: int = 128, in_channels: int = 3, hidden: int = 16, num_stages: int = 3) -> None:
        super().__init__(dim)
        self.net = PictureNet(in_channels, hidden, num_stages)
        self.readout = BinReadout(self.net.out_channels, dim)

    def forward(self, streams: Ragged) -> Encoded:
        features = self.net.describe(streams)
        return self.readout.pool(features, cell_of_sample(streams), streams.num_streams, streams.num_bins)
