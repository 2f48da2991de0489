"""A few small simulated scenes with all modalities, and a small network for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch_geometric.data import HeteroData

from sensorgraph import fusion
from sensorgraph.encoders import ByStreamEncoder, Encoder
from sensorgraph.encoders.audio import AudioEncoder
from sensorgraph.encoders.bits import BitsEncoder
from sensorgraph.encoders.image import ImageEncoder
from sensorgraph.encoders.resnet1d import ResNet1dEncoder
from sensorgraph.encoders.tcn import TCNEncoder
from sensorgraph.encoders.text import TextEncoder
from sensorgraph.encoders.transformer1d import Transformer1dEncoder
from sensorgraph.encoders.video import VideoEncoder
from sensorgraph.graph.build import build_graph
from sensorgraph.graph.schema import GraphSchema
from sensorgraph.graph.statistics import ValueStatistics
from sensorgraph.graph.summary_statistics import SummaryStatistics
from sensorgraph.graph.transforms.normalise_summary import NormaliseSummary
from sensorgraph.models.scene_gnn import SceneGNN
from sensorgraph.scenes import Scene
from sensorgraph.simulate import SimulatorConfig, simulate_recording

TINY = SimulatorConfig(
    recording_s=4.0,
    scene_s=2.0,
    fast_rate_hz=500.0,
    audio_rate_hz=2000.0,
    image_size_px=8,
    video_size_px=8,
    status_every_s=0.5,
    num_physical=11,
    num_single_words=1,
    num_pairs=1,
    num_packed_words=1,
    max_start_offset_s=0.0,
)
"""Two scenes of 2 s: eleven physical sensors, four words, two cameras, a microphone, a log and a video."""


@dataclass(frozen=True)
class TinyRun:
    """Scenes and what was fitted to them.

    Attributes:
        scenes: all scenes of all recordings.
        schema: of the graphs; names of words are new in every recording, so words are unknown channels.
        values: normalisation of the raw values.
        summaries: normalisation of the summaries.
    """

    scenes: tuple[Scene, ...]
    schema: GraphSchema
    values: ValueStatistics
    summaries: SummaryStatistics

    def graph(self, scene: Scene) -> HeteroData:
        """The graph of any scene of the same duration."""
        return NormaliseSummary(self.summaries)(build_graph(scene, self.schema, self.values))

    def graphs(self) -> list[HeteroData]:
        """The graphs of all scenes."""
        return [self.graph(scene) for scene in self.scenes]

    def model(self, dim: int = 16, kind: str = "message_passing", causal: bool = False, seed: int = 0) -> SceneGNN:
        """A small network with random weights, also where training would begin at zero.

        Args:
            dim: token width.
            kind: of fusion.
            causal: of all its parts.
            seed: of the weights.
        """
        torch.manual_seed(seed)
        by_rate: list[tuple[float, float, Encoder]] = [
            (0, 99, Transformer1dEncoder(dim, causal=causal)),
            (100, 499, ResNet1dEncoder(dim, causal=causal)),
            (500, 1e6, TCNEncoder(dim, causal=causal)),
        ]
        schema = self.schema
        made: dict[str, Encoder] = {
            "sensor": ByStreamEncoder(by_rate, BitsEncoder(dim, causal=causal)),
            "image": ImageEncoder(dim, schema.picture_channels),
            "video": VideoEncoder(dim, schema.picture_channels, causal=causal),
            "text": TextEncoder(dim, schema.text.vocab_size, causal=causal),
        }
        if schema.audio_rate_hz is not None:
            made["audio"] = AudioEncoder(
                dim, rate_hz=schema.audio_rate_hz, fft_samples=128, hop_samples=64, num_mels=8, causal=causal
            )
        model = SceneGNN(
            schema,
            made,
            fusion.KINDS[kind](dim, causal=causal),  # type: ignore[call-arg]
            dim,
            top_k=3,
            decoder_hidden=dim,
            causal=causal,
        )
        with torch.no_grad():
            for weight in model.parameters():
                if not weight.any():
                    weight.normal_(std=0.1)
        graphs = self.graphs()
        for closed_form in (model.factors, model.memory):
            if closed_form is not None:
                closed_form.fit(graphs)
        return model


def tiny_run(config: SimulatorConfig = TINY, seeds: Sequence[int] = (0, 1, 2), num_bins: int = 4) -> TinyRun:
    """Simulate some recordings and fit what a run would fit.

    Args:
        config: of the simulator.
        seeds: one recording each.
        num_bins: bins per scene.

    Example:
        >>> run = tiny_run(seeds=[0])
        >>> len(run.scenes), run.graph(run.scenes[0])["sensor"].summary.shape[:2]
        (2, torch.Size([15, 4]))
    """
    recordings = [simulate_recording(config, seed) for seed in seeds]
    scenes = tuple(scene for recording in recordings for scene in recording.scenes(config.scene_s))
    schema = GraphSchema.fit(scenes, duration_s=config.scene_s, num_bins=num_bins, picture_size=(8, 8))
    values = ValueStatistics.fit(scenes)
    summaries = SummaryStatistics.fit((build_graph(scene, schema, values) for scene in scenes), schema)
    return TinyRun(scenes, schema, values, summaries)
