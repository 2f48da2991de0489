"""Encoders: from the samples of a stream to tokens per bin and one vector."""

from __future__ import annotations

from sensorgraph.encoders.audio import AudioEncoder
from sensorgraph.encoders.base import Encoded, Encoder
from sensorgraph.encoders.bits import BitsEncoder
from sensorgraph.encoders.by_stream import ByStreamEncoder
from sensorgraph.encoders.conv1d import Conv1dEncoder
from sensorgraph.encoders.experts import ExpertsEncoder
from sensorgraph.encoders.image import ImageEncoder
from sensorgraph.encoders.liquid_spike import LiquidSpikeEncoder
from sensorgraph.encoders.resnet1d import ResNet1dEncoder
from sensorgraph.encoders.tcn import TCNEncoder
from sensorgraph.encoders.text import TextEncoder
from sensorgraph.encoders.transformer1d import Transformer1dEncoder
from sensorgraph.encoders.video import VideoEncoder
from sensorgraph.encoders.video_frames import VideoFramesEncoder

KINDS: dict[str, type[Encoder]] = {
    "conv1d": Conv1dEncoder,
    "tcn": TCNEncoder,
    "resnet1d": ResNet1dEncoder,
    "transformer1d": Transformer1dEncoder,
    "liquid_spike": LiquidSpikeEncoder,
    "bits": BitsEncoder,
    "experts": ExpertsEncoder,
    "audio": AudioEncoder,
    "image": ImageEncoder,
    "text": TextEncoder,
    "video": VideoEncoder,
    "video_frames": VideoFramesEncoder,
}
"""What a run file may name; `ByStreamEncoder` is built around these and is none itself."""

__all__ = ["KINDS", "ByStreamEncoder", "Encoded", "Encoder"]
