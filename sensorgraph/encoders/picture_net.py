"""A small residual network for one picture, shared by the encoders of images and of video frames."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sensorgraph.graph.ragged import Ragged

_PATCH_PIXELS = 4


class PictureNet(nn.Module):
    """Patches of 4 x 4 pixels, then residual stages that halve the size and double the channels.

    Norms are over the pixels of one picture: no picture sees another.

    Args:
        in_channels: 1 (grey) or 3 (colour).
        hidden: channels of the first stage.
        num_stages: stages.

    Shapes: [T, C, H, W] of any size to [T, out_channels].

    Reference: He et al., "Deep Residual Learning for Image Recognition" (2016).
    """

    def __init__(self, in_channels: int, hidden: int, num_stages: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(in_channels, hidden, _PATCH_PIXELS, stride=_PATCH_PIXELS)
        widths = [hidden * 2**stage for stage in range(num_stages)]
        self.stages = nn.ModuleList(
            _Stage(before, after, stride=1 if number == 0 else 2)
            for number, (before, after) in enumerate(zip([hidden, *widths], widths, strict=False))
        )
        self.out_channels = 2 * widths[-1]

    def forward(self, pictures: Tensor) -> Tensor:
        maps = self.stem(pad_to_patches(pictures, _PATCH_PIXELS))
        for stage in self.stages:
            maps = stage(maps)
        return mean_and_peak(maps)

    def describe(self, streams: Ragged) -> Tensor:
        """Features of every frame of every stream, 0 for those that are missing or lie in no bin: [sum T, out]."""
        features = streams.time_s.new_zeros(len(streams.valid), self.out_channels)
        kept = (streams.valid & (streams.bin >= 0)).nonzero().squeeze(1)
        return features.index_copy(0, kept, self(streams.value[kept].clamp(0, 1))) if len(kept) else features


class _Stage(nn.Module):
    """Two 3 x 3 convolutions around a shortcut."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = SteppingConv2d(inputs, outputs, 3, stride, padding=1)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.norm_first, self.norm_second = nn.GroupNorm(1, outputs), nn.GroupNorm(1, outputs)
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1, stride)

    def forward(self, maps: Tensor) -> Tensor:
        change = self.norm_second(self.second(F.gelu(self.norm_first(self.first(maps)))))
        return F.gelu(self.shortcut(maps) + change)


class SteppingConv2d(nn.Conv2d):
    """A convolution with "same" padding whose step is never longer than the map.

    A longer step finds the same single place, but oneDNN then reads memory that nobody wrote when it takes the
    gradient of bfloat16 weights (torch 2.13 on CPUs with AVX-512 BF16): NaN now and then, wrong values otherwise.
    """

    def forward(self, maps: Tensor) -> Tensor:
        stride = [min(step, side) for step, side in zip(self.stride, maps.shape[-2:], strict=True)]
        return F.conv2d(maps, self.weight, self.bias, stride, self.padding)


def pad_to_patches(pictures: Tensor, patch_pixels: int) -> Tensor:
    """Zeros to the right and below up to whole patches, so that a picture of any size is seen to its edge."""
    height, width = pictures.shape[-2:]
    return F.pad(pictures, (0, -width % patch_pixels, 0, -height % patch_pixels))


def mean_and_peak(maps: Tensor) -> Tensor:
    """Mean and largest response of each channel over a picture: [T, C, H, W] to [T, 2 C].

    The largest is there because a small hot spot drowns in the mean of its background.
    """
    return torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], dim=1)
