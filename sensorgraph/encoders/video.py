"""Video by (2+1)D convolutions: where motion between frames matters."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sensorgraph.encoders.base import Encoded, Encoder
from sensorgraph.encoders.picture_net import SteppingConv2d, mean_and_peak, pad_to_patches
from sensorgraph.encoders.readout import BinReadout
from sensorgraph.encoders.row import cell_of_sample
from sensorgraph.graph.ragged import Ragged

_PATCH_PIXELS = 4


class VideoEncoder(Encoder):
    """Each layer convolves within the frame, then along time at every pixel.

    Frames of all streams stay one long list (nothing is padded to the longest film); a frame finds its neighbours by
    number, and where one is missing there is a zero.

    Args:
        dim: channels of tokens and vectors.
        in_channels: 1 (grey) or 3 (colour); set by the program from the data.
        hidden: channels of the first layer; each later one doubles them and halves the picture.
        num_layers: layers.
        causal: a token sees its own and earlier bins only.

    Reference: Tran et al., "A Closer Look at Spatiotemporal Convolutions for Action Recognition" (2018).
    """

    def __init__(
        self, dim: int = 128, in_channels: int = 3, hidden: int = 16, num_layers: int = 2, causal: bool = False
    ) -> None:
        super().__init__(dim)
        widths = [hidden * 2**layer for layer in range(num_layers)]
        self.stem = nn.Conv2d(in_channels, hidden, _PATCH_PIXELS, stride=_PATCH_PIXELS)
        self.layers = nn.ModuleList(
            _SpaceTimeConv(before, after, stride=1 if number == 0 else 2)
            for number, (before, after) in enumerate(zip([hidden, *widths], widths, strict=False))
        )
        self.offsets = (-2, -1, 0) if causal else (-1, 0, 1)
        self.readout = BinReadout(2 * widths[-1], dim)

    def forward(self, streams: Ragged) -> Encoded:
        kept = (streams.valid & (streams.bin >= 0)).nonzero().squeeze(1)
        features = streams.time_s.new_zeros(len(streams.valid), self.readout.hidden)
        if len(kept):
            maps = self.stem(pad_to_patches(streams.value[kept].clamp(0, 1), _PATCH_PIXELS))
            neighbours = torch.stack([_neighbour(streams, kept, offset) for offset in self.offsets])
            for layer in self.layers:
                maps = layer(maps, neighbours)
            features = features.index_copy(0, kept, mean_and_peak(maps))
        return self.readout.pool(features, cell_of_sample(streams), streams.num_streams, streams.num_bins)


class _SpaceTimeConv(nn.Module):
    """A 3 x 3 convolution in space, then one of three taps in time.

    Shapes: maps [T, C, H, W], neighbours [3, T] int64 (places in ``maps``; T where there is none).
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.space = SteppingConv2d(inputs, outputs, 3, stride, padding=1)
        self.norm = nn.GroupNorm(1, outputs)
        self.time = nn.Conv2d(3 * outputs, outputs, 1)

    def forward(self, maps: Tensor, neighbours: Tensor) -> Tensor:
        maps = F.gelu(self.norm(self.space(maps)))
        behind_the_end = torch.cat([maps, maps.new_zeros(1, *maps.shape[1:])])
        return maps + F.gelu(self.time(torch.cat([behind_the_end[place] for place in neighbours], dim=1)))


def _neighbour(streams: Ragged, kept: Tensor, offset: int) -> Tensor:
    """Place among the kept frames of the frame ``offset`` further on in the same stream, or ``len(kept)``: [kept]."""
    num_frames = len(streams.valid)
    place = torch.full((num_frames,), len(kept), device=kept.device)
    place[kept] = torch.arange(len(kept), device=kept.device)
    stream = streams.stream_of_sample()
    other = kept + offset
    exists = (other >= 0) & (other < num_frames)
    other = other.clamp(0, num_frames - 1)
    return torch.where(exists & (stream[other] == stream[kept]), place[other], len(kept))
