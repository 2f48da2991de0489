"""Which way must a robot turn to reach what its camera sees?"""

from __future__ import annotations

import numpy as np

from sensorgraph.scenes import Example, Image, Scene, Sensor
from sensorgraph.simulate.tasks.task import Task

_HEIGHT_PX, _WIDTH_PX = 8, 16
_RATE_HZ = 50.0
_GRAVITY = 9.81
_OTHERS = ("wheel_left", "wheel_right", "motor_current", "battery", "gyro_x", "gyro_y", "gyro_z", "temperature")


def draw(rng: np.random.Generator, scene_id: str, label: str) -> Example:
    """A beacon on the left or the right of the picture, from a robot that stands on its wheels or lies on its back.

    Two accelerometers feel which way is down; eight more sensors are about other things. On its back, the robot sees
    the world turned by half a circle. Of each class, half of the robots stand, and half of the beacons are on the left
    of the picture.

    Example:
        >>> found = draw(np.random.default_rng(0), "s", "left")
        >>> found.label, len(found.scene.streams)
        ('left', 11)
    """
    duration_s = ROBOT.duration_s
    stands = bool(rng.integers(2))
    on_left = (label == "left") == stands
    picture = np.full((_HEIGHT_PX, _WIDTH_PX), rng.uniform(40, 90))
    row, column = int(rng.integers(_HEIGHT_PX - 3)), int(rng.integers(4)) + (0 if on_left else _WIDTH_PX // 2 + 1)
    picture[row : row + 3, column : column + 3] = rng.uniform(180, 240)
    frame = np.clip(picture + rng.normal(0, 8, picture.shape), 0, 255).astype(np.uint8)
    time_s = np.arange(round(duration_s * _RATE_HZ)) / _RATE_HZ
    down = _GRAVITY * (1 if stands else -1)
    sensors = [Sensor(name, _RATE_HZ, _noisy(rng, down, len(time_s))) for name in ("accel_front", "accel_rear")]
    sensors += [Sensor(name, _RATE_HZ, _wandering(rng, time_s)) for name in _OTHERS]
    camera = Image("camera", frame[None, ..., None], np.zeros(1))
    return Example(Scene(scene_id, scene_id, 0.0, duration_s, (camera, *sensors)), label)


def _noisy(rng: np.random.Generator, level: float, num: int) -> np.ndarray:
    return (level + rng.normal(0, 0.5, num)).astype(np.float32)


def _wandering(rng: np.random.Generator, time_s: np.ndarray) -> np.ndarray:
    slow = np.sin(2 * np.pi * rng.uniform(0.2, 2) * time_s + rng.uniform(0, 6))
    return (rng.normal() + rng.uniform(0.2, 1) * slow + rng.normal(0, 0.1, len(time_s))).astype(np.float32)


ROBOT = Task("robot", 1.0, ("left", "right"), draw)
