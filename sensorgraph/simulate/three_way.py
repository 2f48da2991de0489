"""An anomaly of order three: every stream is normal, every two belong together, and only all three give it away.

A dial shows ``a``, a tone sounds ``b``, a lamp shines ``c``, each evenly spread over a circle of length 1. In a normal
scene ``c = (a + b) mod 1``. Then any two of them are independent, so that whoever compares two modalities has nothing
to compare; with all three the relation is there or it is not. To make an anomaly, lamps change places by the rank
rotation of `sensorgraph.simulate.contextual`, which leaves the streams of each modality, all together, what they were,
and puts every lamp about 0.3 of the circle or more from where it belongs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sensorgraph.errors import DataError
from sensorgraph.scenes import Audio, Image, Scene, Sensor
from sensorgraph.simulate.contextual import rotate
from sensorgraph.simulate.randomness import generator

_DIAL_HZ, _AUDIO_HZ, _IMAGE_HZ = 50.0, 2000.0, 4.0
_LOW_HZ, _SPAN_HZ = 150.0, 600.0
_SIDE_PX = 8


@dataclass(frozen=True)
class ThreeWay:
    """Normal scenes, and what they were made from.

    Attributes:
        scenes: one sensor ``dial``, one microphone ``hum``, one camera ``lamp`` each.
        place: [S, 3] in 0..1, ``a``, ``b`` and ``c``.
    """

    scenes: tuple[Scene, ...]
    place: np.ndarray


def three_way(num_scenes: int, seed: int, duration_s: float = 2.0, noise: float = 0.01) -> ThreeWay:
    """Normal scenes; each is a recording of its own, so that none can be told from its neighbours.

    Args:
        num_scenes: how many.
        seed: of everything that is drawn.
        duration_s: length of a scene (s).
        noise: standard deviation of what is added to every sample, as a share of its range.

    Raises:
        DataError: scenes that are too short for a picture.

    Example:
        >>> made = three_way(4, seed=0)
        >>> [stream.id for stream in made.scenes[0].streams]
        ['dial', 'hum', 'lamp']
        >>> bool(np.allclose((made.place[:, 0] + made.place[:, 1]) % 1, made.place[:, 2]))
        True
    """
    if duration_s * _IMAGE_HZ < 1:
        raise DataError(f"three_way: scenes must last at least {1 / _IMAGE_HZ:g} s (got {duration_s:g})")
    place = generator(seed, "three way").random((num_scenes, 3))
    place[:, 2] = (place[:, 0] + place[:, 1]) % 1
    scenes = [_scene(number, seed, row, duration_s, noise) for number, row in enumerate(place)]
    return ThreeWay(tuple(scenes), place)


def break_relation(scenes: Sequence[Scene], lamp: np.ndarray, rng: np.random.Generator) -> list[Scene]:
    """The scenes with their lamps rotated: the contextual anomalies of order three.

    Args:
        scenes: as `three_way` makes them.
        lamp: [S] their ``c``.
        rng: draws by how many ranks.

    Example:
        >>> made = three_way(6, seed=0)
        >>> broken = break_relation(made.scenes, made.place[:, 2], np.random.default_rng(0))
        >>> broken[0].labels.anomalies[0].detectable_by
        ('sensor', 'audio', 'image')
    """
    out = []
    for scene in rotate(scenes, lamp, "image", rng):
        anomalies = tuple(replace(a, detectable_by=("sensor", "audio", "image")) for a in scene.labels.anomalies)
        out.append(replace(scene, labels=replace(scene.labels, anomalies=anomalies)))
    return out


def _scene(number: int, seed: int, place: np.ndarray, duration_s: float, noise: float) -> Scene:
    rng = generator(seed, f"three way scene {number}")
    dial_s = np.arange(round(duration_s * _DIAL_HZ)) / _DIAL_HZ
    dial = place[0] + noise * rng.standard_normal(len(dial_s))
    sound_s = np.arange(round(duration_s * _AUDIO_HZ)) / _AUDIO_HZ
    pitch_hz = _LOW_HZ + _SPAN_HZ * place[1]
    sound = 0.5 * np.sin(2 * np.pi * (pitch_hz * sound_s + rng.random())) + noise * rng.standard_normal(len(sound_s))
    frame_s = np.arange(round(duration_s * _IMAGE_HZ)) / _IMAGE_HZ
    light = 30 + 190 * place[2] + 190 * noise * rng.standard_normal((len(frame_s), _SIDE_PX, _SIDE_PX, 1))
    return Scene(
        id=f"three-way-{seed}-{number:05d}",
        recording_id=f"three-way-{seed}-{number:05d}",
        start_s=0.0,
        duration_s=duration_s,
        streams=(
            Sensor("dial", _DIAL_HZ, dial.astype(np.float32)),
            Audio("hum", _AUDIO_HZ, sound.astype(np.float32)),
            Image("lamp", np.clip(np.round(light), 0, 255).astype(np.uint8), frame_s),
        ),
    )
