"""Contextual swaps: a bijection, nothing new in any modality, and only the relation gives them away."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorgraph.errors import DataError, UnknownNameError
from sensorgraph.scenes import Scene
from sensorgraph.simulate import (
    FaultSpec,
    SimulatorConfig,
    as_recording,
    rotate,
    rotate_ranks,
    simulate,
    simulate_recording,
    swap,
)
from sensorgraph.typing import MODALITIES, Modality


@pytest.fixture(scope="module")
def normal(short: SimulatorConfig) -> tuple[list[Scene], np.ndarray]:
    made = [simulate(short, seed) for seed in range(3)]
    scenes = [scene for one in made for scene in one.recording.scenes(short.scene_s)]
    level = [
        one.latents.level("speed_hz", scene.start_s, scene.start_s + short.scene_s)
        for one in made
        for scene in one.recording.scenes(short.scene_s)
    ]
    return scenes, np.array(level)


@given(
    level=st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=60),
    seed=st.integers(0, 99),
    share=st.tuples(st.floats(0.05, 0.5), st.floats(0.5, 0.95)),
)
def test_every_scene_gives_once_and_never_to_itself(level: list[float], seed: int, share: tuple[float, float]) -> None:
    turned = rotate_ranks(np.array(level), np.random.default_rng(seed), share)
    assert sorted(turned.donor.tolist()) == list(range(len(level)))
    assert not np.any(turned.donor == np.arange(len(level)))
    assert np.all((turned.distance >= 0) & (turned.distance <= 1))


def test_the_shift_lies_between_30_and_70_percent() -> None:
    level = np.random.default_rng(0).uniform(size=200)
    rank = np.argsort(np.argsort(level))
    for seed in range(20):
        turned = rotate_ranks(level, np.random.default_rng(seed))
        moved = (rank[turned.donor] - rank) % len(level)
        assert np.unique(moved).tolist() == [turned.shift]
        assert 60 <= turned.shift <= 140


@pytest.mark.parametrize("modality", MODALITIES)
def test_the_set_of_streams_of_each_modality_stays_what_it_was(
    normal: tuple[list[Scene], np.ndarray], modality: Modality
) -> None:
    scenes, level = normal
    swapped = rotate(scenes, level, modality, np.random.default_rng(1))
    assert [scene.id for scene in swapped] == [scene.id for scene in scenes]
    for other in MODALITIES:
        before = [tuple(map(id, scene.of_modality(other))) for scene in scenes]
        after = [tuple(map(id, scene.of_modality(other))) for scene in swapped]
        if other == modality:
            assert sorted(before) == sorted(after)
            assert not any(one == two for one, two in zip(before, after, strict=True))
        else:
            assert before == after


def test_labels_say_what_was_swapped_and_travel_with_the_streams(normal: tuple[list[Scene], np.ndarray]) -> None:
    scenes, level = normal
    for scene in rotate(scenes, level, "sensor", np.random.default_rng(1)):
        (anomaly,) = scene.labels.anomalies
        ids = {stream.id for stream in scene.streams}
        assert anomaly.category == "contextual"
        assert anomaly.root_cause == tuple(stream.id for stream in scene.of_modality("sensor"))
        assert anomaly.detectable_by == ("sensor", "audio")
        assert (anomaly.start_s, anomaly.end_s) == (0.0, scene.duration_s)
        assert set(scene.labels.channels) == {name for name in ids if name.startswith("w_")}
        assert all({pair.msb, pair.lsb} <= ids for pair in scene.labels.pairs)
        assert len(scene.labels.pairs) == 5
        assert all(set(link) <= ids for link in scene.labels.links)
        assert any("mic" in link for link in scene.labels.links)


def test_the_relation_gives_the_swap_away() -> None:
    """Pitch of the microphone against the power of the motor's vibration: far from what it is in normal scenes."""
    config = SimulatorConfig(recording_s=60.0, scene_s=10.0, modalities=("sensor", "audio"), audio_rate_hz=8000.0)
    made = [simulate(config, seed) for seed in range(4)]
    scenes = [scene for one in made for scene in one.recording.scenes(10.0)]
    level = np.array([one.latents.level("speed_hz", start, start + 10.0) for one in made for start in range(0, 60, 10)])
    swapped = rotate(scenes, level, "audio", np.random.default_rng(0))

    def disagreement(group: list[Scene], slope: np.ndarray) -> np.ndarray:
        return np.abs(np.polyval(slope, [_pitch(scene) for scene in group]) - [_shake(scene) for scene in group])

    slope = np.polyfit([_pitch(scene) for scene in scenes], [_shake(scene) for scene in scenes], 1)
    normal, wrong = disagreement(scenes, slope), disagreement(swapped, slope)
    auroc = np.mean(wrong[:, None] > normal[None, :])
    assert auroc > 0.85
    # Alone, neither tells anything: the values are the same ones.
    assert sorted(map(_pitch, scenes)) == sorted(map(_pitch, swapped))


def _pitch(scene: Scene) -> float:
    """Log of the shaft speed that a listener hears: where motor, pump and gear tones are all present."""
    values = scene.stream("mic").values[:79000].reshape(-1, 3950)  # type: ignore[union-attr]
    power = np.log(np.abs(np.fft.rfft(values * np.hanning(3950), 8000)) ** 2 + 1e-9)  # one line per Hz
    speed = np.arange(9.0, 55.0, 0.25)
    comb = sum(power[:, np.round(order * speed).astype(int)] for order in (2, 7, 14, 17))
    return float(np.log(np.mean(speed[np.argmax(comb, axis=1)])))


def _shake(scene: Scene) -> float:
    return float(np.log(np.std(scene.stream("vib_motor").values)))  # type: ignore[union-attr]


def test_what_cannot_be_swapped_is_refused(short: SimulatorConfig, normal: tuple[list[Scene], np.ndarray]) -> None:
    scenes, level = normal
    rng = np.random.default_rng(0)
    with pytest.raises(DataError, match="one level per scene"):
        rotate(scenes, level[:-1], "audio", rng)
    with pytest.raises(DataError, match="at least 2 scenes"):
        rotate(scenes[:1], level[:1], "audio", rng)
    with pytest.raises(DataError, match="shift_share"):
        rotate_ranks(level, rng, (0.0, 0.5))
    faulty = simulate_recording(short, 1, faults=[FaultSpec("leak", 0.0, 4.0)]).cut(0.0, short.scene_s)
    with pytest.raises(DataError, match="only normal scenes"):
        rotate([faulty, *scenes[1:]], level, "audio", rng)
    with pytest.raises(DataError, match="as long"):
        swap(scenes[0], simulate_recording(short, 1).cut(0.0, 2.0), "audio")
    silent = simulate_recording(SimulatorConfig(recording_s=5.0, scene_s=5.0, modalities=("text",)), 1).cut(0.0, 5.0)
    with pytest.raises(UnknownNameError, match="no stream of modality 'audio'"):
        swap(scenes[0], silent, "audio")


def test_a_scene_can_be_kept_as_a_recording(normal: tuple[list[Scene], np.ndarray]) -> None:
    scene = normal[0][1]
    kept = as_recording(scene, "kept")
    again = kept.cut(0.0, kept.duration_s)
    assert [stream.id for stream in again.streams] == [stream.id for stream in scene.streams]
    assert all(np.allclose(a.times(), b.times()) for a, b in zip(again.streams, scene.streams, strict=True))
