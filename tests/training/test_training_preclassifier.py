"""The pre-classifier learns types that it can tell, whatever the length and whatever else is in the batch."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sensorgraph.errors import ConfigError, DataError
from sensorgraph.models.preclassifier import PreClassifier, PreClassifierByRate
from sensorgraph.scenes import Sensor
from sensorgraph.simulate import SimulatorConfig, simulate_recording
from sensorgraph.training.preclassifier import train_preclassifier


def _words(seed: int) -> tuple[list[torch.Tensor], list[float], list[int]]:
    config = SimulatorConfig(recording_s=4.0, scene_s=2.0, modalities=("sensor",))
    recording = simulate_recording(config, seed)
    words, rates, types = [], [], []
    for stream in recording.streams:
        if isinstance(stream, Sensor) and stream.is_word:
            words.append(torch.from_numpy(stream.values.astype("int64")))
            rates.append(stream.rate_hz)
            types.append(int(recording.labels.channels[stream.id].type))
    return words, rates, types


def test_it_learns_the_types_of_simulated_words() -> None:
    parts = [_words(seed) for seed in range(8)]
    words, rates, types = ([item for part in parts for item in part[i]] for i in range(3))
    model = PreClassifierByRate(dim=32)
    losses = train_preclassifier(model, words, rates, types, epochs=12, learning_rate=3e-3)
    assert losses[-1] < 0.6 * losses[0]
    fresh, fresh_rates, truth = _words(100)
    guess = model.predict(fresh, fresh_rates).type_probs.argmax(1)
    majority = max(truth.count(kind) for kind in range(3)) / len(truth)
    assert float((guess == torch.tensor(truth)).float().mean()) > majority + 0.1


@settings(max_examples=8, deadline=None)
@given(lengths=st.lists(st.integers(8, 70), min_size=2, max_size=4), seed=st.integers(0, 99))
def test_a_channel_is_judged_alone(lengths: list[int], seed: int) -> None:
    random = torch.Generator().manual_seed(seed)
    words = [torch.randint(0, 65536, (length,), generator=random) for length in lengths]
    torch.manual_seed(seed)
    model = PreClassifier(dim=8)
    together = model.predict(words)
    alone = torch.cat([model.predict([channel]).type_probs for channel in words])
    torch.testing.assert_close(together.type_probs, alone, atol=1e-5, rtol=0)
    torch.testing.assert_close(together.type_probs.sum(1), torch.ones(len(words)))


def test_every_rate_has_its_own() -> None:
    model = PreClassifierByRate(edges_hz=(100.0,), dim=8)
    channel = [torch.arange(64)]
    slow, fast, edge = (model.predict(channel, [rate]).type_probs for rate in (50.0, 400.0, 100.0))
    assert not torch.allclose(slow, fast)
    torch.testing.assert_close(edge, fast)


def test_bad_input_is_told() -> None:
    with pytest.raises(DataError, match="at least 8 samples"):
        PreClassifier(dim=8).predict([torch.arange(3)])
    with pytest.raises(DataError, match="one rate per channel"):
        PreClassifierByRate(dim=8).predict([torch.arange(9)], [])
    with pytest.raises(ConfigError, match="must rise"):
        PreClassifierByRate(edges_hz=(10.0, 5.0))
    with pytest.raises(DataError, match="types are 0, 1 and 2"):
        train_preclassifier(PreClassifierByRate(dim=8), [torch.arange(9)], [1.0], [7])
    with pytest.raises(DataError, match="one rate and one type"):
        train_preclassifier(PreClassifierByRate(dim=8), [], [], [])
