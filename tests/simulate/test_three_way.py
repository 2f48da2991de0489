"""Order three: any two modalities are independent, normal or not, and the three together are not."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from sensorgraph.errors import DataError
from sensorgraph.scenes import Audio, Image, Scene, Sensor
from sensorgraph.simulate import break_relation, three_way


def shown(scene: Scene) -> tuple[float, float, float]:
    """``a``, ``b`` and ``c`` read back from the samples alone."""
    dial, hum, lamp = (scene.stream(name) for name in ("dial", "hum", "lamp"))
    assert isinstance(dial, Sensor)
    assert isinstance(hum, Audio)
    assert isinstance(lamp, Image)
    spectrum = np.abs(np.fft.rfft(hum.values))
    pitch_hz = np.fft.rfftfreq(len(hum.values), 1 / hum.rate_hz)[spectrum.argmax()]
    return float(dial.values.mean()), float((pitch_hz - 150) / 600), float((lamp.frames.mean() - 30) / 190)


@pytest.fixture(scope="module")
def both() -> tuple[np.ndarray, np.ndarray]:
    """What is shown by 600 normal scenes, and by the same scenes broken."""
    made = three_way(600, seed=1)
    broken = break_relation(made.scenes, made.place[:, 2], np.random.default_rng(0))
    return np.array([shown(s) for s in made.scenes]), np.array([shown(s) for s in broken])


def off(place: np.ndarray) -> np.ndarray:
    """Distance on the circle from the relation."""
    wrong = (place[:, 0] + place[:, 1] - place[:, 2]) % 1
    return np.minimum(wrong, 1 - wrong)


def test_the_relation_holds_in_normal_scenes_and_in_no_broken_one(both: tuple[np.ndarray, np.ndarray]) -> None:
    normal, broken = both
    assert off(normal).max() < 0.02
    assert off(broken).min() > 0.2


def test_every_modality_shows_the_same_things_in_normal_and_in_broken_scenes(
    both: tuple[np.ndarray, np.ndarray],
) -> None:
    normal, broken = both
    for column in range(3):
        assert np.array_equal(np.sort(normal[:, column]), np.sort(broken[:, column]))


def test_any_two_modalities_are_independent_in_normal_and_in_broken_scenes(
    both: tuple[np.ndarray, np.ndarray],
) -> None:
    """On a grid of 4 x 4, chi-square with 9 degrees of freedom; 27.9 is passed by one in a thousand."""
    for place in both:
        for one, other in combinations(range(3), 2):
            counts = np.histogram2d(place[:, one], place[:, other], bins=4, range=[[0, 1], [0, 1]])[0]
            expected = np.outer(counts.sum(1), counts.sum(0)) / counts.sum()
            assert ((counts - expected) ** 2 / expected).sum() < 27.9


def test_seeds_decide_and_labels_name_the_lamp() -> None:
    one, same, other = (three_way(3, seed) for seed in (4, 4, 5))
    assert np.array_equal(one.place, same.place)
    assert not np.array_equal(one.place, other.place)
    lamp = one.scenes[0].stream("lamp")
    assert isinstance(lamp, Image)
    assert np.array_equal(lamp.frames, same.scenes[0].stream("lamp").frames)  # type: ignore[union-attr]
    broken = break_relation(one.scenes, one.place[:, 2], np.random.default_rng(0))
    assert broken[0].labels.anomalies[0].root_cause == ("lamp",)
    assert broken[0].labels.anomalies[0].category == "contextual"


def test_scenes_without_a_picture_are_refused() -> None:
    with pytest.raises(DataError, match=r"at least 0.25 s \(got 0.1\)"):
        three_way(2, seed=0, duration_s=0.1)
