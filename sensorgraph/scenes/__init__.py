"""Streams, scenes, recordings, their labels and their files."""

from sensorgraph.scenes.clock import Clock
from sensorgraph.scenes.example import Example
from sensorgraph.scenes.labels import Anomaly, ChannelLabel, Labels, Pair
from sensorgraph.scenes.scene import Recording, Scene
from sensorgraph.scenes.stream import STREAMS, Audio, Image, Sensor, Stream, Text, Video

__all__ = [
    "STREAMS",
    "Anomaly",
    "Audio",
    "ChannelLabel",
    "Clock",
    "Example",
    "Image",
    "Labels",
    "Pair",
    "Recording",
    "Scene",
    "Sensor",
    "Stream",
    "Text",
    "Video",
]
