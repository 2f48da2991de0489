"""Fakes, and checks of the rules that every kind of a room must keep; for our tests and for those of outside kinds."""

from sensorgraph.testing.decoders import check_decoder
from sensorgraph.testing.encoders import check_causal, check_encoder
from sensorgraph.testing.fake_streams import fake_streams
from sensorgraph.testing.fake_tokens import FusionInput, batched, fake_scene
from sensorgraph.testing.fusion import check_fusion, check_fusion_causal
from sensorgraph.testing.tiny_run import TinyRun, tiny_run

__all__ = [
    "FusionInput",
    "TinyRun",
    "batched",
    "check_causal",
    "check_decoder",
    "check_encoder",
    "check_fusion",
    "check_fusion_causal",
    "fake_scene",
    "fake_streams",
    "tiny_run",
]
