"""What a network says, or does, when scenes or encoders are not what it was made for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch_geometric.data import Batch, HeteroData

from sensorgraph.encoders import KINDS, ByStreamEncoder, Encoded, Encoder
from sensorgraph.encoders.image import ImageEncoder
from sensorgraph.encoders.text import TextEncoder
from sensorgraph.encoders.video import VideoEncoder
from sensorgraph.errors import ConfigError, DataError, SceneError
from sensorgraph.fusion import KINDS as FUSIONS
from sensorgraph.graph.build import build_graph
from sensorgraph.graph.ragged import Ragged
from sensorgraph.models import SceneGNN
from sensorgraph.scenes import Audio, Image, Scene, Stream, Text, Video
from sensorgraph.testing.tiny_run import TinyRun

DIM = 8


class Outside(Encoder):
    """Somebody else's encoder; ``returns`` says what it gets wrong."""

    def __init__(self, returns: str, dim: int = DIM) -> None:
        super().__init__(dim)
        self.returns = returns

    def forward(self, streams: Ragged) -> Encoded:
        num, bins = streams.num_streams, streams.num_bins
        tokens, vectors = torch.zeros(num, bins, DIM), torch.zeros(num, DIM)
        mask = torch.ones(num, bins, dtype=torch.bool)
        made = {
            "tensor": tokens,
            "no bins": Encoded(vectors, vectors, mask),
            "other width": Encoded(torch.zeros(num, bins, DIM + 1), vectors, mask),
            "vectors per bin": Encoded(tokens, tokens, mask),
            "mask per stream": Encoded(tokens, vectors, mask[:, 0]),
            "numbers as mask": Encoded(tokens, vectors, mask.float()),
        }
        return made[self.returns]  # type: ignore[return-value]


def network(tiny: TinyRun, **encoders: Encoder) -> SceneGNN:
    return SceneGNN(tiny.schema, encoders, FUSIONS["concat"](DIM), DIM).eval()  # type: ignore[arg-type]


WRONG = {
    "tensor": r"must return a sensorgraph\.encoders\.Encoded; .* \(got Tensor\)",
    "no bins": r"must return tokens of \[6, 4, 8\]; that is \[streams, bins, dim\] \(got \[6, 8\]\)",
    "other width": r"must return tokens of \[6, 4, 8\]; .* \(got \[6, 4, 9\]\)",
    "vectors per bin": r"must return vectors of \[6, 8\]; that is \[streams, dim\] \(got \[6, 4, 8\]\)",
    "mask per stream": r"must return mask of \[6, 4\]; that is \[streams, bins\] \(got \[6\]\)",
    "numbers as mask": r"must return a mask of bool; compare with 0 \(got torch\.float32\)",
}


@pytest.mark.parametrize("returns", WRONG)
def test_an_outside_encoder_that_returns_the_wrong_shape_is_told_which_and_what_was_expected(
    tiny: TinyRun, returns: str
) -> None:
    batch = Batch.from_data_list(tiny.graphs()[:3])
    with pytest.raises(DataError, match=rf"encoders\.image: Outside {WRONG[returns]}"):
        network(tiny, image=Outside(returns)).encode(batch)


def test_an_entry_of_the_sensors_is_told_by_its_number(tiny: TinyRun) -> None:
    encoder = ByStreamEncoder([(0, 99, Outside("tensor")), (100, 1e6, KINDS["conv1d"](DIM))], KINDS["bits"](DIM))
    with pytest.raises(DataError, match=r"encoders\.sensor\.0: Outside must return"):
        network(tiny, sensor=encoder).encode(Batch.from_data_list(tiny.graphs()[:1]))


def test_widths_that_do_not_match_are_told_together(tiny: TinyRun) -> None:
    with pytest.raises(ConfigError) as caught:
        SceneGNN(tiny.schema, {"image": ImageEncoder(8, 1), "text": TextEncoder(4)}, FUSIONS["concat"](6), 8)  # type: ignore[arg-type]
    assert caught.value.problems == [
        f"{place}: must be as wide as the network, 8; leave its dim to the program, or set model.dim (got {width})"
        for place, width in (("encoders.text", 4), ("fusion", 6))
    ]


def with_stream(tiny: TinyRun, stream: Stream) -> HeteroData:
    """The graph of a scene in which this stream is the only one of its modality."""
    scene = tiny.scenes[0]
    kept = tuple(one for one in scene.streams if one.modality != stream.modality)
    return tiny.graph(replace(scene, streams=(*kept, stream)))


def test_a_microphone_of_another_rate_is_named(tiny: TinyRun) -> None:
    other = Audio("mic", 4000.0, np.zeros(8000, np.float32))
    with pytest.raises(SceneError, match=r"stream 'mic': this run listens at 2000 Hz; resample .* \(got 4000 Hz\)"):
        with_stream(tiny, other)


@pytest.mark.parametrize("lines", [("",), ("  ",), ("", "mode CRUISE")])
def test_empty_text_is_absent_in_its_bin(tiny: TinyRun, lines: tuple[str, ...]) -> None:
    graph = with_stream(tiny, Text("log", lines, np.linspace(0.1, 1.6, len(lines))))
    model = network(tiny, text=TextEncoder(DIM, tiny.schema.text.vocab_size))
    with torch.no_grad():
        encodings = model.encode(Batch.from_data_list([graph]))
        state = model.fuse(Batch.from_data_list([graph]), encodings)
    said = [bool(line.strip()) for line in lines]
    assert encodings.present["text"].sum() == sum(said)
    assert bool(torch.isfinite(state.tokens["text"]).all())


@pytest.mark.parametrize("kind", ["video", "video_frames"])
def test_a_video_of_one_frame_is_encoded(tiny: TinyRun, kind: str) -> None:
    frame = np.full((1, 8, 8, 1), 90, np.uint8)
    batch = Batch.from_data_list([with_stream(tiny, Video("film", frame, np.array([0.7])))])
    model = network(tiny, video=KINDS[kind](DIM, tiny.schema.picture_channels))  # type: ignore[call-arg]
    with torch.no_grad():
        encodings = model.encode(batch)
        state = model.fuse(batch, encodings)
    assert encodings.present["video"].tolist() == [[False, True, False, False]]
    assert bool(torch.isfinite(state.tokens["video"]).all())


def test_pictures_of_several_sizes_are_averaged_to_one(tiny: TinyRun) -> None:
    """A picture twice as large shows the same, and a picture smaller than the run's is stretched."""
    small = np.random.default_rng(0).integers(0, 255, (1, 8, 8, 1)).astype(np.uint8)
    large = small.repeat(2, axis=1).repeat(3, axis=2)
    cameras = (
        Image("a", small, np.zeros(1)),
        Image("b", large, np.zeros(1)),
        Image("c", small[:, :3, :5], np.zeros(1)),
    )
    scene = Scene("s", "r", 0.0, tiny.schema.duration_s, cameras)
    graph = build_graph(scene, tiny.schema, tiny.values)
    assert graph["image"].value.shape[-2:] == (8, 8)
    assert torch.allclose(graph["image"].value[0], graph["image"].value[1], atol=1e-6)
    model = network(tiny, image=ImageEncoder(DIM, tiny.schema.picture_channels), video=VideoEncoder(DIM, 1))
    with torch.no_grad():
        assert model.encode(Batch.from_data_list([graph])).present["image"][:, 0].all()
